//! Makes a plan true.
//!
//! One loop owns all state. It hands each job whose waits are over to a worker, hears from workers by message, and polls
//! what is not ready yet, one call per kind and account. A dependent starts when the outputs it needs are known, not when
//! the object is ready, unless an output is known only then.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
    time::Duration,
};

use model::{Address, CreateSafety, KnownAt, Outputs, Sealed, references, resolve};
use serde_json::Value;
use tokio::{
    sync::{mpsc, watch},
    task::JoinSet,
    time::Instant,
};

use crate::{
    Action, CallError, Change, Class, Driver, Drivers, Event, Made, Outcome, Plan, Report, Seen, State, Verb, Wanted,
    diff::differing,
    jobs::{Job, Waits, doomed, jobs, weights},
    work::Work,
};

/// Intervals and limits of a run.
#[derive(Clone, Debug)]
pub struct Pace {
    /// Calls under way at once, over all accounts.
    pub workers: usize,
    /// First delay before a call is repeated, and before a first poll.
    pub first: Duration,
    /// Longest delay.
    pub longest: Duration,
    /// How long a new object may take to show before it is made again.
    pub look_again: Duration,
    /// How long AWS's own propagation is waited for (IAM: 2 min, EC2: up to 5 min).
    pub propagation: Duration,
    /// How long "busy" is waited for.
    pub busy: Duration,
    /// How long users of a deleted object may take to let go (interfaces of functions: 30 to 45 min at worst).
    pub release: Duration,
}

impl Default for Pace {
    fn default() -> Self {
        Self {
            workers: 24,
            first: Duration::from_millis(500),
            longest: Duration::from_secs(15),
            look_again: Duration::from_secs(5),
            propagation: Duration::from_secs(180),
            busy: Duration::from_secs(600),
            release: Duration::from_secs(3000),
        }
    }
}

/// What the user asked a running run to do.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Stop {
    #[default]
    Go,
    /// Finish what is under way, start nothing.
    Soon,
    /// Leave everything as it is.
    Now,
}

/// Runs the plan to its end; what happened is in the report, never in an error.
pub async fn execute(
    drivers: &Drivers,
    graph: &Sealed,
    plan: &Plan,
    pace: &Pace,
    events: mpsc::UnboundedSender<Event>,
    stop: watch::Receiver<Stop>,
) -> Report {
    let started = Instant::now();
    let mut run = Run::new(drivers, graph, plan, pace, events);
    run.turn(stop).await;
    run.report(started.elapsed())
}

enum Message {
    /// It exists; what is known so far.
    Born(Job, Outputs),
    Ended(Vec<(Job, Result<Made, CallError>)>),
    Polled(Group, Result<Vec<Seen>, CallError>),
}

/// A kind in an account: polled together.
type Group = (&'static str, String);

struct Polling {
    members: BTreeMap<Job, Instant>,
    delay: Duration,
    due: Option<Instant>,
}

struct Run<'a> {
    drivers: &'a Drivers,
    graph: &'a Sealed,
    plan: &'a Plan,
    pace: &'a Pace,
    events: mpsc::UnboundedSender<Event>,
    inbox: (mpsc::UnboundedSender<Message>, mpsc::UnboundedReceiver<Message>),
    workers: JoinSet<()>,
    busy: usize,
    waiting: BTreeMap<Job, Waits>,
    weights: BTreeMap<Job, u64>,
    outputs: BTreeMap<Address, Outputs>,
    wants: BTreeMap<Address, Value>,
    running: BTreeMap<Job, (Verb, Instant)>,
    /// Replacements that turned out unnecessary: the old object stays.
    spared: BTreeSet<Address>,
    polling: BTreeMap<Group, Polling>,
    outcomes: BTreeMap<Job, Outcome>,
    interrupted: bool,
}

impl<'a> Run<'a> {
    fn new(
        drivers: &'a Drivers,
        graph: &'a Sealed,
        plan: &'a Plan,
        pace: &'a Pace,
        events: mpsc::UnboundedSender<Event>,
    ) -> Self {
        let waiting = jobs(graph, plan);
        let seconds = |job: &Job| u64::from(plan.steps[job.address()].facts.typical_seconds);
        let weights = weights(&waiting, &seconds);
        let stays = |action: &Action| !matches!(action, Action::Replace { .. } | Action::Create);
        let kept = plan.steps.values().filter(|step| stays(&step.action));
        let outputs = kept.filter_map(|step| Some((step.address.clone(), step.seen.as_ref()?.outputs.clone())));
        Self {
            drivers,
            graph,
            plan,
            pace,
            events,
            inbox: mpsc::unbounded_channel(),
            workers: JoinSet::new(),
            busy: 0,
            weights,
            outputs: outputs.collect(),
            wants: BTreeMap::new(),
            waiting,
            running: BTreeMap::new(),
            spared: BTreeSet::new(),
            polling: BTreeMap::new(),
            outcomes: BTreeMap::new(),
            interrupted: false,
        }
    }

