//! How long a run takes at least, by the same model that it is scheduled with. Pure.
//!
//! Two things bound it from below: the longest chain of objects that wait for each other, and how often AWS takes the calls.

use std::{collections::BTreeMap, time::Duration};

use model::{AccountId, Address, KnownAt, Sealed};
use serde::Serialize;

use crate::{
    Drivers, Plan, Rates,
    demand::{Demand, Uses},
    execute::{Job, Waits, jobs},
};

/// What one call of AWS's control planes takes: usually 0.1 to 0.3 s.
pub const CALL: Duration = Duration::from_millis(150);

/// The time that a run takes if nothing goes wrong, and why it is not less.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Estimate {
    pub time: Duration,
    pub because: Because,
}

/// What a run waits for most.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case", tag = "because")]
pub enum Because {
    /// One object after the other; of those, this one takes the longest.
    Chain { longest: Address },
    /// So many calls are made in one account, and one every so often.
    Rate { account: AccountId, limit: String, calls: u32, every: Duration },
}

/// Of how long things take: from its first call until an object is ready.
pub type Takes<'a> = dyn Fn(&Address) -> Duration + 'a;

/// The least that a plan takes; none if there is nothing to do.
#[must_use]
pub fn estimate(drivers: &Drivers, graph: &Sealed, plan: &Plan, rates: &Rates) -> Option<Estimate> {
    let typical = |address: &Address| Duration::from_secs(u64::from(plan.steps[address].facts.typical_seconds));
    estimate_by(drivers, graph, plan, rates, &typical)
}

/// The same, where it is known how long new objects take to be ready.
#[must_use]
pub fn estimate_by(
    drivers: &Drivers,
    graph: &Sealed,
    plan: &Plan,
    rates: &Rates,
    takes: &Takes<'_>,
) -> Option<Estimate> {
    let times = Times::new(plan, jobs(graph, plan), takes);
    let longest = times.longest()?;
    let demand = Demand::of(drivers, plan, rates, times.jobs.keys());
    let floors = demand.uses().map(|((account, limit), uses)| times.floor(account, limit, uses));
    floors.chain([longest]).max_by_key(|estimate| estimate.time)
}

/// When jobs begin at the earliest, and what is behind each.
struct Times {
    jobs: BTreeMap<Job, Waits>,
    followers: BTreeMap<Job, Vec<(Job, KnownAt)>>,
    own: BTreeMap<Job, Own>,
    begins: BTreeMap<Job, Duration>,
    tails: BTreeMap<Job, Duration>,
}

/// From a job's begin until its object exists, and until it is ready.
#[derive(Clone, Copy)]
struct Own {
    exists: Duration,
    ready: Duration,
}

impl Own {
    fn until(self, at: KnownAt) -> Duration {
        if at == KnownAt::Created { self.exists } else { self.ready }
    }
}

impl Times {
    fn new(plan: &Plan, jobs: BTreeMap<Job, Waits>, takes: &Takes<'_>) -> Self {
        let mut followers: BTreeMap<Job, Vec<(Job, KnownAt)>> = BTreeMap::new();
        for (job, (other, at)) in jobs.iter().flat_map(|(job, waits)| waits.iter().map(move |wait| (job, wait))) {
            followers.entry(other.clone()).or_default().push((job.clone(), *at));
        }
        let own = jobs.keys().map(|job| (job.clone(), own(plan, job, takes))).collect();
        let (begins, tails) = (BTreeMap::new(), BTreeMap::new());
        let mut times = Self { jobs, followers, own, begins, tails };
        for job in times.jobs.keys().cloned().collect::<Vec<_>>() {
            times.begin(&job);
            times.tail(&job);
        }
        times
    }

    fn begin(&mut self, job: &Job) -> Duration {
        if let Some(begin) = self.begins.get(job) {
            return *begin;
        }
        let waits = self.jobs[job].clone();
        let until = waits.iter().map(|(other, at)| self.begin(other) + self.own[other].until(*at));
        let begin = until.max().unwrap_or_default();
        self.begins.insert(job.clone(), begin);
        begin
    }

    /// From a job's begin to the end of all that is behind it.
    fn tail(&mut self, job: &Job) -> Duration {
        if let Some(tail) = self.tails.get(job) {
            return *tail;
        }
        let own = self.own[job];
        let followers = self.followers.get(job).cloned().unwrap_or_default();
        let tails = followers.iter().map(|(follower, at)| own.until(*at) + self.tail(follower));
        let tail = tails.max().unwrap_or_default().max(own.ready);
        self.tails.insert(job.clone(), tail);
        tail
    }

    fn longest(&self) -> Option<Estimate> {
        let time = self.jobs.keys().map(|job| self.through(job)).max()?;
        let on_the_way = self.jobs.keys().filter(|job| self.through(job) == time);
        let longest = on_the_way.max_by_key(|job| self.own[*job].ready)?.address().clone();
        Some(Estimate { time, because: Because::Chain { longest } })
    }

    /// How long the longest chain through a job is.
    fn through(&self, job: &Job) -> Duration {
        self.begins[job] + self.tails[job]
    }

    /// Of calls that come under one limit, those that cannot begin before some moment still need their distance, and the
    /// last of them all that is behind it.
    fn floor(&self, account: &AccountId, limit: &str, uses: &Uses<'_>) -> Estimate {
        let mut jobs: Vec<_> =
            uses.jobs.iter().map(|(job, calls)| (self.begins[*job], self.tails[*job], *calls)).collect();
        jobs.sort_unstable();
        let (mut time, mut least, mut calls) = (Duration::ZERO, Duration::MAX, 0);
        for (begin, tail, more) in jobs.into_iter().rev() {
            (least, calls) = (least.min(tail), calls + more);
            time = time.max(begin + uses.rate.wait(calls) + least);
        }
        let because =
            Because::Rate { account: account.clone(), limit: limit.to_owned(), calls, every: uses.rate.every };
        Estimate { time, because }
    }
}

fn own(plan: &Plan, job: &Job, takes: &Takes<'_>) -> Own {
    let calls = u32::try_from(job.calls(plan).count()).unwrap_or(u32::MAX).max(1);
    let ready = if job.is_new(plan) { takes(job.address()) } else { Duration::ZERO };
    // A second is what a kind says that is ready when its call returns.
    let ready = if ready <= Duration::from_secs(1) { Duration::ZERO } else { ready };
    Own { exists: CALL, ready: ready.max(CALL * calls) }
}
