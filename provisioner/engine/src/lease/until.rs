//! When a lease ends, by the clocks of this machine.

use std::time::{Duration, SystemTime};

use tokio::time::Instant;

/// A moment from now, by the monotonic clock, which nobody sets, and by the wall clock, which goes on while the machine sleeps.
#[derive(Clone, Copy, Debug)]
pub(super) struct Until {
    clock: Instant,
    wall: SystemTime,
}

impl Until {
    pub(super) fn after(duration: Duration) -> Self {
        Self { clock: Instant::now() + duration, wall: SystemTime::now() + duration }
    }

    /// By the monotonic clock alone.
    pub(super) fn clock(self) -> Instant {
        self.clock
    }

    /// Whether something that begins now and takes so long ends before, by either clock. A wall clock that was set costs a wait
    /// for the next renewal at most.
    pub(super) fn outlasts(self, call: Duration) -> bool {
        self.clock >= Instant::now() + call && self.wall >= SystemTime::now() + call
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn either_clock_ends_it() {
        let (long, short) = (Duration::from_secs(60), Duration::from_secs(20));
        let until = Until::after(long);
        assert!(until.outlasts(short));
        let slept = Until { wall: until.wall - long, ..until };
        assert!(!slept.outlasts(short), "the machine slept");
        tokio::time::advance(long).await;
        assert!(!until.outlasts(short), "time went by");
    }
}
