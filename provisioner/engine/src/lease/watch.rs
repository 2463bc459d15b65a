//! Watching items that somebody holds: by one clock, the own one.

use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

use tokio::time::Instant;

use super::item::{Item, Terms};

/// What is to be thought of an item.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    /// Free, or its holder sends nothing any more.
    Takeable,
    /// It changed while it was watched.
    Alive,
    /// It has not changed so far; it may be taken after this time.
    Silent { since: Duration, left: Duration },
}

/// Items as they were when they last changed.
#[derive(Default)]
pub(super) struct Watch {
    seen: BTreeMap<String, (Item, Instant)>,
    told: BTreeSet<(String, bool)>,
}

impl Watch {
    /// Looks at an item once more. `is_dead` says that its holder's process is known to be gone.
    pub(super) fn see(&mut self, target: &str, item: &Item, terms: &Terms, is_dead: bool) -> Verdict {
        let Some(holder) = &item.holder else {
            self.seen.remove(target);
            return Verdict::Takeable;
        };
        let (before, since) = self.seen.entry(target.to_owned()).or_insert_with(|| (item.clone(), Instant::now()));
        if before != item {
            (*before, *since) = (item.clone(), Instant::now());
            return Verdict::Alive;
        }
        let patience = if is_dead { terms.after_death } else { holder.lasts() + terms.settle };
        let since = since.elapsed();
        match patience.checked_sub(since).filter(|left| !left.is_zero()) {
            Some(left) => Verdict::Silent { since, left },
            None => Verdict::Takeable,
        }
    }

    /// Whether this was not said of the target yet.
    pub(super) fn tell(&mut self, target: &str, is_silent: bool) -> bool {
        self.told.insert((target.to_owned(), is_silent))
    }
}
