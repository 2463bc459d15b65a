//! Somebody changes something: the plan shows exactly that, and an `up` mends it.

use std::{collections::BTreeSet, time::Duration};

use engine::{Action, Plan};
use model::{Address, CreateSafety, Node, Sealed};
use serde_json::{Value, json};

use crate::{platform::platform, runs::Options, world::World};

/// Every field that can be seen to differ: not those that an object is found by.
fn fields(node: &Node) -> Vec<String> {
    let found_by = match node.facts.kind {
        "alias" | "version" => "function",
        "record" => "zone",
        // What is in a function goes by its name.
        "function" => "name",
        _ => "",
    };
    let fields = node.spec.as_object().expect("specs are objects").keys();
    fields.filter(|field| *field != found_by).cloned().collect()
}

fn drifted(value: &Value) -> Value {
    match value {
        Value::Number(number) => json!(number.as_u64().unwrap_or(0) + 1),
        Value::Array(_) => json!(["drifted"]),
        _ => json!("drifted"),
    }
}

fn changed_fields(action: &Action) -> Vec<String> {
    match action {
        Action::Update { fields } | Action::Replace { fields, .. } => fields.clone(),
        _ => Vec::new(),
    }
}

fn uses(graph: &Sealed, user: &Address, what: &Address) -> bool {
    let needs = graph.needs(graph.get(user).expect("a node"));
    needs.keys().any(|need| need == what || uses(graph, need, what))
}

/// Exactly these fields of the object, and else only what refers to it.
fn assert_shows(graph: &Sealed, plan: &Plan, address: &Address, field: &str) {
    assert_eq!(changed_fields(&plan.steps[address].action), [field], "{address}");
    for step in plan.changes().filter(|step| step.address != *address) {
        assert!(uses(graph, &step.address, address), "{field} of {address} changes {}", step.address);
    }
}

#[tokio::test(start_paused = true)]
async fn drift_of_any_field_is_shown_and_mended() {
    let graph = platform();
    let up = World::with(&graph).await;
    for node in graph.nodes().filter(|node| node.facts.create != CreateSafety::External) {
        for field in fields(node) {
            let (world, at) = (up.healed(), node.address.as_str());
            let was = world.get(at).spec[&field].clone();
            world.change(at, |object| object.spec[&field] = drifted(&was));
            let options = Options::replacing(at);
            let when = format!("{field} of {at}");
            assert_shows(&graph, &world.plan_with(&graph, &options).await, &node.address, &field);
            world.up_with(&graph, &options).await.expect("a run").good(&when);
            world.assert_converged(&graph, &when).await;
        }
    }
}

#[tokio::test(start_paused = true)]
async fn drift_of_everything_at_once_is_mended() {
    let graph = platform();
    let world = World::with(&graph).await;
    for node in graph.nodes().filter(|node| !node.facts.holds_data && node.facts.create != CreateSafety::External) {
        for field in fields(node).into_iter().filter(|field| !node.facts.replace_on.contains(&field.as_str())) {
            world.change(node.address.as_str(), |object| object.spec[&field] = drifted(&object.spec[&field]));
        }
    }
    world.up(&graph).await.expect("a run").good("all drifted");
    world.assert_converged(&graph, "all drifted").await;
}

#[tokio::test(start_paused = true)]
async fn any_object_that_went_is_made_again() {
    let graph = platform();
    let up = World::with(&graph).await;
    for node in graph.nodes().filter(|node| node.facts.create != CreateSafety::External) {
        let (world, at) = (up.healed(), node.address.as_str());
        let id = world.get(at).id;
        world.state().remove(&id);
        world.up(&graph).await.expect("a run").good(at);
        world.assert_converged(&graph, at).await;
    }
}

#[tokio::test(start_paused = true)]
async fn what_failed_is_replaced() {
    let graph = platform();
    let up = World::with(&graph).await;
    let made = graph.nodes().filter(|node| node.facts.create != CreateSafety::External);
    for (node, lag) in made.flat_map(|node| [(node, 0), (node, 3)]) {
        let (world, at) = (up.healed().lagging(Duration::from_secs(lag)), node.address.as_str());
        let broken = world.get(at).id;
        world.change(at, |object| object.broken = true);
        if node.facts.holds_data {
            let plan = world.plan(&graph).await;
            let blocked: BTreeSet<&str> = plan.blocked().map(|(address, _)| address.as_str()).collect();
            assert_eq!(blocked, BTreeSet::from([at]), "never unasked");
        }
        world.up_with(&graph, &Options::replacing(at)).await.expect("a run").good(at);
        tokio::time::sleep(Duration::from_secs(lag)).await;
        world.assert_converged(&graph, at).await;
        let is_restored = crate::kinds::rules(node.facts.kind).retires;
        assert!(is_restored || world.get(at).id != broken, "{at}");
    }
}
