//! A bucket of tokens, kept as the one moment at which it is full again. Pure.

use std::time::Duration;

use model::Rate;
use tokio::time::Instant;

pub(super) struct Bucket {
    rate: Rate,
    full_at: Instant,
}

impl Bucket {
    pub(super) fn full(rate: Rate, now: Instant) -> Self {
        Self { rate, full_at: now }
    }

    /// When there is a token; none: now.
    pub(super) fn opens(&self, now: Instant) -> Option<Instant> {
        (self.full_at > now + self.slack()).then(|| self.full_at - self.slack())
    }

    pub(super) fn take(&mut self, now: Instant) {
        self.full_at = self.full_at.max(now) + self.rate.every;
    }

    /// How far from full it may be and still have a token.
    fn slack(&self) -> Duration {
        self.rate.every * (self.rate.burst - 1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_burst_goes_through_and_then_one_at_a_time() {
        let now = Instant::now();
        let mut bucket = Bucket::full(Rate::per_second(2, 3), now);
        for _ in 0..3 {
            assert_eq!(bucket.opens(now), None);
            bucket.take(now);
        }
        let next = now + Duration::from_millis(500);
        assert_eq!(bucket.opens(now), Some(next));
        bucket.take(next);
        assert_eq!(bucket.opens(next), Some(next + Duration::from_millis(500)));
        let later = now + Duration::from_secs(60);
        (0..3).for_each(|_| bucket.take(later));
        assert!(bucket.opens(later).is_some(), "it never holds more than its burst");
    }
}
