//! What a run is expected to take is what it takes, or a little less: nothing is waited for without need.

use std::time::Duration;

use engine::{Because, Estimate, Gate, Pace, Rates, estimate};
use model::{Graph, Handle, Rate, Sealed};
use serde_json::{Value, json};

use crate::{
    aws::{operation, to},
    kinds::{Listener, Network, Soft},
    platform::platform,
    runs::Options,
    world::World,
};

/// The estimate, and what the run took.
async fn compare(graph: &Sealed, rates: Rates) -> (Estimate, Duration) {
    let world = World::new().behind(rates.clone(), Gate::AT_ONCE);
    let plan = world.plan(graph).await;
    let expected = estimate(&world.drivers(), graph, &plan, &rates).expect("there is something to do");
    let options = Options { pace: Pace { rates, ..Pace::default() }, ..Options::default() };
    let run = world.up_with(graph, &options).await.expect("a run").good("up");
    (expected, run.report.elapsed)
}

fn networks(count: usize) -> Graph {
    let mut graph = Graph::new();
    for n in 0..count {
        graph.add("hub", "x", &format!("n{n}"), Network(json!({"cidr": format!("10.{n}.0.0/16"), "settings": "dns"})));
    }
    graph
}

/// Three objects that wait for each other for five seconds each, and three of ten seconds.
fn chain_and_networks() -> Sealed {
    let mut graph = networks(3);
    let soft = |a: Vec<Value>| Soft(json!({"name": "n", "a": a, "b": [], "v": 0, "r": 0}));
    graph.add("hub", "x", "a", soft(Vec::new()));
    graph.add("hub", "x", "b", soft(vec![to("x/soft/a", "ready")]));
    graph.add("hub", "x", "c", soft(vec![to("x/soft/b", "ready")]));
    graph.seal().expect("a sound graph")
}

#[tokio::test(start_paused = true)]
async fn what_is_scarce_is_asked_for_first() {
    let scarce = [(operation("network", "create"), Rate::every_millis(30_000, 1))].into_iter().collect();
    for (rates, first) in [(Rates::default(), "create x/soft/a"), (scarce, "create x/network/n0")] {
        let world = World::new().behind(rates.clone(), 1);
        let options = Options { pace: Pace { rates, ..Pace::default() }, ..Options::default() };
        world.up_with(&chain_and_networks(), &options).await.expect("a run").good("up");
        assert_eq!(world.log()[0], first);
    }
}

#[tokio::test(start_paused = true)]
async fn without_scarce_calls_the_longest_chain_counts() {
    let (expected, _) = compare(&chain_and_networks(), Rates::default()).await;
    assert_eq!(expected.time, Duration::from_secs(15), "three times five seconds");
    let Because::Chain { longest } = expected.because else { panic!("{expected:?}") };
    assert_eq!(longest.kind(), "soft");
}

#[tokio::test(start_paused = true)]
async fn an_id_is_enough_for_who_needs_no_more() {
    let mut graph = networks(1);
    let listener = Handle::<Listener>::declare("x", "l");
    let spec = json!({"network": to("x/network/n0", "id"), "certificate": "", "port": 443});
    graph.define("hub", &listener, Listener(spec));
    let (expected, _) = compare(&graph.seal().expect("a sound graph"), Rates::default()).await;
    assert_eq!(expected.time, Duration::from_secs(10), "the listener is made meanwhile");
}

#[tokio::test(start_paused = true)]
async fn scarce_calls_count_with_what_is_before_and_behind_them() {
    let rates = [(operation("network", "create"), Rate::every_millis(30_000, 2))];
    let (expected, took) = compare(&networks(6).seal().expect("a sound graph"), rates.into_iter().collect()).await;
    assert_eq!(expected.time, Duration::from_secs(4 * 30 + 10), "two at once, four more, and the last becomes ready");
    assert!(matches!(expected.because, Because::Rate { calls: 6, .. }), "{expected:?}");
    assert!(took >= expected.time && took.as_secs_f64() < expected.time.as_secs_f64() * 1.05, "{took:?} {expected:?}");
}

#[tokio::test(start_paused = true)]
async fn the_longest_way_of_a_platform_is_its_certificate() {
    let (expected, _) = compare(&platform(), Rates::default()).await;
    let Because::Chain { longest } = &expected.because else { panic!("{expected:?}") };
    assert_eq!(longest.as_str(), "hub/certificate/main");
}

#[tokio::test(start_paused = true)]
async fn nothing_to_do_takes_no_time() {
    let graph = platform();
    let world = World::with(&graph).await;
    let plan = world.plan(&graph).await;
    assert_eq!(estimate(&world.drivers(), &graph, &plan, &Rates::default()), None);
}
