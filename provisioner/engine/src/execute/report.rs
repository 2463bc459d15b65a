//! How a run ended, from how its jobs ended.

use std::{collections::BTreeMap, time::Duration};

use model::Address;

use super::{Message, Phase, Run, Stop, jobs::Job};
use crate::{CallError, Class, Outcome, Report, Verb};

impl Run<'_> {
    pub(super) fn report(mut self, elapsed: Duration) -> Report {
        self.inbox.close();
        // What came in while the loop was told to stop.
        while let Ok(message) = self.inbox.try_recv() {
            if let Message::Ended { .. } | Message::Begun(_) = message {
                self.hear(message);
            }
        }
        let mut outcomes: BTreeMap<Address, Outcome> = BTreeMap::new();
        for (job, outcome) in self.jobs() {
            let worst = outcomes.entry(job.address().clone()).or_insert(Outcome::Done);
            if severity(&outcome) > severity(worst) {
                *worst = outcome;
            }
        }
        let all_done = outcomes.values().all(|outcome| matches!(outcome, Outcome::Done));
        Report { outcomes, elapsed, interrupted: !all_done && *self.stop.borrow() != Stop::Go, told: self.told }
    }

    /// Every job and how it ended, or how far it got.
    fn jobs(&mut self) -> Vec<(Job, Outcome)> {
        let mut jobs: Vec<(Job, Outcome)> = std::mem::take(&mut self.outcomes).into_iter().collect();
        for (job, phase) in std::mem::take(&mut self.active) {
            let outcome = match phase {
                Phase::Queued(_) => Outcome::NotStarted,
                Phase::Calling(verb, _) => Outcome::Unknown { error: self.unheard(job.address(), verb) },
                Phase::Settling(..) => Outcome::NotReady,
            };
            jobs.push((job, outcome));
        }
        let rest = std::mem::take(&mut self.queue).rest();
        jobs.extend(rest.map(|job| (job, Outcome::NotStarted)));
        jobs
    }

    fn unheard(&self, address: &Address, verb: Verb) -> CallError {
        let (doing, done) = match verb {
            Verb::Create => ("created", "made"),
            Verb::Update => ("changed", "changed"),
            Verb::Delete => ("deleted", "deleted"),
            Verb::Wait => ("read", "answered for"),
        };
        let message = format!("it was being {doing} when the run was stopped; AWS may have {done} it");
        let error = self.own_error(address, "Stopped", &message);
        CallError { class: Class::Unknown, ..error }
    }
}

/// Of what happened at one address, the worst is told.
fn severity(outcome: &Outcome) -> u8 {
    match outcome {
        Outcome::Done => 0,
        Outcome::Skipped { .. } => 1,
        Outcome::NotStarted => 2,
        Outcome::NotReady => 3,
        Outcome::Unknown { .. } => 4,
        Outcome::Failed { .. } => 5,
    }
}
