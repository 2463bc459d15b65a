//! The calls that a kind declares are the calls that it makes: plans are judged by them before they are run.

use std::collections::BTreeSet;

use kinds::Live;
use model::{Address, CreateSafety};

use crate::world::World;

/// What was called before something was done.
pub(crate) struct Before(BTreeSet<(String, u64)>);

impl World {
    pub(crate) fn before(&self) -> Before {
        Before(self.accounts.tally().by_operation().into_iter().collect())
    }

    /// Every call that was made since is declared; and so many of the usual ones, unless others are made instead.
    pub(crate) fn assert_declared<K: Live>(&self, at: &Address, doing: &str, usual: &[&str], before: &Before) {
        let also = K::FACTS.calls.also;
        let made =
            self.before().0.into_iter().filter(|count| !before.0.contains(count)).map(|(operation, _)| operation);
        let made: BTreeSet<String> = made.filter(|operation| !engine::is_read(operation)).collect();
        for operation in &made {
            let is_declared = usual.contains(&operation.as_str()) || also.contains(&operation.as_str());
            assert!(is_declared, "{doing} of {at} makes {operation}, and its calls are {usual:?}, also {also:?}");
        }
        let is_otherwise = made.iter().any(|operation| also.contains(&operation.as_str()));
        let is_usual = usual.iter().all(|&operation| made.contains(operation));
        assert!(is_usual || is_otherwise, "{doing} of {at} makes {made:?}, and not {usual:?}");
    }
}

#[test]
fn every_kind_declares_its_calls() {
    for facts in kinds::ALL {
        let calls = &facts.calls;
        let is_silent = calls.create.is_empty() && calls.also.is_empty();
        assert_eq!(is_silent, facts.create == CreateSafety::External, "{}", facts.kind);
        let all = [calls.create, calls.update, calls.delete, calls.also].concat();
        let reads: Vec<_> = all.iter().filter(|operation| engine::is_read(operation)).collect();
        assert!(reads.is_empty(), "{}: {reads:?}", facts.kind);
    }
}
