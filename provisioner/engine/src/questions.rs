//! The questions of a reading and their order. Pure.
//!
//! One question is about a kind in an account. Objects that are found through another one (a stage in its API) are asked
//! about after it, and only if it exists.

use std::collections::{BTreeMap, BTreeSet};

use model::{Address, Facts, Node, Sealed, references, resolve};
use serde_json::Value;

use crate::{Drivers, Reading, Scope, Seen, Told, Wanted};

/// Kind, account, and how many others its objects are found through, one through the other. With the last part, no two
/// questions wait for each other, because no two objects do.
type Group = (&'static str, String, usize);

/// One call to a driver.
pub(crate) struct Question<'a> {
    group: Group,
    pub(crate) kind: &'static str,
    pub(crate) place: String,
    /// What is looked for, as far as it can be.
    pub(crate) wanted: Vec<Wanted>,
    /// What it is asked for, and the spec as far as it is known; none: only for objects that nobody wants any more.
    pub(crate) nodes: Vec<(&'a Node, Value)>,
    /// Every object that it is about, as AWS told it.
    told: Option<Vec<Seen>>,
}

impl Question<'_> {
    /// The answer, if it is known: what its objects are found through does not exist, so neither do they; or all of them were
    /// told.
    pub(crate) fn known(&self) -> Option<Vec<Seen>> {
        let is_moot = self.wanted.is_empty() && !self.nodes.is_empty();
        self.told.clone().or_else(|| is_moot.then(Vec::new))
    }

    pub(crate) fn is_about(&self, address: &Address) -> bool {
        self.wanted.iter().any(|wanted| wanted.address == *address)
    }
}

/// The questions that are still open.
pub(crate) struct Questions<'a> {
    nodes: BTreeMap<Group, Vec<&'a Node>>,
    waits: BTreeMap<Group, BTreeSet<Group>>,
    followers: BTreeMap<Group, Vec<Group>>,
    ready: BTreeSet<Group>,
    told: BTreeMap<&'a Address, &'a Seen>,
}

impl<'a> Questions<'a> {
    pub(crate) fn new(drivers: &Drivers, graph: &'a Sealed, scope: &Scope, told: &'a Told) -> Self {
        let depths = depths(graph);
        let group = |node: &Node| (node.facts.kind, node.account.clone(), depths[&node.address]);
        let mut nodes: BTreeMap<Group, Vec<&Node>> = BTreeMap::new();
        let mut waits: BTreeMap<Group, BTreeSet<Group>> = BTreeMap::new();
        for node in graph.nodes().filter(|node| scope.contains(&node.address)) {
            nodes.entry(group(node)).or_default().push(node);
            let parents = parents(node).into_iter().filter(|parent| scope.contains(parent));
            let parents = parents.filter_map(|parent| graph.get(&parent)).map(group);
            waits.entry(group(node)).or_default().extend(parents);
        }
        if scope.everywhere {
            for (kind, place) in elsewhere(drivers, graph, scope, &nodes) {
                nodes.entry((kind, place, 0)).or_default();
            }
        }
        let told = told.iter().filter(|_| !scope.everywhere).map(|(address, (_, seen))| (address, seen));
        Self { told: told.collect(), ..Self::linked(nodes, waits) }
    }

    fn linked(nodes: BTreeMap<Group, Vec<&'a Node>>, mut waits: BTreeMap<Group, BTreeSet<Group>>) -> Self {
        waits.retain(|_, parents| !parents.is_empty());
        let mut followers: BTreeMap<Group, Vec<Group>> = BTreeMap::new();
        for (group, parent) in waits.iter().flat_map(|(group, parents)| parents.iter().map(move |each| (group, each))) {
            followers.entry(parent.clone()).or_default().push(group.clone());
        }
        let ready = nodes.keys().filter(|group| !waits.contains_key(*group)).cloned().collect();
        Self { nodes, waits, followers, ready, told: BTreeMap::new() }
    }

