//! Starting jobs: what is to be done is decided anew now that every value is known.

use std::sync::Arc;

use futures::future::join_all;
use model::{Address, CreateSafety, Outputs, references, resolve};
use serde_json::Value;

use super::{
    Answer, Message, Phase, Run,
    caller::{Caller, Trouble},
    jobs::{Job, doomed},
    work::{Others, Work, as_made},
};
use crate::{
    Action, CallError, Change, Made, Seen, State, Step, Verb,
    diff::{differing, replaces},
    driver::RESTORE,
    twins::Found,
};

/// What a put comes to.
enum Todo {
    Nothing(Seen),
    Create,
    Update(Seen, Vec<String>),
}

impl Run<'_> {
    pub(super) fn start_ready(&mut self) {
        while let Some(job) = self.queue.next() {
            match &job {
                Job::Put(address) => self.start_put(&address.clone(), job),
                Job::Drop(address) => self.start_drop(&address.clone(), job),
            }
        }
    }

    fn start_put(&mut self, address: &Address, job: Job) {
        let want = match self.want(address) {
            Ok(want) => want,
            Err(error) => return self.end(job, Err(Trouble::Error(error))),
        };
        self.wants.insert(address.clone(), want.clone());
        match self.todo(&self.plan.steps[address], &want) {
            Todo::Nothing(seen) => {
                self.spare(address);
                self.end(job, Ok(as_made(seen)));
            }
            Todo::Create => self.put(job, Verb::Create, want, None),
            Todo::Update(seen, fields) => {
                self.spare(address);
                self.put(job, Verb::Update, want, Some((seen, fields)));
            }
        }
    }

    /// The spec with every promise kept.
    fn want(&self, address: &Address) -> Result<Value, CallError> {
        let node = self.graph.get(address).expect("only nodes of the graph are put");
        let lookup = |address: &Address, field: &str| self.outputs.get(address)?.get(field).cloned();
        let resolved = resolve(&node.spec, &lookup);
        if let Some((to, field)) = references(&resolved).into_iter().next() {
            return Err(self.own_error(address, "NoOutput", &format!("AWS did not report `{to}#{field}`")));
        }
        let normal = self.drivers.of(node.facts.kind).normalize(&resolved);
        normal.map_err(|error| self.own_error(address, "Malformed", &error.to_string()))
    }

    /// What is to be done now; a planned change may have come to nothing.
    fn todo(&self, step: &Step, want: &Value) -> Todo {
        let Some(seen) = step.seen.as_deref().cloned() else { return Todo::Create };
        let fields = differing(want, &seen.spec);
        match &step.action {
            Action::Create => Todo::Create,
            Action::Restore => Todo::Update(seen, vec![RESTORE.to_owned()]),
            Action::Replace { .. } if self.is_replaced(step, &seen, &fields) => Todo::Create,
            _ if step.context || step.facts.create == CreateSafety::External || fields.is_empty() => {
                Todo::Nothing(seen)
            }
            _ => Todo::Update(seen, fields),
        }
    }

    /// Whether a planned replacement is still due. Once the old object went, it is.
    fn is_replaced(&self, step: &Step, seen: &Seen, fields: &[String]) -> bool {
        let is_gone = step.is_delete_first() && !self.spared.contains(&step.address);
        is_gone || matches!(seen.state, State::Broken(_)) || replaces(step.facts, fields)
    }

    fn spare(&mut self, address: &Address) {
        if matches!(self.plan.steps[address].action, Action::Replace { .. }) {
            self.spared.insert(address.clone());
        }
    }

    fn put(&mut self, job: Job, verb: Verb, want: Value, change: Option<(Seen, Vec<String>)>) {
        let step = &self.plan.steps[job.address()];
        if let Some(field) = step.facts.batch_by {
            let key = want.get(field).cloned();
            let seen = change.map(|(seen, _)| seen);
            let change = Change::Put { address: step.address.clone(), want, seen };
            return self.hold(job, verb, key, change);
        }
        let verb = if step.facts.create == CreateSafety::External { Verb::Wait } else { verb };
        let work = self.work(vec![job.clone()], &step.address, &step.account);
        self.launch(vec![job], verb, async move {
            let made = match change {
                Some((seen, fields)) => work.update(&seen, &want, &fields).await,
                None => work.create(&want).await,
            };
            vec![made]
        });
    }

    fn start_drop(&mut self, address: &Address, job: Job) {
        let step = &self.plan.steps[address];
        if step.is_delete_first() && self.stays(step) {
            self.spared.insert(address.clone());
        }
        let victims = self.victims(step);
        let key = step.facts.batch_by.and_then(|field| victims.first()?.1.spec.get(field).cloned());
        if let (Some(key), [(place, seen)]) = (key, victims.as_slice())
            && *place == step.account
        {
            let change = Change::Delete { seen: (**seen).clone() };
            return self.hold(job, Verb::Delete, Some(key), change);
        }
        self.delete(job, victims);
    }

    /// Whether an object that was to be replaced turns out to be as wanted, before it is deleted.
    fn stays(&self, step: &Step) -> bool {
        let (Some(seen), Ok(want)) = (&step.seen, self.want(&step.address)) else { return false };
        !matches!(seen.state, State::Broken(_)) && !replaces(step.facts, &differing(&want, &seen.spec))
    }

    fn victims(&self, step: &Step) -> Vec<Found> {
        let is_spared = |(_, seen): &Found| self.spared.contains(&step.address) && Some(seen) == step.seen.as_ref();
        doomed(step).into_iter().filter(|found| !is_spared(found)).collect()
    }

    fn delete(&mut self, job: Job, victims: Vec<Found>) {
        if victims.is_empty() {
            return self.end(job, Ok(nothing()));
        }
        let work = |(place, seen): Found| (self.work(vec![job.clone()], &seen.address, &place), seen);
        let works: Vec<(Work, Arc<Seen>)> = victims.into_iter().map(work).collect();
        self.launch(vec![job], Verb::Delete, async move {
            let deleted = join_all(works.iter().map(|(work, seen)| work.delete(seen))).await;
            vec![deleted.into_iter().collect::<Result<Vec<()>, Trouble>>().map(|_| nothing())]
        });
    }

    /// Starts a worker for these jobs.
    fn launch(&mut self, jobs: Vec<Job>, verb: Verb, work: impl Future<Output = Vec<Answer>> + Send + 'static) {
        self.active.extend(jobs.iter().map(|job| (job.clone(), Phase::Queued(verb))));
        let lost = Message::Ended { jobs: jobs.clone(), answers: self.lost(&jobs), lane: None };
        self.spawn(async move { Message::Ended { jobs, answers: work.await, lane: None } }, lost);
    }

    /// The answers of a worker that panicked.
    pub(super) fn lost(&self, jobs: &[Job]) -> Vec<Answer> {
        let panicked = |job: &Job| self.own_error(job.address(), "Panicked", "a mistake in this program: see above");
        jobs.iter().map(|job| Err(Trouble::Error(panicked(job)))).collect()
    }

    pub(super) fn work(&self, jobs: Vec<Job>, address: &Address, place: &str) -> Work {
        Work {
            driver: self.drivers.of(address.kind()).clone(),
            place: place.to_owned(),
            address: address.clone(),
            others: self.others(address),
            caller: self.caller(jobs),
        }
    }

    pub(super) fn caller(&self, jobs: Vec<Job>) -> Caller {
        let weight = self.weight(&jobs);
        Caller::new(self.shared.clone(), jobs, weight)
    }

    pub(super) fn weight(&self, jobs: &[Job]) -> u64 {
        jobs.iter().map(|job| self.queue.weight(job)).max().unwrap_or(0)
    }

    pub(super) fn others(&self, address: &Address) -> Others {
        let step = &self.plan.steps[address];
        let twins = step.surplus.iter().filter(|(place, _)| *place == step.account);
        let is_replaced = matches!(step.action, Action::Replace { .. }) && !self.spared.contains(address);
        Others {
            twins: twins.map(|(_, seen)| seen.identity.clone()).collect(),
            old: step.seen.as_deref().filter(|_| is_replaced).cloned(),
        }
    }
}

/// What a delete leaves.
pub(super) fn nothing() -> Made {
    Made::new(Outputs::new(), State::Ready)
}
