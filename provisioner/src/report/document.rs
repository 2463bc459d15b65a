//! Plans and reports as JSON, secrets masked.

use config::Config;
use engine::{Plan, Report, Step};
use model::Address;
use serde_json::{Value, json};

pub(super) fn plan(config: &Config, plan: &Plan) -> Value {
    let changes: Vec<Value> = plan.changes().map(step).collect();
    json!({
        "platform": config.platform,
        "environment": config.environment,
        "changes": changes,
        "unchanged": plan.steps.values().filter(|step| step.is_noop() && !step.context).count(),
        "left_alone": strays(plan),
    })
}

fn strays(plan: &Plan) -> Vec<&Address> {
    plan.strays.iter().map(|(_, seen)| &seen.address).collect()
}

fn step(step: &Step) -> Value {
    let mut shown = json!({"address": step.address, "account": step.account, "kind": step.facts.kind});
    let fields = [
        ("before", step.seen.as_ref().map(|seen| masked(step, &seen.spec))),
        ("after", (!step.want.is_null()).then(|| masked(step, &step.want))),
    ];
    let action = serde_json::to_value(&step.action).unwrap_or_default();
    for (name, value) in action.as_object().into_iter().flatten() {
        shown[name] = value.clone();
    }
    for (name, value) in fields {
        if let Some(value) = value {
            shown[name] = value;
        }
    }
    shown
}

fn masked(step: &Step, spec: &Value) -> Value {
    let mut spec = spec.clone();
    for field in step.facts.secret {
        if let Some(value) = spec.get_mut(*field) {
            *value = json!("(secret)");
        }
    }
    spec
}

pub(super) fn ended(report: &Report) -> Value {
    json!({
        "good": report.is_good(),
        "interrupted": report.interrupted,
        "seconds": report.elapsed.as_secs_f64(),
        "outcomes": report.outcomes,
    })
}

/// What the second reading found.
pub(super) fn result(left: &Plan, retired: &[(Address, String)]) -> Value {
    let left_to_do: Vec<&Address> = left.changes().map(|step| &step.address).collect();
    let retired: Vec<Value> = retired.iter().map(|(address, why)| json!({"address": address, "why": why})).collect();
    json!({"left": left_to_do, "kept": strays(left), "retired": retired})
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_left_is_said() {
        let retired = [("food/kms-key/main".parse().expect("an address"), "pending deletion".to_owned())];
        let wanted = json!({
            "left": [],
            "kept": [],
            "retired": [{"address": "food/kms-key/main", "why": "pending deletion"}],
        });
        assert_eq!(result(&Plan::default(), &retired), wanted);
    }
}
