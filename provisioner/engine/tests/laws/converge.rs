//! A run without trouble: everything once, nothing left to do, in a good order and always the same one.

use std::{
    collections::BTreeSet,
    time::{Duration, Instant as Clock},
};

use engine::{Class, Rates};
use model::{Graph, KnownAt};
use serde_json::{Value, json};

use crate::{
    aws::to,
    kinds::Soft,
    platform::{platform, platform_with, platform_without},
    runs::once_each,
    world::{Call, Nth, What, World},
};

#[tokio::test(start_paused = true)]
async fn up_leaves_nothing_to_do() {
    let world = World::new();
    world.up(&platform()).await.expect("a run").good("up");
    world.assert_converged(&platform(), "after up").await;
}

#[tokio::test(start_paused = true)]
async fn a_second_up_changes_nothing() {
    let world = World::with(&platform()).await;
    world.up(&platform()).await.expect("a run").good("second up");
    assert_eq!(world.writes(), []);
}

#[tokio::test(start_paused = true)]
async fn the_same_input_gives_the_same_calls() {
    let mut orders: Vec<Vec<(&str, String)>> = Vec::new();
    for _ in 0..3 {
        let world = World::new();
        world.up(&platform()).await.expect("a run").good("up");
        world.down(&platform()).await.expect("a run").good("down");
        orders.push(world.calls().into_iter().map(|call| (call.verb, call.what)).collect());
    }
    assert_eq!(orders[0], orders[1]);
    assert_eq!(orders[0], orders[2]);
}

#[tokio::test(start_paused = true)]
async fn calls_under_way_are_bounded() {
    for at_once in [1, 3] {
        let world = World::new().behind(Rates::default(), at_once);
        world.up(&platform()).await.expect("a run").good("up");
        assert_eq!(world.state().most_in_flight, at_once);
    }
}

#[tokio::test(start_paused = true)]
async fn what_has_the_most_behind_it_goes_first() {
    let world = World::new().behind(Rates::default(), 1);
    world.up(&platform()).await.expect("a run").good("up");
    assert_eq!(world.log()[0], "create hub/certificate/main", "it takes minutes, and the listener waits for it");
}

#[tokio::test(start_paused = true)]
async fn every_reference_is_waited_for_as_long_as_it_needs() {
    let world = World::new();
    world.up(&platform()).await.expect("a run").good("up");
    let (graph, calls) = (platform(), world.writes());
    let mut early = 0;
    for node in graph.nodes() {
        for (need, at) in graph.needs(node) {
            let Some(made) = created(&calls, need.as_str()) else { continue };
            let own = created(&calls, node.address.as_str()).expect("everything is made");
            assert!(made < own, "{} before {need}", node.address);
            let ready = ready(&world, need.as_str());
            match at {
                KnownAt::Ready => assert!(own >= ready, "{} before {need} is ready", node.address),
                KnownAt::Created => early += usize::from(own < ready),
            }
        }
    }
    assert!(early >= 6, "networks take ten seconds, and what needs their id does not wait: {early}");
}

#[tokio::test(start_paused = true)]
async fn an_id_is_passed_on_before_the_rest_of_the_object_is_set() {
    let world = World::new();
    world.up(&platform()).await.expect("a run").good("up");
    let calls = world.writes();
    let settings =
        calls.iter().find(|call| call.verb == "update" && call.what == "hub/network/main").expect("it is set");
    assert_eq!(created(&calls, "hub/subnet/a"), Some(settings.at));
}

#[tokio::test(start_paused = true)]
async fn an_output_that_comes_late_is_waited_for_but_no_more_than_that() {
    let world = World::new();
    world.up(&platform()).await.expect("a run").good("up");
    let calls = world.writes();
    let (certificate, record, listener) = (
        created(&calls, "hub/certificate/main").expect("it is made"),
        created(&calls, "hub/record/validation").expect("it is made"),
        created(&calls, "hub/listener/main").expect("it is made"),
    );
    assert!(record - certificate >= Duration::from_secs(2), "its name is told after two seconds");
    assert!(listener - record >= Duration::from_secs(5), "the certificate is issued five seconds after its record");
    assert!(listener - record < Duration::from_secs(10), "and looked at often enough");
}

