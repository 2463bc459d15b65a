//! What AWS told in its answers to a run is not asked for again, and everything else is.

use std::{collections::BTreeSet, time::Duration};

use model::{CreateSafety, Sealed};
use serde_json::json;

use crate::{
    kinds::rules,
    platform::{platform, platform_with},
    runs::address,
    world::{Nth, What, World},
};

/// Kinds in accounts, as reads are called by.
fn questions(graph: &Sealed, is_meant: impl Fn(&model::Node) -> bool) -> BTreeSet<String> {
    graph.nodes().filter(|node| is_meant(node)).map(|node| format!("{}/{}", node.account, node.facts.kind)).collect()
}

#[tokio::test(start_paused = true)]
async fn what_aws_told_is_not_read_again() {
    let (world, graph) = (World::new(), platform());
    let told = world.up(&graph).await.expect("a run").good("up").report.told;
    let world = world.healed();
    assert_eq!(world.plan_after(&graph, &told).await.changes().count(), 0);
    let asked: BTreeSet<String> = world.calls().into_iter().map(|call| call.what).collect();
    assert_eq!(asked, questions(&graph, |node| !told.contains_key(&node.address)));
    assert!(told.contains_key(&address("food/alias/create")), "{:?}", told.keys());
}

#[tokio::test(start_paused = true)]
async fn what_may_have_twins_is_searched_for_all_the_same() {
    let (world, graph) = (World::new(), platform());
    let told = world.up(&graph).await.expect("a run").good("up").report.told;
    let searched = |node: &model::Node| matches!(node.facts.create, CreateSafety::TagFirst | CreateSafety::Token);
    let found = graph.nodes().filter(|node| searched(node)).filter(|node| told.contains_key(&node.address));
    assert_eq!(found.count(), 0);
    assert!(graph.nodes().any(searched));
}

#[tokio::test(start_paused = true)]
async fn an_answer_that_was_not_heard_tells_nothing() {
    let writes = World::with_log(&platform()).await.len();
    for n in 1..=writes {
        let world = World::new().injured(Nth::Write(n), What::Lost);
        let run = world.up(&platform()).await.expect("a run").good("up");
        let lost = world.writes().swap_remove(n - 1);
        // What is waited for afterwards is read, and so is told.
        let is_done_at_once = lost.verb == "create" && rules(address(&lost.what).kind()).settles == Duration::ZERO;
        assert!(!is_done_at_once || !run.report.told.contains_key(&address(&lost.what)), "{n}: {lost:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn what_was_there_before_is_read_again() {
    let world = World::with(&platform()).await;
    let graph = platform_with(&[("hub/network/main", "settings", json!("dns and host names"))]);
    let told = world.up(&graph).await.expect("a run").good("up").report.told;
    assert!(told.is_empty(), "{:?}", told.keys());
}
