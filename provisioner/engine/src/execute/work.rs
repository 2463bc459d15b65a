//! What a job does, call by call. Knows nothing of the graph.

use std::{collections::BTreeSet, sync::Arc};

use model::{Address, CreateSafety, Facts, Outputs};
use serde_json::Value;

use super::caller::{Caller, Trouble};
use crate::{
    CallError, Change, Class, Driver, Made, Seen, State, Wanted,
    diff::{differing, replaces},
    driver::RESTORE,
    pace::Doing,
};

/// One address, and how to call for it.
pub(crate) struct Work {
    pub(crate) driver: Arc<dyn Driver>,
    pub(crate) place: String,
    pub(crate) address: Address,
    pub(crate) others: Others,
    pub(crate) caller: Caller,
}

impl Work {
    /// Makes the object. The loop hears its outputs as soon as it exists.
    pub(crate) async fn create(&self, want: &Value) -> Result<Made, Trouble> {
        if self.driver.facts().create == CreateSafety::External {
            let seen = self.made(want, &self.look(want).await?).map(as_made);
            return Ok(seen.unwrap_or_else(|| nothing_yet("it does not exist")));
        }
        let (seen, made, is_clear) = self.create_once(want).await?;
        self.caller.born(&self.address, &made.outputs);
        let made = self.finish(&seen, want, made).await?;
        Ok(Made { told: made.told.filter(|_| is_clear), ..made })
    }

    /// Changes the fields, then whatever that left.
    pub(crate) async fn update(&self, seen: &Seen, want: &Value, fields: &[String]) -> Result<Made, Trouble> {
        let made = self.change(seen, want, fields).await?;
        self.finish(seen, want, made).await
    }

    pub(crate) async fn delete(&self, seen: &Seen) -> Result<(), Trouble> {
        self.caller.patiently(Doing::Deleting, || self.driver.delete(&self.place, seen)).await
    }

    /// One answer for each change.
    pub(crate) async fn batch(&self, changes: &[Change]) -> Result<Vec<Made>, Trouble> {
        let made = self.caller.patiently(Doing::Changing, || self.driver.batch(&self.place, changes)).await?;
        if made.len() == changes.len() {
            return Ok(made);
        }
        let message = format!("{} answers to {} changes", made.len(), changes.len());
        Err(Trouble::Error(CallError::own(self.address.as_str(), self.place.as_str(), "Unanswered", &message)))
    }

    async fn finish(&self, seen: &Seen, want: &Value, mut made: Made) -> Result<Made, Trouble> {
        while !made.left.is_empty() {
            let fields = std::mem::take(&mut made.left);
            let next = self.change(seen, want, &fields).await.map_err(Trouble::half_done)?;
            made.outputs.extend(next.outputs);
            (made.state, made.left, made.told) = (next.state, next.left, next.told);
        }
        Ok(made)
    }

    async fn change(&self, seen: &Seen, want: &Value, fields: &[String]) -> Result<Made, Trouble> {
        self.caller.patiently(Doing::Changing, || self.driver.update(&self.place, seen, want, fields)).await
    }

    /// Creates, and never twice: an answer that was not heard, or "exists", makes it look first. Last, whether every answer
    /// was heard: else there may be another one, and what AWS says of this one is not the whole story.
    async fn create_once(&self, want: &Value) -> Result<(Seen, Made, bool), Trouble> {
        let mut patience = self.caller.patience(Doing::Creating);
        let mut is_clear = true;
        loop {
            let create = self.driver.create(&self.place, &self.address, want);
            let error = match self.caller.once(create).await {
                Ok(made) => return Ok((self.as_seen(want, &made), made, is_clear)),
                Err(Trouble::Error(error)) => error,
                Err(stopped) => return Err(stopped),
            };
            if let Some(seen) = self.find(want, &error).await? {
                let left = self.left(&seen, want);
                return Ok((seen.clone(), Made { left, ..as_made(seen) }, error.class != Class::Unknown));
            }
            is_clear &= error.class != Class::Unknown;
            self.caller.wait(&mut patience, error).await?;
        }
    }

