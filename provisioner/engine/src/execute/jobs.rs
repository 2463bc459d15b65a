//! The jobs of a plan and what each waits for. Pure.

use std::collections::{BTreeMap, BTreeSet};

use model::{Address, CreateSafety, KnownAt, Sealed, references};

use super::{
    drops,
    users::{live_users, users},
};
use crate::{Action, Plan, State, Step, twins::Found};

/// One thing to do.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Job {
    /// Make or change the object, then see it ready.
    Put(Address),
    /// Delete what should not be there at this address.
    Drop(Address),
}

impl Job {
    pub(crate) fn address(&self) -> &Address {
        match self {
            Self::Put(address) | Self::Drop(address) => address,
        }
    }
}

impl Step {
    /// How many things are to be done at this address; each ends with one event.
    #[must_use]
    pub fn jobs(&self) -> usize {
        usize::from(puts(self)) + usize::from(has_doomed(self))
    }
}

/// What a job waits for: each other job, and until when.
pub(crate) type Waits = BTreeMap<Job, KnownAt>;

/// All jobs of a plan. Their waits have no cycle.
pub(crate) fn jobs(graph: &Sealed, plan: &Plan) -> BTreeMap<Job, Waits> {
    let mut jobs: BTreeMap<Job, Waits> = names(plan).into_iter().map(|job| (job, Waits::new())).collect();
    let (users, live) = (users(graph), live_users(plan));
    drops::order(graph, plan, &users, &live, &mut jobs);
    let early = drops::early(plan, &jobs);
    let all_puts: Waits = jobs.keys().filter(|job| matches!(job, Job::Put(_))).map(when_ready).collect();
    let names: Vec<Job> = jobs.keys().cloned().collect();
    for job in names {
        let waits = match &job {
            Job::Put(address) => put_waits(graph, plan, address),
            Job::Drop(_) if early.contains(&job) => Waits::new(),
            Job::Drop(address) if graph.get(address).is_none() => all_puts.clone(),
            Job::Drop(address) => replaced_waits(address, [users.get(address), live.get(address)]),
        };
        let waits: Waits = waits.into_iter().filter(|(other, _)| jobs.contains_key(other)).collect();
        jobs.entry(job).or_default().extend(waits);
    }
    drops::keep_until_needed(graph, plan, &mut jobs);
    jobs
}

fn names(plan: &Plan) -> BTreeSet<Job> {
    let puts = plan.steps.values().filter(|step| puts(step)).map(|step| Job::Put(step.address.clone()));
    let drops = plan.steps.values().filter(|step| has_doomed(step));
    puts.chain(drops.map(|step| Job::Drop(step.address.clone()))).collect()
}

fn puts(step: &Step) -> bool {
    match &step.action {
        // Only looked at, context or not.
        Action::Keep => step.seen.as_ref().is_some_and(|seen| matches!(seen.state, State::Pending(_))),
        Action::Delete { .. } | Action::Blocked { .. } => false,
        _ => !step.context,
    }
}

/// The objects that a step deletes, and the account each is in.
pub(crate) fn doomed(step: &Step) -> Vec<Found> {
    let main = step.seen.iter().filter(|_| goes(step)).map(|seen| (step.account.clone(), seen.clone()));
    let all = main.chain(step.surplus.iter().cloned());
    all.filter(|_| has_doomed(step)).collect()
}

/// Whether a step deletes anything.
pub(crate) fn has_doomed(step: &Step) -> bool {
    let is_ours = !step.context && step.facts.create != CreateSafety::External;
    is_ours && (!step.surplus.is_empty() || (goes(step) && step.seen.is_some()))
}

/// Whether the object itself goes, and not only twins of it.
pub(crate) fn goes(step: &Step) -> bool {
    matches!(step.action, Action::Delete { .. } | Action::Replace { .. })
}

fn put_waits(graph: &Sealed, plan: &Plan, address: &Address) -> Waits {
    let node = graph.get(address).expect("only nodes of the graph are put");
    let is_known = |need: &Address| {
        let mut fields = references(&node.spec).into_iter().filter(|(to, _)| to == need);
        let step = plan.steps.get(need).filter(|step| step.action != Action::Restore);
        step.is_some_and(|step| fields.all(|(_, field)| step.output(&field).is_some()))
    };
    let needs = graph.needs(node).into_iter().filter(|(need, at)| *at == KnownAt::Ready || !is_known(need));
    let mut waits: Waits = needs.map(|(need, at)| (Job::Put(need), at)).collect();
    if plan.steps[address].is_delete_first() {
        waits.insert(Job::Drop(address.clone()), KnownAt::Ready);
    }
    waits
}

/// A replaced object goes when its replacement is there and everybody uses that.
fn replaced_waits(address: &Address, users: [Option<&BTreeSet<Address>>; 2]) -> Waits {
    let users = users.into_iter().flatten().flatten();
    users.chain([address]).map(|address| when_ready(&Job::Put(address.clone()))).collect()
}

fn when_ready(job: &Job) -> (Job, KnownAt) {
    (job.clone(), KnownAt::Ready)
}

/// How long a job is expected to take until it is ready.
pub(crate) fn seconds(plan: &Plan, job: &Job) -> u64 {
    if job.is_new(plan) { u64::from(plan.steps[job.address()].facts.typical_seconds) } else { 1 }
}