    async fn turn(&mut self, mut stop: watch::Receiver<Stop>) {
        loop {
            let asked = *stop.borrow_and_update();
            self.interrupted |= asked != Stop::Go;
            if !self.interrupted {
                self.start_ready();
                self.start_polls();
            }
            let idle = self.busy == 0 && (self.interrupted || self.polling.is_empty());
            if idle || asked == Stop::Now {
                break;
            }
            let next_poll = self.polling.values().filter_map(|polling| polling.due).min();
            tokio::select! {
                Some(message) = self.inbox.1.recv() => self.hear(message),
                () = sleep_until(next_poll), if !self.interrupted => {}
                Ok(()) = stop.changed() => {}
            }
        }
        self.workers.abort_all();
    }

    fn start_ready(&mut self) {
        let mut ready: Vec<Job> =
            self.waiting.iter().filter(|(_, waits)| waits.is_empty()).map(|(job, _)| job.clone()).collect();
        ready.sort_by_key(|job| (std::cmp::Reverse(self.weights[job]), job.clone()));
        for job in ready {
            if self.busy >= self.pace.workers {
                break;
            }
            // An earlier one may have taken it along in its batch, or its failure may have skipped it.
            if self.waiting.contains_key(&job) {
                self.start(job);
            }
        }
    }

    fn start(&mut self, job: Job) {
        self.waiting.remove(&job);
        match job {
            Job::Put(address) => self.start_put(address),
            Job::Drop(address) => self.start_drop(address),
        }
    }

    fn start_put(&mut self, address: Address) {
        let job = Job::Put(address.clone());
        let step = &self.plan.steps[&address];
        let want = match self.want(&address) {
            Ok(want) => want,
            Err(error) => return self.end(job, Err(error)),
        };
        self.wants.insert(address.clone(), want.clone());
        match self.todo(&address, &want) {
            Todo::Nothing => {
                let seen = step.seen.clone().expect("what needs nothing exists");
                self.end(job, Ok(Made { outputs: seen.outputs, state: seen.state, left: Vec::new() }));
            }
            Todo::Create => self.put(job, Verb::Create, want, None, Vec::new()),
            Todo::Update(seen, fields) => self.put(job, Verb::Update, want, Some(seen), fields),
        }
    }

    /// The spec with every promise kept.
    fn want(&self, address: &Address) -> Result<Value, CallError> {
        let node = self.graph.get(address).expect("only nodes of the graph are put");
        let lookup = |address: &Address, field: &str| self.outputs.get(address)?.get(field).cloned();
        let resolved = resolve(&node.spec, &lookup);
        if let Some((to, field)) = references(&resolved).into_iter().next() {
            return Err(self.own_error(address, &format!("AWS did not report `{to}#{field}`")));
        }
        self.drivers
            .of(node.facts.kind)
            .normalize(&resolved)
            .map_err(|error| self.own_error(address, &error.to_string()))
    }

    /// What is to be done now that every value is known; a planned change may have come to nothing.
    fn todo(&mut self, address: &Address, want: &Value) -> Todo {
        let step = &self.plan.steps[address];
        let Some(seen) = step.seen.clone() else { return Todo::Create };
        let fields = differing(want, &seen.spec);
        match &step.action {
            Action::Create => Todo::Create,
            Action::Restore => Todo::Update(seen, vec!["restore".to_owned()]),
            Action::Replace { create_first: false, .. } => Todo::Create,
            Action::Replace { .. } if fields.iter().any(|field| step.facts.replace_on.contains(&field.as_str())) => {
                Todo::Create
            }
            action => {
                if matches!(action, Action::Replace { .. }) {
                    self.spared.insert(address.clone());
                }
                if fields.is_empty() { Todo::Nothing } else { Todo::Update(seen, fields) }
            }
        }
    }

