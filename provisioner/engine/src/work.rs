//! One job's calls, with the patience that AWS asks for. Workers know nothing of the graph.

use std::{sync::Arc, time::Duration};

use model::{Address, CreateSafety, Outputs};
use serde_json::Value;
use tokio::{sync::mpsc::UnboundedSender, time::Instant};

use crate::{CallError, Change, Class, Driver, Event, Made, Seen, State, Wanted, execute::Pace};

/// What a worker needs beside its job.
#[derive(Clone)]
pub(crate) struct Work {
    pub(crate) driver: Arc<dyn Driver>,
    pub(crate) place: String,
    pub(crate) address: Address,
    pub(crate) pace: Pace,
    pub(crate) events: UnboundedSender<Event>,
}

impl Work {
    /// Makes the object. `born` hears the outputs as soon as it exists.
    pub(crate) async fn create(&self, want: &Value, born: impl FnOnce(Outputs) + Send) -> Result<Made, CallError> {
        let made = self.create_once(want).await?;
        born(made.outputs.clone());
        if made.left.is_empty() {
            return Ok(made);
        }
        let seen = self.as_seen(want, &made);
        self.finish(&seen, want, made).await
    }

    /// Changes the fields, then whatever that left.
    pub(crate) async fn update(&self, seen: &Seen, want: &Value, fields: &[String]) -> Result<Made, CallError> {
        let made = self.patiently(|| self.driver.update(&self.place, seen, want, fields), false).await?;
        self.finish(seen, want, made).await
    }

    async fn finish(&self, seen: &Seen, want: &Value, mut made: Made) -> Result<Made, CallError> {
        while !made.left.is_empty() {
            let fields = std::mem::take(&mut made.left);
            let next = self.patiently(|| self.driver.update(&self.place, seen, want, &fields), false).await?;
            made.outputs.extend(next.outputs);
            (made.state, made.left) = (next.state, next.left);
        }
        Ok(made)
    }

    pub(crate) async fn delete(&self, seen: &Seen) -> Result<(), CallError> {
        self.patiently(|| self.driver.delete(&self.place, seen), true).await
    }

    pub(crate) async fn batch(&self, changes: &[Change]) -> Result<Vec<Made>, CallError> {
        self.patiently(|| self.driver.batch(&self.place, changes), false).await
    }

    /// Waits for what somebody else makes: looks until it can be seen.
    pub(crate) async fn look(&self, want: &Value) -> Result<Made, CallError> {
        let wanted = [self.wanted(want)];
        let found = self.patiently(|| self.driver.read(&self.place, &wanted), false).await?;
        let ours = found.into_iter().find(|seen| seen.address == self.address);
        Ok(ours.map_or_else(|| nothing_yet("it does not exist"), as_made))
    }

    /// Creates, and never twice: an answer that was not heard, or "exists", makes it look first.
    async fn create_once(&self, want: &Value) -> Result<Made, CallError> {
        if self.driver.facts().create == CreateSafety::External {
            return self.look(want).await;
        }
        let mut patience = Patience::new(&self.pace, false);
        loop {
            let error = match self.driver.create(&self.place, &self.address, want).await {
                Ok(made) => return Ok(made),
                Err(error) => error,
            };
            let perhaps_there = matches!(error.class, Class::Unknown | Class::Exists);
            if perhaps_there && let Some(made) = self.find(want, error.class == Class::Unknown).await? {
                return Ok(made);
            }
            patience.wait(self, error).await?;
        }
    }

    /// Looks for what a create may have made; twice, because a new object can take a while to show.
    async fn find(&self, want: &Value, again: bool) -> Result<Option<Made>, CallError> {
        let looks = if again { 2 } else { 1 };
        for look in 0..looks {
            if look > 0 {
                tokio::time::sleep(self.pace.look_again).await;
            }
            let wanted = [self.wanted(want)];
            let found = self.patiently(|| self.driver.read(&self.place, &wanted), false).await?;
            let ours = found.into_iter().filter(|seen| seen.address == self.address);
            if let Some(seen) =
                ours.filter(|seen| !matches!(seen.state, State::Foreign(_))).max_by_key(|seen| equal(seen, want))
            {
                let left = crate::diff::differing(want, &seen.spec);
                return Ok(Some(Made { left, ..as_made(seen) }));
            }
        }
        Ok(None)
    }

    async fn patiently<T, F>(&self, mut call: impl FnMut() -> F, deleting: bool) -> Result<T, CallError>
    where
        F: Future<Output = Result<T, CallError>>,
    {
        let mut patience = Patience::new(&self.pace, deleting);
        loop {
            match call().await {
                Ok(value) => return Ok(value),
                Err(error) => patience.wait(self, error).await?,
            }
        }
    }

    fn wanted(&self, want: &Value) -> Wanted {
        Wanted { address: self.address.clone(), spec: want.clone() }
    }

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

fn equal(seen: &Seen, want: &Value) -> bool {
    crate::diff::differing(want, &seen.spec).is_empty()
}

fn as_made(seen: Seen) -> Made {
    Made { outputs: seen.outputs, state: seen.state, left: Vec::new() }
}

fn nothing_yet(why: &str) -> Made {
    Made { outputs: Outputs::new(), state: State::Pending(why.to_owned()), left: Vec::new() }
}

/// How long one job is retried: exponential from `pace.first` to `pace.longest`, up to a deadline by class.
struct Patience<'a> {
    pace: &'a Pace,
    since: Instant,
    delay: Duration,
    deleting: bool,
}

impl<'a> Patience<'a> {
    fn new(pace: &'a Pace, deleting: bool) -> Self {
        Self { pace, since: Instant::now(), delay: pace.first, deleting }
    }

    /// Sleeps if trying again makes sense; otherwise gives the error back.
    async fn wait(&mut self, work: &Work, error: CallError) -> Result<(), CallError> {
        let Some(limit) = self.limit(error.class).filter(|limit| self.since.elapsed() < *limit) else {
            return Err(error);
        };
        let why = format!("{}: {}", error.code, error.message);
        // Nobody listens any more when the run was stopped.
        let _ = work.events.send(Event::Waiting { address: work.address.clone(), why });
        let delay = error.retry_after.unwrap_or(self.delay).min(limit);
        tokio::time::sleep(delay).await;
        self.delay = (self.delay * 3 / 2).min(self.pace.longest);
        Ok(())
    }

    fn limit(&self, class: Class) -> Option<Duration> {
        match class {
            Class::Throttled | Class::Busy if self.deleting => Some(self.pace.release),
            Class::Throttled | Class::Busy => Some(self.pace.busy),
            Class::NotYet | Class::Unknown => Some(self.pace.propagation),
            // What a create or update refers to was made in this run or seen at its start: it has not arrived everywhere.
            Class::Gone if !self.deleting => Some(self.pace.propagation),
            _ => None,
        }
    }
}
