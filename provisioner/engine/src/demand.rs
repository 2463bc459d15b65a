//! Which of AWS's limits a plan comes under, and how often. Pure.

use std::{collections::BTreeMap, time::Duration};

use model::{AccountId, Rate};

use crate::{Action, Drivers, Plan, Rates, execute::Job};

/// A limit in an account, by the name of its bucket.
pub(crate) type Limit = (AccountId, String);

/// The calls of a plan, by the limits they come under.
#[derive(Default)]
pub(crate) struct Demand<'a> {
    uses: BTreeMap<Limit, Uses<'a>>,
}

/// All calls under one limit.
pub(crate) struct Uses<'a> {
    pub(crate) rate: Rate,
    /// Each job, and how many of its calls.
    pub(crate) jobs: BTreeMap<&'a Job, u32>,
}

impl<'a> Demand<'a> {
    pub(crate) fn of(drivers: &Drivers, plan: &Plan, rates: &Rates, jobs: impl Iterator<Item = &'a Job>) -> Self {
        let mut uses: BTreeMap<Limit, Uses<'a>> = BTreeMap::new();
        for job in jobs {
            let step = &plan.steps[job.address()];
            // Several go in one call.
            if step.facts.batch_by.is_some() {
                continue;
            }
            let account = drivers.of(step.facts.kind).account(&step.account);
            for (limit, rate) in job.calls(plan).flat_map(|operation| rates.of(operation)) {
                let limit = (account.clone(), limit.to_owned());
                let uses = uses.entry(limit).or_insert_with(|| Uses { rate, jobs: BTreeMap::new() });
                *uses.jobs.entry(job).or_default() += 1;
            }
        }
        Self { uses }
    }

    pub(crate) fn uses(&self) -> impl Iterator<Item = (&Limit, &Uses<'a>)> {
        self.uses.iter()
    }

    /// By job, how long it may wait for those that come under the same limits.
    pub(crate) fn waits(&self) -> BTreeMap<&'a Job, Duration> {
        let mut waits: BTreeMap<&Job, Duration> = BTreeMap::new();
        for uses in self.uses.values() {
            let wait = uses.rate.wait(uses.jobs.values().sum());
            for job in uses.jobs.keys() {
                let longest = waits.entry(job).or_default();
                *longest = wait.max(*longest);
            }
        }
        waits
    }
}

impl Job {
    /// The calls that it surely makes and that change something.
    pub(crate) fn calls<'a>(&self, plan: &'a Plan) -> impl Iterator<Item = &'static str> + use<'a> {
        let step = &plan.steps[self.address()];
        let calls = match (self, &step.action) {
            (Self::Drop(_), _) => step.facts.calls.delete,
            (_, Action::Create | Action::Replace { .. }) => step.facts.calls.create,
            (_, Action::Update { .. }) => step.facts.calls.update,
            _ => &[],
        };
        calls.iter().copied()
    }

    /// Whether its object becomes ready only after a while.
    pub(crate) fn is_new(&self, plan: &Plan) -> bool {
        let action = &plan.steps[self.address()].action;
        matches!((self, action), (Self::Put(_), Action::Create | Action::Replace { .. } | Action::Keep))
    }
}
