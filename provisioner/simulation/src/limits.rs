//! How often AWS takes calls, as AWS sees it: every call takes a token from each bucket it comes under, or is refused.

use std::collections::HashMap;

use engine::Rates;
use model::{AccountId, Rate};
use tokio::time::Instant;

/// Buckets by account and limit.
pub(crate) struct Limits {
    rates: Rates,
    buckets: HashMap<AccountId, HashMap<String, Bucket>>,
}

struct Bucket {
    tokens: f64,
    at: Instant,
}

impl Limits {
    /// As AWS documents them.
    pub(crate) fn documented() -> Self {
        Self { rates: kinds::rates::documented().collect(), buckets: HashMap::new() }
    }

    /// Whether AWS takes the call now.
    pub(crate) fn admit(&mut self, account: &AccountId, operation: &str) -> bool {
        let buckets = self.buckets.entry(account.clone()).or_default();
        let limits: Vec<_> = self.rates.of(operation).collect();
        for (name, rate) in &limits {
            buckets.entry((*name).to_owned()).or_insert_with(|| Bucket::full(*rate)).fill(*rate);
        }
        let is_free = limits.iter().all(|(name, _)| buckets[*name].tokens >= 1.0);
        for (name, _) in limits.iter().filter(|_| is_free) {
            buckets.entry((*name).to_owned()).and_modify(|bucket| bucket.tokens -= 1.0);
        }
        is_free
    }
}

impl Bucket {
    fn full(rate: Rate) -> Self {
        Self { tokens: f64::from(rate.burst), at: Instant::now() }
    }

    fn fill(&mut self, rate: Rate) {
        let new = self.at.elapsed().as_secs_f64() / rate.every.as_secs_f64();
        self.tokens = (self.tokens + new).min(f64::from(rate.burst));
        self.at = Instant::now();
    }
}
