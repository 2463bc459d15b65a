//! What a run is about: its targets, what they need of others, and what nobody wants any more.

use std::{collections::BTreeSet, time::Duration};

use engine::{Action, Class};
use serde_json::json;

use crate::{
    platform::{platform, platform_without},
    runs::{Options, Run, address, once_each},
    world::{Nth, What, World},
};

fn blocked(run: &Run) -> Vec<String> {
    run.plan.blocked().map(|(address, why)| format!("{address}: {why}")).collect()
}

#[tokio::test(start_paused = true)]
async fn a_service_without_its_hub_says_what_to_run() {
    let world = World::new();
    let run = world.up_with(&platform(), &Options::of(&["food"])).await.expect("a run");
    let why = "which does not exist: run `provisioner up hub` first";
    let expected = [
        format!("food/function/create: it needs `hub/vault/endpoint`, {why}"),
        format!("food/record/name: it needs `hub/listener/main`, {why}"),
    ];
    assert_eq!(blocked(&run), expected);
    assert_eq!(world.writes(), []);
}

#[tokio::test(start_paused = true)]
async fn a_service_goes_up_on_a_hub_that_is_never_written() {
    let world = World::with(&platform_without(&["food/"])).await;
    // The hub is not as configured, and that is none of the service's business.
    world.change("hub/key/main", |key| key.spec["description"] = json!("drifted"));
    world.change("hub/network/main", |network| network.spec["cidr"] = json!("drifted"));
    world.twin("hub/subnet/a");
    let run = world.up_with(&platform(), &Options::of(&["food"])).await.expect("a run").good("up food");
    assert!(run.plan.changes().all(|step| step.address.target() == "food"));
    for call in world.log() {
        assert!(!call.contains("hub/"), "{call}");
    }
    assert!(once_each(&platform()).keys().all(|address| world.owned().contains_key(address)));
    world.assert_behaved("up food");
}

#[tokio::test(start_paused = true)]
async fn what_says_whom_the_hub_serves_is_changed_in_place_or_not_at_all() {
    let world = World::with(&platform_without(&["food/"])).await;
    world.change("hub/vault/endpoint", |vault| vault.spec["policy"] = json!("for others"));
    world.change("hub/key/main", |key| key.spec["description"] = json!("drifted"));
    world.change("hub/network/main", |network| network.spec["cidr"] = json!("drifted"));
    let guards = ["hub/vault/endpoint", "hub/network/main"].map(address);
    let options = Options { adjusted: guards.to_vec(), ..Options::of(&["food"]) };
    world.up_with(&platform(), &options).await.expect("a run").good("up food");
    let log = world.log();
    let of_hub: Vec<&String> = log.iter().filter(|call| call.contains("hub/")).collect();
    assert_eq!(of_hub, ["update hub/vault/endpoint"], "the network would be replaced, and the key guards nothing");
    world.assert_behaved("up food");
}

#[tokio::test(start_paused = true)]
async fn a_hub_that_is_still_becoming_ready_is_waited_for() {
    let world = World::with(&platform_without(&["food/"])).await;
    let ready = tokio::time::Instant::now() + Duration::from_secs(60);
    world.change("hub/vault/endpoint", |vault| (vault.ready, vault.spec["policy"]) = (ready, json!("drifted")));
    world.up_with(&platform(), &Options::of(&["food"])).await.expect("a run").good("up food");
    let function = world.writes().into_iter().find(|call| call.what == "food/function/create").expect("it is made");
    assert!(function.at >= ready && function.at < ready + Duration::from_secs(30), "as it is, it is good enough");
}

#[tokio::test(start_paused = true)]
async fn what_cannot_be_read_blocks_and_so_does_what_is_found_through_it() {
    let world = World::with(&platform()).await;
    let reads = world.healed();
    reads.plan(&platform()).await;
    let n = reads.calls().iter().position(|call| call.what == "shop/function").expect("it is read") + 1;
    let world = world.injured(Nth::Call(n), What::Refused(Class::Denied));
    let reading = world.read(&platform(), &Options::default()).await;
    assert_eq!(reading.errors.len(), 1);
    let unknown: Vec<&str> = reading.unknown.iter().map(|address| address.as_str()).collect();
    assert_eq!(unknown, ["food/alias/create", "food/function/create", "food/version/create"]);
    let world = world.healed().injured(Nth::Call(n), What::Refused(Class::Denied));
    let run = world.up(&platform()).await.expect("a run");
    assert_eq!(blocked(&run).len(), 3);
    assert_eq!(world.writes(), []);
}

#[tokio::test(start_paused = true)]
async fn what_nobody_wants_stays_until_it_is_pruned() {
    let world = World::with(&platform()).await;
    let graph = platform_without(&["food/"]);
    let strays: BTreeSet<String> = world.owned().into_keys().filter(|address| address.starts_with("food/")).collect();
    let run = world.up(&graph).await.expect("a run").good("up");
    assert!(run.plan.is_empty());
    assert_eq!(world.writes(), []);
    let run = world.up_with(&graph, &Options::prune()).await.expect("a run").good("prune");
    let deleted: BTreeSet<String> = run.plan.changes().map(|step| step.address.to_string()).collect();
    // Found only through a function that the configuration does not have, these go with it.
    let alone = strays.into_iter().filter(|at| !at.contains("/alias/") && !at.contains("/version/"));
    assert_eq!(deleted, alone.collect());
    assert_eq!(world.owned(), once_each(&graph));
}

