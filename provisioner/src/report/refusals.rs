//! Errors that end a command, and what a person can do about them.

use std::collections::{BTreeMap, BTreeSet};

use engine::{CallError, Class, Plan};
use serde_json::json;

use super::{FORMAT_VERSION, Next, Paint, write_out};
use crate::{cli::Global, environment::Surroundings, failure::Failure};

/// Prints why a command failed.
pub(crate) fn failure(failure: &Failure, global: &Global, surroundings: &Surroundings) {
    let next = Next::new(global);
    let message = next.text(&failure.message);
    let hint = failure.hint.as_ref().map(|hint| next.text(hint)).filter(|hint| !hint.is_empty());
    if global.json {
        let error = json!({"message": message, "hint": hint, "exit": failure.exit as u8});
        write_out(&json!({"format_version": FORMAT_VERSION, "kind": "error", "error": error}).to_string());
    }
    let paint = Paint::new(surroundings.color_err);
    // Rendered diagnostics bring their own `error:`.
    let is_rendered = message.contains("-->");
    let label = if is_rendered { String::new() } else { format!("{} ", paint.bold(&paint.red("error:"))) };
    surroundings.say(&format!("{label}{}", message.trim_end()));
    if let Some(hint) = hint {
        surroundings.say(&format!("{} {hint}", paint.bold(&paint.cyan("hint:"))));
    }
}

/// What AWS would not let us read.
#[must_use]
pub(crate) fn unreadable(errors: &[CallError]) -> Failure {
    let lines: BTreeSet<String> = errors.iter().map(ToString::to_string).collect();
    Failure::new(format!(
        "AWS did not let everything be read:\n  {}",
        lines.into_iter().collect::<Vec<_>>().join("\n  ")
    ))
}

/// Missing permissions together, per account, as the actions to allow.
#[must_use]
pub(crate) fn denied(errors: &[CallError]) -> String {
    let mut missing: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for error in errors.iter().filter(|error| error.class == Class::Denied) {
        missing.entry(error.account.as_str()).or_default().insert(&error.operation);
    }
    let line = |(account, actions): (&str, BTreeSet<&str>)| {
        let actions: Vec<&str> = actions.into_iter().collect();
        format!(
            "the role in {account} lacks `{}`; `provisioner validate --iam` prints all it needs",
            actions.join("`, `")
        )
    };
    missing.into_iter().map(line).collect::<Vec<_>>().join("\n      ")
}

/// Everything that is in the way of a plan, in one failure; reasons with the same way out together.
#[must_use]
pub(crate) fn blocked(plan: &Plan) -> Option<Failure> {
    let mut reasons: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    let mut way_out: BTreeSet<&str> = BTreeSet::new();
    for (address, why) in plan.blocked() {
        let (why, way) = why.split_once(": run ").map_or((why, None), |(why, way)| (why, Some(way)));
        reasons.entry(why).or_default().push(address.to_string());
        way_out.extend(way);
    }
    if reasons.is_empty() {
        return None;
    }
    let reasons: Vec<String> =
        reasons.into_iter().map(|(why, addresses)| format!("{}: {why}", some(&addresses))).collect();
    let failure = Failure::new(format!("nothing was changed, because\n  {}", reasons.join("\n  ")));
    let ways: Vec<String> = way_out.into_iter().map(|way| format!("run {way}")).collect();
    Some(if ways.is_empty() { failure } else { failure.hint(ways.join("; ")) })
}

/// The first one by name, the others by number.
fn some(addresses: &[String]) -> String {
    match addresses {
        [one] => format!("`{one}`"),
        [first, rest @ ..] => format!("`{first}` and {} more", rest.len()),
        [] => String::new(),
    }
}
