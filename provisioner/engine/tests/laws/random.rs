//! Random graphs, and worlds that are what runs of other graphs, killed somewhere, have left.

use std::time::Duration;

use model::{Graph, Handle, OnDown, Sealed};
use proptest::prelude::*;
use serde_json::{Value, json};

use crate::{
    aws::to,
    kinds::{Hard, Soft},
    runs::Options,
    world::{Nth, What, World},
};

/// One node as it is drawn; references lead to nodes with smaller numbers.
#[derive(Clone, Debug)]
struct Drawn {
    is_wanted: bool,
    /// References that cannot change in place, and ones that can: to whom, and whether that one must be ready.
    a: Vec<(usize, bool)>,
    b: Vec<(usize, bool)>,
    after: Option<usize>,
    v: u8,
    r: u8,
    in_shop: bool,
}

const MOST: usize = 9;

/// Which nodes are hard is the same for all graphs of a case: the kind is part of the address.
type Shape = [bool; MOST];

fn drawn() -> impl Strategy<Value = Drawn> {
    let reference = || prop::collection::vec((0..MOST, any::<bool>()), 0..3);
    let after = prop::option::weighted(0.2, 0..MOST);
    (prop::bool::weighted(0.85), reference(), reference(), after, 0..3_u8, 0..2_u8, any::<bool>())
        .prop_map(|(is_wanted, a, b, after, v, r, in_shop)| Drawn { is_wanted, a, b, after, v, r, in_shop })
}

fn drawing() -> impl Strategy<Value = Vec<Drawn>> {
    prop::collection::vec(drawn(), MOST)
}

fn address(shape: &Shape, n: usize) -> String {
    format!("x/{}/n{n}", if shape[n] { "hard" } else { "soft" })
}

/// A soft node refers to soft ones only, and what refers to a hard one goes with it: else nothing could be replaced.
fn references(shape: &Shape, drawing: &[Drawn], n: usize, to_whom: &[(usize, bool)], may_be_hard: bool) -> Value {
    let usable = to_whom.iter().filter(|(to, _)| *to < n && drawing[*to].is_wanted && (may_be_hard || !shape[*to]));
    usable.map(|(at, ready)| to(&address(shape, *at), if *ready { "ready" } else { "id" })).collect()
}

fn graph(shape: &Shape, drawing: &[Drawn]) -> Sealed {
    let mut graph = Graph::new();
    for (n, drawn) in drawing.iter().enumerate().filter(|(_, drawn)| drawn.is_wanted) {
        let a = references(shape, drawing, n, &drawn.a, shape[n]);
        let b = references(shape, drawing, n, &drawn.b, false);
        let spec = json!({"name": format!("n{n}"), "a": a, "b": b, "v": drawn.v, "r": drawn.r});
        let (name, account) = (format!("n{n}"), if drawn.in_shop { "shop" } else { "hub" });
        let node = match shape[n] {
            true => graph.define(account, &Handle::declare("x", &name), Hard(spec)),
            false => graph.define(account, &Handle::declare("x", &name), Soft(spec)),
        };
        node.on_down = OnDown::Delete;
        let after = drawn.after.filter(|after| *after < n && drawing[*after].is_wanted);
        node.after.extend(after.map(|after| (address(shape, after).parse().expect("an address"), "drawn")));
    }
    // Both accounts are searched, whatever was drawn.
    graph.define("hub", &Handle::declare("x", "hub"), crate::kinds::Log(json!({"name": "hub"})));
    graph.define("shop", &Handle::declare("x", "shop"), crate::kinds::Log(json!({"name": "shop"})));
    graph.seal().expect("a sound graph")
}

/// What happened before, and what happens during the run.
#[derive(Clone, Debug)]
struct Past {
    before: Vec<Drawn>,
    killed_at: usize,
    twins: Vec<usize>,
    chaos: u64,
    seed: u64,
    lag: u64,
}

fn past() -> impl Strategy<Value = Past> {
    let chaos = prop::sample::select(vec![0, 0, 10, 25]);
    let twins = prop::collection::vec(0..MOST, 0..2);
    (drawing(), 0..30_usize, twins, chaos, any::<u64>(), prop::sample::select(vec![0, 0, 3]))
        .prop_map(|(before, killed_at, twins, chaos, seed, lag)| Past { before, killed_at, twins, chaos, seed, lag })
}

async fn world(shape: &Shape, past: &Past) -> World {
    let world = World::new().injured(Nth::Write(past.killed_at), What::CrashAfter);
    if let Ok(run) = world.up(&graph(shape, &past.before)).await {
        run.good("before");
    }
    let world = world.healed();
    for n in &past.twins {
        let at = address(shape, *n);
        if world.owned().contains_key(&at) {
            world.twin(&at);
        }
    }
    world.state().chaos = (past.chaos, past.seed);
    world.lagging(Duration::from_secs(past.lag))
}

async fn check(shape: Shape, past: Past, wanted: Vec<Drawn>) {
    let world = world(&shape, &past).await;
    let graph = graph(&shape, &wanted);
    let started = tokio::time::Instant::now();
    world.up_with(&graph, &Options::prune()).await.expect("a run").good("up");
    assert!(started.elapsed() < Duration::from_secs(600), "it waited for what cannot come: {:?}", started.elapsed());
    tokio::time::sleep(Duration::from_secs(past.lag)).await;
    world.assert_converged(&graph, "after up").await;
    world.down(&graph).await.expect("a run").good("down");
    world.assert_empty("after down");
}

fn node() -> Drawn {
    Drawn { is_wanted: true, a: Vec::new(), b: Vec::new(), after: None, v: 0, r: 0, in_shop: false }
}

fn past_of(before: Vec<Drawn>) -> Past {
    Past { before, killed_at: 0, twins: Vec::new(), chaos: 0, seed: 0, lag: 0 }
}

/// Found by chance: what moves to another account after something that goes first must not hold that up.
#[tokio::test(start_paused = true)]
async fn an_order_without_data_holds_up_nothing_that_must_go_soon() {
    let shape = [true, false, false, false, false, false, false, false, false];
    let before = vec![Drawn { r: 1, ..node() }, node(), Drawn { b: vec![(1, false)], ..node() }];
    let moved = Drawn { in_shop: true, after: Some(0), ..node() };
    let wanted = vec![node(), moved, Drawn { b: vec![(1, false)], ..node() }];
    check(shape, past_of(before), wanted).await;
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_world_becomes_as_wanted_in_one_run(shape: Shape, past in past(), wanted in drawing()) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build();
        runtime.expect("a runtime").block_on(check(shape, past, wanted));
    }
}
