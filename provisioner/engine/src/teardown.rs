//! The plan of a `down`: everything that exists of the targets goes, except what is kept.

use std::collections::BTreeSet;

use model::{Address, CreateSafety, OnDown, Sealed};

use crate::{
    Drivers, Plan, Reading, Scope,
    plan::{delete_step, is_there},
    twins::Found,
};

/// Why a `down` deletes.
pub const DOWN: &str = "down";

/// Every object of the targets that exists is deleted; kept ones stay and are listed as [`Plan::strays`]. With all targets go
/// those that the configuration no longer has: nothing could be asked for them by name.
#[must_use]
pub fn teardown(drivers: &Drivers, graph: &Sealed, scope: &Scope, reading: &Reading) -> Plan {
    let targets: BTreeSet<&str> = scope.selected.iter().map(Address::target).collect();
    let known = graph.targets();
    let is_all = known.is_subset(&targets);
    let concerns = |target: &str| targets.contains(target) || (is_all && !known.contains(target));
    let kept = kept(graph);
    let mut plan = Plan::default();
    for (address, found) in reading.seen.iter().filter(|(address, _)| concerns(address.target())) {
        let external = drivers.of(address.kind()).facts().create == CreateSafety::External;
        let found: Vec<Found> = found.iter().filter(|(_, seen)| is_there(seen)).cloned().collect();
        if found.is_empty() || external {
            continue;
        }
        if kept.contains(address) {
            plan.strays.extend(found);
        } else {
            plan.steps.insert(address.clone(), delete_step(drivers, address, found, DOWN));
        }
    }
    plan
}

/// Objects marked to be kept; the configuration marks the key of anything kept as well.
fn kept(graph: &Sealed) -> BTreeSet<&Address> {
    graph.nodes().filter(|node| node.on_down == OnDown::Keep).map(|node| &node.address).collect()
}