    fn put(&mut self, job: Job, verb: Verb, want: Value, seen: Option<Seen>, fields: Vec<String>) {
        let facts = self.plan.steps[job.address()].facts;
        if let Some(field) = facts.batch_by {
            let key = want.get(field).cloned();
            let change = Change::Put { address: job.address().clone(), want, seen };
            return self.start_batch(job, verb, key, change);
        }
        self.begin(&job, verb);
        let work = self.work(job.address(), self.plan.steps[job.address()].account.clone());
        let inbox = self.inbox.0.clone();
        self.spawn(async move {
            let (born_at, born_job) = (inbox.clone(), job.clone());
            let born = move |outputs| drop(born_at.send(Message::Born(born_job, outputs)));
            let result = match seen {
                Some(seen) => work.update(&seen, &want, &fields).await,
                None => work.create(&want, born).await,
            };
            // The loop is gone only when it was told to stop at once.
            let _ = inbox.send(Message::Ended(vec![(job, result)]));
        });
    }

    fn start_drop(&mut self, address: Address) {
        let job = Job::Drop(address.clone());
        let step = &self.plan.steps[&address];
        let mut victims = doomed(step);
        if self.spared.contains(&address) {
            victims.retain(|(_, seen)| step.seen.as_ref().is_some_and(|kept| kept.identity != seen.identity));
        }
        let batch = step.facts.batch_by.and_then(|field| victims.first()?.1.spec.get(field).cloned());
        if let (Some(key), [(_, seen)]) = (batch, victims.as_slice()) {
            let change = Change::Delete { seen: seen.clone() };
            return self.start_batch(job, Verb::Delete, Some(key), change);
        }
        self.begin(&job, Verb::Delete);
        let works: Vec<(Work, Seen)> =
            victims.into_iter().map(|(place, seen)| (self.work(&address, place), seen)).collect();
        let inbox = self.inbox.0.clone();
        self.spawn(async move {
            let mut result = Ok(Made { outputs: Outputs::new(), state: State::Ready, left: Vec::new() });
            for (work, seen) in works {
                if let Err(error) = work.delete(&seen).await {
                    result = Err(error);
                    break;
                }
            }
            let _ = inbox.send(Message::Ended(vec![(job, result)]));
        });
    }

    /// Sends this change together with every ready one of the same kind, account and key.
    fn start_batch(&mut self, first: Job, verb: Verb, key: Option<Value>, change: Change) {
        let account = self.plan.steps[first.address()].account.clone();
        let mut batch = vec![(first.clone(), change)];
        let ready = self.waiting.iter().filter(|(_, waits)| waits.is_empty()).map(|(job, _)| job.clone());
        for job in ready.collect::<Vec<_>>() {
            let step = &self.plan.steps[job.address()];
            if step.facts.kind == self.plan.steps[first.address()].facts.kind && step.account == account {
                batch.extend(self.batch_member(&job, key.as_ref()).map(|change| (job, change)));
            }
        }
        for (job, _) in &batch {
            self.waiting.remove(job);
            self.begin(job, if matches!(job, Job::Drop(_)) { Verb::Delete } else { verb });
        }
        let work = self.work(first.address(), account);
        let inbox = self.inbox.0.clone();
        self.spawn(async move {
            let (jobs, changes): (Vec<Job>, Vec<Change>) = batch.into_iter().unzip();
            let ended = match work.batch(&changes).await {
                Ok(made) => jobs.into_iter().zip(made).map(|(job, made)| (job, Ok(made))).collect(),
                Err(error) => jobs.into_iter().map(|job| (job, Err(error.clone()))).collect(),
            };
            let _ = inbox.send(Message::Ended(ended));
        });
    }

    /// A further ready change with the same key, if this is one.
    fn batch_member(&mut self, job: &Job, key: Option<&Value>) -> Option<Change> {
        let step = &self.plan.steps[job.address()];
        let field = step.facts.batch_by?;
        if let Job::Drop(_) = job {
            let seen = step.seen.clone().filter(|seen| seen.spec.get(field) == key && step.surplus.is_empty())?;
            return Some(Change::Delete { seen });
        }
        let want = self.want(job.address()).ok().filter(|want| want.get(field) == key)?;
        let seen = match self.todo(job.address(), &want) {
            Todo::Nothing => return None,
            Todo::Create => None,
            Todo::Update(seen, _) => Some(seen),
        };
        self.wants.insert(job.address().clone(), want.clone());
        Some(Change::Put { address: job.address().clone(), want, seen })
    }

    fn hear(&mut self, message: Message) {
        match message {
            Message::Born(job, outputs) => {
                self.outputs.entry(job.address().clone()).or_default().extend(outputs);
                self.release(&job, KnownAt::Created);
            }
            Message::Ended(jobs) => {
                self.busy -= 1;
                jobs.into_iter().for_each(|(job, result)| self.end(job, result));
            }
            Message::Polled(group, answer) => {
                self.busy -= 1;
                self.polled(group, answer);
            }
        }
    }

