//! Ctrl-C and SIGTERM. What only reads ends at once; a run that changes AWS hears of it and ends in order.

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

use tokio::{
    signal::unix::{Signal, SignalKind, signal},
    sync::watch,
};

use crate::failure::{Exit, Failure};

/// How often the user wanted the program to stop, and what it did with that.
#[derive(Clone, Debug)]
pub(crate) struct Interrupts {
    heard: Arc<watch::Sender<usize>>,
    /// A run that changes AWS listens for itself.
    runs: Arc<AtomicBool>,
    /// Such a run has ended.
    changed: Arc<AtomicBool>,
}

/// While it lives, interrupts are the run's.
pub(crate) struct Listening {
    interrupts: Interrupts,
    heard: watch::Receiver<usize>,
}

impl Interrupts {
    #[must_use]
    pub(crate) fn new() -> Self {
        let no = || Arc::new(AtomicBool::new(false));
        Self { heard: Arc::new(watch::channel(0).0), runs: no(), changed: no() }
    }

    /// Hears signals from now on; from then on they do not end the process by themselves.
    ///
    /// # Errors
    /// If the system refuses.
    pub(crate) fn hear(&self) -> Result<(), Failure> {
        for kind in [SignalKind::interrupt(), SignalKind::terminate()] {
            tokio::spawn(count(signal(kind)?, self.heard.clone()));
        }
        Ok(())
    }

    /// From now on interrupts are a run's that changes AWS.
    #[must_use]
    pub(crate) fn listen(&self) -> Listening {
        self.runs.store(true, Ordering::SeqCst);
        Listening { interrupts: self.clone(), heard: self.heard.subscribe() }
    }

    /// The end of a command that was interrupted while nobody listened. Counts from the call on, not from the first poll: a
    /// command may be busy before it waits for anything.
    pub(crate) fn unheard(&self) -> impl Future<Output = Failure> {
        let mut heard = self.heard.subscribe();
        async move {
            while heard.changed().await.is_ok() {
                if !self.runs.load(Ordering::SeqCst) {
                    return self.ended();
                }
            }
            std::future::pending().await
        }
    }

    fn ended(&self) -> Failure {
        let failure = match self.changed.load(Ordering::SeqCst) {
            true => Failure::new("interrupted: the changes were made, but not read again")
                .hint("run `provisioner status` to see how things stand"),
            false => Failure::new("interrupted: nothing was changed"),
        };
        Failure { exit: Exit::Interrupted, ..failure }
    }
}

impl Listening {
    /// The next one.
    pub(crate) async fn next(&mut self) {
        if self.heard.changed().await.is_err() {
            std::future::pending().await
        }
    }
}

impl Drop for Listening {
    fn drop(&mut self) {
        self.interrupts.changed.store(true, Ordering::SeqCst);
        self.interrupts.runs.store(false, Ordering::SeqCst);
    }
}

async fn count(mut signals: Signal, heard: Arc<watch::Sender<usize>>) {
    while signals.recv().await.is_some() {
        heard.send_modify(|count| *count += 1);
    }
}

#[cfg(test)]
mod tests {
    use futures::FutureExt;

    use super::*;

    fn interrupt(interrupts: &Interrupts) {
        interrupts.heard.send_modify(|count| *count += 1);
    }

    #[tokio::test]
    async fn a_run_takes_its_interrupts() {
        let interrupts = Interrupts::new();
        let mut end = Box::pin(interrupts.unheard());
        assert!(end.as_mut().now_or_never().is_none());
        let mut run = interrupts.listen();
        interrupt(&interrupts);
        run.next().await;
        assert!(end.as_mut().now_or_never().is_none(), "the run listens");
        drop(run);
        interrupt(&interrupts);
        assert!(end.await.message.contains("the changes were made"));
    }

    #[tokio::test]
    async fn what_only_reads_ends_at_once() {
        let interrupts = Interrupts::new();
        let end = interrupts.unheard();
        let (end, ()) = tokio::join!(end, async {
            tokio::task::yield_now().await;
            interrupt(&interrupts);
        });
        assert_eq!((end.exit, end.message.as_str()), (Exit::Interrupted, "interrupted: nothing was changed"));
    }
}
