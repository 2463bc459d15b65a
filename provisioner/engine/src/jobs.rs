//! The jobs of a plan and what each waits for. Pure.

use std::collections::{BTreeMap, BTreeSet};

use model::{Address, KnownAt, Sealed};

use crate::{Action, Plan, Seen, State, Step};

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

/// What a job waits for: each other job, and until when.
pub(crate) type Waits = BTreeMap<Job, KnownAt>;

/// All jobs of a plan.
pub(crate) fn jobs(graph: &Sealed, plan: &Plan) -> BTreeMap<Job, Waits> {
    let names = names(plan);
    let users = users(graph);
    let ranks = kind_users(graph);
    let mut jobs = BTreeMap::new();
    for job in &names {
        let mut waits = match job {
            Job::Put(address) => put_waits(graph, plan, address),
            Job::Drop(address) => drop_waits(plan, &plan.steps[address], users.get(address), &names),
        };
        if let Job::Drop(address) = job {
            waits.extend(stray_waits(graph, &ranks, address, &names));
        }
        waits.retain(|other, _| names.contains(other));
        jobs.insert(job.clone(), waits);
    }
    jobs
}

fn names(plan: &Plan) -> BTreeSet<Job> {
    let mut names = BTreeSet::new();
    for step in plan.steps.values() {
        if puts(step) {
            names.insert(Job::Put(step.address.clone()));
        }
        if !doomed(step).is_empty() {
            names.insert(Job::Drop(step.address.clone()));
        }
    }
    names
}

fn puts(step: &Step) -> bool {
    match &step.action {
        Action::Keep => step.seen.as_ref().is_some_and(|seen| matches!(seen.state, State::Pending(_))),
        Action::Delete { .. } | Action::Blocked { .. } => false,
        _ => !step.context,
    }
}

/// The objects that a step deletes, and the account each is in.
pub(crate) fn doomed(step: &Step) -> Vec<(String, Seen)> {
    if step.context {
        return Vec::new();
    }
    let replaced = matches!(step.action, Action::Delete { .. } | Action::Replace { .. });
    let main = step.seen.iter().filter(|_| replaced).map(|seen| (step.account.clone(), seen.clone()));
    main.chain(step.surplus.iter().cloned()).collect()
}

fn put_waits(graph: &Sealed, plan: &Plan, address: &Address) -> Waits {
    let node = graph.get(address).expect("only nodes of the graph are put");
    let mut waits: Waits = graph.needs(node).into_iter().map(|(need, at)| (Job::Put(need), at)).collect();
    if matches!(plan.steps[address].action, Action::Replace { create_first: false, .. }) {
        waits.insert(Job::Drop(address.clone()), KnownAt::Ready);
    }
    waits
}

/// Users first; a replaced object goes when its replacement is there and everybody uses that.
fn drop_waits(_plan: &Plan, step: &Step, users: Option<&BTreeSet<Address>>, names: &BTreeSet<Job>) -> Waits {
    let mut waits = Waits::new();
    for user in users.into_iter().flatten() {
        waits.insert(Job::Drop(user.clone()), KnownAt::Ready);
    }
    match &step.action {
        Action::Replace { create_first: false, .. } => {}
        Action::Delete { .. } => {
            waits.extend(names.iter().filter(|job| matches!(job, Job::Put(_))).map(|job| (job.clone(), KnownAt::Ready)))
        }
        _ => {
            waits.insert(Job::Put(step.address.clone()), KnownAt::Ready);
            waits.extend(users.into_iter().flatten().map(|user| (Job::Put(user.clone()), KnownAt::Ready)));
        }
    }
    waits
}

/// Who refers to each address.
fn users(graph: &Sealed) -> BTreeMap<Address, BTreeSet<Address>> {
    let mut users: BTreeMap<Address, BTreeSet<Address>> = BTreeMap::new();
    for node in graph.nodes() {
        for need in graph.needs(node).into_keys() {
            users.entry(need).or_default().insert(node.address.clone());
        }
    }
    users
}

/// Which kinds refer to each kind, directly or not: the order among objects whose references nobody knows.
fn kind_users(graph: &Sealed) -> BTreeMap<&'static str, BTreeSet<&'static str>> {
    let mut ranks: BTreeMap<&'static str, BTreeSet<&'static str>> = BTreeMap::new();
    for node in graph.in_order().into_iter().rev() {
        let mine = ranks.get(node.facts.kind).cloned().unwrap_or_default();
        for need in graph.needs(node).keys().filter_map(|need| graph.get(need)) {
            let users = ranks.entry(need.facts.kind).or_default();
            users.insert(node.facts.kind);
            users.extend(mine.iter().copied());
        }
    }
    ranks
}

/// Objects that the graph does not have, and objects that they may use, are ordered by kind alone.
fn stray_waits(
    graph: &Sealed,
    ranks: &BTreeMap<&'static str, BTreeSet<&'static str>>,
    address: &Address,
    names: &BTreeSet<Job>,
) -> Waits {
    let is_stray = |address: &Address| graph.get(address).is_none();
    let Some(users) = ranks.get(address.kind()) else { return Waits::new() };
    let back = |other: &Address| ranks.get(other.kind()).is_some_and(|users| users.contains(address.kind()));
    let drops = names.iter().filter(|job| matches!(job, Job::Drop(_)) && job.address() != address);
    let before = drops.filter(|job| is_stray(address) || is_stray(job.address()));
    let before = before.filter(|job| users.contains(job.address().kind()) && !back(job.address()));
    before.map(|job| (job.clone(), KnownAt::Ready)).collect()
}

/// Seconds of the longest chain that starts with each job: those with the most behind them go first.
pub(crate) fn weights(jobs: &BTreeMap<Job, Waits>, seconds: &dyn Fn(&Job) -> u64) -> BTreeMap<Job, u64> {
    let mut followers: BTreeMap<&Job, Vec<&Job>> = BTreeMap::new();
    for (job, waits) in jobs {
        for wait in waits.keys() {
            followers.entry(wait).or_default().push(job);
        }
    }
    let mut weights = BTreeMap::new();
    for job in jobs.keys() {
        weigh(job, &followers, seconds, &mut weights);
    }
    weights
}

fn weigh(
    job: &Job,
    followers: &BTreeMap<&Job, Vec<&Job>>,
    seconds: &dyn Fn(&Job) -> u64,
    weights: &mut BTreeMap<Job, u64>,
) -> u64 {
    if let Some(weight) = weights.get(job) {
        return *weight;
    }
    let behind = followers.get(job).into_iter().flatten();
    let longest = behind.map(|next| weigh(next, followers, seconds, weights)).max().unwrap_or(0);
    let weight = seconds(job) + longest;
    weights.insert(job.clone(), weight);
    weight
}
