//! Calls are made as often as AWS takes them, and no interrupt waits for that.

use std::time::Duration;

use engine::{Class, Gate, Outcome, Rates, Stop};
use model::{Graph, Rate, Sealed};
use serde_json::json;
use tokio::time::Instant;

use crate::{
    aws::operation,
    kinds::{Log, Network},
    world::{Nth, What, World},
};

const SLOW: Duration = Duration::from_secs(30);

/// So many objects whose calls are scarce, and as many whose calls are not.
fn graph(objects: usize) -> Sealed {
    let mut graph = Graph::new();
    for n in 0..objects {
        graph.add("hub", "x", &format!("n{n}"), Log(json!({"name": format!("n{n}")})));
        graph.add("hub", "x", &format!("n{n}"), Network(json!({"cidr": format!("10.{n}.0.0/16"), "settings": "dns"})));
    }
    graph.seal().expect("a sound graph")
}

fn slow(verb: &str, kind: &str) -> Rates {
    [(operation(kind, verb), Rate { every: SLOW, burst: 1 })].into_iter().collect()
}

fn times(world: &World, verb: &str, kind: &str) -> Vec<Instant> {
    let part = format!("/{kind}/");
    world.writes().iter().filter(|call| call.verb == verb && call.what.contains(&part)).map(|call| call.at).collect()
}

#[tokio::test(start_paused = true)]
async fn scarce_calls_keep_their_distance_and_hold_up_no_others() {
    let world = World::new().behind(slow("create", "network"), 2);
    let started = Instant::now();
    world.up(&graph(5)).await.expect("a run").good("up");
    let scarce = times(&world, "create", "network");
    assert_eq!(scarce.len(), 5);
    assert!(scarce.windows(2).all(|two| two[1] - two[0] == SLOW), "{scarce:?}");
    let others = times(&world, "create", "log");
    assert!(others.iter().all(|at| *at - started < Duration::from_secs(2)), "{others:?}");
}

#[tokio::test(start_paused = true)]
async fn an_interrupt_does_not_wait_for_rates() {
    // A network's settings come with a second call: of five that began, one got it, and four would wait.
    let world =
        World::new().behind(slow("update", "network"), Gate::AT_ONCE).injured(Nth::Write(11), What::Asked(Stop::Soon));
    let run = world.up(&graph(5)).await.expect("a run");
    assert!(world.is_injured());
    let at = world.writes()[10].at;
    assert!(at.elapsed() < Duration::from_secs(1), "{:?}", at.elapsed());
    let of = |kind: &'static str| run.report.outcomes.iter().filter(move |(address, _)| address.kind() == kind);
    assert!(of("log").all(|(_, outcome)| matches!(outcome, Outcome::Done)));
    assert!(of("network").all(|(_, outcome)| matches!(outcome, Outcome::NotReady)), "{:?}", run.report.outcomes);
    let world = world.healed();
    world.up(&graph(5)).await.expect("a run").good("the next run");
    world.assert_converged(&graph(5), "after an interrupt").await;
}

#[tokio::test(start_paused = true)]
async fn a_throttled_answer_is_heard_by_all_who_would_make_the_same_call() {
    let world = World::new().behind(Rates::default(), 1).injured(Nth::Write(1), What::Refused(Class::Throttled));
    world.up(&graph(5)).await.expect("a run").good("up");
    let writes = world.writes();
    let (first, kind) = (&writes[0], writes[0].what.split('/').nth(1).expect("a kind"));
    let next = writes[1..].iter().find(|call| call.what.contains(kind)).expect("another one");
    assert!(next.at - first.at >= Duration::from_millis(500), "{:?}", next.at - first.at);
    assert_ne!(writes[1].what.split('/').nth(1), Some(kind), "others go on");
}