#[tokio::test(start_paused = true)]
async fn what_uses_a_stray_by_its_kind_goes_before_it() {
    let world = World::with(&platform()).await;
    // The hub's own groups and rules say which kind uses which.
    let graph = platform_without(&["food/"]);
    world.up_with(&graph, &Options::prune()).await.expect("a run").good("prune");
    let log = world.log();
    let at = |call: &str| log.iter().position(|each| each == call).unwrap_or_else(|| panic!("no {call} in {log:?}"));
    assert!(at("delete food/rule/out") < at("delete food/group/lambda"));
    assert!(at("delete food/group/lambda") < at("delete food/network/main"));
}

#[tokio::test(start_paused = true)]
async fn pruning_is_about_the_targets_of_the_run() {
    let world = World::with(&platform()).await;
    world.put(Some("hub/role/old"), "role", "hub", json!({"name": "old"}));
    world.put(Some("gone/role/old"), "role", "hub", json!({"name": "older"}));
    let graph = platform();
    let options = Options { targets: Options::of(&["food"]).targets, ..Options::prune() };
    world.up_with(&graph, &options).await.expect("a run").good("prune food");
    assert_eq!(world.log(), ["delete gone/role/old"], "the hub's stray is the hub's, but nobody has the other");
}

#[tokio::test(start_paused = true)]
async fn a_stray_in_the_way_of_a_replacement_goes_before_it() {
    let world = World::with(&platform()).await;
    let (network, group) = (world.get("hub/network/main").id, world.get("hub/group/door").id);
    let stray = json!({"group": group, "peer": group, "port": 22});
    world.put(Some("hub/rule/old"), "rule", "hub", stray);
    world.put(Some("hub/subnet/old"), "subnet", "hub", json!({"network": network, "cidr": "10.0.7.0/24"}));
    let graph = crate::platform::platform_with(&[("hub/group/door", "name", json!("gate"))]);
    world.up_with(&graph, &Options::prune()).await.expect("a run").good("prune");
    world.assert_converged(&graph, "pruned").await;
}

#[tokio::test(start_paused = true)]
async fn what_somebody_else_makes_is_waited_for() {
    let world = World::new();
    world.state().objects.clear();
    let plan = world.plan(&platform()).await;
    assert_eq!(plan.steps[&address("food/prefix-list/dynamodb")].action, Action::Create);
    let pace = engine::Pace::default();
    let graph = platform();
    let late = async {
        tokio::time::sleep(Duration::from_secs(60)).await;
        world.put(None, "prefix-list", "shop", json!({"name": "dynamodb"}));
    };
    let (run, ()) = tokio::join!(world.execute(&graph, plan, &pace), late);
    run.good("up");
    world.assert_converged(&graph, "it came").await;
}

#[tokio::test(start_paused = true)]
async fn what_nobody_makes_fails_in_the_end() {
    let world = World::new();
    world.state().objects.clear();
    let run = world.up(&platform()).await.expect("a run");
    let failed: Vec<(&str, &str)> =
        run.report.failures().map(|(address, error)| (address.as_str(), error.message.as_str())).collect();
    assert_eq!(failed, [("food/prefix-list/dynamodb", "not there after 300 s")]);
}

#[tokio::test(start_paused = true)]
async fn strays_whose_references_nobody_knows_go_in_the_order_of_their_kinds() {
    let world = World::with(&platform()).await;
    let network = world.put(Some("gone/network/a"), "network", "hub", json!({"cidr": "10.7.0.0/16"}));
    let vault = json!({"name": "gone", "value": format!("in {network}")});
    world.put(Some("gone/vault/a"), "vault", "hub", vault);
    world.up_with(&platform(), &Options::prune()).await.expect("a run").good("prune");
    assert_eq!(world.log(), ["delete gone/vault/a", "delete gone/network/a"]);
}

#[tokio::test(start_paused = true)]
async fn twins_that_another_target_may_use_stay() {
    let world = World::with(&platform()).await;
    world.twin("hub/vault/endpoint");
    world.twin("hub/subnet/a");
    let run = world.up_with(&platform(), &Options::of(&["hub"])).await.expect("a run").good("up hub");
    assert_eq!(world.log(), ["delete hub/subnet/a"], "the service may use either of the other two");
    let left: Vec<&str> = run.plan.strays.iter().map(|(_, seen)| seen.address.as_str()).collect();
    assert_eq!(left, ["hub/vault/endpoint"]);
    world.up(&platform()).await.expect("a run").good("up all");
    world.assert_converged(&platform(), "up all").await;
}

#[tokio::test(start_paused = true)]
async fn what_is_brought_back_is_there_before_what_needs_it() {
    let world = World::with(&platform()).await;
    let table = world.get("food/table/orders").id;
    world.state().remove(&table);
    world.change("food/key/main", |key| key.retired = true);
    world.up(&platform()).await.expect("a run").good("up");
    assert_eq!(world.log()[..2], ["update food/key/main", "create food/table/orders"]);
    world.assert_converged(&platform(), "restored").await;
}
