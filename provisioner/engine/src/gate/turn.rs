//! On whose behalf a call is made: known to the gate, and not to the kinds between the engine and the gate.

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

use futures::future::BoxFuture;
use model::AccountId;
use tokio::sync::watch;

use crate::{CallError, Stop};

tokio::task_local! {
    static TURN: Arc<Turn>;
}

/// Says of every call of a job, just before it is sent and after all waiting, whether it may be.
pub trait Permission: Send + Sync {
    /// # Errors
    /// Why the call must not be sent. It is the answer that the job gets, with a class like any other.
    fn may_call<'a>(&'a self, account: &'a AccountId, operation: &'a str) -> BoxFuture<'a, Result<(), CallError>>;

    /// Asked once more when a call is signed: that may have taken its time, above all if the process stood still.
    fn may_send(&self) -> bool {
        true
    }
}

/// Whether the call that is being made in this task may go out now.
#[must_use]
pub fn may_send() -> bool {
    Turn::current().is_none_or(|turn| turn.permission.may_send())
}

/// Permits every call.
#[derive(Clone, Copy, Debug, Default)]
pub struct Always;

impl Permission for Always {
    fn may_call<'a>(&'a self, _: &'a AccountId, _: &'a str) -> BoxFuture<'a, Result<(), CallError>> {
        Box::pin(std::future::ready(Ok(())))
    }
}

/// What the gate knows of the job whose call it is. Calls without one, before and after a run, go before all others.
pub(crate) struct Turn {
    /// Expected seconds from the job to the end of the longest chain behind it.
    pub(crate) weight: u64,
    pub(crate) stop: watch::Receiver<Stop>,
    pub(crate) permission: Arc<dyn Permission>,
    /// Told when the first call begins.
    pub(crate) on_begin: Box<dyn Fn() + Send + Sync>,
    pub(crate) begun: AtomicBool,
    pub(crate) wrote: AtomicBool,
}

impl Turn {
    /// Makes a job's calls; every one that passes a gate on the way is this job's.
    pub(crate) async fn during<T>(self: &Arc<Self>, calls: impl Future<Output = T>) -> T {
        TURN.scope(self.clone(), calls).await
    }

    pub(super) fn current() -> Option<Arc<Self>> {
        TURN.try_with(Arc::clone).ok()
    }

    /// The first call is under way.
    pub(crate) fn begin(&self) {
        if !self.begun.swap(true, Ordering::Relaxed) {
            (self.on_begin)();
        }
    }

    pub(super) fn has_begun(&self) -> bool {
        self.begun.load(Ordering::Relaxed)
    }

    /// Whether a call that changes something went through.
    pub(crate) fn has_written(&self) -> bool {
        self.wrote.load(Ordering::Relaxed)
    }

    /// A call was answered.
    pub(super) fn answered(&self, operation: &str) {
        self.wrote.fetch_or(!is_read(operation), Ordering::Relaxed);
    }

    pub(crate) fn is_stopped(&self) -> bool {
        *self.stop.borrow() != Stop::Go
    }

    /// Ends when the run is interrupted.
    pub(crate) async fn stopped(&self) {
        let mut stop = self.stop.clone();
        // Nobody is left who could interrupt.
        if stop.wait_for(|stop| *stop != Stop::Go).await.is_err() {
            std::future::pending::<()>().await;
        }
    }
}

/// Whether a call changes nothing, by the verbs that AWS names its operations with.
#[must_use]
pub fn is_read(operation: &str) -> bool {
    let verb = operation.split(':').next_back().unwrap_or_default();
    ["Describe", "Get", "List"].iter().any(|read| verb.starts_with(read))
}
