//! The one gate that every AWS call passes: how many are under way at once, how often each may be made, and whose turn is next.
//!
//! Who waits for a token holds up nobody else. A call knows its job by [`turn`], so that kinds need not hand it on.

mod bucket;
mod door;
mod rates;
#[cfg(test)]
mod tests;
mod turn;

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use futures::FutureExt as _;
use model::AccountId;
use tokio::time::Instant;

use crate::{CallError, Class};
use door::{Door, LaneId};
pub use rates::Rates;
pub(crate) use turn::Turn;
pub use turn::{Always, Permission, is_read, may_send};

/// Lets calls through: so many at once, each as often as AWS takes it; of those that wait, who has the most behind it first.
pub struct Gate {
    door: Mutex<Door>,
}

/// Calls under way at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AtOnce {
    /// In one account.
    pub each: usize,
    /// Over all accounts.
    pub all: usize,
}

/// So many, in whichever accounts.
impl From<usize> for AtOnce {
    fn from(all: usize) -> Self {
        Self { each: all, all }
    }
}

/// The right to one call, given back when dropped.
struct Permit {
    gate: Arc<Gate>,
    lane: LaneId,
}

impl Gate {
    /// Calls under way at once, unless there is a reason for other numbers. AWS's limits are per account, and 24 calls use up
    /// most of them; over all accounts it is this machine that has one: 512 connections are half of the files that a process
    /// usually may open.
    pub const AT_ONCE: AtOnce = AtOnce { each: 24, all: 512 };

    #[must_use]
    pub fn new(rates: Rates, at_once: impl Into<AtOnce>) -> Arc<Self> {
        Arc::new(Self { door: Mutex::new(Door::new(rates, at_once.into())) })
    }

    /// Makes one call when its turn comes. `operation` is spelled as in an IAM policy: `ec2:CreateSubnet`.
    ///
    /// # Errors
    /// What AWS answered; [`Class::Stopped`] if the run was interrupted before; or why the call is not permitted any more.
    pub async fn pass<T>(
        self: &Arc<Self>,
        account: &AccountId,
        operation: &str,
        call: impl Future<Output = Result<T, CallError>>,
    ) -> Result<T, CallError> {
        let turn = Turn::current();
        let turn = turn.as_deref();
        let permit = self.admitted(account, operation, turn).await?;
        if let Some(turn) = turn {
            turn.begin();
        }
        let answer = call.await;
        permit.hear(&answer);
        if let (Some(turn), Ok(_)) = (turn, &answer) {
            turn.answered(operation);
        }
        answer
    }

    /// A permit, and the permission to use it. Nobody holds a permit while waiting for the permission: who gives that may have
    /// to call AWS first.
    async fn admitted(
        self: &Arc<Self>,
        account: &AccountId,
        operation: &str,
        turn: Option<&Turn>,
    ) -> Result<Permit, CallError> {
        loop {
            let permit = self.enter(account, operation, turn).await.ok_or_else(|| stopped(account, operation))?;
            let Some(turn) = turn else { return Ok(permit) };
            if let Some(allowed) = turn.permission.may_call(account, operation).now_or_never() {
                return allowed.map(|()| permit);
            }
            drop(permit);
            tokio::select! {
                biased;
                () = turn.stopped() => return Err(stopped(account, operation)),
                allowed = turn.permission.may_call(account, operation) => allowed?,
            }
        }
    }

    /// A job whose first call was not sent never begins once the run is interrupted. One that has begun goes on as long as
    /// nothing but other calls is before it: nobody who interrupts waits for AWS's rates.
    async fn enter(self: &Arc<Self>, account: &AccountId, operation: &str, turn: Option<&Turn>) -> Option<Permit> {
        let Some(turn) = turn else { return self.line_up(account, operation, u64::MAX, true).await };
        if !turn.is_stopped() {
            let called = self.line_up(account, operation, turn.weight, true);
            tokio::select! {
                biased;
                () = turn.stopped() => {}
                permit = called => return permit,
            }
        }
        if turn.has_begun() { self.line_up(account, operation, turn.weight, false).await } else { None }
    }

    async fn line_up(
        self: &Arc<Self>,
        account: &AccountId,
        operation: &str,
        weight: u64,
        is_patient: bool,
    ) -> Option<Permit> {
        let called = {
            let mut door = self.door();
            let lane = door.lane(account, operation, Instant::now());
            door.join(lane, weight, is_patient)
        };
        self.open();
        called.await.ok()
    }

    fn open(self: &Arc<Self>) {
        let opened = self.door().open(Instant::now());
        for (call, lane) in opened.called {
            // Whoever gave up in this very moment drops the permit, and that opens the door again.
            let _ = call.send(Permit { gate: self.clone(), lane });
        }
        for at in opened.again {
            let gate = Arc::downgrade(self);
            tokio::spawn(async move {
                tokio::time::sleep_until(at).await;
                if let Some(gate) = gate.upgrade() {
                    gate.open();
                }
            });
        }
    }

    fn door(&self) -> MutexGuard<'_, Door> {
        self.door.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Permit {
    /// Who is told to come later, tells it to all who wait for the same.
    fn hear<T>(&self, answer: &Result<T, CallError>) {
        match answer {
            Err(error) if error.class == Class::Throttled => {
                self.gate.door().pause(self.lane, error.retry_after, Instant::now());
            }
            _ => self.gate.door().resume(self.lane),
        }
    }
}

impl Drop for Permit {
    fn drop(&mut self) {
        self.gate.door().leave(self.lane);
        self.gate.open();
    }
}

fn stopped(account: &AccountId, operation: &str) -> CallError {
    let message = "the run was interrupted before it was sent";
    let error = CallError::own("", account.clone(), "Stopped", message);
    CallError { operation: operation.to_owned(), class: Class::Stopped, ..error }
}
