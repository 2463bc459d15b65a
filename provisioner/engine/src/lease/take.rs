//! Taking what may be taken.

use super::{
    contend::{Contender, Glance, Standing},
    held::{Held, Lease},
    item::{Item, Record},
    store::{Swap, Swapped, swap_surely},
    until::Until,
};
use crate::{CallError, patiently};

/// So many runs of a target are remembered.
const REMEMBERED: u64 = 50;

/// Targets taken in one go; DynamoDB takes 100 changes in one transaction, and a target takes three.
pub(super) const AT_ONCE: usize = 30;

impl Contender {
    /// Takes all targets in their order, as a run of each: exactly as they were seen, or not at all. Makes the store if there
    /// is none.
    ///
    /// # Errors
    /// What AWS answered. None if something changed meanwhile.
    pub async fn take(&self, standing: &Standing, record: &Record) -> Result<Option<Lease>, CallError> {
        let swaps = standing.items.iter().map(|(target, seen)| {
            let next = Item { run: seen.run + 1, ..seen.next(Some(self.me.clone())) };
            let record = Record { run: next.run, ..record.clone() };
            let forget = next.run.checked_sub(REMEMBERED).filter(|run| *run > 0);
            Swap { record: Some(record), forget, ..Swap::of(target, seen, next) }
        });
        let swaps = swaps.collect();
        if !standing.is_stored {
            patiently("lease", || self.store.make()).await?;
        }
        self.take_all(swaps).await
    }

    /// Takes all targets for a moment: no run of theirs.
    pub(super) async fn borrow(&self, standing: &Standing) -> Result<Option<Lease>, CallError> {
        let swap = |(target, seen): &(String, Item)| Swap::of(target, seen, seen.next(Some(self.me.clone())));
        self.take_all(standing.items.iter().map(swap).collect()).await
    }

    /// Takes all targets for a moment if that is possible right now.
    ///
    /// # Errors
    /// What AWS answered.
    pub async fn take_if_free(&self) -> Result<Option<Lease>, CallError> {
        match self.glance().await? {
            Glance::Takeable(standing) => self.borrow(&standing).await,
            _ => Ok(None),
        }
    }

    async fn take_all(&self, swaps: Vec<Swap>) -> Result<Option<Lease>, CallError> {
        let until = Until::after(self.terms.duration);
        for (n, some) in swaps.chunks(AT_ONCE).enumerate() {
            if swap_surely(self.store.as_ref(), some).await? == Swapped::Done {
                continue;
            }
            for taken in swaps.chunks(AT_ONCE).take(n) {
                let back: Vec<Swap> = taken.iter().map(given_back).collect();
                swap_surely(self.store.as_ref(), &back).await?;
            }
            return Ok(None);
        }
        let items = swaps.into_iter().map(|swap| (swap.target, swap.next)).collect();
        let held = Held { items, until, lost: None };
        Ok(Some(Lease::new(self.store.clone(), self.terms, &self.me, held)))
    }
}

fn given_back(taken: &Swap) -> Swap {
    Swap::of(&taken.target, &taken.next, taken.next.next(None))
}
