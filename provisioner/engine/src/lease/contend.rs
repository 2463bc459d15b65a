//! Wanting a lease: looking whether it may be taken, and watching those who have it.

use std::{
    collections::BTreeSet,
    fmt,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use tokio::time::{Instant, sleep};

use super::{
    item::{Holder, Item, Terms},
    notice::Notice,
    store::Store,
    watch::{Verdict, Watch},
};
use crate::{CallError, patiently};

/// Whether the process of a holder is known not to exist any more.
pub type IsDead = Arc<dyn Fn(&Holder) -> bool + Send + Sync>;

/// Somebody who wants the lease of some targets.
pub struct Contender {
    pub store: Arc<dyn Store>,
    pub terms: Terms,
    /// As the holder that it wants to be.
    pub me: Holder,
    pub targets: BTreeSet<String>,
    /// How long somebody who is alive is waited for; not at all if none.
    pub wait: Option<Duration>,
    pub is_dead: IsDead,
    pub say: Arc<dyn Fn(Notice) + Send + Sync>,
    watch: Mutex<Watch>,
}

/// Items that may be taken, exactly as they are. What is read of AWS afterwards can be relied on if they are taken as such:
/// nobody changed anything in between.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Standing {
    /// By target, in order; all of them new if there is no store.
    pub items: Vec<(String, Item)>,
    /// The store exists.
    pub is_stored: bool,
}

/// Why a lease cannot be had.
#[derive(Debug, thiserror::Error)]
pub enum Refusal {
    /// By somebody who is alive.
    #[error("`{target}` is held by {who}", who = item.holder.as_ref().map_or("nobody", |holder| &holder.who))]
    Held { target: String, item: Item },
    #[error(transparent)]
    Call(#[from] CallError),
}

/// What one look came to.
pub(super) enum Glance {
    Takeable(Standing),
    /// The first of those who are alive.
    Alive(String, Item),
    /// Look again after this time.
    Silent(Duration, String, Item),
}

impl Contender {
    #[must_use]
    pub fn new(
        store: Arc<dyn Store>,
        terms: Terms,
        me: Holder,
        targets: BTreeSet<String>,
        is_dead: IsDead,
        say: Arc<dyn Fn(Notice) + Send + Sync>,
    ) -> Self {
        Self { store, terms, me, targets, wait: None, is_dead, say, watch: Mutex::default() }
    }

    /// Waits until all targets may be taken: at once if they are free.
    ///
    /// # Errors
    /// If somebody who is alive holds one, after the time that they are waited for; if AWS does not say.
    pub async fn stand(&self) -> Result<Standing, Refusal> {
        let began = Instant::now();
        loop {
            let (pause, target, item) = match self.glance().await? {
                Glance::Takeable(standing) => return Ok(standing),
                Glance::Alive(target, item) if self.wait.is_none() => return Err(Refusal::Held { target, item }),
                Glance::Alive(target, item) => (self.terms.look(), target, item),
                Glance::Silent(left, target, item) => (left, target, item),
            };
            if self.wait.is_some_and(|wait| began.elapsed() >= wait) && !(self.is_dead)(&holder(&item)) {
                return Err(Refusal::Held { target, item });
            }
            sleep(pause).await;
        }
    }

    /// Looks once.
    pub(super) async fn glance(&self) -> Result<Glance, CallError> {
        let targets: Vec<String> = self.targets.iter().cloned().collect();
        let found = patiently("lease", || self.store.look(&targets)).await?;
        let is_stored = found.is_some();
        let items = found.unwrap_or_else(|| vec![Item::default(); targets.len()]);
        let items: Vec<(String, Item)> = targets.into_iter().zip(items).collect();
        let mut pause: Option<(Duration, String, Item)> = None;
        for (target, item) in &items {
            match self.judge(target, item) {
                Verdict::Takeable => {}
                Verdict::Alive => return Ok(Glance::Alive(target.clone(), item.clone())),
                Verdict::Silent { left, .. } => {
                    let left = left.min(self.terms.look());
                    if pause.as_ref().is_none_or(|(least, ..)| left < *least) {
                        pause = Some((left, target.clone(), item.clone()));
                    }
                }
            }
        }
        Ok(match pause {
            Some((left, target, item)) => Glance::Silent(left, target, item),
            None => Glance::Takeable(Standing { items, is_stored }),
        })
    }

    /// What is to be thought of an item; says what is worth saying, once.
    fn judge(&self, target: &str, item: &Item) -> Verdict {
        let is_dead = item.holder.as_ref().is_some_and(|holder| (self.is_dead)(holder));
        let mut watch = self.watch.lock().unwrap_or_else(PoisonError::into_inner);
        let verdict = watch.see(target, item, &self.terms, is_dead);
        let Verdict::Silent { since, left } = verdict else { return verdict };
        let (target, item) = (target.to_owned(), item.clone());
        // A beat that is late by half is worth a word.
        let is_silent = is_dead || since > Duration::from_secs(holder(&item).duration_seconds) / 2;
        if watch.tell(&target, is_silent) {
            (self.say)(if is_silent { Notice::Silent { target, item, left } } else { Notice::Held { target, item } });
        }
        verdict
    }
}

/// Of a held item.
fn holder(item: &Item) -> Holder {
    item.holder.clone().expect("only held items are watched")
}

impl fmt::Debug for Contender {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("Contender").field("me", &self.me).field("targets", &self.targets).finish_non_exhaustive()
    }
}