    fn end(&mut self, job: Job, result: Result<Made, CallError>) {
        let made = match result {
            Ok(made) => made,
            Err(error) => return self.fail(job, error),
        };
        if matches!(job, Job::Put(_)) {
            self.outputs.entry(job.address().clone()).or_default().extend(made.outputs);
            self.release(&job, KnownAt::Created);
        }
        match made.state {
            State::Pending(_) => self.poll(job),
            State::Broken(why) => self.fail(job.clone(), self.own_error(job.address(), &why)),
            _ => self.done(job),
        }
    }

    fn done(&mut self, job: Job) {
        if let Some((verb, since)) = self.running.remove(&job) {
            let (address, seconds) = (job.address().clone(), since.elapsed().as_secs_f64());
            self.say(Event::Finished { address, verb, seconds });
        }
        self.release(&job, KnownAt::Ready);
        self.outcomes.insert(job, Outcome::Done);
    }

    /// Lets those go on that waited for this much of the job, if the outputs they need are there.
    fn release(&mut self, job: &Job, reached: KnownAt) {
        let known = self.outputs.get(job.address());
        let followers = self.waiting.iter_mut().filter(|(_, waits)| waits.contains_key(job));
        for (follower, waits) in followers {
            let enough = reached == KnownAt::Ready
                || (waits[job] == KnownAt::Created && has_outputs(self.graph, follower, job.address(), known));
            if enough {
                waits.remove(job);
            }
        }
    }

    fn fail(&mut self, job: Job, error: CallError) {
        let verb = self.running.remove(&job).map_or(Verb::Wait, |(verb, _)| verb);
        self.say(Event::Failed { address: job.address().clone(), verb, error: error.clone() });
        self.skip_followers(&job);
        let unheard = error.class == Class::Unknown;
        self.outcomes.insert(job, if unheard { Outcome::Unknown { error } } else { Outcome::Failed { error } });
    }

    fn skip_followers(&mut self, failed: &Job) {
        let followers = self.waiting.iter().filter(|(_, waits)| waits.contains_key(failed));
        for follower in followers.map(|(job, _)| job.clone()).collect::<Vec<_>>() {
            if self.waiting.remove(&follower).is_none() {
                continue;
            }
            let because = failed.address().clone();
            self.say(Event::Skipped { address: follower.address().clone(), because: because.clone() });
            self.outcomes.insert(follower.clone(), Outcome::Skipped { because });
            self.skip_followers(&follower);
        }
    }

    fn poll(&mut self, job: Job) {
        let step = &self.plan.steps[job.address()];
        self.running.entry(job.clone()).or_insert((Verb::Wait, Instant::now()));
        let deadline = Instant::now() + Duration::from_secs(u64::from(step.facts.deadline_seconds));
        let group = (step.facts.kind, step.account.clone());
        let fresh = Polling { members: BTreeMap::new(), delay: self.pace.first, due: None };
        let polling = self.polling.entry(group).or_insert(fresh);
        polling.members.insert(job, deadline);
        polling.delay = self.pace.first;
        polling.due = Some(Instant::now() + polling.delay);
    }

    fn start_polls(&mut self) {
        let now = Instant::now();
        let due: Vec<Group> = self
            .polling
            .iter()
            .filter(|(_, polling)| polling.due.is_some_and(|due| due <= now))
            .map(|(group, _)| group.clone())
            .collect();
        for group in due {
            let polling = self.polling.get_mut(&group).expect("it was just found");
            polling.due = None;
            let members: Vec<Address> = polling.members.keys().map(|job| job.address().clone()).collect();
            let wanted: Vec<Wanted> = members.into_iter().map(|address| self.wanted(address)).collect();
            let (driver, inbox) = (self.drivers.of(group.0).clone(), self.inbox.0.clone());
            self.spawn(async move {
                let answer = driver.read(&group.1, &wanted).await;
                let _ = inbox.send(Message::Polled(group, answer));
            });
        }
    }

    fn wanted(&self, address: Address) -> Wanted {
        let spec = self.wants.get(&address).unwrap_or(&self.plan.steps[&address].want).clone();
        Wanted { address, spec }
    }

