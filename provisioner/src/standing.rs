//! How an object stands, told from a plan: pure.
//!
//! What is wanted of an object may be a promise of another's output. While that other one is missing, changing or not
//! readable the value is not known, and an object that may well be as wanted is not called drifted for it.

use std::collections::BTreeSet;

use engine::{Action, Permissions, Plan, Reading, Scope, State, Step};
use model::{Address, Sealed, references};
use serde::Serialize;
use serde_json::Value;

use crate::session::Session;

/// How one object stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case", tag = "status")]
pub(crate) enum Standing {
    Ready,
    NotReady {
        why: String,
    },
    Drifted {
        fields: Vec<String>,
    },
    /// As wanted, as far as it is known before these are.
    Follows {
        after: BTreeSet<Address>,
    },
    /// The same, and these could not be read.
    Unclear {
        without: BTreeSet<Address>,
    },
    Missing,
    /// Scheduled for deletion.
    Retired {
        why: String,
    },
    Foreign {
        why: String,
    },
    Unreadable,
}

impl Standing {
    /// Nothing of it is in use.
    pub(crate) fn is_absent(&self) -> bool {
        matches!(self, Self::Missing | Self::Retired { .. })
    }
}

/// What is wanted against what was read.
#[must_use]
pub(crate) fn compare(session: &Session, scope: &Scope, reading: &Reading) -> Plan {
    let graph = with_deployed_code(session, reading);
    engine::plan(&session.drivers, &graph, scope, reading, &Permissions::default())
}

/// Without binaries on this machine the deployed code is taken to be the wanted one: nobody can tell otherwise.
fn with_deployed_code(session: &Session, reading: &Reading) -> Sealed {
    let mut graph = session.platform.graph.clone();
    for node in session.platform.graph.nodes().filter(|node| node.spec["code"]["sha256"] == "") {
        if let Some(seen) = reading.get(&node.address) {
            graph.amend(&node.address, "code", seen.spec["code"].clone());
            graph.amend(&node.address, "architecture", seen.spec["architecture"].clone());
        }
    }
    graph
}

/// How the object of a step stands.
#[must_use]
pub(crate) fn of(plan: &Plan, reading: &Reading, step: &Step) -> Standing {
    let state = step.seen.as_ref().map(|seen| &seen.state);
    match (&step.action, state) {
        _ if reading.unknown.contains(&step.address) => Standing::Unreadable,
        (_, None) => Standing::Missing,
        (_, Some(State::Retired(why))) => Standing::Retired { why: why.clone() },
        (_, Some(State::Foreign(why))) => Standing::Foreign { why: why.clone() },
        (_, Some(State::Pending(why) | State::Broken(why))) => Standing::NotReady { why: why.clone() },
        (Action::Update { .. } | Action::Replace { .. } | Action::Blocked { .. }, _) => compared(plan, reading, step),
        _ => Standing::Ready,
    }
}

fn compared(plan: &Plan, reading: &Reading, step: &Step) -> Standing {
    let fields = drifted(step);
    let causes = causes(plan, step);
    let without: BTreeSet<Address> = causes.intersection(&reading.unknown).cloned().collect();
    match &step.action {
        _ if !fields.is_empty() => Standing::Drifted { fields },
        _ if !without.is_empty() => Standing::Unclear { without },
        _ if !causes.is_empty() => Standing::Follows { after: causes },
        Action::Blocked { why } => Standing::NotReady { why: why.clone() },
        _ => Standing::Ready,
    }
}

/// Fields that are otherwise whatever the promises in them come to.
fn drifted(step: &Step) -> Vec<String> {
    let seen = step.seen.as_ref().map(|seen| &seen.spec);
    let differs = |name: &str, want: &Value| !fits(want, seen.and_then(|seen| seen.get(name)).unwrap_or(&Value::Null));
    let fields = step.want.as_object().into_iter().flatten();
    fields.filter(|(name, want)| differs(name, want)).map(|(name, _)| name.clone()).collect()
}

/// What the step's promises come from in the end: past the objects that only follow others themselves.
fn causes(plan: &Plan, step: &Step) -> BTreeSet<Address> {
    let promised = |step: &Step| references(&step.want).into_iter().map(|(address, _)| address);
    let mut met = BTreeSet::new();
    let mut causes = BTreeSet::new();
    let mut open: Vec<Address> = promised(step).collect();
    while let Some(address) = open.pop() {
        if !met.insert(address.clone()) {
            continue;
        }
        match plan.steps.get(&address).filter(|step| only_follows(step)) {
            Some(step) => open.extend(promised(step)),
            None => _ = causes.insert(address),
        }
    }
    causes
}

fn only_follows(step: &Step) -> bool {
    let is_there = step.seen.as_ref().is_some_and(|seen| seen.state == State::Ready);
    is_there && !references(&step.want).is_empty() && drifted(step).is_empty()
}

/// Whether a value can be what is wanted. A promise can come to any value, or inside a list to any number of them.
fn fits(want: &Value, seen: &Value) -> bool {
    match (want, seen) {
        _ if references(want).is_empty() => want == seen,
        (Value::Array(wanted), Value::Array(seen)) => {
            wanted.iter().all(|want| is_reference(want) || seen.iter().any(|seen| fits(want, seen)))
                && seen.iter().all(|seen| wanted.iter().any(|want| fits(want, seen)))
        }
        (Value::Object(wanted), _) if wanted.contains_key("$ref") => true,
        (Value::Object(wanted), Value::String(seen)) => {
            wanted.get("$join").and_then(Value::as_array).is_some_and(|parts| holds(parts, seen))
        }
        (Value::Object(wanted), Value::Object(seen)) => {
            wanted.len() == seen.len()
                && wanted.iter().all(|(name, want)| seen.get(name).is_some_and(|seen| fits(want, seen)))
        }
        _ => false,
    }
}

fn is_reference(want: &Value) -> bool {
    want.get("$ref").is_some()
}

/// Whether a text has the known parts of a joined one, in order.
fn holds(parts: &[Value], text: &str) -> bool {
    let mut rest = text;
    parts.iter().filter_map(Value::as_str).all(|part| match rest.split_once(part) {
        Some((_, after)) => {
            rest = after;
            true
        }
        None => false,
    })
}

#[cfg(test)]
mod tests;
