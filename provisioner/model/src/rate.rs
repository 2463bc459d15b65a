//! How often AWS takes a call.

use std::time::Duration;

/// How often one account may make a call in a Region: a bucket of tokens that fills up steadily.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rate {
    /// Until there is one token more.
    pub every: Duration,
    /// Tokens in a full bucket: calls that may be made at once after a pause. One at least.
    pub burst: u32,
}

impl Rate {
    /// # Panics
    /// If either is zero, which would let nothing through.
    #[must_use]
    pub const fn per_second(calls: u32, burst: u32) -> Self {
        assert!(calls > 0 && burst > 0, "a rate lets something through");
        Self { every: Duration::from_nanos(1_000_000_000 / calls as u64), burst }
    }

    /// One call in so many milliseconds.
    ///
    /// # Panics
    /// If the burst is zero, which would let nothing through.
    #[must_use]
    pub const fn every_millis(millis: u64, burst: u32) -> Self {
        assert!(burst > 0, "a rate lets something through");
        Self { every: Duration::from_millis(millis), burst }
    }

    /// How long so many calls take at least, from the first one to the last.
    #[must_use]
    pub fn wait(self, calls: u32) -> Duration {
        self.every * calls.saturating_sub(self.burst)
    }
}
