//! Which part of a graph a run is about.

use std::collections::BTreeSet;

use model::{Address, Node, Sealed};

/// Which part of a graph a run is about.
#[derive(Clone, Debug)]
pub struct Scope {
    /// Addresses that may be changed.
    pub selected: BTreeSet<Address>,
    /// Addresses that are read because selected ones refer to them, directly or not.
    pub context: BTreeSet<Address>,
    /// Of the context, what says whom it serves: it may be changed in place, and in no other way.
    pub adjusted: BTreeSet<Address>,
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
            let new = needs.filter(|need| !selected.contains(need) && context.insert(need.clone()));
            open.extend(new);
        }
        Self { selected, context, adjusted: BTreeSet::new(), everywhere }
    }

    /// The same, with these objects changed in place where the selected ones need it.
    #[must_use]
    pub fn adjusting(mut self, addresses: &[Address]) -> Self {
        self.adjusted = addresses.iter().filter(|address| self.context.contains(*address)).cloned().collect();
        self
    }

    #[must_use]
    pub fn contains(&self, address: &Address) -> bool {
        self.selected.contains(address) || self.context.contains(address)
    }
}
