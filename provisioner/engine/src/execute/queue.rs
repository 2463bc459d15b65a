//! Which job may start, and which of those first. Pure.

use std::{
    cmp::Reverse,
    collections::{BTreeMap, BTreeSet},
};

use model::KnownAt;

use super::jobs::{Job, Waits};

/// Jobs that have not been started.
#[derive(Default)]
pub(crate) struct Queue {
    waits: BTreeMap<Job, Waits>,
    followers: BTreeMap<Job, BTreeSet<Job>>,
    weights: BTreeMap<Job, u64>,
    ready: BTreeSet<(Reverse<u64>, Job)>,
}

impl Queue {
    /// `seconds` says how long a job is expected to take until it is ready.
    pub(crate) fn new(waits: BTreeMap<Job, Waits>, seconds: &dyn Fn(&Job) -> u64) -> Self {
        let mut followers: BTreeMap<Job, BTreeSet<Job>> = BTreeMap::new();
        for (job, other) in waits.iter().flat_map(|(job, waits)| waits.keys().map(move |other| (job, other))) {
            followers.entry(other.clone()).or_default().insert(job.clone());
        }
        let mut queue = Self { waits, followers, weights: BTreeMap::new(), ready: BTreeSet::new() };
        let jobs: Vec<Job> = queue.waits.keys().cloned().collect();
        for job in &jobs {
            queue.weigh(job, seconds);
        }
        jobs.into_iter().for_each(|job| queue.offer(job));
        queue
    }

    /// Expected seconds from the start of a job to the end of the longest chain behind it.
    pub(crate) fn weight(&self, job: &Job) -> u64 {
        self.weights.get(job).copied().unwrap_or(0)
    }

    fn weigh(&mut self, job: &Job, seconds: &dyn Fn(&Job) -> u64) -> u64 {
        if let Some(weight) = self.weights.get(job) {
            return *weight;
        }
        let own = seconds(job);
        let mut weight = own;
        for follower in self.followers.get(job).cloned().unwrap_or_default() {
            // Whoever needs no more than its id, starts a call later.
            let until = if self.waits[&follower][job] == KnownAt::Ready { own } else { 1 };
            weight = weight.max(until + self.weigh(&follower, seconds));
        }
        self.weights.insert(job.clone(), weight);
        weight
    }

    fn offer(&mut self, job: Job) {
        if self.waits.get(&job).is_some_and(Waits::is_empty) {
            self.ready.insert((Reverse(self.weight(&job)), job));
        }
    }

    /// The job with the most behind it among those that wait for nothing; ties go by address.
    pub(crate) fn next(&mut self) -> Option<Job> {
        let (_, job) = self.ready.pop_first()?;
        self.waits.remove(&job);
        Some(job)
    }

    /// A job got this far; those that wait for no more of it, and know what they need of it, go on.
    pub(crate) fn reached(&mut self, job: &Job, at: KnownAt, knows: impl Fn(&Job) -> bool) {
        for follower in self.followers.get(job).cloned().unwrap_or_default() {
            let Some(waits) = self.waits.get_mut(&follower) else { continue };
            let enough = at == KnownAt::Ready || (waits.get(job) == Some(&KnownAt::Created) && knows(&follower));
            if enough && waits.remove(job).is_some() {
                self.offer(follower);
            }
        }
    }

    /// Takes out everything that still waits for a job, directly or not.
    pub(crate) fn failed(&mut self, job: &Job) -> Vec<Job> {
        let mut skipped = Vec::new();
        let mut open = vec![job.clone()];
        while let Some(job) = open.pop() {
            for follower in self.followers.remove(&job).unwrap_or_default() {
                if self.waits.get(&follower).is_some_and(|waits| waits.contains_key(&job)) {
                    self.waits.remove(&follower);
                    skipped.push(follower.clone());
                    open.push(follower);
                }
            }
        }
        skipped
    }

    /// Everything that was not started.
    pub(crate) fn rest(self) -> impl Iterator<Item = Job> {
        self.waits.into_keys()
    }
}

#[cfg(test)]
mod tests {
    use model::Address;

    use super::*;

    fn put(name: &str) -> Job {
        Job::Put(Address::new("x", "vpc", name))
    }

    fn queue(waits: &[(&str, &[(&str, KnownAt)])], seconds: &[(&str, u64)]) -> Queue {
        let waits =
            waits.iter().map(|(job, waits)| (put(job), waits.iter().map(|(other, at)| (put(other), *at)).collect()));
        let seconds: BTreeMap<Job, u64> = seconds.iter().map(|(job, seconds)| (put(job), *seconds)).collect();
        Queue::new(waits.collect(), &|job| seconds.get(job).copied().unwrap_or(1))
    }

    #[test]
    fn the_longest_chain_goes_first() {
        let mut queue =
            queue(&[("a", &[]), ("b", &[]), ("c", &[("b", KnownAt::Ready)]), ("d", &[])], &[("c", 60), ("d", 5)]);
        assert_eq!([queue.next(), queue.next(), queue.next()], [Some(put("b")), Some(put("d")), Some(put("a"))]);
        assert_eq!(queue.next(), None, "c waits for b");
    }

    #[test]
    fn a_chain_is_shorter_where_an_id_is_enough() {
        let slow = [("slow", 180), ("b", 10), ("c", 10)];
        let by_id = queue(&[("slow", &[]), ("b", &[("slow", KnownAt::Created)])], &slow);
        let by_state = queue(&[("slow", &[]), ("c", &[("slow", KnownAt::Ready)])], &slow);
        assert_eq!((by_id.weight(&put("slow")), by_state.weight(&put("slow"))), (180, 190));
    }

    #[test]
    fn created_frees_only_who_needs_no_more_and_knows_enough() {
        let mut queue = queue(
            &[
                ("a", &[]),
                ("id", &[("a", KnownAt::Created)]),
                ("late", &[("a", KnownAt::Created)]),
                ("state", &[("a", KnownAt::Ready)]),
            ],
            &[],
        );
        let a = queue.next().expect("a waits for nothing");
        queue.reached(&a, KnownAt::Created, |follower| *follower == put("id"));
        assert_eq!((queue.next(), queue.next()), (Some(put("id")), None));
        queue.reached(&a, KnownAt::Ready, |_| false);
        assert_eq!((queue.next(), queue.next()), (Some(put("late")), Some(put("state"))));
    }

    #[test]
    fn a_failure_takes_along_what_still_waits() {
        let mut queue = queue(
            &[
                ("a", &[]),
                ("b", &[("a", KnownAt::Created)]),
                ("c", &[("a", KnownAt::Ready)]),
                ("d", &[("c", KnownAt::Ready)]),
            ],
            &[],
        );
        let a = queue.next().expect("a waits for nothing");
        queue.reached(&a, KnownAt::Created, |_| true);
        assert_eq!(queue.failed(&a), [put("c"), put("d")]);
        assert_eq!(queue.rest().collect::<Vec<_>>(), [put("b")]);
    }
}