    fn polled(&mut self, group: Group, answer: Result<Vec<Seen>, CallError>) {
        let Some(mut polling) = self.polling.remove(&group) else { return };
        let now = Instant::now();
        let found = answer.as_ref().map(Vec::as_slice).unwrap_or_default();
        for (job, deadline) in std::mem::take(&mut polling.members) {
            let seen = found.iter().filter(|seen| seen.address == *job.address());
            let best = seen.max_by_key(|seen| {
                self.wants.get(job.address()).is_some_and(|want| differing(want, &seen.spec).is_empty())
            });
            match best.map(|seen| (seen.state.clone(), seen.outputs.clone())) {
                Some((State::Ready, outputs)) => {
                    self.end(job, Ok(Made { outputs, state: State::Ready, left: Vec::new() }))
                }
                Some((State::Broken(why), _)) => self.fail(job.clone(), self.own_error(job.address(), &why)),
                seen if now >= deadline => self.fail(job.clone(), self.too_late(&job, seen, &answer)),
                seen => {
                    if let Some((_, outputs)) = seen {
                        self.outputs.entry(job.address().clone()).or_default().extend(outputs);
                        self.release(&job, KnownAt::Created);
                    }
                    polling.members.insert(job, deadline);
                }
            }
        }
        if !polling.members.is_empty() {
            polling.delay = (polling.delay * 3 / 2).min(self.pace.longest);
            polling.due = Some(now + polling.delay);
            self.polling.insert(group, polling);
        }
    }

    fn too_late(&self, job: &Job, seen: Option<(State, Outputs)>, answer: &Result<Vec<Seen>, CallError>) -> CallError {
        let limit = self.plan.steps[job.address()].facts.deadline_seconds;
        match (seen, answer) {
            (_, Err(error)) => error.clone(),
            (Some((State::Pending(why), _)), _) => {
                self.own_error(job.address(), &format!("not ready after {limit} s: {why}"))
            }
            _ => self.own_error(job.address(), &format!("not there after {limit} s")),
        }
    }

    fn own_error(&self, address: &Address, message: &str) -> CallError {
        CallError {
            operation: format!("provisioner:{}", address.kind()),
            address: address.to_string(),
            account: self.plan.steps.get(address).map_or("", |step| step.account.as_str()).into(),
            code: "NotReady".to_owned(),
            message: message.to_owned(),
            request_id: None,
            class: Class::Fatal,
            retry_after: None,
        }
    }

    fn work(&self, address: &Address, place: String) -> Work {
        let driver: Arc<dyn Driver> = self.drivers.of(address.kind()).clone();
        Work { driver, place, address: address.clone(), pace: self.pace.clone(), events: self.events.clone() }
    }

    fn begin(&mut self, job: &Job, verb: Verb) {
        let step = &self.plan.steps[job.address()];
        let verb = if step.facts.create == CreateSafety::External { Verb::Wait } else { verb };
        self.running.insert(job.clone(), (verb, Instant::now()));
        let (address, account) = (job.address().clone(), step.account.clone());
        let expected_seconds = if verb == Verb::Create { step.facts.typical_seconds } else { 1 };
        self.say(Event::Started { address, account, verb, expected_seconds });
    }

    fn spawn(&mut self, work: impl Future<Output = ()> + Send + 'static) {
        self.busy += 1;
        self.workers.spawn(work);
    }

    fn say(&self, event: Event) {
        // A report that went away does not stop the run.
        let _ = self.events.send(event);
    }

    fn report(mut self, elapsed: Duration) -> Report {
        for job in std::mem::take(&mut self.running).into_keys() {
            self.outcomes.entry(job).or_insert(Outcome::NotReady);
        }
        for job in std::mem::take(&mut self.waiting).into_keys() {
            self.outcomes.entry(job).or_insert(Outcome::NotStarted);
        }
        let mut outcomes = BTreeMap::new();
        for (job, outcome) in self.outcomes {
            let worst: &mut Outcome = outcomes.entry(job.address().clone()).or_insert(Outcome::Done);
            if matches!(worst, Outcome::Done) {
                *worst = outcome;
            }
        }
        Report { outcomes, elapsed, interrupted: self.interrupted }
    }
}

enum Todo {
    Nothing,
    Create,
    Update(Seen, Vec<String>),
}

/// Whether every output of `of` that the follower's spec names is known.
fn has_outputs(graph: &Sealed, follower: &Job, of: &Address, known: Option<&Outputs>) -> bool {
    let Some(node) = graph.get(follower.address()) else { return true };
    let needed = references(&node.spec).into_iter().filter(|(address, _)| address == of);
    let mut needed = needed.map(|(_, field)| field);
    needed.all(|field| known.is_some_and(|outputs| outputs.contains_key(&field)))
}

async fn sleep_until(due: Option<Instant>) {
    match due {
        Some(due) => tokio::time::sleep_until(due).await,
        None => std::future::pending().await,
    }
}
