//! In which order objects are deleted, and how early. Pure.

use std::collections::{BTreeMap, BTreeSet};

use model::{Address, KnownAt, Sealed};

use super::{
    jobs::{Job, Waits, goes},
    users::{Users, outlived, usual_users},
};
use crate::{Plan, Step};

/// Users go before what they use. What the graph says of deletes alone counts first, then what exists; what is wanted and what
/// is usual may contradict it.
pub(super) fn order(graph: &Sealed, plan: &Plan, wanted: &Users, live: &Users, jobs: &mut BTreeMap<Job, Waits>) {
    let drops = jobs.keys().filter(|job| matches!(job, Job::Drop(_))).map(|job| job.address().clone());
    let drops: BTreeSet<Address> = drops.collect();
    let (usual, outlived) = (usual_users(graph, &drops), outlived(graph));
    let sources: [(&Users, Counts); 4] = [(&outlived, always), (live, always), (wanted, goes_before), (&usual, always)];
    for (users, counts) in sources {
        for (address, users) in users.iter().filter(|(address, _)| drops.contains(*address)) {
            for user in users.iter().filter(|user| drops.contains(*user)) {
                if counts(&plan.steps[user], &plan.steps[address]) {
                    wait(jobs, &Job::Drop(address.clone()), &Job::Drop(user.clone()), KnownAt::Ready);
                }
            }
        }
    }
}

/// Whether a user of what is used goes first, as far as one source knows.
type Counts = fn(user: &Step, used: &Step) -> bool;

fn always(_: &Step, _: &Step) -> bool {
    true
}

/// Where only a twin of the user goes, what is wanted says nothing of it, and room must be made soon.
fn goes_before(user: &Step, used: &Step) -> bool {
    goes(user) || !used.is_delete_first()
}

/// Deletes that make room for a replacement, and deletes that those wait for: nothing that is put can be waited for.
pub(super) fn early(plan: &Plan, jobs: &BTreeMap<Job, Waits>) -> BTreeSet<Job> {
    let is_first = |job: &&Job| plan.steps[job.address()].is_delete_first() && matches!(job, Job::Drop(_));
    let mut early = BTreeSet::new();
    let mut open: Vec<&Job> = jobs.keys().filter(is_first).collect();
    while let Some(job) = open.pop() {
        if early.insert(job.clone()) {
            open.extend(jobs[job].keys());
        }
    }
    early
}

/// What goes before its replacement is made goes as late as possible: when all that the replacement needs is there. So the
/// gap is short, and nothing is deleted that then cannot be made again.
pub(super) fn keep_until_needed(graph: &Sealed, plan: &Plan, jobs: &mut BTreeMap<Job, Waits>) {
    for node in graph.in_order() {
        let job = Job::Drop(node.address.clone());
        if !plan.steps.get(&node.address).is_some_and(Step::is_delete_first) || !jobs.contains_key(&job) {
            continue;
        }
        let put = jobs.get(&Job::Put(node.address.clone())).cloned().unwrap_or_default();
        // Users that go with it, go then too.
        let together: Vec<Job> = [job.clone()].into_iter().chain(jobs[&job].keys().cloned()).collect();
        let inherited = jobs[&job].clone();
        for (need, at) in put.into_iter().chain(inherited).filter(|(need, _)| matches!(need, Job::Put(_))) {
            for job in together.iter().filter(|job| matches!(job, Job::Drop(_))) {
                wait(jobs, job, &need, at);
            }
        }
    }
}

/// Lets a job wait for another, unless that one waits for it.
fn wait(jobs: &mut BTreeMap<Job, Waits>, job: &Job, other: &Job, at: KnownAt) {
    if !waits_for(jobs, other, job) {
        jobs.entry(job.clone()).or_default().insert(other.clone(), at);
    }
}

/// Whether a job waits for another, directly or not, or is the same.
fn waits_for(jobs: &BTreeMap<Job, Waits>, job: &Job, other: &Job) -> bool {
    let mut seen = BTreeSet::new();
    let mut open = vec![job];
    while let Some(job) = open.pop() {
        if job == other {
            return true;
        }
        if seen.insert(job) {
            open.extend(jobs.get(job).into_iter().flat_map(Waits::keys));
        }
    }
    false
}
