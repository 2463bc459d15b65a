//! Who uses what: as it is wanted, as it is, and as it usually is.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use model::{Address, Sealed};
use serde_json::Value;

use super::jobs::has_doomed;
use crate::{Plan, Seen, Step};

type Kind = str;

/// Everything that refers to an address.
pub(crate) type Users = BTreeMap<Address, BTreeSet<Address>>;

/// By the references of the graph.
pub(crate) fn users(graph: &Sealed) -> Users {
    let mut users = Users::new();
    for node in graph.nodes() {
        for need in graph.needs(node).into_keys() {
            users.entry(need).or_default().insert(node.address.clone());
        }
    }
    users
}

/// By what the graph says of deletes alone.
pub(crate) fn outlived(graph: &Sealed) -> Users {
    let mut users = Users::new();
    for node in graph.nodes() {
        let first = node.outlives.iter().map(|(address, _)| address.clone());
        users.entry(node.address.clone()).or_default().extend(first);
    }
    users
}

/// By what was seen: of objects that are to be deleted, those that have one of their outputs in their spec. What exists may
/// refer to other objects than it will.
pub(crate) fn live_users(plan: &Plan) -> Users {
    let mut owners: HashMap<&str, BTreeSet<&Address>> = HashMap::new();
    for step in plan.steps.values().filter(|step| has_doomed(step)) {
        for text in found(step).flat_map(|seen| seen.outputs.values()).filter_map(Value::as_str) {
            owners.entry(text).or_default().insert(&step.address);
        }
    }
    let mut users = Users::new();
    for step in plan.steps.values().filter(|_| !owners.is_empty()) {
        for text in found(step).flat_map(|seen| texts(&seen.spec)) {
            for owner in owners.get(text).into_iter().flatten().filter(|owner| ***owner != step.address) {
                users.entry((**owner).clone()).or_default().insert(step.address.clone());
            }
        }
    }
    users
}

/// By kind alone: among these, all that may use a stray, and all strays that may use another. The graph does not say what a
/// stray refers to.
pub(crate) fn usual_users(graph: &Sealed, among: &BTreeSet<Address>) -> Users {
    let kinds = kind_users(graph);
    let is_stray = |address: &&Address| graph.get(address).is_none();
    let (all, strays) = (by_kind(among.iter()), by_kind(among.iter().filter(is_stray)));
    let users = |address: &Address| {
        let among = if is_stray(&address) { &all } else { &strays };
        let users = kinds.get(address.kind()).into_iter().flatten();
        // Kinds that use each other give no order.
        let users = users.filter(|user| !kinds.get(**user).is_some_and(|back| back.contains(address.kind())));
        users.filter_map(|user| among.get(user)).flatten().map(|user| (*user).clone()).collect()
    };
    among.iter().map(|address| (address.clone(), users(address))).collect()
}

fn by_kind<'a>(addresses: impl Iterator<Item = &'a Address>) -> BTreeMap<&'a Kind, Vec<&'a Address>> {
    let mut kinds: BTreeMap<&Kind, Vec<&Address>> = BTreeMap::new();
    for address in addresses {
        kinds.entry(address.kind()).or_default().push(address);
    }
    kinds
}

/// Which kinds refer to each kind, directly or not.
fn kind_users(graph: &Sealed) -> BTreeMap<&Kind, BTreeSet<&Kind>> {
    let mut users: BTreeMap<&Kind, BTreeSet<&Kind>> = BTreeMap::new();
    for node in graph.nodes() {
        for need in graph.needs(node).keys().filter_map(|need| graph.get(need)) {
            users.entry(need.facts.kind).or_default().insert(node.facts.kind);
        }
    }
    let kinds: Vec<&Kind> = users.keys().copied().collect();
    for through in kinds {
        let further = users[through].clone();
        users.values_mut().filter(|users| users.contains(through)).for_each(|users| users.extend(&further));
    }
    users
}

fn found(step: &Step) -> impl Iterator<Item = &Seen> {
    step.seen.iter().chain(step.surplus.iter().map(|(_, seen)| seen)).map(AsRef::as_ref)
}

fn texts(value: &Value) -> Vec<&str> {
    match value {
        Value::String(text) => vec![text],
        Value::Array(items) => items.iter().flat_map(texts).collect(),
        Value::Object(map) => map.values().flat_map(texts).collect(),
        _ => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use model::{CreateSafety, Facts, Graph, Kind as ModelKind};
    use serde::{Deserialize, Serialize};
    use serde_json::{Value, json};

    use super::*;

    macro_rules! kinds {
        ($($name:ident $kind:literal),*) => {$(
            #[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
            #[serde(transparent)]
            struct $name(Value);

            impl ModelKind for $name {
                const FACTS: Facts = Facts {
                    kind: $kind,
                    outputs: &[model::Output::created("id")],
                    ..Facts::of(CreateSafety::Named)
                };
            }
        )*};
    }

    kinds! { Low "low", Middle "middle", High "high" }

    fn graph() -> Sealed {
        let mut graph = Graph::new();
        graph.add("a", "x", "1", Low(json!({})));
        graph.add("a", "x", "1", Middle(json!({"of": {"$ref": "x/low/1#id"}})));
        graph.add("a", "x", "2", Middle(json!({})));
        graph.add("a", "x", "2", High(json!({"of": {"$ref": "x/middle/2#id"}})));
        graph.seal().expect("a sound graph")
    }

    #[test]
    fn kinds_that_use_a_kind_through_others_go_before_it() {
        let graph = graph();
        let addresses = ["x/low/1", "y/low/1", "x/high/2", "y/high/1"];
        let drops = addresses.iter().map(|text| text.parse().expect("an address")).collect();
        let users = usual_users(&graph, &drops);
        let before = |text: &str| {
            let address: Address = text.parse().expect("an address");
            users[&address].iter().map(Address::as_str).collect::<Vec<_>>()
        };
        assert_eq!(before("y/low/1"), ["x/high/2", "y/high/1"], "a stray may be used by anything");
        assert_eq!(before("x/low/1"), ["y/high/1"], "what the graph has is ordered by its references");
        assert!(before("y/high/1").is_empty());
    }
}
