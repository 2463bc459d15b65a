//! How long `up` will take, and what it will wait for most.

use std::time::Duration;

use engine::{Because, Estimate, Plan};
use serde_json::json;

use super::Printer;

impl Printer {
    /// One line under a plan; nothing where there is nothing to say.
    pub(crate) fn estimate(&self, plan: &Plan, estimate: Option<&Estimate>) {
        let Some(estimate) = estimate else { return };
        if self.json {
            return self
                .document("estimate", &json!({"seconds": estimate.time.as_secs(), "because": estimate.because}));
        }
        self.data(&words(plan, estimate));
    }
}

fn words(plan: &Plan, estimate: &Estimate) -> String {
    let because = match &estimate.because {
        Because::Chain { longest } => {
            let title = plan.steps.get(longest).map_or(longest.kind(), |step| step.facts.title);
            format!("the longest way is over the {title} ({longest})")
        }
        Because::Rate { account, limit, calls, every } => {
            format!("{calls} calls of {limit} in account {account}, one in {}", spaced(*every))
        }
    };
    format!("`up` takes about {}: {because}.", about(estimate.time))
}

/// The distance of two calls: `31 s`, `0.2 s`.
fn spaced(every: Duration) -> String {
    let seconds = every.as_secs_f64();
    if seconds < 10.0 { format!("{seconds:.1} s") } else { format!("{seconds:.0} s") }
}

/// Whole seconds up to a minute and a half, then whole minutes.
fn about(time: Duration) -> String {
    let seconds = time.as_secs_f64();
    if seconds < 90.0 { format!("{:.0} s", seconds.ceil()) } else { format!("{:.0} min", seconds / 60.0) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_takes_long_is_named() {
        let longest = "consumer/load-balancer/main".parse().expect("an address");
        let chain = Estimate { time: Duration::from_secs(350), because: Because::Chain { longest } };
        assert_eq!(
            words(&Plan::default(), &chain),
            "`up` takes about 6 min: the longest way is over the load-balancer (consumer/load-balancer/main)."
        );
        let because = Because::Rate {
            account: "222222222222".into(),
            limit: "apigateway:CreateDomainName".to_owned(),
            calls: 50,
            every: Duration::from_secs(31),
        };
        assert_eq!(
            words(&Plan::default(), &Estimate { time: Duration::from_secs(89), because }),
            "`up` takes about 89 s: 50 calls of apigateway:CreateDomainName in account 222222222222, one in 31 s."
        );
    }
}
