//! The desired state: nodes that refer to each other, over all accounts.
//!
//! Blueprints declare handles (names only), then define specs. [`Graph::seal`] checks the whole and freezes it.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt,
    marker::PhantomData,
};

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::{Address, Facts, Field, Input, Kind, KnownAt, Ref, references};

/// A declared object: its address is known, its spec may come later.
pub struct Handle<K> {
    pub address: Address,
    of: PhantomData<fn() -> K>,
}

impl<K: Kind> Handle<K> {
    #[must_use]
    pub fn declare(target: &str, name: &str) -> Self {
        Self { address: Address::new(target, K::FACTS.kind, name), of: PhantomData }
    }

    /// The promise of one of its outputs.
    #[must_use]
    pub fn get<T>(&self, field: Field<K, T>) -> Input<T> {
        Input::From(Ref::new(self.address.clone(), field.name))
    }
}

impl<K> Clone for Handle<K> {
    fn clone(&self) -> Self {
        Self { address: self.address.clone(), of: PhantomData }
    }
}

impl<K> fmt::Debug for Handle<K> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "Handle({})", self.address)
    }
}

/// What a `down` does with an object.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum OnDown {
    #[default]
    Delete,
    Keep,
}

/// One wanted object.
#[derive(Clone, Debug)]
pub struct Node {
    pub address: Address,
    /// The account that holds it, by the alias the configuration gives it; picks credentials and limits, nothing else.
    pub account: String,
    pub facts: &'static Facts,
    /// The kind's spec as JSON, references unresolved.
    pub spec: Value,
    /// Orders without data: what must be ready first, and why.
    pub after: Vec<(Address, &'static str)>,
    /// Orders deletes alone: what must be gone before it goes, and why.
    pub outlives: Vec<(Address, &'static str)>,
    pub on_down: OnDown,
}

impl Node {
    /// What it waits for: each address, and whether an output known at `Created` is enough.
    #[must_use]
    pub fn needs(&self, facts_of: &dyn Fn(&Address) -> Option<&'static Facts>) -> BTreeMap<Address, KnownAt> {
        let mut needs = BTreeMap::new();
        for (address, field) in references(&self.spec) {
            let known_at = facts_of(&address).and_then(|facts| facts.output(&field)).map(|output| output.known_at);
            let need = needs.entry(address).or_insert(KnownAt::Created);
            if known_at != Some(KnownAt::Created) {
                *need = KnownAt::Ready;
            }
        }
        needs.extend(self.after.iter().map(|(address, _)| (address.clone(), KnownAt::Ready)));
        needs
    }
}

/// A graph under construction.
#[derive(Default)]
pub struct Graph {
    nodes: Vec<Node>,
}

impl Graph {
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Says what a declared object is; returns the node for rarer settings.
    ///
    /// # Panics
    /// If the spec does not serialize: specs are plain data.
    pub fn define<K: Kind>(&mut self, account: &str, handle: &Handle<K>, spec: K) -> &mut Node {
        const { assert!(!K::FACTS.kind.is_empty()) };
        self.nodes.push(Node {
            address: handle.address.clone(),
            account: account.to_owned(),
            facts: &K::FACTS,
            spec: serde_json::to_value(&spec).expect("specs are plain data"),
            after: Vec::new(),
            outlives: Vec::new(),
            on_down: OnDown::Delete,
        });
        self.nodes.last_mut().expect("it was just pushed")
    }

    /// Declares and defines in one step, for objects nobody refers to before.
    pub fn add<K: Kind>(&mut self, account: &str, target: &str, name: &str, spec: K) -> Handle<K> {
        let handle = Handle::declare(target, name);
        self.define(account, &handle, spec);
        handle
    }

    /// The same, with nodes of another graph.
    #[must_use]
    pub fn with(mut self, nodes: impl IntoIterator<Item = Node>) -> Self {
        self.nodes.extend(nodes);
        self
    }

    /// Checks the whole graph.
    ///
    /// # Errors
    /// Every flaw at once.
    pub fn seal(self) -> Result<Sealed, Vec<Flaw>> {
        let mut flaws = Vec::new();
        let mut nodes = BTreeMap::new();
        for node in self.nodes {
            if nodes.contains_key(&node.address) {
                flaws.push(Flaw::DefinedTwice(node.address.clone()));
            }
            nodes.insert(node.address.clone(), node);
        }
        let sealed = Sealed { nodes };
        flaws.extend(sealed.dangling());
        flaws.extend(sealed.cycle());
        if flaws.is_empty() { Ok(sealed) } else { Err(flaws) }
    }
}

/// A checked graph: every reference leads to an output of a defined node, and there is no cycle.
#[derive(Clone, Debug, Default)]
pub struct Sealed {
    nodes: BTreeMap<Address, Node>,
}

impl Sealed {
    #[must_use]
    pub fn get(&self, address: &Address) -> Option<&Node> {
        self.nodes.get(address)
    }

    pub fn nodes(&self) -> impl Iterator<Item = &Node> {
        self.nodes.values()
    }

    /// Sets one field of a node to a plain value, for what only a reading can tell.
    ///
    /// # Panics
    /// If there is no such node: the caller found the address in this graph.
    pub fn amend(&mut self, address: &Address, field: &str, value: Value) {
        self.nodes.get_mut(address).expect("the address is of this graph").spec[field] = value;
    }

    #[must_use]
    pub fn len(&self) -> usize {
        self.nodes.len()
    }

    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.nodes.is_empty()
    }

    #[must_use]
    pub fn targets(&self) -> BTreeSet<&str> {
        self.nodes.keys().map(Address::target).collect()
    }

    /// What a node waits for.
    #[must_use]
    pub fn needs(&self, node: &Node) -> BTreeMap<Address, KnownAt> {
        node.needs(&|address| self.get(address).map(|node| node.facts))
    }

    /// Every node after all it needs.
    #[must_use]
    pub fn in_order(&self) -> Vec<&Node> {
        let (mut order, mut seen) = (Vec::new(), BTreeSet::new());
        for node in self.nodes() {
            self.visit(node, &mut seen, &mut order);
        }
        order
    }

    fn visit<'a>(&'a self, node: &'a Node, seen: &mut BTreeSet<&'a Address>, order: &mut Vec<&'a Node>) {
        if !seen.insert(&node.address) {
            return;
        }
        for need in self.needs(node).keys().filter_map(|address| self.get(address)) {
            self.visit(need, seen, order);
        }
        order.push(node);
    }

