//! How much of a plan is done, counted by address: a replacement is two things at one of them.

use std::collections::HashMap;

use engine::{Event, Plan};
use model::Address;

/// What of some addresses is still to do.
#[derive(Debug, Default)]
pub(super) struct Tally {
    left: HashMap<Address, usize>,
    pub(super) done: usize,
    pub(super) all: usize,
    pub(super) failed: usize,
    pub(super) skipped: usize,
}

impl Tally {
    pub(super) fn of(plan: &Plan) -> Self {
        plan.changes().fold(Self::default(), |mut tally, step| {
            tally.expect(step.address.clone(), step.jobs());
            tally
        })
    }

    pub(super) fn expect(&mut self, address: Address, jobs: usize) {
        self.left.insert(address, jobs);
        self.all += 1;
    }

    /// An address is done once all that was to do there ended well.
    pub(super) fn hear(&mut self, event: &Event) {
        match event {
            Event::Finished { address, .. } | Event::Unneeded { address } => self.ended(address),
            Event::Failed { address, .. } => self.failed += usize::from(self.left.remove(address).is_some()),
            Event::Skipped { address, .. } => self.skipped += usize::from(self.left.remove(address).is_some()),
            Event::Started { .. } | Event::Waiting { .. } | Event::Paused { .. } | Event::Resumed { .. } => {}
        }
    }

    fn ended(&mut self, address: &Address) {
        let Some(left) = self.left.get_mut(address) else { return };
        *left = left.saturating_sub(1);
        if *left == 0 {
            self.left.remove(address);
            self.done += 1;
        }
    }

    /// What did not go well, in words.
    pub(super) fn trouble(&self) -> String {
        let parts = [(self.failed, "failed"), (self.skipped, "skipped")];
        let words = parts.iter().filter(|(n, _)| *n > 0).map(|(n, what)| format!("{n} {what}"));
        words.collect::<Vec<_>>().join(", ")
    }
}

#[cfg(test)]
pub(super) mod tests {
    use engine::{CallError, Class, Verb};

    use super::*;

    pub(in super::super) fn at(address: &str) -> Address {
        address.parse().expect("an address")
    }

    pub(in super::super) fn finished(address: &str, verb: Verb) -> Event {
        Event::Finished { address: at(address), verb, seconds: 1.0 }
    }

    pub(in super::super) fn failed(address: &str) -> Event {
        let error = CallError {
            operation: "ec2:CreateVpc".to_owned(),
            address: address.to_owned(),
            account: "111111111111".into(),
            code: "Fault".to_owned(),
            message: "no".to_owned(),
            request_id: None,
            class: Class::Fatal,
            retry_after: None,
        };
        Event::Failed { address: at(address), verb: Verb::Create, error }
    }

    pub(in super::super) fn tally(expected: &[(&str, usize)]) -> Tally {
        let mut tally = Tally::default();
        expected.iter().for_each(|(address, jobs)| tally.expect(at(address), *jobs));
        tally
    }

    #[test]
    fn a_replacement_counts_once() {
        let mut tally = tally(&[("food/vpc/main", 1), ("food/subnet/a", 2)]);
        tally.hear(&finished("food/subnet/a", Verb::Create));
        assert_eq!((tally.done, tally.all), (0, 2));
        tally.hear(&finished("food/subnet/a", Verb::Delete));
        tally.hear(&Event::Unneeded { address: at("food/vpc/main") });
        assert_eq!((tally.done, tally.all), (2, 2));
    }

    #[test]
    fn what_was_not_planned_is_not_counted() {
        let mut tally = tally(&[("food/vpc/main", 1)]);
        tally.hear(&finished("consumer/vpc/main", Verb::Wait));
        assert_eq!((tally.done, tally.all), (0, 1));
    }

    #[test]
    fn failures_are_no_progress() {
        let mut tally = tally(&[("food/vpc/main", 2), ("food/subnet/a", 1)]);
        tally.hear(&failed("food/vpc/main"));
        tally.hear(&Event::Skipped { address: at("food/vpc/main"), because: at("food/vpc/main") });
        tally.hear(&Event::Skipped { address: at("food/subnet/a"), because: at("food/vpc/main") });
        assert_eq!((tally.done, tally.trouble()), (0, "1 failed, 1 skipped".to_owned()));
    }
}
