//! What a run would do, as plain data: desired × live → steps. Pure; makes no call.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use model::{Address, Facts, Sealed};
use serde::Serialize;
use serde_json::Value;

use crate::{Drivers, Reading, Scope, Seen, State, compare::View, twins::Found};

/// What happens to one address.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case", tag = "action")]
pub enum Action {
    Keep,
    /// Made, or for kinds that somebody else makes: waited for.
    Create,
    Update {
        fields: Vec<String>,
    },
    /// It was scheduled for deletion and is brought back.
    Restore,
    Replace {
        fields: Vec<String>,
        create_first: bool,
    },
    Delete {
        why: String,
    },
    /// It is in the way of the run; nothing is done while one of these is in the plan.
    Blocked {
        why: String,
    },
}

/// One address of a plan.
#[derive(Clone, Debug)]
pub struct Step {
    pub address: Address,
    pub account: String,
    pub facts: &'static Facts,
    pub action: Action,
    /// As far as it is known before the run; promises stay promises. Null for deletes, and for what is seen to be so.
    pub want: Value,
    /// What is kept, changed, replaced or deleted.
    pub seen: Option<Arc<Seen>>,
    /// Further objects at this address, all to be deleted, and the account each is in.
    pub surplus: Vec<Found>,
    /// Read because others refer to it; not of the run's targets.
    pub context: bool,
}

impl Step {
    /// Whether the run leaves it exactly as it is.
    #[must_use]
    pub fn is_noop(&self) -> bool {
        self.context || (self.action == Action::Keep && self.surplus.is_empty())
    }

    /// An output's value, if it is known and the run does not change it.
    pub(crate) fn output(&self, field: &str) -> Option<Value> {
        let changes = self.facts.output(field).is_none_or(|output| output.changes);
        match &self.action {
            Action::Keep | Action::Restore => {}
            Action::Update { .. } if !changes => {}
            _ => return None,
        }
        self.seen.as_ref()?.outputs.get(field).cloned()
    }

    /// Whether the old object goes before the new one is made.
    pub(crate) fn is_delete_first(&self) -> bool {
        matches!(self.action, Action::Replace { create_first: false, .. })
    }
}

/// What the user allows beyond creating and changing.
#[derive(Clone, Debug, Default)]
pub struct Permissions {
    /// Delete objects with our tags that the configuration no longer has.
    pub prune: bool,
    /// Addresses with data that may be replaced all the same.
    pub replace: BTreeSet<String>,
}

/// Every address in scope, and what happens to it.
#[derive(Clone, Debug, Default)]
pub struct Plan {
    pub steps: BTreeMap<Address, Step>,
    /// Objects with our tags that nobody wants and that stay: pruning was not allowed, or another target may still use them.
    pub strays: Vec<Found>,
}

impl Plan {
    pub fn changes(&self) -> impl Iterator<Item = &Step> {
        self.steps.values().filter(|step| !step.is_noop())
    }

    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.changes().next().is_none()
    }

    pub fn blocked(&self) -> impl Iterator<Item = (&Address, &str)> {
        self.steps.values().filter_map(|step| match &step.action {
            Action::Blocked { why } => Some((&step.address, why.as_str())),
            _ => None,
        })
    }
}

/// Compares what is wanted with what was read.
#[must_use]
pub fn plan(drivers: &Drivers, graph: &Sealed, scope: &Scope, reading: &Reading, allowed: &Permissions) -> Plan {
    let view = View { drivers, graph, scope, reading, allowed };
    let mut plan = Plan::default();
    for node in graph.in_order().into_iter().filter(|node| scope.contains(&node.address)) {
        let step = view.step(node, &plan.steps);
        plan.steps.insert(node.address.clone(), step);
    }
    force_delete_first(graph, &mut plan);
    spare_outsiders(graph, scope, &mut plan);
    strays(&view, &mut plan);
    plan
}

/// What must go before its replacement takes along what refers to it: those cannot be made first either.
fn force_delete_first(graph: &Sealed, plan: &mut Plan) {
    for node in graph.in_order() {
        let goes_first = |need: &Address| plan.steps.get(need).is_some_and(Step::is_delete_first);
        let forced = graph.needs(node).keys().any(goes_first);
        if let Some(Step { action: Action::Replace { create_first, .. }, .. }) = plan.steps.get_mut(&node.address) {
            *create_first &= !forced;
        }
    }
}

/// Objects of targets outside the run cannot be moved from an old object to its replacement: a replacement is blocked, and
/// which of several objects they use is not known, so all stay.
fn spare_outsiders(graph: &Sealed, scope: &Scope, plan: &mut Plan) {
    for user in graph.nodes().filter(|node| !scope.selected.contains(&node.address)) {
        for need in graph.needs(user).into_keys() {
            let Some(step) = plan.steps.get_mut(&need).filter(|step| !step.context) else { continue };
            plan.strays.append(&mut step.surplus);
            if matches!(step.action, Action::Replace { .. }) {
                step.action = Action::Blocked { why: used_outside(&step.address, &user.address) };
            }
        }
    }
}

fn used_outside(address: &Address, user: &Address) -> String {
    let targets = BTreeSet::from([address.target(), user.target()]).into_iter().collect::<Vec<_>>().join(" ");
    format!("it is replaced, and `{user}` uses it: run `provisioner up {targets}`")
}

/// Objects that carry our tags and an address that the configuration does not have.
fn strays(view: &View<'_>, plan: &mut Plan) {
    let targets: BTreeSet<&str> = view.scope.selected.iter().map(Address::target).collect();
    let known = view.graph.targets();
    let concerns = |target: &str| targets.contains(target) || !known.contains(target);
    let unwanted = view.reading.seen.iter().filter(|(address, _)| view.graph.get(address).is_none());
    for (address, found) in unwanted.filter(|(address, _)| concerns(address.target())) {
        let ours: Vec<Found> = found.iter().filter(|(_, seen)| is_there(seen)).cloned().collect();
        if view.allowed.prune && !ours.is_empty() {
            let step = delete_step(view.drivers, address, ours, "not in the configuration");
            plan.steps.insert(address.clone(), step);
        } else {
            plan.strays.extend(ours);
        }
    }
}

/// Whether it is ours and not on its way out already.
pub(crate) fn is_there(seen: &Seen) -> bool {
    !matches!(seen.state, State::Retired(_) | State::Foreign(_))
}

/// Deletes all objects at one address.
pub(crate) fn delete_step(drivers: &Drivers, address: &Address, mut found: Vec<Found>, why: &str) -> Step {
    let (account, seen) = found.remove(0);
    Step {
        address: address.clone(),
        account,
        facts: drivers.of(address.kind()).facts(),
        action: Action::Delete { why: why.to_owned() },
        want: Value::Null,
        seen: Some(seen),
        surplus: found,
        context: false,
    }
}
