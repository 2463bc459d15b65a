//! Waiting for what was made to be ready: all objects of a kind in an account are looked at in one call.

use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

use model::{CreateSafety, KnownAt};
use tokio::time::Instant;

use super::{
    Answer, Message, Phase, Run,
    caller::{Caller, Trouble},
    jobs::Job,
    work::{Sought, as_made},
};
use crate::{CallError, Class, Event, Seen, State, Verb, Wanted, diff::differing, pace::Doing};

/// A kind in an account.
pub(super) type Group = (&'static str, String);

/// What is not ready yet.
#[derive(Default)]
pub(super) struct Polls {
    groups: BTreeMap<Group, Members>,
    /// When each group is looked at next; those with a look under way are not among them.
    due: BTreeMap<Group, Instant>,
    dates: BTreeSet<(Instant, Group)>,
}

type Members = BTreeMap<Job, Member>;

struct Member {
    /// When it was made, and when its first call began.
    since: Instant,
    begun: Instant,
    /// When to look at it.
    due: Instant,
    /// AWS's word for its state, as it was said last.
    word: String,
}

impl Polls {
    pub(super) fn is_empty(&self) -> bool {
        self.groups.is_empty()
    }

    /// Ends when the next look is due.
    pub(super) async fn next(&self) {
        match self.dates.first() {
            Some((due, _)) => tokio::time::sleep_until(*due).await,
            None => std::future::pending().await,
        }
    }

    /// A group that is to be looked at now. It is not due again before its members are given back.
    fn take_due(&mut self) -> Option<Group> {
        let (due, group) = self.dates.pop_first()?;
        if due > Instant::now() {
            self.dates.insert((due, group));
            return None;
        }
        self.due.remove(&group);
        Some(group)
    }

    /// A new member is looked at soon, and the others with it, unless a look is under way.
    fn add(&mut self, group: Group, job: Job, member: Member) {
        let due = member.due;
        let is_looking = self.groups.contains_key(&group) && !self.due.contains_key(&group);
        self.groups.entry(group.clone()).or_default().insert(job, member);
        if !is_looking {
            self.date(group, due);
        }
    }

    /// Those that are still not ready after a look.
    fn give_back(&mut self, group: Group, members: Members) {
        if let Some(due) = members.values().map(|member| member.due).min() {
            self.groups.insert(group.clone(), members);
            self.date(group, due);
        }
    }

    fn date(&mut self, group: Group, due: Instant) {
        let earlier = self.due.get(&group).copied();
        if earlier.is_none_or(|earlier| due < earlier) {
            earlier.map(|earlier| self.dates.remove(&(earlier, group.clone())));
            self.dates.insert((due, group.clone()));
            self.due.insert(group, due);
        }
    }
}

impl Run<'_> {
    /// From now on looks at what was made until it is ready.
    pub(super) fn settle(&mut self, job: Job, why: &str) {
        let step = &self.plan.steps[job.address()];
        let phase = match self.active.remove(&job) {
            Some(Phase::Calling(verb, since)) => Phase::Settling(verb, since),
            _ => {
                self.say(self.started(&job, Verb::Wait));
                Phase::Settling(Verb::Wait, Instant::now())
            }
        };
        let begun = phase.since();
        self.active.insert(job.clone(), phase);
        let group = (step.facts.kind, step.account.clone());
        let (since, due) = (Instant::now(), self.next_look(&job, begun));
        self.polls.add(group, job.clone(), Member { since, begun, due, word: why.to_owned() });
        self.say(Event::Waiting { address: job.address().clone(), why: why.to_owned() });
    }

    fn next_look(&self, job: &Job, begun: Instant) -> Instant {
        let typical = self.plan.steps[job.address()].facts.typical_seconds;
        Instant::now() + self.shared.pace.until_look(begun.elapsed(), Duration::from_secs(u64::from(typical)))
    }

    pub(super) fn start_polls(&mut self) {
        while let Some(group) = self.polls.take_due() {
            let jobs: Vec<Job> = self.polls.groups[&group].keys().cloned().collect();
            let wanted: Vec<Wanted> = jobs.iter().map(|job| self.wanted(job)).collect();
            let driver = self.drivers.of(group.0).clone();
            let caller = Caller::new(self.shared.clone(), Vec::new(), self.weight(&jobs));
            let panicked = CallError::own("", group.1.as_str(), "Panicked", "a mistake in this program: see above");
            let lost = Message::Polled(group.clone(), Err(Trouble::Error(panicked)));
            let look = async move {
                let answer = caller.patiently(Doing::Looking, || driver.read(&group.1, &wanted)).await;
                Message::Polled(group, answer)
            };
            self.spawn(look, lost);
        }
    }

    fn wanted(&self, job: &Job) -> Wanted {
        Wanted { address: job.address().clone(), spec: self.wants[job.address()].clone() }
    }

    pub(super) fn polled(&mut self, group: Group, answer: Result<Vec<Seen>, Trouble>) {
        let Some(members) = self.polls.groups.remove(&group) else { return };
        let mut left = Members::new();
        for (job, mut member) in members {
            match self.look(&job, &member, &answer) {
                Look::Over(ended) => self.end(job, *ended),
                Look::NotYet(seen) => {
                    self.not_yet(&job, &mut member, seen);
                    member.due = self.next_look(&job, member.begun);
                    left.insert(job, member);
                }
            }
        }
        self.polls.give_back(group, left);
    }

    fn look(&self, job: &Job, member: &Member, answer: &Result<Vec<Seen>, Trouble>) -> Look {
        let found = answer.as_ref().map(Vec::as_slice).unwrap_or_default();
        let seen = self.find(job, found).filter(|seen| self.is_current(job, member, seen));
        let deadline = self.plan.steps[job.address()].facts.deadline_seconds;
        match (answer, seen) {
            (Err(Trouble::Error(error)), _) if is_final(error.class) => over(Err(Trouble::Error(error.clone()))),
            (_, Some(seen)) if matches!(seen.state, State::Ready | State::Broken(_)) => over(Ok(as_made(seen))),
            (_, seen) if member.is_late(deadline) => over(Err(self.too_late(job, seen, answer))),
            (_, seen) => Look::NotYet(seen),
        }
    }

    fn find(&self, job: &Job, found: &[Seen]) -> Option<Seen> {
        let (address, want) = (job.address(), &self.wants[job.address()]);
        let is_new = matches!(self.active.get(job), Some(Phase::Settling(Verb::Create, _)));
        let (facts, others) = (self.plan.steps[address].facts, &self.others(address));
        Sought { address, facts, want, others, is_new }.among(found).cloned()
    }

    /// Whether it is as it was made, and not as it was before: reads lag behind writes for a while.
    fn is_current(&self, job: &Job, member: &Member, seen: &Seen) -> bool {
        let step = &self.plan.steps[job.address()];
        let is_untouched = step.context || step.facts.create == CreateSafety::External;
        let is_equal = || differing(&self.wants[job.address()], &seen.spec).is_empty();
        let has_failed = matches!(seen.state, State::Broken(_));
        is_untouched || has_failed || is_equal() || member.since.elapsed() >= self.shared.pace.stale
    }

    /// What is known so far may be enough for some.
    fn not_yet(&mut self, job: &Job, member: &mut Member, seen: Option<Seen>) {
        let Some(Seen { outputs, state: State::Pending(word), .. }) = seen else { return };
        self.learn(job, outputs);
        self.reached(job, KnownAt::Created);
        if word != member.word {
            member.word.clone_from(&word);
            self.say(Event::Waiting { address: job.address().clone(), why: word });
        }
    }

    fn too_late(&self, job: &Job, seen: Option<Seen>, answer: &Result<Vec<Seen>, Trouble>) -> Trouble {
        let limit = self.plan.steps[job.address()].facts.deadline_seconds;
        let message = match (answer, seen.map(|seen| seen.state)) {
            (Err(trouble), _) => return trouble.clone(),
            (_, Some(State::Pending(why))) => format!("not ready after {limit} s: {why}"),
            (_, Some(_)) => format!("not ready after {limit} s"),
            (_, None) => format!("not there after {limit} s"),
        };
        Trouble::Error(self.own_error(job.address(), "NotReady", &message))
    }
}

impl Member {
    fn is_late(&self, deadline_seconds: u32) -> bool {
        self.since.elapsed() >= Duration::from_secs(u64::from(deadline_seconds))
    }
}

/// What a look came to.
enum Look {
    Over(Box<Answer>),
    NotYet(Option<Seen>),
}

fn over(answer: Answer) -> Look {
    Look::Over(Box::new(answer))
}

/// Whether looking again gives the same answer.
fn is_final(class: Class) -> bool {
    matches!(class, Class::Denied | Class::Credentials | Class::Fatal)
}