    fn dangling(&self) -> Vec<Flaw> {
        let mut flaws = Vec::new();
        for node in self.nodes() {
            for (to, field) in references(&node.spec) {
                match self.get(&to) {
                    None => flaws.push(Flaw::NotDefined { from: node.address.clone(), to }),
                    Some(target) if target.facts.output(&field).is_none() => {
                        flaws.push(Flaw::NoSuchOutput { from: node.address.clone(), to, field });
                    }
                    Some(_) => {}
                }
            }
            let after = node.after.iter().filter(|(to, _)| self.get(to).is_none());
            flaws.extend(after.map(|(to, _)| Flaw::NotDefined { from: node.address.clone(), to: to.clone() }));
        }
        flaws
    }

    fn cycle(&self) -> Option<Flaw> {
        let mut done = BTreeSet::new();
        self.nodes().find_map(|node| self.walk(&node.address, &mut Vec::new(), &mut done)).map(Flaw::Cycle)
    }

    fn walk(&self, at: &Address, path: &mut Vec<Address>, done: &mut BTreeSet<Address>) -> Option<Vec<Address>> {
        if let Some(start) = path.iter().position(|address| address == at) {
            return Some(path[start..].iter().cloned().chain([at.clone()]).collect());
        }
        let node = self.get(at).filter(|_| !done.contains(at))?;
        path.push(at.clone());
        let found = self.needs(node).keys().find_map(|need| self.walk(need, path, done));
        path.pop();
        done.insert(at.clone());
        found
    }

    /// The graph as a golden file shows it: address to account, spec and orders without data.
    #[must_use]
    pub fn to_json(&self) -> Value {
        let node = |node: &Node| {
            let mut shown = json!({"account": node.account, "spec": node.spec});
            if !node.after.is_empty() {
                shown["after"] = json!(node.after);
            }
            if !node.outlives.is_empty() {
                shown["outlives"] = json!(node.outlives);
            }
            if node.on_down == OnDown::Keep {
                shown["on_down"] = json!(node.on_down);
            }
            shown
        };
        Value::Object(self.nodes().map(|each| (each.address.to_string(), node(each))).collect())
    }
}

/// A mistake in a blueprint.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Flaw {
    #[error("`{0}` is defined twice")]
    DefinedTwice(Address),
    #[error("`{from}` refers to `{to}`, which is not defined")]
    NotDefined { from: Address, to: Address },
    #[error("`{from}` refers to `{to}#{field}`, but that kind has no such output")]
    NoSuchOutput { from: Address, to: Address, field: String },
    #[error("objects wait for each other: {}", .0.iter().map(Address::as_str).collect::<Vec<_>>().join(" → "))]
    Cycle(Vec<Address>),
}
