//! A hub and a service on it, each in an account of its own, and a little of another service.

use std::collections::BTreeMap;

use model::{Graph, Handle, Kind, Node, OnDown, Sealed};
use serde_json::{Value, json};

use crate::{
    aws::to,
    kinds::{
        Alias, Certificate, Function, Group, Key, Listener, Log, Network, PrefixList, Record, Role, Rule, Stamp,
        Subnet, Table, Vault, Version, Zone,
    },
};

/// A graph being written, with what a test wants otherwise than usual.
pub(crate) struct Sketch {
    graph: Graph,
    other: BTreeMap<(String, String), Value>,
    without: Vec<String>,
    kept: Vec<String>,
}

impl Sketch {
    fn add<K: Kind>(&mut self, account: &str, address: &str, mut spec: Value, of: fn(Value) -> K) -> Option<&mut Node> {
        if self.without.iter().any(|without| address.starts_with(without)) {
            return None;
        }
        for ((_, field), value) in self.other.iter().filter(|((of, _), _)| of == address) {
            spec[field] = value.clone();
        }
        let (target, name) = (address.split('/').next()?, address.split('/').nth(2)?);
        let node = self.graph.define(account, &Handle::declare(target, name), of(spec));
        if self.kept.iter().any(|kept| kept == address) {
            node.on_down = OnDown::Keep;
        }
        Some(node)
    }
}

/// The whole platform.
pub(crate) fn platform() -> Sealed {
    platform_with(&[])
}

/// The platform with some fields otherwise.
pub(crate) fn platform_with(other: &[(&str, &str, Value)]) -> Sealed {
    build(other, &[], &[])
}

/// The platform without addresses that start with one of these.
pub(crate) fn platform_without(without: &[&str]) -> Sealed {
    build(&[], without, &[])
}

/// The platform with some addresses that a `down` leaves alone.
pub(crate) fn platform_keeping(kept: &[&str]) -> Sealed {
    build(&[], &[], kept)
}

fn build(other: &[(&str, &str, Value)], without: &[&str], kept: &[&str]) -> Sealed {
    let other = other.iter().map(|(at, field, value)| (((*at).to_owned(), (*field).to_owned()), value.clone()));
    let texts = |texts: &[&str]| texts.iter().map(|&text| text.to_owned()).collect();
    let (without, kept) = (texts(without), texts(kept));
    let mut sketch = Sketch { graph: Graph::new(), other: other.collect(), without, kept };
    network(&mut sketch);
    door(&mut sketch);
    data(&mut sketch);
    compute(&mut sketch);
    sketch.graph.seal().expect("a sound graph")
}

fn network(sketch: &mut Sketch) {
    let (network, clients, door) =
        (to("hub/network/main", "id"), to("hub/group/clients", "id"), to("hub/group/door", "id"));
    sketch.add("hub", "hub/network/main", json!({"cidr": "10.0.0.0/16", "settings": "dns"}), Network);
    sketch.add("hub", "hub/subnet/a", json!({"network": network, "cidr": "10.0.1.0/24"}), Subnet);
    for name in ["clients", "door"] {
        let spec = json!({"network": network, "name": name, "unexpected": []});
        sketch.add("hub", &format!("hub/group/{name}"), spec, Group);
    }
    sketch.add("hub", "hub/rule/in", json!({"group": door, "peer": clients, "port": 443}), Rule);
    sketch.add("hub", "hub/rule/out", json!({"group": clients, "peer": door, "port": 443}), Rule);
}

fn door(sketch: &mut Sketch) {
    let (zone, listener) = (to("hub/zone/internal", "id"), to("hub/listener/main", "id"));
    let network = to("hub/network/main", "id");
    sketch.add("hub", "hub/zone/internal", json!({"name": "internal", "network": network}), Zone);
    sketch.add("hub", "hub/certificate/main", json!({"domain": "internal"}), Certificate);
    let validation = json!({"zone": zone, "name": to("hub/certificate/main", "record"), "target": "acm"});
    sketch.add("hub-dns", "hub/record/validation", validation, Record);
    let spec = json!({"network": network, "certificate": to("hub/certificate/main", "arn"), "port": 443});
    sketch.add("hub", "hub/listener/main", spec, Listener);
    for name in ["a", "b", "c"] {
        let spec = json!({"zone": zone, "name": name, "target": listener});
        sketch.add("hub", &format!("hub/record/{name}"), spec, Record);
    }
    sketch.add("hub", "food/record/name", json!({"zone": zone, "name": "food", "target": listener}), Record);
}

fn data(sketch: &mut Sketch) {
    for (target, account) in [("hub", "hub"), ("food", "shop")] {
        let spec = json!({"description": target, "rotation": true});
        sketch.add(account, &format!("{target}/key/main"), spec, Key);
    }
    let vault = json!({"name": "endpoint", "value": {"$join": ["in ", to("hub/network/main", "id")]}, "key": to("hub/key/main", "id"), "policy": "all"});
    sketch.add("hub", "hub/vault/endpoint", vault, Vault);
    let table = json!({"name": "orders", "keys": ["id"], "indexes": ["day"], "key": to("food/key/main", "id")});
    sketch.add("shop", "food/table/orders", table, Table);
}

fn compute(sketch: &mut Sketch) {
    let (function, revision) = (to("food/function/create", "name"), to("food/function/create", "revision"));
    sketch.add("shop", "food/network/main", json!({"cidr": "10.0.0.0/16", "settings": "dns"}), Network);
    let group = json!({"network": to("food/network/main", "id"), "name": "lambda", "unexpected": []});
    sketch.add("shop", "food/group/lambda", group, Group);
    sketch.add("shop", "food/prefix-list/dynamodb", json!({"name": "dynamodb"}), PrefixList);
    let peer = to("food/prefix-list/dynamodb", "id");
    sketch.add(
        "shop",
        "food/rule/out",
        json!({"group": to("food/group/lambda", "id"), "peer": peer, "port": 443}),
        Rule,
    );
    let role = json!({"name": "create", "policy": to("food/table/orders", "id")});
    if let Some(node) = sketch.add("shop", "food/role/create", role, Role) {
        node.outlives.push(("food/group/lambda".parse().expect("an address"), "the group is freed in its name"));
    }
    sketch.add("shop", "food/log/create", json!({"name": "create"}), Log);
    let spec = json!({
        "name": "create", "role": to("food/role/create", "id"), "code": "one", "memory": 128,
        "endpoint": to("hub/vault/endpoint", "id"),
    });
    if let Some(node) = sketch.add("shop", "food/function/create", spec, Function) {
        node.after
            .push(("food/log/create".parse().expect("an address"), "a function makes a log of its own otherwise"));
    }
    sketch.add("shop", "food/version/create", json!({"function": function, "revision": revision}), Version);
    // Another service in the same account.
    sketch.add("shop", "tea/log/brew", json!({"name": "brew"}), Log);
    let stamp = json!({"name": "create", "revision": to("food/function/create", "revision")});
    sketch.add("shop", "food/stamp/create", stamp, Stamp);
    let alias = json!({"name": "live", "function": function, "version": to("food/version/create", "id")});
    sketch.add("shop", "food/alias/create", alias, Alias);
}
