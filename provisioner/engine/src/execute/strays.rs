//! The order of deletes among objects whose references nobody knows, because the graph does not have them: by kind alone.

use std::collections::{BTreeMap, BTreeSet};

use model::{Address, Sealed};

type Kind = str;

/// Which deletes come before which, if one of the two is a stray.
pub(crate) struct StrayOrder<'a> {
    graph: &'a Sealed,
    users: BTreeMap<&'a Kind, BTreeSet<&'a Kind>>,
    /// All deletes, by kind.
    drops: BTreeMap<&'a Kind, Vec<&'a Address>>,
    strays: BTreeMap<&'a Kind, Vec<&'a Address>>,
}

impl<'a> StrayOrder<'a> {
    pub(crate) fn new(graph: &'a Sealed, drops: &'a BTreeSet<Address>) -> Self {
        let strays = drops.iter().filter(|address| graph.get(address).is_none());
        Self { graph, users: kind_users(graph), drops: by_kind(drops.iter()), strays: by_kind(strays) }
    }

    /// Deletes of objects that may use this one.
    pub(crate) fn before(&self, address: &Address) -> impl Iterator<Item = &'a Address> {
        let among = if self.graph.get(address).is_none() { &self.drops } else { &self.strays };
        let kind = address.kind();
        let users = self.users.get(kind).into_iter().flatten();
        // Kinds that use each other give no order.
        let users = users.filter(move |user| !self.users.get(**user).is_some_and(|back| back.contains(kind)));
        users.filter_map(|user| among.get(user)).flatten().copied()
    }
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
        let order = StrayOrder::new(&graph, &drops);
        let before = |text: &str| {
            let address: Address = text.parse().expect("an address");
            order.before(&address).map(Address::as_str).collect::<Vec<_>>()
        };
        assert_eq!(before("y/low/1"), ["x/high/2", "y/high/1"], "a stray may be used by anything");
        assert_eq!(before("x/low/1"), ["y/high/1"], "what the graph has is ordered by its references");
        assert!(before("y/high/1").is_empty());
    }
}
