//! One address: what is wanted there against what was seen.

use std::{collections::BTreeMap, sync::Arc};

use model::{Address, CreateSafety, Node, Sealed, resolve};
use serde_json::Value;

use crate::{
    Action, Drivers, Permissions, Reading, Scope, Seen, State, Step,
    diff::{differing, replaces},
    plan::is_there,
    twins::{self, Found},
};

/// All that a plan is made from.
pub(crate) struct View<'a> {
    pub(crate) drivers: &'a Drivers,
    pub(crate) graph: &'a Sealed,
    pub(crate) scope: &'a Scope,
    pub(crate) reading: &'a Reading,
    pub(crate) allowed: &'a Permissions,
}

impl View<'_> {
    /// What happens to a node, given the steps of all it needs.
    pub(crate) fn step(&self, node: &Node, earlier: &BTreeMap<Address, Step>) -> Step {
        let known = |address: &Address, field: &str| earlier.get(address).and_then(|step| step.output(field));
        let want = self.drivers.of(node.facts.kind).normalize(&resolve(&node.spec, &known));
        let mut found = self.reading.seen.get(&node.address).cloned().unwrap_or_default();
        twins::sort(node, want.as_ref().ok(), &mut found);
        let (seen, surplus) = choose(node, &found);
        let action = match &want {
            Err(error) => Action::Blocked { why: format!("its spec is malformed: {error}") },
            Ok(want) => match self.missing(node, earlier) {
                Some(why) => Action::Blocked { why },
                None => self.action(node, want, seen.as_deref(), &found),
            },
        };
        let context = !self.is_changed(&node.address, &action);
        let action = if context { Action::Keep } else { action };
        let want = want.ok().filter(|want| !is_as_wanted(&action, want, seen.as_deref()) || !surplus.is_empty());
        let (address, account, facts) = (node.address.clone(), node.account.clone(), node.facts);
        Step { address, account, facts, action, want: want.unwrap_or_default(), seen, surplus, context }
    }

    /// Whether the run may do this here: to what is selected all of it, to what is adjusted changes in place.
    fn is_changed(&self, address: &Address, action: &Action) -> bool {
        let is_adjustment = matches!(action, Action::Update { .. }) && self.scope.adjusted.contains(address);
        is_adjustment || self.scope.selected.contains(address)
    }

    /// Something that the node needs and that this run does not make: an object of another target that is not there.
    fn missing(&self, node: &Node, earlier: &BTreeMap<Address, Step>) -> Option<String> {
        let needs = self.graph.needs(node);
        let mut context = needs.keys().filter_map(|need| earlier.get(need)).filter(|step| step.context);
        context.find_map(|step| {
            let need = &step.address;
            let why = match step.seen.as_ref().map(|seen| &seen.state) {
                _ if self.reading.unknown.contains(need) => "could not be read".to_owned(),
                Some(State::Ready | State::Pending(_)) => return None,
                Some(State::Broken(why) | State::Retired(why) | State::Foreign(why)) => {
                    format!("is not usable ({why}): run `provisioner up {}` first", need.target())
                }
                None => format!("does not exist: run `provisioner up {}` first", need.target()),
            };
            Some(format!("it needs `{need}`, which {why}"))
        })
    }

    fn action(&self, node: &Node, want: &Value, seen: Option<&Seen>, found: &[Found]) -> Action {
        if self.reading.unknown.contains(&node.address) {
            return Action::Blocked { why: "it could not be read".to_owned() };
        }
        let planned = match seen {
            None | Some(Seen { state: State::Foreign(_), .. }) => Action::Create,
            Some(seen) => change(node, want, seen, self.allowed),
        };
        match (&planned, foreign(found)) {
            (Action::Create | Action::Replace { .. }, Some(why)) => Action::Blocked { why },
            _ => planned,
        }
    }
}

/// The object that is ours or in its place, and those at its address that have to go.
fn choose(node: &Node, found: &[Found]) -> (Option<Arc<Seen>>, Vec<Found>) {
    let seen = found.iter().find(|(place, _)| *place == node.account).map(|(_, seen)| seen.clone());
    if node.facts.create == CreateSafety::External {
        return (seen, Vec::new());
    }
    let is_kept = |(place, other): &&Found| *place == node.account && seen.as_ref() == Some(other);
    let surplus = found.iter().filter(|other| is_there(&other.1) && !is_kept(other)).cloned().collect();
    (seen, surplus)
}

fn is_as_wanted(action: &Action, want: &Value, seen: Option<&Seen>) -> bool {
    *action == Action::Keep && seen.is_some_and(|seen| differing(want, &seen.spec).is_empty())
}

/// What is in the way of an object that is to be made.
fn foreign(found: &[Found]) -> Option<String> {
    found.iter().find_map(|(_, seen)| match &seen.state {
        State::Foreign(why) => Some(why.clone()),
        _ => None,
    })
}

fn change(node: &Node, want: &Value, seen: &Seen, allowed: &Permissions) -> Action {
    match &seen.state {
        // Somebody else's: it is as it is.
        _ if node.facts.create == CreateSafety::External => return Action::Keep,
        State::Retired(_) => return Action::Restore,
        State::Broken(why) => return replace(node, vec![why.clone()], outlives_failure(node), allowed),
        _ => {}
    }
    let fields = differing(want, &seen.spec);
    if fields.is_empty() {
        return Action::Keep;
    }
    match replaces(node.facts, &fields) {
        true => {
            let is_apart = fields.iter().any(|field| node.facts.apart_on.contains(&field.as_str()));
            replace(node, fields, node.facts.create_first || is_apart, allowed)
        }
        false => Action::Update { fields },
    }
}

/// Whether a failed object can stay until its replacement is there: not if it has the name or key that the replacement,
/// equal in all, would have too.
fn outlives_failure(node: &Node) -> bool {
    let is_named = matches!(node.facts.create, CreateSafety::Named | CreateSafety::Relation | CreateSafety::External);
    node.facts.create_first && !is_named
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
