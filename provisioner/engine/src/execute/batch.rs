//! Changes that AWS takes several of at once: while one batch of a lane is under way, the next one gathers.

use std::collections::{BTreeMap, BTreeSet};

use futures::{StreamExt as _, stream};
use serde_json::Value;

use super::{Answer, Message, Phase, Run, caller::Trouble, jobs::Job, work::Work};
use crate::{CallError, Change, Class, Verb};

/// What goes together: kind, account, and the value of the field that the kind is batched by.
pub(super) type Lane = (&'static str, String, String);

#[derive(Default)]
pub(super) struct Lanes {
    gathering: BTreeMap<Lane, Vec<(Job, Change)>>,
    under_way: BTreeSet<Lane>,
}

impl Run<'_> {
    /// Puts a change into its lane.
    pub(super) fn hold(&mut self, job: Job, verb: Verb, key: Option<Value>, change: Change) {
        let step = &self.plan.steps[job.address()];
        let lane = (step.facts.kind, step.account.clone(), key.unwrap_or_default().to_string());
        self.active.insert(job.clone(), Phase::Queued(verb));
        self.lanes.gathering.entry(lane).or_default().push((job, change));
    }

    /// Sends every lane that is free.
    pub(super) fn start_batches(&mut self) {
        let gathered = std::mem::take(&mut self.lanes.gathering);
        for (lane, members) in gathered {
            if self.lanes.under_way.contains(&lane) {
                self.lanes.gathering.insert(lane, members);
            } else {
                self.start_batch(lane, members);
            }
        }
    }

    fn start_batch(&mut self, lane: Lane, members: Vec<(Job, Change)>) {
        self.lanes.under_way.insert(lane.clone());
        let (jobs, changes): (Vec<Job>, Vec<Change>) = members.into_iter().unzip();
        let works: Vec<Work> = jobs.iter().map(|job| self.work(vec![job.clone()], job.address(), &lane.1)).collect();
        let together = self.work(jobs.clone(), jobs[0].address(), &lane.1);
        let lost = Message::Ended { jobs: jobs.clone(), answers: self.lost(&jobs), lane: Some(lane.clone()) };
        let work = async move {
            let answers = send(&together, &works, &changes).await;
            Message::Ended { jobs, answers, lane: Some(lane) }
        };
        self.spawn(work, lost);
    }

    /// A batch is over.
    pub(super) fn passed(&mut self, lane: &Lane) {
        self.lanes.under_way.remove(lane);
    }
}

/// Sends all changes at once. If AWS refuses the batch for good, one of them may be the reason: each goes alone.
async fn send(together: &Work, works: &[Work], changes: &[Change]) -> Vec<Answer> {
    match together.batch(changes).await {
        Ok(made) => made.into_iter().map(Ok).collect(),
        Err(Trouble::Error(CallError { class: Class::Fatal, .. })) if works.len() > 1 => {
            let alone = works.iter().zip(changes.chunks(1));
            let alone = alone.map(async |(work, change)| Ok(work.batch(change).await?.remove(0)));
            stream::iter(alone).then(|answer| answer).collect().await
        }
        Err(trouble) => works.iter().map(|_| Err(trouble.clone())).collect(),
    }
}
