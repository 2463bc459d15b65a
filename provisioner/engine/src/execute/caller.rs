//! The one way from a job to AWS: when its turn comes, as long as the run goes on, and with the patience that AWS asks for.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use model::Address;
use tokio::sync::{mpsc::UnboundedSender, watch};

use super::{Message, Stop, gate::Gate, jobs::Job};
use crate::{
    CallError, Event, Pace,
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
    pub(crate) gate: Arc<Gate>,
    pub(crate) stop: watch::Receiver<Stop>,
    pub(crate) inbox: UnboundedSender<Message>,
    pub(crate) events: UnboundedSender<Event>,
}

/// Makes the calls of one or more jobs.
pub(crate) struct Caller {
    pub(crate) shared: Shared,
    pub(crate) jobs: Vec<Job>,
    pub(crate) weight: u64,
    pub(crate) begun: AtomicBool,
}

impl Caller {
    /// One call. What has not begun when the run is interrupted never begins; what has, may end.
    pub(crate) async fn once<T>(&self, call: impl Future<Output = Result<T, CallError>>) -> Result<T, Trouble> {
        let enter = self.shared.gate.enter(self.weight);
        let permit = match self.begun.load(Ordering::Relaxed) {
            true => enter.await,
            false => tokio::select! {
                biased;
                () = self.stopped() => return Err(Trouble::Stopped { last: None, half_done: false }),
                permit = enter => permit,
            },
        };
        if !self.begun.swap(true, Ordering::Relaxed) {
            self.send(Message::Begun(self.jobs.clone()));
        }
        let answer = call.await;
        drop(permit);
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
        let why = format!("{}: {}", error.code, error.message);
        for job in &self.jobs {
            self.say(Event::Waiting { address: job.address().clone(), why: why.clone() });
        }
        self.sleep(delay, &error).await
    }

    /// Sleeps, unless the run is interrupted.
    pub(crate) async fn sleep(&self, delay: Duration, because: &CallError) -> Result<(), Trouble> {
        tokio::select! {
            biased;
            () = self.stopped() => Err(Trouble::Stopped { last: Some(because.clone()), half_done: false }),
            () = tokio::time::sleep(delay) => Ok(()),
        }
    }

    async fn stopped(&self) {
        let mut stop = self.shared.stop.clone();
        // Nobody is left who could interrupt.
        if stop.wait_for(|stop| *stop != Stop::Go).await.is_err() {
            std::future::pending::<()>().await;
        }
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
