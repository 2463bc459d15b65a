//! Makes a plan true.
//!
//! One loop owns all state ([`Run`]). It starts each job whose waits are over (`start.rs`, `batch.rs`), hears from workers by
//! message (`end.rs`), and polls what is not ready yet, one call per kind and account (`poll.rs`). A dependent starts when
//! the outputs it needs are known, not when the object is ready, unless an output is known only then. What waits for what is
//! decided before, in `jobs.rs`; what a worker does, call by call, is in `work.rs`.

mod batch;
mod caller;
mod drops;
mod end;
mod jobs;
mod poll;
mod queue;
mod report;
mod start;
mod users;
mod work;

use std::{
    collections::{BTreeMap, BTreeSet},
    panic::AssertUnwindSafe,
    sync::Arc,
    time::Duration,
};

use futures::FutureExt as _;
use model::{Address, Outputs, Sealed};
use serde_json::Value;
use tokio::{
    sync::{mpsc, watch},
    task::JoinSet,
    time::Instant,
};

use crate::{
    CallError, Drivers, Event, Made, Outcome, Pace, Permission, Plan, Report, Seen, Told, Verb, demand::Demand,
};
use batch::{Lane, Lanes};
use caller::{Shared, Trouble};
pub(crate) use jobs::{Job, Waits, jobs};
use poll::{Group, Polls};
use queue::Queue;

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

/// How whoever started a run follows it, ends it, and forbids its calls.
pub struct Controls {
    pub events: mpsc::UnboundedSender<Event>,
    pub stop: watch::Receiver<Stop>,
    pub permission: Arc<dyn Permission>,
}

/// Runs the plan to its end; what happened is in the report, never in an error. A plan with something in its way is not run.
pub async fn execute(drivers: &Drivers, graph: &Sealed, plan: &Plan, pace: &Pace, controls: Controls) -> Report {
    let started = Instant::now();
    let mut run = Run::new(drivers, graph, plan, pace, controls);
    match plan.blocked().next() {
        Some((address, _)) => run.skip_all(address),
        None => run.turn().await,
    }
    run.report(started.elapsed())
}

/// How one job ended.
type Answer = Result<Made, Trouble>;

/// What workers send to the loop.
enum Message {
    /// The first call of these jobs is under way.
    Begun(Vec<Job>),
    /// It exists; what is known so far.
    Born(Job, Outputs),
    /// These jobs are over, one answer for each; if they were a batch, its lane is free.
    Ended {
        jobs: Vec<Job>,
        answers: Vec<Answer>,
        lane: Option<Lane>,
    },
    Polled(Group, Result<Vec<Seen>, Trouble>),
}

/// How far a started job is.
enum Phase {
    /// Its first call waits for its turn.
    Queued(Verb),
    Calling(Verb, Instant),
    /// Made, waiting until AWS calls it ready.
    Settling(Verb, Instant),
}

impl Phase {
    /// Since when it is under way.
    fn since(&self) -> Instant {
        match self {
            Self::Queued(_) => Instant::now(),
            Self::Calling(_, since) | Self::Settling(_, since) => *since,
        }
    }
}

struct Run<'a> {
    drivers: &'a Drivers,
    graph: &'a Sealed,
    plan: &'a Plan,
    shared: Shared,
    inbox: mpsc::UnboundedReceiver<Message>,
    stop: watch::Receiver<Stop>,
    workers: JoinSet<()>,
    /// Workers that have not sent their last message.
    busy: usize,
    queue: Queue,
    lanes: Lanes,
    polls: Polls,
    active: BTreeMap<Job, Phase>,
    /// Outputs as they are now.
    outputs: BTreeMap<Address, Outputs>,
    /// Specs with every promise kept.
    wants: BTreeMap<Address, Value>,
    /// Replacements that turned out unnecessary: the old object stays.
    spared: BTreeSet<Address>,
    outcomes: BTreeMap<Job, Outcome>,
    /// New objects as AWS's last answers report them.
    told: Told,
}

