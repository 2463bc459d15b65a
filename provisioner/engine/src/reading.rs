//! Reading the world: kind by kind and account by account, parents before what is found through them.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    sync::Arc,
};

use futures::future::join_all;
use model::{Address, Facts, Node, Outputs, Sealed, references, resolve};
use serde_json::Value;

use crate::{CallError, Driver, Seen, State, Wanted};

/// The drivers by kind.
#[derive(Clone, Default)]
pub struct Drivers {
    by_kind: HashMap<&'static str, Arc<dyn Driver>>,
}

impl Drivers {
    /// # Panics
    /// If the kind has no driver: the list of kinds and the list of drivers are one list.
    #[must_use]
    pub fn of(&self, kind: &str) -> &Arc<dyn Driver> {
        self.by_kind.get(kind).unwrap_or_else(|| panic!("kind `{kind}` has no driver"))
    }

    pub(crate) fn kinds(&self) -> impl Iterator<Item = &'static Facts> {
        self.by_kind.values().map(|driver| driver.facts())
    }
}

impl FromIterator<Arc<dyn Driver>> for Drivers {
    fn from_iter<I: IntoIterator<Item = Arc<dyn Driver>>>(drivers: I) -> Self {
        Self { by_kind: drivers.into_iter().map(|driver| (driver.facts().kind, driver)).collect() }
    }
}

/// Which part of a graph a run is about.
#[derive(Clone, Debug)]
pub struct Scope {
    /// Addresses that may be changed.
    pub selected: BTreeSet<Address>,
    /// Addresses that are read because selected ones refer to them, directly or not.
    pub context: BTreeSet<Address>,
    /// Ask every kind in every account, so that objects nobody wants any more are found.
    pub everywhere: bool,
}

impl Scope {
    /// The nodes of these targets and all they need; no target means all.
    #[must_use]
    pub fn of(graph: &Sealed, targets: &BTreeSet<String>, everywhere: bool) -> Self {
        let chosen = |node: &&Node| targets.is_empty() || targets.contains(node.address.target());
        let selected: BTreeSet<Address> = graph.nodes().filter(chosen).map(|node| node.address.clone()).collect();
        let mut context = BTreeSet::new();
        let mut open: Vec<Address> = selected.iter().cloned().collect();
        while let Some(node) = open.pop().and_then(|address| graph.get(&address)) {
            let needs = graph.needs(node).into_keys();
            let new: Vec<Address> =
                needs.filter(|need| !selected.contains(need) && context.insert(need.clone())).collect();
            open.extend(new);
        }
        Self { selected, context, everywhere }
    }

    #[must_use]
    pub fn contains(&self, address: &Address) -> bool {
        self.selected.contains(address) || self.context.contains(address)
    }
}

/// What AWS reported, and what it refused to.
#[derive(Clone, Debug, Default)]
pub struct Reading {
    /// By address; more than one are twins.
    pub seen: BTreeMap<Address, Vec<(String, Seen)>>,
    pub errors: Vec<CallError>,
    /// Addresses whose kind could not be read: neither there nor missing.
    pub unknown: BTreeSet<Address>,
}

impl Reading {
    /// The first object at an address that is ours.
    #[must_use]
    pub fn get(&self, address: &Address) -> Option<&Seen> {
        self.seen.get(address)?.iter().map(|(_, seen)| seen).find(|seen| !matches!(seen.state, State::Foreign(_)))
    }

    fn output(&self, address: &Address, field: &str) -> Option<Value> {
        self.get(address)?.outputs.get(field).cloned()
    }

    #[must_use]
    pub fn outputs(&self, address: &Address) -> Option<&Outputs> {
        self.get(address).map(|seen| &seen.outputs)
    }
}

