//! What a run would do, as plain data: desired × live → steps. Pure; makes no call.

use std::collections::{BTreeMap, BTreeSet};

use model::{Address, Facts, Node, Sealed, references, resolve};
use serde::Serialize;
use serde_json::Value;

use crate::{Drivers, Reading, Scope, Seen, State, diff::differing, twins};

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
    /// As far as it is known before the run; promises stay promises. Null for deletes.
    pub want: Value,
    /// What is kept, changed, replaced or deleted.
    pub seen: Option<Seen>,
    /// Further objects at this address, all to be deleted, and the account each is in.
    pub surplus: Vec<(String, Seen)>,
    /// Read because others refer to it; not of the run's targets.
    pub context: bool,
}

impl Step {
    /// Whether the run leaves it exactly as it is.
    #[must_use]
    pub fn is_noop(&self) -> bool {
        self.context || (self.action == Action::Keep && self.surplus.is_empty())
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
    /// Objects with our tags that nobody wants and that stay, because pruning was not allowed.
    pub strays: Vec<(String, Seen)>,
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
    let mut plan = Plan::default();
    for node in graph.in_order().into_iter().filter(|node| scope.contains(&node.address)) {
        let step = step(drivers, node, scope, reading, allowed, &plan.steps);
        plan.steps.insert(node.address.clone(), step);
    }
    force_delete_first(graph, &mut plan);
    strays(drivers, graph, scope, reading, allowed, &mut plan);
    plan
}

fn step(
    drivers: &Drivers,
    node: &Node,
    scope: &Scope,
    reading: &Reading,
    allowed: &Permissions,
    earlier: &BTreeMap<Address, Step>,
) -> Step {
    let context = !scope.selected.contains(&node.address);
    let resolved = resolve(&node.spec, &|address, field| earlier.get(address).and_then(|step| step.output(field)));
    let want = drivers.of(node.facts.kind).normalize(&resolved);
    let found = reading.seen.get(&node.address).cloned().unwrap_or_default();
    let chosen = twins::choose(node.facts, want.as_ref().ok(), found);
    let (seen, surplus) = match chosen {
        Some(((_, seen), surplus)) => (Some(seen), surplus),
        None => (None, Vec::new()),
    };
    let action = match &want {
        Err(error) => Action::Blocked { why: format!("its spec is malformed: {error}") },
        Ok(want) => match missing_context(&resolved, earlier).filter(|_| !context) {
            Some(why) => Action::Blocked { why },
            None => action(node, want, seen.as_ref(), reading, allowed, context),
        },
    };
    let want = want.unwrap_or(Value::Null);
    let (address, account) = (node.address.clone(), node.account.clone());
    Step { address, account, facts: node.facts, action, want, seen, surplus, context }
}

impl Step {
    /// An output's value if the run does not change it.
    fn output(&self, field: &str) -> Option<Value> {
        let changes = self.facts.output(field).is_none_or(|output| output.changes);
        match &self.action {
            Action::Keep | Action::Restore => {}
            Action::Update { .. } if !changes => {}
            _ => return None,
        }
        self.seen.as_ref()?.outputs.get(field).cloned()
    }
}

/// A promise that this run will not keep: of another target's object that does not exist.
fn missing_context(want: &Value, earlier: &BTreeMap<Address, Step>) -> Option<String> {
    let missing = references(want).into_iter().find_map(|(address, _)| {
        let step = earlier.get(&address)?;
        (step.context && step.seen.is_none()).then_some(address)
    })?;
    Some(format!("it needs `{missing}`, which does not exist: run `provisioner up {}` first", missing.target()))
}

fn action(
    node: &Node,
    want: &Value,
    seen: Option<&Seen>,
    reading: &Reading,
    allowed: &Permissions,
    context: bool,
) -> Action {
    let Some(seen) = seen else { return absent(node, reading) };
    match &seen.state {
        State::Foreign(why) => return Action::Blocked { why: why.clone() },
        State::Retired(_) if !context => return Action::Restore,
        State::Broken(why) => return replace(node, vec![why.clone()], false, allowed),
        _ => {}
    }
    let fields = differing(want, &seen.spec);
    match fields.is_empty() {
        true => Action::Keep,
        false if fields.iter().any(|field| node.facts.replace_on.contains(&field.as_str())) => {
            replace(node, fields, node.facts.create_first, allowed)
        }
        false => Action::Update { fields },
    }
}

fn absent(node: &Node, reading: &Reading) -> Action {
    if reading.unknown.contains(&node.address) {
        return Action::Blocked { why: "it could not be read".to_owned() };
    }
    Action::Create
}

fn replace(node: &Node, fields: Vec<String>, create_first: bool, allowed: &Permissions) -> Action {
    if node.facts.holds_data && !allowed.replace.contains(node.address.as_str()) {
        let why = format!(
            "it holds data and would be replaced because of `{}`: allow it with `--replace {}`",
            fields.join("`, `"),
            node.address
        );
        return Action::Blocked { why };
    }
    Action::Replace { fields, create_first }
}

/// What must go before its replacement takes along what refers to it: those cannot be made first either.
fn force_delete_first(graph: &Sealed, plan: &mut Plan) {
    let order: Vec<Address> = graph.in_order().into_iter().map(|node| node.address.clone()).collect();
    let mut forced: BTreeSet<Address> = BTreeSet::new();
    for address in order {
        let needs_forced =
            graph.get(&address).is_some_and(|node| graph.needs(node).keys().any(|need| forced.contains(need)));
        let Some(Step { action: Action::Replace { create_first, .. }, .. }) = plan.steps.get_mut(&address) else {
            continue;
        };
        *create_first &= !needs_forced;
        if !*create_first {
            forced.insert(address);
        }
    }
}

/// Objects that carry our tags and an address that the configuration does not have.
fn strays(drivers: &Drivers, graph: &Sealed, scope: &Scope, reading: &Reading, allowed: &Permissions, plan: &mut Plan) {
    let targets: BTreeSet<&str> = scope.selected.iter().map(Address::target).collect();
    let unwanted = reading.seen.iter().filter(|(address, _)| graph.get(address).is_none());
    for (address, found) in unwanted {
        let ours = found.iter().filter(|(_, seen)| !matches!(seen.state, State::Foreign(_) | State::Retired(_)));
        let gone = !graph.targets().contains(address.target());
        let ours: Vec<_> = ours.filter(|_| gone || targets.contains(address.target())).cloned().collect();
        if allowed.prune && !ours.is_empty() {
            plan.steps.insert(address.clone(), delete_step(drivers, address, ours, "not in the configuration"));
        } else {
            plan.strays.extend(ours);
        }
    }
}

/// Deletes all objects at one address.
pub(crate) fn delete_step(drivers: &Drivers, address: &Address, mut found: Vec<(String, Seen)>, why: &str) -> Step {
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
