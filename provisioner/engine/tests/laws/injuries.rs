//! Whatever goes wrong, and at whichever call: nothing is lost, nothing is doubled.

use std::{collections::BTreeSet, time::Duration};

use engine::{Class, Event, Outcome};
use model::{Address, Sealed};

use crate::{
    platform::platform,
    runs::{Killed, Run, address},
    world::{Nth, What, World},
};

/// How many calls, and how many writes among them, an `up` of the platform makes.
async fn calls() -> (usize, usize) {
    let world = World::new();
    world.up(&platform()).await.expect("a run").good("up");
    (world.calls().len(), world.writes().len())
}

#[tokio::test(start_paused = true)]
async fn up_recovers_from_a_kill_at_any_write() {
    for what in [What::CrashBefore, What::CrashAfter] {
        for n in 1..=calls().await.1 {
            let when = format!("{what:?} {n}");
            let world = World::new().injured(Nth::Write(n), what);
            assert_eq!(world.up(&platform()).await.expect_err(&when), Killed);
            let world = world.healed();
            world.up(&platform()).await.expect("a run").good(&when);
            world.assert_converged(&platform(), &when).await;
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_lost_answer_is_looked_after() {
    for lag in [Duration::ZERO, Duration::from_secs(4)] {
        for n in 1..=calls().await.1 {
            let when = format!("lost {n}, lag {lag:?}");
            let world = World::new().lagging(lag).injured(Nth::Write(n), What::Lost);
            world.up(&platform()).await.expect("a run").good(&when);
            assert!(world.is_injured(), "{when}");
            tokio::time::sleep(lag).await;
            world.assert_converged(&platform(), &when).await;
        }
    }
}

#[tokio::test(start_paused = true)]
async fn what_passes_by_waiting_is_waited_out() {
    for class in [Class::Throttled, Class::NotYet, Class::Busy, Class::Unknown] {
        for n in 1..=calls().await.0 {
            let when = format!("{class:?} at call {n}");
            let world = World::new().injured_often(Nth::Call(n), What::Refused(class), 3);
            world.up(&platform()).await.expect("a run").good(&when);
            assert!(world.is_injured(), "{when}");
            world.assert_converged(&platform(), &when).await;
        }
    }
}

#[tokio::test(start_paused = true)]
async fn what_is_denied_takes_along_its_dependents_only() {
    for n in 1..=calls().await.1 {
        let when = format!("denied write {n}");
        let world = World::new().injured(Nth::Write(n), What::Refused(Class::Denied));
        let run = world.up(&platform()).await.expect("a run");
        let hit = world.state().injuries[0].hit.clone().expect("it was reached").1;
        assert_failed_alone(&platform(), &run, &addresses(&hit), &when);
        let world = world.healed();
        world.up(&platform()).await.expect("a run").good(&when);
        world.assert_converged(&platform(), &when).await;
    }
}

/// The addresses of a call.
fn addresses(what: &str) -> BTreeSet<Address> {
    what.split(' ').map(|member| address(member.trim_start_matches(['+', '-']))).collect()
}

/// What was hit failed; what depends on it was skipped; everything else is done.
fn assert_failed_alone(graph: &Sealed, run: &Run, hit: &BTreeSet<Address>, when: &str) {
    let mut hit = hit.clone();
    let is_touched = |hit: &BTreeSet<Address>, address: &Address| hit.iter().any(|hit| depends(graph, address, hit));
    // Without its record, a certificate is not issued, though no reference says so.
    if is_skipped(run, &address("hub/record/validation")) || hit.contains(&address("hub/record/validation")) {
        hit.insert(address("hub/certificate/main"));
    }
    let failed: BTreeSet<Address> = run.report.failures().map(|(address, _)| address.clone()).collect();
    let expected: BTreeSet<Address> = hit.iter().filter(|address| !is_skipped(run, address)).cloned().collect();
    assert_eq!(failed, expected, "{when}");
    for (address, outcome) in run.report.outcomes.iter().filter(|(address, _)| !failed.contains(*address)) {
        let excused =
            matches!(outcome, Outcome::Skipped { because } if is_touched(&hit, address) && failed.contains(because));
        assert!(excused || matches!(outcome, Outcome::Done), "{when}: {address} {outcome:?}");
    }
}

fn is_skipped(run: &Run, address: &Address) -> bool {
    matches!(run.report.outcomes[address], Outcome::Skipped { .. })
}

fn depends(graph: &Sealed, address: &Address, on: &Address) -> bool {
    let node = graph.get(address).expect("a node");
    address == on || graph.needs(node).keys().any(|need| depends(graph, need, on))
}

#[tokio::test(start_paused = true)]
async fn independent_failures_are_all_reported() {
    let denied = What::Refused(Class::Denied);
    let world = World::new();
    for (n, call) in World::with_log(&platform()).await.iter().enumerate() {
        if call == "create hub/network/main" || call == "create food/role/create" {
            world.clone().injured(Nth::Write(n + 1), denied);
        }
    }
    let run = world.up(&platform()).await.expect("a run");
    let failed: Vec<&str> = run.report.failures().map(|(address, _)| address.as_str()).collect();
    assert_eq!(failed.len(), 2, "{failed:?}");
}

#[tokio::test(start_paused = true)]
async fn random_trouble_is_survived() {
    for seed in 1..=20 {
        let when = format!("seed {seed}");
        let world = World::new();
        world.state().chaos = (10, seed);
        world.up(&platform()).await.expect("a run").good(&when);
        world.assert_converged(&platform(), &when).await;
        world.down(&platform()).await.expect("a run").good(&when);
        world.assert_empty(&when);
    }
}

#[tokio::test(start_paused = true)]
async fn a_name_that_a_killed_run_took_is_found_even_before_it_shows() {
    let lag = Duration::from_secs(20);
    for (n, call) in World::with_log(&platform()).await.into_iter().enumerate() {
        let is_named =
            ["group", "role", "log", "table", "vault", "zone"].iter().any(|kind| call.contains(&format!("/{kind}/")));
        if !call.starts_with("create") || !is_named {
            continue;
        }
        let world = World::new().injured(Nth::Write(n + 1), What::CrashAfter);
        assert_eq!(world.up(&platform()).await.expect_err(&call), Killed);
        let world = world.healed();
        world.change(call.trim_start_matches("create "), |object| object.shows += lag);
        world.up(&platform()).await.expect("a run").good(&call);
        world.assert_converged(&platform(), &call).await;
    }
}

#[tokio::test(start_paused = true)]
async fn a_mistake_in_a_kind_fails_its_job_and_no_other() {
    for n in 1..=calls().await.1 {
        let when = format!("panic at write {n}");
        let world = World::new().injured(Nth::Write(n), What::Panic);
        let run = world.up(&platform()).await.expect("a run");
        let hit = world.state().injuries[0].hit.clone().expect("it was reached").1;
        assert_failed_alone(&platform(), &run, &addresses(&hit), &when);
        let hit = addresses(&hit);
        let mut failures = run.report.failures().filter(|(address, _)| hit.contains(*address));
        assert!(failures.all(|(_, error)| error.code == "Panicked"), "{when}");
    }
}

#[tokio::test(start_paused = true)]
async fn one_bad_change_does_not_spoil_a_batch() {
    let graph = crate::platform::platform_with(&[("hub/record/b", "name", "refused".into())]);
    let world = World::new();
    let run = world.up(&graph).await.expect("a run");
    assert_failed_alone(&graph, &run, &addresses("hub/record/b"), "a refused record");
}

#[tokio::test(start_paused = true)]
async fn what_may_not_be_looked_at_is_not_waited_for() {
    let looks = {
        let world = World::new();
        world.up(&platform()).await.expect("a run").good("up");
        let calls = world.calls();
        let looks = calls.iter().enumerate().filter(|(_, call)| call.what == "hub/certificate");
        looks.map(|(n, _)| n + 1).collect::<Vec<_>>()
    };
    let world = World::new().injured(Nth::Call(looks[3]), What::Refused(Class::Denied));
    let run = world.up(&platform()).await.expect("a run");
    let failed: Vec<_> = run.report.failures().map(|(address, error)| (address.as_str(), error.class)).collect();
    assert_eq!(failed, [("hub/certificate/main", Class::Denied)]);
}

#[tokio::test(start_paused = true)]
async fn a_run_without_good_credentials_pauses_until_somebody_logs_in() {
    let clean = World::new();
    clean.up(&platform()).await.expect("a run").good("up");
    // The first reading has nobody to wait for it yet.
    let first = clean.calls().iter().position(|call| call.is_write()).expect("a write") + 1;
    for n in first..=clean.calls().len() {
        let when = format!("expired at call {n}");
        let world = World::new().injured_often(Nth::Call(n), What::Refused(Class::Credentials), 20);
        let run = world.up(&platform()).await.expect("a run").good(&when);
        let told = |wanted: fn(&Event) -> bool| run.events.iter().filter(|event| wanted(event)).count();
        let paused = told(|event| matches!(event, Event::Paused { .. }));
        assert_eq!(paused, told(|event| matches!(event, Event::Resumed { .. })), "{when}");
        world.assert_converged(&platform(), &when).await;
    }
}

#[tokio::test(start_paused = true)]
async fn nobody_is_waited_for_forever() {
    let world = World::new().injured_often(Nth::Write(3), What::Refused(Class::Credentials), 10_000);
    let run = world.up(&platform()).await.expect("a run");
    let classes: BTreeSet<Class> = run.report.failures().map(|(_, error)| error.class).collect();
    assert_eq!(classes, BTreeSet::from([Class::Credentials]));
}