/// One question to AWS: a kind in an account.
type Group = (&'static str, String);

/// What each question is about.
type Questions<'a> = BTreeMap<Group, Vec<&'a Node>>;

/// Reads everything in scope. Never fails: what AWS refused is in [`Reading::errors`].
pub async fn read(drivers: &Drivers, graph: &Sealed, scope: &Scope) -> Reading {
    let mut reading = Reading::default();
    let mut open = groups(drivers, graph, scope);
    while !open.is_empty() {
        let (now, later) = split(graph, open);
        open = later;
        let asked: Vec<_> = now.into_iter().map(|(group, nodes)| ask(drivers, &reading, group, nodes)).collect();
        for answer in join_all(asked).await {
            file(&mut reading, answer);
        }
    }
    reading
}

fn groups<'a>(drivers: &Drivers, graph: &'a Sealed, scope: &Scope) -> Questions<'a> {
    let mut groups = Questions::new();
    for node in graph.nodes().filter(|node| scope.contains(&node.address)) {
        groups.entry((node.facts.kind, node.account.clone())).or_default().push(node);
    }
    if scope.everywhere {
        let accounts: BTreeSet<&String> = graph.nodes().map(|node| &node.account).collect();
        for (facts, account) in drivers.kinds().flat_map(|facts| accounts.iter().map(move |account| (facts, *account)))
        {
            groups.entry((facts.kind, account.clone())).or_default();
        }
    }
    groups
}

/// Groups whose parents have all been read, and the rest.
fn split<'a>(graph: &Sealed, open: Questions<'a>) -> (Questions<'a>, Questions<'a>) {
    let waiting: BTreeSet<Group> = open.keys().cloned().collect();
    let waits =
        |nodes: &Vec<&Node>| nodes.iter().flat_map(|node| parents(graph, node)).any(|parent| waiting.contains(&parent));
    let (later, now): (Questions, Questions) = open.into_iter().partition(|(_, nodes)| waits(nodes));
    assert!(!now.is_empty(), "kinds are located through each other in a circle: {:?}", later.keys());
    (now, later)
}

fn parents(graph: &Sealed, node: &Node) -> Vec<Group> {
    let located = node.facts.located_by.iter().filter_map(|field| node.spec.get(field));
    let addresses = located.flat_map(references).map(|(address, _)| address);
    addresses
        .filter_map(|address| graph.get(&address))
        .map(|parent| (parent.facts.kind, parent.account.clone()))
        .collect()
}

struct Answer {
    account: String,
    asked: Vec<Address>,
    found: Result<Vec<Seen>, CallError>,
}

async fn ask(drivers: &Drivers, so_far: &Reading, group: Group, nodes: Vec<&Node>) -> Answer {
    let (kind, account) = group;
    let resolved =
        nodes.iter().map(|node| (node, resolve(&node.spec, &|address, field| so_far.output(address, field))));
    let wanted: Vec<Wanted> = resolved
        .filter(|(node, spec)| is_locatable(node.facts, spec))
        .map(|(node, spec)| Wanted { address: node.address.clone(), spec })
        .collect();
    let asked = wanted.iter().map(|wanted| wanted.address.clone()).collect();
    let nothing_to_ask = wanted.is_empty() && !nodes.is_empty();
    let found = if nothing_to_ask { Ok(Vec::new()) } else { drivers.of(kind).read(&account, &wanted).await };
    Answer { account, asked, found }
}

/// Whether everything it is found through is known; if a parent does not exist, neither does the child.
fn is_locatable(facts: &Facts, spec: &Value) -> bool {
    facts.located_by.iter().filter_map(|field| spec.get(field)).all(|field| references(field).is_empty())
}

fn file(reading: &mut Reading, answer: Answer) {
    match answer.found {
        Ok(found) => {
            for seen in found {
                let twins = reading.seen.entry(seen.address.clone()).or_default();
                if twins.iter().all(|(_, twin)| twin.identity != seen.identity) {
                    twins.push((answer.account.clone(), seen));
                }
            }
        }
        Err(error) => {
            reading.unknown.extend(answer.asked);
            reading.errors.push(error);
        }
    }
}
