//! Plans and reports as JSON, secrets masked.

use config::Config;
use engine::{Plan, Report, Step};
use serde_json::{Value, json};

pub(super) fn plan(config: &Config, plan: &Plan) -> Value {
    let changes: Vec<Value> = plan.changes().map(step).collect();
    let strays: Vec<&model::Address> = plan.strays.iter().map(|(_, seen)| &seen.address).collect();
    json!({
        "platform": config.platform,
        "environment": config.environment,
        "changes": changes,
        "unchanged": plan.steps.values().filter(|step| step.is_noop() && !step.context).count(),
        "left_alone": strays,
    })
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
