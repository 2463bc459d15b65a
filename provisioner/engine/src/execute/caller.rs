//! The one way from a job to AWS: when its turn comes, as long as the run goes on, and with the patience that AWS asks for.

use std::{
    collections::BTreeSet,
    sync::{Arc, Mutex, MutexGuard, PoisonError, atomic::AtomicBool},
    time::Duration,
};

use model::{AccountId, Address};
use tokio::sync::{mpsc::UnboundedSender, watch};

use super::{Message, Stop, jobs::Job};
use crate::{
    CallError, Class, Event, Pace, Permission,
    gate::Turn,
    pace::{Doing, Patience},
};

/// Why a job did not get to its end.
#[derive(Clone, Debug)]
pub(crate) enum Trouble {
    /// AWS's answer, which waiting does not change.
    Error(CallError),
    /// The run was interrupted. `last` is an answer that would have been waited out; `half_done` says that an earlier call of
    /// the job went through.
    Stopped { last: Option<CallError>, half_done: bool },
}

impl Trouble {
    /// The same, after an earlier call of the job went through.
    pub(crate) fn half_done(self) -> Self {
        match self {
            Self::Stopped { last, .. } => Self::Stopped { last, half_done: true },
            error => error,
        }
    }
}

/// What everybody who calls has in common.
#[derive(Clone)]
pub(crate) struct Shared {
    pub(crate) pace: Arc<Pace>,
    pub(crate) stop: watch::Receiver<Stop>,
    pub(crate) permission: Arc<dyn Permission>,
    /// Accounts whose credentials are no good.
    pub(crate) paused: Arc<Mutex<BTreeSet<AccountId>>>,
    pub(crate) inbox: UnboundedSender<Message>,
    pub(crate) events: UnboundedSender<Event>,
}

/// Makes the calls of one or more jobs.
pub(crate) struct Caller {
    pub(crate) shared: Shared,
    pub(crate) jobs: Vec<Job>,
    turn: Arc<Turn>,
    /// Where it was sent away for its credentials.
    paused_in: Mutex<Option<AccountId>>,
}

impl Caller {
    pub(crate) fn new(shared: Shared, jobs: Vec<Job>, weight: u64) -> Self {
        let (inbox, begun) = (shared.inbox.clone(), jobs.clone());
        let turn = Turn {
            weight,
            stop: shared.stop.clone(),
            permission: shared.permission.clone(),
            // The loop is gone only when it was told to stop at once.
            on_begin: Box::new(move || drop(inbox.send(Message::Begun(begun.clone())))),
            begun: AtomicBool::new(false),
            wrote: AtomicBool::new(false),
        };
        Self { shared, jobs, turn: Arc::new(turn), paused_in: Mutex::default() }
    }

    /// One verb of a driver, which may make several calls. What has not begun when the run is interrupted never begins; what
    /// has, may end.
    pub(crate) async fn once<T>(&self, verb: impl Future<Output = Result<T, CallError>>) -> Result<T, Trouble> {
        let answer = self.turn.during(verb).await;
        if answer.as_ref().is_err_and(|error| error.class == Class::Stopped) {
            return Err(self.stopped(None));
        }
        // One that made no call of its own was answered all the same.
        self.turn.begin();
        if answer.is_ok() {
            self.resume();
        }
        answer.map_err(Trouble::Error)
    }

    /// A call, repeated as long as its errors pass by waiting.
    pub(crate) async fn patiently<T, F>(&self, doing: Doing, mut call: impl FnMut() -> F) -> Result<T, Trouble>
    where
        F: Future<Output = Result<T, CallError>>,
    {
        let mut patience = self.patience(doing);
        loop {
            match self.once(call()).await {
                Err(Trouble::Error(error)) => self.wait(&mut patience, error).await?,
                answer => return answer,
            }
        }
    }

    pub(crate) fn patience(&self, doing: Doing) -> Patience<'_> {
        let who = self.jobs.first().map_or("", |job| job.address().as_str());
        Patience::new(&self.shared.pace, doing, who)
    }

    /// Waits the error out, or gives it back.
    pub(crate) async fn wait(&self, patience: &mut Patience<'_>, error: CallError) -> Result<(), Trouble> {
        let Some(delay) = patience.next(&error) else { return Err(Trouble::Error(error)) };
        match error.class {
            Class::Credentials => self.pause(&error),
            _ => self.tell(&format!("{}: {}", error.code, error.message)),
        }
        self.sleep(delay, &error).await
    }

    fn tell(&self, why: &str) {
        for job in &self.jobs {
            self.say(Event::Waiting { address: job.address().clone(), why: why.to_owned() });
        }
    }

    /// Says once for all calls of an account that its credentials are no good.
    fn pause(&self, error: &CallError) {
        let account = error.account.clone();
        lock(&self.paused_in).replace(account.clone());
        if lock(&self.shared.paused).insert(account.clone()) {
            self.say(Event::Paused { account, why: error.message.clone() });
        }
    }

    /// An answer came: they are good again.
    fn resume(&self) {
        let Some(account) = lock(&self.paused_in).take() else { return };
        if lock(&self.shared.paused).remove(&account) {
            self.say(Event::Resumed { account });
        }
    }

    /// Sleeps, unless the run is interrupted.
    pub(crate) async fn sleep(&self, delay: Duration, because: &CallError) -> Result<(), Trouble> {
        tokio::select! {
            biased;
            () = self.turn.stopped() => Err(self.stopped(Some(because.clone()))),
            () = tokio::time::sleep(delay) => Ok(()),
        }
    }

    fn stopped(&self, last: Option<CallError>) -> Trouble {
        Trouble::Stopped { last, half_done: self.turn.has_written() }
    }

    /// It exists; what is known so far.
    pub(crate) fn born(&self, address: &Address, outputs: &model::Outputs) {
        self.send(Message::Born(Job::Put(address.clone()), outputs.clone()));
    }

    // The loop and the report are gone only when the run was told to stop at once.

    fn send(&self, message: Message) {
        let _ = self.shared.inbox.send(message);
    }

    fn say(&self, event: Event) {
        let _ = self.shared.events.send(event);
    }
}

fn lock<T>(what: &Mutex<T>) -> MutexGuard<'_, T> {
    what.lock().unwrap_or_else(PoisonError::into_inner)
}
