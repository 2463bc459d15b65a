//! Interrupting a run: what is under way ends, nothing else begins, and the next run goes on.

use std::time::Duration;

use engine::{Class, Event, Outcome, Stop};
use model::Address;

use crate::{
    platform::platform,
    runs::Run,
    world::{Nth, What, World},
};

async fn writes() -> usize {
    World::with_log(&platform()).await.len()
}

/// What had begun when the run was interrupted, and what was written after.
fn assert_only_ended(world: &World, n: usize, when: &str) {
    let writes = world.writes();
    let before: Vec<&str> = writes[..n].iter().map(|call| call.what.as_str()).collect();
    for call in &writes[n..] {
        assert!(before.contains(&call.what.as_str()), "{when}: {} {} began after the interrupt", call.verb, call.what);
    }
}

#[tokio::test(start_paused = true)]
async fn the_first_interrupt_ends_what_is_under_way() {
    for n in 1..=writes().await {
        let when = format!("interrupted at write {n}");
        let world = World::new().injured(Nth::Write(n), What::Asked(Stop::Soon));
        let run = world.up(&platform()).await.expect("a run");
        assert!(world.is_injured(), "{when}");
        // Calls that started in the same moment had been let through.
        let at = world.writes()[n - 1].at + Duration::from_millis(40);
        let begun = world.writes().iter().filter(|call| call.at <= at).count();
        assert_only_ended(&world, begun, &when);
        assert_told(&world, &run, &when);
        let world = world.healed();
        world.up(&platform()).await.expect("a run").good(&when);
        world.assert_converged(&platform(), &when).await;
    }
}

/// What the report calls done is there, what it calls not started is not.
fn assert_told(world: &World, run: &Run, when: &str) {
    let owned = world.owned();
    for (address, outcome) in run.report.outcomes.iter().filter(|(address, _)| address.kind() != "prefix-list") {
        let is_there = owned.contains_key(address.as_str());
        match outcome {
            Outcome::Done | Outcome::NotReady => assert!(is_there, "{when}: {address} {outcome:?}"),
            Outcome::NotStarted => assert!(!is_there, "{when}: {address} {outcome:?}"),
            other => panic!("{when}: {address} {other:?}"),
        }
    }
    let all_done = run.report.outcomes.values().all(|outcome| matches!(outcome, Outcome::Done));
    assert_eq!(run.report.interrupted, !all_done, "{when}");
}

#[tokio::test(start_paused = true)]
async fn the_second_interrupt_ends_the_run_at_once() {
    for n in 1..=writes().await {
        let when = format!("stopped at write {n}");
        let world = World::new().injured(Nth::Write(n), What::Asked(Stop::Now));
        let run = world.up(&platform()).await.expect("a run");
        let at = world.writes()[n - 1].at;
        assert!(at.elapsed() <= Duration::from_millis(41), "{when}: {:?}", at.elapsed());
        let unknown: Vec<&Address> = run.report.failures().map(|(address, _)| address).collect();
        assert!(!unknown.is_empty(), "{when}: the call's answer was not heard");
        assert!(run.report.interrupted, "{when}");
        let world = world.healed();
        world.up(&platform()).await.expect("a run").good(&when);
        world.assert_converged(&platform(), &when).await;
    }
}

#[tokio::test(start_paused = true)]
async fn an_interrupt_ends_long_waits() {
    for (class, is_known) in [(Class::Busy, true), (Class::Unknown, false)] {
        let busy = What::Refused(class);
        let world =
            World::new().injured_often(Nth::Write(2), busy, 1000).injured(Nth::Write(20), What::Asked(Stop::Soon));
        let run = world.up(&platform()).await.expect("a run");
        let at = world.writes()[19].at;
        assert!(at.elapsed() < Duration::from_secs(1), "{:?}", at.elapsed());
        let hit = world.state().injuries[0].hit.clone().expect("it was reached").1;
        let outcome = &run.report.outcomes[&crate::runs::address(&hit)];
        match is_known {
            true => assert!(matches!(outcome, Outcome::NotStarted), "{outcome:?}"),
            false => assert!(matches!(outcome, Outcome::Unknown { .. }), "{outcome:?}"),
        }
    }
}

#[tokio::test(start_paused = true)]
async fn an_interrupt_before_the_first_call_changes_nothing() {
    let world = World::new();
    world.stop.send_replace(Stop::Soon);
    let run = world.up(&platform()).await.expect("a run");
    assert!(run.report.interrupted);
    assert!(run.report.outcomes.values().all(|outcome| matches!(outcome, Outcome::NotStarted)));
    assert_eq!(world.writes(), []);
}

#[tokio::test(start_paused = true)]
async fn every_start_has_an_end() {
    let world = World::new();
    let run = world.up(&platform()).await.expect("a run").good("up");
    let (mut started, mut finished) = (Vec::new(), Vec::new());
    for event in &run.events {
        match event {
            Event::Started { address, .. } => started.push(address),
            Event::Finished { address, .. } => {
                assert!(started.contains(&address), "{address} ended before it began");
                finished.push(address);
            }
            Event::Waiting { address, .. } => assert!(started.contains(&address), "{address} waits before it began"),
            Event::Unneeded { address } | Event::Failed { address, .. } | Event::Skipped { address, .. } => {
                panic!("{address}")
            }
            Event::Paused { account, .. } | Event::Resumed { account } => panic!("{account}"),
        }
    }
    started.sort();
    finished.sort();
    assert_eq!(started, finished);
    assert_eq!(finished.len(), run.report.outcomes.len());
}