#[tokio::test(start_paused = true)]
async fn what_can_go_in_one_call_does() {
    let world = World::new();
    world.up(&platform()).await.expect("a run").good("up");
    let batches: Vec<String> = world.log().into_iter().filter(|call| call.starts_with("batch")).collect();
    let all = "batch +food/record/name +hub/record/a +hub/record/b +hub/record/c";
    assert_eq!(batches, ["batch +hub/record/validation", all]);
}

#[tokio::test(start_paused = true)]
async fn what_becomes_ready_in_one_moment_goes_in_one_call() {
    let world = World::new();
    let (clients, door) = (to("hub/group/clients", "id"), to("hub/group/door", "id"));
    let graph = platform_with(&[("hub/record/a", "target", clients), ("hub/record/b", "target", door)]);
    world.up(&graph).await.expect("a run").good("up");
    assert!(world.log().contains(&"batch +hub/record/a +hub/record/b".to_owned()), "{:?}", world.log());
}

#[tokio::test(start_paused = true)]
async fn while_a_batch_is_under_way_the_next_one_gathers() {
    let graph = platform_with(&[("hub/record/a", "target", json!("known"))]);
    let first =
        World::with_log(&graph).await.iter().position(|call| call == "batch +hub/record/a").expect("it goes alone");
    let world = World::new().injured_often(Nth::Write(first + 1), What::Refused(Class::Throttled), 12);
    world.up(&graph).await.expect("a run").good("up");
    let mut batches: Vec<String> =
        world.log().into_iter().filter(|call| call.contains("hub/record/") && !call.contains("validation")).collect();
    batches.dedup();
    assert_eq!(batches, ["batch +hub/record/a", "batch +food/record/name +hub/record/b +hub/record/c"]);
    world.assert_behaved("one batch at a time");
}

#[tokio::test(start_paused = true)]
async fn each_kind_is_read_once_per_account() {
    let world = World::with(&platform()).await;
    assert!(world.plan(&platform()).await.is_empty());
    let reads: Vec<String> = world.calls().into_iter().map(|call| call.what).collect();
    let different: BTreeSet<&String> = reads.iter().collect();
    assert_eq!(reads.len(), different.len(), "{reads:?}");
    assert!(reads.len() < once_each(&platform()).len(), "{reads:?}");
}

#[tokio::test(start_paused = true)]
async fn what_joins_later_does_not_put_off_the_look_at_what_was_there() {
    let mut graph = Graph::new();
    let spec = |a: Vec<Value>| Soft(json!({"name": "n", "a": a, "b": [], "v": 0, "r": 0}));
    for n in 0..60 {
        graph.add("hub", "x", &format!("n{n:02}"), spec(Vec::new()));
    }
    graph.add("hub", "x", "user", spec(vec![to("x/soft/n00", "ready")]));
    // With something behind it, it goes before the others.
    graph.add("hub", "x", "last", spec(vec![to("x/soft/user", "ready")]));
    let graph = graph.seal().expect("a sound graph");
    let world = World::new().behind(Rates::default(), 1);
    world.up(&graph).await.expect("a run").good("up");
    let user = created(&world.writes(), "x/soft/user").expect("it is made");
    assert!(user < world.get("x/soft/n00").ready + Duration::from_secs(2), "new ones come for five seconds");
}

#[tokio::test(start_paused = true)]
async fn waiting_costs_few_calls() {
    let world = World::new();
    let graph = platform_without(&["hub/record/validation", "hub/listener", "hub/record", "food/record"]);
    let started = Clock::now();
    assert!(!world.up(&graph).await.expect("a run").is_good(), "nothing proves the domain");
    let looks = world.calls().iter().filter(|call| call.what == "hub/certificate").count();
    assert!((20..50).contains(&looks), "{looks} in five minutes");
    assert!(started.elapsed() < Duration::from_secs(20), "the loop spins");
}

/// When something was made.
fn created(calls: &[Call], address: &str) -> Option<tokio::time::Instant> {
    let is_it = |call: &&Call| match call.verb {
        "create" => call.what == address,
        "batch" => call.what.split(' ').any(|member| member.trim_start_matches('+') == address),
        _ => false,
    };
    calls.iter().find(is_it).map(|call| call.at)
}

fn ready(world: &World, address: &str) -> tokio::time::Instant {
    world.get(address).ready
}
