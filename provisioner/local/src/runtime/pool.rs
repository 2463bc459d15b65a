//! The processes of one function as it is provisioned: idle ones to choose from, and a bound on how many there are.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use tokio::sync::Semaphore;
use tokio::time::timeout;

use super::sandbox::{Ran, Sandbox};
use super::{Fault, Function, Invocation, Options};

pub(super) struct Pool {
    /// One per process that may be busy.
    seats: Semaphore,
    /// The last to become idle is the first to be used, so that the others can grow old and be ended. `None`: retired.
    idle: Mutex<Option<Vec<Sandbox>>>,
}

impl Pool {
    pub(super) fn new(max_processes: usize) -> Pool {
        Pool { seats: Semaphore::new(max_processes), idle: Mutex::new(Some(Vec::new())) }
    }

    /// Runs one invocation in an idle process, or in a new one.
    pub(super) async fn run(
        &self,
        function: &Function,
        options: &Options,
        invocation: &Invocation,
    ) -> Result<Bytes, Fault> {
        let _seat = match timeout(function.timeout, self.seats.acquire()).await {
            Ok(Ok(seat)) => seat,
            _ => return Err(Fault::Throttled),
        };
        while let Some(mut sandbox) = self.take_idle() {
            match sandbox.run(function, invocation).await {
                Ran::Answered(answer) => return self.give_back(sandbox, answer),
                Ran::Broken(fault) => return Err(fault),
                Ran::NotTaken => {} // it died while idle; the event goes to the next
            }
        }
        let mut sandbox = Sandbox::start(function, options, &invocation.request_id).await?;
        match sandbox.run(function, invocation).await {
            Ran::Answered(answer) => self.give_back(sandbox, answer),
            Ran::Broken(fault) => Err(fault),
            Ran::NotTaken => {
                let how = "ended before it took its first event".to_owned();
                Err(Fault::Exited { request_id: invocation.request_id.clone(), how })
            }
        }
    }

    /// Ends the idle processes now, and the busy ones when they are done.
    pub(super) fn retire(&self) {
        drop(self.idle().take());
    }

    /// Ends processes that idle longer than `limit`, and forgets dead ones.
    pub(super) fn reap(&self, limit: Duration) {
        if let Some(idle) = self.idle().as_mut() {
            idle.retain_mut(|sandbox| sandbox.idles() < limit && !sandbox.is_gone());
        }
    }

    fn take_idle(&self) -> Option<Sandbox> {
        self.idle().as_mut()?.pop()
    }

    fn give_back(&self, sandbox: Sandbox, answer: Result<Bytes, Fault>) -> Result<Bytes, Fault> {
        if let Some(idle) = self.idle().as_mut() {
            idle.push(sandbox);
        }
        answer
    }

    fn idle(&self) -> MutexGuard<'_, Option<Vec<Sandbox>>> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