    /// The next question that can be asked now.
    pub(crate) fn next(&mut self, so_far: &mut Reading) -> Option<Question<'a>> {
        let group = self.ready.pop_first()?;
        let nodes = self.nodes.remove(&group).unwrap_or_default();
        let (unknown, nodes): (Vec<&Node>, Vec<&Node>) =
            nodes.into_iter().partition(|node| parents(node).iter().any(|parent| so_far.unknown.contains(parent)));
        so_far.unknown.extend(unknown.into_iter().map(|node| node.address.clone()));
        let lookup = |address: &Address, field: &str| so_far.output(address, field);
        let nodes: Vec<_> = nodes.into_iter().map(|node| (node, resolve(&node.spec, &lookup))).collect();
        let locatable = nodes.iter().filter(|(node, spec)| is_locatable(node.facts, spec));
        let wanted = locatable.map(|(node, spec)| Wanted { address: node.address.clone(), spec: spec.clone() });
        let (wanted, told) = (wanted.collect(), self.told_of(&nodes));
        Some(Question { kind: group.0, place: group.1.clone(), wanted, nodes, told, group })
    }

    /// All of these, or none: a question is asked for all or not at all.
    fn told_of(&self, nodes: &[(&Node, Value)]) -> Option<Vec<Seen>> {
        let told: Option<Vec<Seen>> =
            nodes.iter().map(|(node, _)| self.told.get(&node.address).map(|seen| (*seen).clone())).collect();
        told.filter(|told| !told.is_empty())
    }

    /// Opens what waited for this one.
    pub(crate) fn answered(&mut self, question: &Question<'_>) {
        for follower in self.followers.remove(&question.group).unwrap_or_default() {
            let waits = self.waits.entry(follower.clone()).or_default();
            waits.remove(&question.group);
            if waits.is_empty() {
                self.waits.remove(&follower);
                self.ready.insert(follower);
            }
        }
    }
}

/// Every kind in every account of the scope that is not asked about anyway. Two places may be one account, which is asked once.
fn elsewhere(
    drivers: &Drivers,
    graph: &Sealed,
    scope: &Scope,
    asked: &BTreeMap<Group, Vec<&Node>>,
) -> Vec<(&'static str, String)> {
    let nodes = graph.nodes().filter(|node| scope.contains(&node.address));
    let places: BTreeSet<&String> = nodes.map(|node| &node.account).collect();
    let mut questions = Vec::new();
    for facts in drivers.kinds() {
        let account = |place: &str| drivers.of(facts.kind).account(place);
        let of_kind = asked.keys().filter(|(kind, ..)| *kind == facts.kind);
        let mut known: BTreeSet<_> = of_kind.map(|(_, place, _)| account(place)).collect();
        let unasked = places.iter().filter(|place| known.insert(account(place)));
        questions.extend(unasked.map(|place| (facts.kind, (*place).clone())));
    }
    questions
}

/// What a node is found through.
fn parents(node: &Node) -> BTreeSet<Address> {
    let located = node.facts.located_by.iter().filter_map(|field| node.spec.get(field));
    located.flat_map(references).map(|(address, _)| address).collect()
}

/// How many objects each one is found through, counted along the longest way.
fn depths(graph: &Sealed) -> BTreeMap<Address, usize> {
    let mut depths: BTreeMap<Address, usize> = BTreeMap::new();
    for node in graph.in_order() {
        let deepest = parents(node).iter().filter_map(|parent| depths.get(parent)).max().map(|depth| depth + 1);
        depths.insert(node.address.clone(), deepest.unwrap_or(0));
    }
    depths
}

/// Whether everything it is found through is known.
fn is_locatable(facts: &Facts, spec: &Value) -> bool {
    facts.located_by.iter().filter_map(|field| spec.get(field)).all(|field| references(field).is_empty())
}
