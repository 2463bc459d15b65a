//! More than one object at an address, and objects of others.

use std::time::Duration;

use engine::{Action, State};
use model::Node;
use serde_json::json;

use crate::{
    platform::platform,
    runs::{Options, address},
    world::World,
};

/// Not where the name is all that tells objects apart.
pub(crate) fn may_have_twin(node: &Node) -> bool {
    !["function", "prefix-list", "role"].contains(&node.facts.kind)
}

#[tokio::test(start_paused = true)]
async fn of_twins_one_stays() {
    let graph = platform();
    let up = World::with(&graph).await;
    for node in graph.nodes().filter(|node| may_have_twin(node)) {
        let (world, at) = (up.healed(), node.address.as_str());
        world.twin(at);
        let plan = world.plan(&graph).await;
        assert_eq!(plan.steps[&node.address].surplus.len(), 1, "{at}");
        world.up(&graph).await.expect("a run").good(at);
        world.assert_converged(&graph, at).await;
    }
}

#[tokio::test(start_paused = true)]
async fn the_one_that_is_as_wanted_stays() {
    let world = World::with(&platform()).await;
    let old = world.get("hub/subnet/a").id;
    let new = world.twin("hub/subnet/a");
    world.change("hub/subnet/a", |object| {
        assert_eq!(object.id, old);
        object.spec["cidr"] = json!("10.0.9.0/24");
    });
    world.up(&platform()).await.expect("a run").good("up");
    assert_eq!(world.log(), ["delete hub/subnet/a"]);
    assert_eq!(world.get("hub/subnet/a").id, new);
}

#[tokio::test(start_paused = true)]
async fn of_equal_ones_the_oldest_that_works_stays() {
    let up = World::with(&platform()).await;
    for (broken, drifted) in [(false, false), (true, false), (true, true)] {
        let world = up.healed();
        let old = world.get("food/log/create").id;
        let new = world.twin("food/log/create");
        world.change("food/log/create", |object| object.broken = broken);
        if drifted {
            let mut state = world.state();
            state.objects.get_mut(&new).expect("it was just made").spec["name"] = json!("drifted");
        }
        world.up(&platform()).await.expect("a run").good("up");
        world.assert_converged(&platform(), "up").await;
        assert_eq!(world.state().objects[&old].gone.is_some(), broken, "a failed one is worth nothing");
        assert_eq!(world.state().objects[&new].gone.is_some(), !broken || drifted);
    }
}

#[tokio::test(start_paused = true)]
async fn a_twin_in_another_account_goes_there() {
    let world = World::new();
    let there = world.put(Some("food/role/create"), "role", "hub", json!({"name": "create"}));
    world.up(&platform()).await.expect("a run").good("up");
    let here = world.get_in("food/role/create", "shop").id;
    let world = world.healed();
    let options = Options::prune();
    let reading = world.read(&platform(), &options).await;
    assert_eq!(reading.outputs(&address("food/role/create")).map(|outputs| &outputs["id"]), Some(&json!(here)));
    world.up_with(&platform(), &options).await.expect("a run").good("up");
    assert_eq!(world.log(), ["delete food/role/create"]);
    assert!(world.state().objects[&there].gone.is_some());
    assert!(world.state().objects[&here].gone.is_none());
}

#[tokio::test(start_paused = true)]
async fn a_twin_that_is_ready_sooner_is_not_taken_for_the_one_that_stays() {
    let world = World::with(&platform()).await;
    let twin = world.twin("hub/vault/endpoint");
    let (function, now) = (world.get("food/function/create").id, tokio::time::Instant::now());
    world.change("hub/vault/endpoint", |vault| vault.ready = now + Duration::from_secs(60));
    world.state().objects.get_mut(&twin).expect("it was just made").ready = now + Duration::from_secs(20);
    world.state().remove(&function);
    world.up(&platform()).await.expect("a run").good("up");
    world.assert_converged(&platform(), "up").await;
}

#[tokio::test(start_paused = true)]
async fn what_is_in_the_wrong_account_moves() {
    let world = World::with(&platform()).await;
    world.change("food/role/create", |object| object.place = "hub".to_owned());
    world.up_with(&platform(), &Options::prune()).await.expect("a run").good("up");
    assert_eq!(world.log()[0], "create food/role/create");
    assert_eq!(world.get("food/role/create").place, "shop");
    world.assert_converged(&platform(), "moved").await;
}