impl<'a> Run<'a> {
    fn new(drivers: &'a Drivers, graph: &'a Sealed, plan: &'a Plan, pace: &Pace, controls: Controls) -> Self {
        let (sender, inbox) = mpsc::unbounded_channel();
        let Controls { events, stop, permission } = controls;
        Self {
            drivers,
            graph,
            plan,
            shared: Shared {
                pace: Arc::new(pace.clone()),
                stop: stop.clone(),
                permission,
                paused: Arc::default(),
                inbox: sender,
                events,
            },
            inbox,
            stop,
            workers: JoinSet::new(),
            busy: 0,
            queue: queue(drivers, graph, plan, pace),
            lanes: Lanes::default(),
            polls: Polls::default(),
            active: BTreeMap::new(),
            outputs: known_outputs(plan),
            wants: BTreeMap::new(),
            spared: BTreeSet::new(),
            outcomes: BTreeMap::new(),
            told: Told::new(),
        }
    }

    async fn turn(&mut self) {
        loop {
            let asked = *self.stop.borrow_and_update();
            let goes_on = asked == Stop::Go;
            if goes_on {
                self.start_ready();
                self.start_batches();
                self.start_polls();
            }
            let is_over = self.busy == 0 && (!goes_on || self.polls.is_empty());
            if is_over || asked == Stop::Now {
                break;
            }
            tokio::select! {
                biased;
                Ok(()) = self.stop.changed() => {}
                Some(message) = self.inbox.recv() => self.hear_all(message),
                () = self.polls.next(), if goes_on => {}
            }
        }
        self.workers.abort_all();
    }

    /// Everything that came in at once is heard before anything is started, so that batches are as large as they can be.
    fn hear_all(&mut self, first: Message) {
        self.hear(first);
        while let Ok(message) = self.inbox.try_recv() {
            self.hear(message);
        }
        while self.workers.try_join_next().is_some() {}
    }

    /// Starts a worker. `lost` is its last message if it panics: its jobs fail, the run goes on.
    fn spawn(&mut self, work: impl Future<Output = Message> + Send + 'static, lost: Message) {
        self.busy += 1;
        let inbox = self.shared.inbox.clone();
        self.workers.spawn(async move {
            let last = AssertUnwindSafe(work).catch_unwind().await.unwrap_or(lost);
            // The loop is gone only when it was told to stop at once.
            let _ = inbox.send(last);
        });
    }

    fn say(&self, event: Event) {
        // A report that went away does not stop the run.
        let _ = self.shared.events.send(event);
    }

    fn own_error(&self, address: &Address, code: &str, message: &str) -> CallError {
        let account = self.plan.steps.get(address).map_or("", |step| step.account.as_str());
        CallError::own(address.as_str(), account, code, message)
    }
}

/// The jobs of a plan, each as heavy as what it takes until all behind it is ready, waits for scarce calls included.
fn queue(drivers: &Drivers, graph: &Sealed, plan: &Plan, pace: &Pace) -> Queue {
    let jobs = jobs(graph, plan);
    let demand = Demand::of(drivers, plan, &pace.rates, jobs.keys());
    let waits = demand.waits();
    let wait = |job: &Job| waits.get(job).map_or(0, Duration::as_secs);
    let seconds: BTreeMap<Job, u64> =
        jobs.keys().map(|job| (job.clone(), jobs::seconds(plan, job) + wait(job))).collect();
    Queue::new(jobs, &|job| seconds[job])
}

/// Outputs that the run does not change.
fn known_outputs(plan: &Plan) -> BTreeMap<Address, Outputs> {
    let known = |step: &crate::Step| -> Outputs {
        let seen = step.seen.iter().flat_map(|seen| seen.outputs.keys());
        seen.filter_map(|field| Some((field.clone(), step.output(field)?))).collect()
    };
    plan.steps.values().map(|step| (step.address.clone(), known(step))).collect()
}