    /// Looks for what the create, or one of a killed run, may have made; twice if nobody knows, because a new object can take
    /// a while to show.
    async fn find(&self, want: &Value, error: &CallError) -> Result<Option<Seen>, Trouble> {
        if !matches!(error.class, Class::Unknown | Class::Exists) {
            return Ok(None);
        }
        let found = self.look(want).await?;
        if error.class == Class::Exists {
            return match found.iter().any(|seen| matches!(seen.state, State::Foreign(_))) {
                true => Err(Trouble::Error(error.clone())),
                false => Ok(self.made(want, &found)),
            };
        }
        if let Some(seen) = self.made(want, &found) {
            return Ok(Some(seen));
        }
        self.caller.sleep(self.caller.shared.pace.look_again, error).await?;
        Ok(self.made(want, &self.look(want).await?))
    }

    /// Everything at the address.
    async fn look(&self, want: &Value) -> Result<Vec<Seen>, Trouble> {
        let wanted = [Wanted { address: self.address.clone(), spec: want.clone() }];
        let found = self.caller.patiently(Doing::Changing, || self.driver.read(&self.place, &wanted)).await?;
        Ok(found.into_iter().filter(|seen| seen.address == self.address).collect())
    }

    /// Of what was found, the object that a create with this spec made.
    fn made(&self, want: &Value, found: &[Seen]) -> Option<Seen> {
        let (facts, address, others) = (self.driver.facts(), &self.address, &self.others);
        Sought { address, facts, want, others, is_new: true }.among(found).cloned()
    }

    /// What a found object still needs.
    fn left(&self, seen: &Seen, want: &Value) -> Vec<String> {
        match seen.state {
            State::Retired(_) => vec![RESTORE.to_owned()],
            _ => differing(want, &seen.spec),
        }
    }

    /// What was just made, as far as it is known without reading it.
    fn as_seen(&self, want: &Value, made: &Made) -> Seen {
        Seen {
            address: self.address.clone(),
            spec: want.clone(),
            outputs: made.outputs.clone(),
            state: made.state.clone(),
            identity: String::new(),
        }
    }
}

/// Objects at an address that are not what its put makes or changes.
#[derive(Default)]
pub(crate) struct Others {
    /// Identities of those that are deleted beside it.
    pub(crate) twins: BTreeSet<String>,
    /// What is replaced, as it was: where the name is the identity, the new one has the same.
    pub(crate) old: Option<Seen>,
}

impl Others {
    fn contains(&self, seen: &Seen) -> bool {
        self.twins.contains(&seen.identity) || self.old.as_ref() == Some(seen)
    }
}

/// The object that a job is about, as it is told from others at its address.
pub(crate) struct Sought<'a> {
    pub(crate) address: &'a Address,
    pub(crate) facts: &'static Facts,
    pub(crate) want: &'a Value,
    pub(crate) others: &'a Others,
    /// The job made it, so that all that cannot change in place is as wanted.
    pub(crate) is_new: bool,
}

impl<'a> Sought<'a> {
    /// The wanted one rather than another.
    pub(crate) fn among(&self, found: &'a [Seen]) -> Option<&'a Seen> {
        found.iter().filter(|seen| self.may_be(seen)).max_by_key(|seen| {
            let equal = differing(self.want, &seen.spec).is_empty();
            (equal, seen.state == State::Ready)
        })
    }

    fn may_be(&self, seen: &Seen) -> bool {
        let is_ours = seen.address == *self.address && !matches!(seen.state, State::Foreign(_));
        let is_old = self.is_new && replaces(self.facts, &differing(self.want, &seen.spec));
        is_ours && !is_old && !self.others.contains(seen)
    }
}

pub(crate) fn as_made(seen: Seen) -> Made {
    Made { told: Some(seen.spec), ..Made::new(seen.outputs, seen.state) }
}

fn nothing_yet(why: &str) -> Made {
    Made::new(Outputs::new(), State::Pending(why.to_owned()))
}