#[tokio::test(start_paused = true)]
async fn one_account_under_two_roles_has_no_twins() {
    let world = World::with(&platform()).await;
    world.up_with(&platform(), &Options::prune()).await.expect("a run").good("up");
    assert_eq!(world.writes(), []);
    let places: Vec<String> =
        world.calls().into_iter().map(|call| call.what).filter(|what| what.contains("-dns")).collect();
    assert_eq!(places, ["hub-dns/record"], "the account is searched once");
}

#[tokio::test(start_paused = true)]
async fn somebody_elses_object_is_never_touched() {
    let graph = platform();
    let up = World::with(&graph).await;
    for node in graph.nodes().filter(|node| !crate::kinds::rules(node.facts.kind).unique.is_empty()) {
        let (world, at) = (up.healed(), node.address.as_str());
        let id = world.get(at).id;
        world.change(at, |object| object.owner = None);
        let run = world.up(&graph).await.expect("a run");
        let blocked: Vec<_> = run.plan.blocked().map(|(address, why)| (address.as_str(), why.to_owned())).collect();
        assert_eq!(blocked, [(at, format!("`{id}` is not ours"))]);
        assert!(!run.is_good(), "{at}");
        assert_eq!(world.writes(), [], "{at}");
    }
}

#[tokio::test(start_paused = true)]
async fn somebody_elses_object_beside_ours_is_in_the_way_only_of_a_new_one() {
    let world = World::with(&platform()).await;
    world.put(None, "log", "shop", json!({"name": "create"}));
    world.up(&platform()).await.expect("a run").good("ours is there");
    assert_eq!(world.writes(), []);
    world.change("food/log/create", |object| object.spec["name"] = json!("before"));
    let run = world.up(&platform()).await.expect("a run");
    assert_eq!(run.plan.blocked().count(), 1, "its new name is taken");
    assert_eq!(world.writes(), []);
}

#[tokio::test(start_paused = true)]
async fn an_object_that_somebody_made_meanwhile_is_not_taken_over() {
    let world = World::new();
    let plan = world.plan(&platform()).await;
    let id = world.put(None, "role", "shop", json!({"name": "create"}));
    let started = tokio::time::Instant::now();
    let run = world.execute(&platform(), plan, &engine::Pace::default()).await;
    let (failed, error) = run.report.failures().next().expect("it cannot be made");
    assert_eq!((failed.as_str(), error.class), ("food/role/create", engine::Class::Exists));
    assert!(started.elapsed() < Duration::from_secs(60), "nothing is gained by waiting");
    assert!(world.state().objects[&id].owner.is_none());
    world.assert_behaved("taken meanwhile");
}

#[tokio::test(start_paused = true)]
async fn what_is_retired_is_restored_and_never_deleted_again() {
    let world = World::with(&platform()).await;
    world.change("hub/key/main", |key| (key.retired, key.spec["rotation"]) = (true, json!(false)));
    let plan = world.plan(&platform()).await;
    assert_eq!(plan.steps[&address("hub/key/main")].action, Action::Restore);
    world.up(&platform()).await.expect("a run").good("up");
    assert_eq!(world.log(), ["update hub/key/main"]);
    world.assert_converged(&platform(), "restored").await;
    let retired = world.twin("hub/key/main");
    world.state().objects.get_mut(&retired).expect("it was just made").retired = true;
    let world = world.healed();
    world.up(&platform()).await.expect("a run").good("up");
    assert_eq!(world.writes(), []);
}

#[tokio::test(start_paused = true)]
async fn what_is_still_becoming_ready_is_no_change_but_waited_for() {
    let world = World::with(&platform()).await;
    let ready = tokio::time::Instant::now() + Duration::from_secs(30);
    world.change("food/function/create", |function| function.ready = ready);
    let plan = world.plan(&platform()).await;
    assert!(plan.is_empty());
    assert!(matches!(
        plan.steps[&address("food/function/create")].seen.as_ref().map(|seen| &seen.state),
        Some(State::Pending(_))
    ));
    let alias = world.get("food/alias/create").id;
    world.state().remove(&alias);
    world.up(&platform()).await.expect("a run").good("up");
    assert_eq!(world.log(), ["create food/alias/create"]);
    assert!(world.writes()[0].at >= ready, "the alias needs it ready");
}
