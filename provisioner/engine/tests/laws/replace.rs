//! Replacing: in which order the old one goes, and what goes with it.

use std::time::Duration;

use engine::{Action, Class, Outcome};
use model::Sealed;
use serde_json::json;

use crate::{
    platform::{platform, platform_with},
    runs::{Options, Run, address},
    world::{Nth, What, World},
};

/// Where in the list of writes something is.
fn position(log: &[String], call: &str) -> usize {
    log.iter().position(|each| each == call).unwrap_or_else(|| panic!("no `{call}` in {log:#?}"))
}

fn assert_order(log: &[String], calls: &[&str]) {
    let positions: Vec<usize> = calls.iter().map(|call| position(log, call)).collect();
    assert!(positions.is_sorted(), "{calls:#?} in {log:#?}");
}

#[tokio::test(start_paused = true)]
async fn where_both_can_be_there_dependents_move_before_the_old_one_goes() {
    let world = World::with(&platform()).await;
    let graph = platform_with(&[("hub/certificate/main", "domain", json!("new"))]);
    let plan = world.plan(&graph).await;
    let create_first = Action::Replace { fields: vec!["domain".to_owned()], create_first: true };
    assert_eq!(plan.steps[&address("hub/certificate/main")].action, create_first);
    world.up(&graph).await.expect("a run").good("up");
    assert_order(
        &world.log(),
        &[
            "create hub/certificate/main",
            "batch +hub/record/validation",
            "update hub/listener/main",
            "delete hub/certificate/main",
        ],
    );
    world.assert_converged(&graph, "replaced").await;
}

#[tokio::test(start_paused = true)]
async fn where_the_replacement_is_elsewhere_its_name_is_in_nobodys_way() {
    let world = World::with(&platform()).await;
    let graph = platform_with(&[("hub/network/main", "cidr", json!("10.9.0.0/16"))]);
    world.up(&graph).await.expect("a run").good("up");
    assert_order(&world.log(), &["create hub/group/door", "delete hub/group/door", "delete hub/network/main"]);
    world.assert_converged(&graph, "in another network").await;
}

#[tokio::test(start_paused = true)]
async fn where_only_one_can_be_there_what_uses_it_goes_first() {
    let world = World::with(&platform()).await;
    let graph =
        platform_with(&[("food/function/create", "name", json!("new")), ("food/log/create", "name", json!("new"))]);
    world.up(&graph).await.expect("a run").good("up");
    assert_order(
        &world.log(),
        &[
            "delete food/alias/create",
            "delete food/version/create",
            "delete food/function/create",
            "create food/function/create",
            "create food/version/create",
            "create food/alias/create",
        ],
    );
    world.assert_converged(&graph, "replaced").await;
}

#[tokio::test(start_paused = true)]
async fn what_must_go_first_goes_when_its_replacement_can_be_made() {
    let world = World::with(&platform()).await;
    let graph = platform_with(&[
        ("food/function/create", "name", json!("new")),
        ("food/log/create", "name", json!("new")),
        ("hub/vault/endpoint", "policy", json!("new")),
    ]);
    let n = {
        let world = world.healed();
        world.up(&graph).await.expect("a run").good("up");
        let log = world.log();
        assert_order(&log, &["update hub/vault/endpoint", "delete food/alias/create", "create food/function/create"]);
        position(&log, "update hub/vault/endpoint") + 1
    };
    let world = world.healed().injured(Nth::Write(n), What::Refused(Class::Denied));
    let run = world.up(&graph).await.expect("a run");
    assert!(matches!(run.report.outcomes[&address("food/function/create")], Outcome::Skipped { .. }));
    for address in ["food/function/create", "food/version/create", "food/alias/create"] {
        assert_eq!(world.owned().get(address), Some(&1), "it was not deleted in vain");
    }
}

#[tokio::test(start_paused = true)]
async fn a_new_revision_goes_all_the_way() {
    for lag in [0, 10] {
        let world = World::with(&platform()).await.lagging(Duration::from_secs(lag));
        let graph = platform_with(&[("food/function/create", "code", json!("two"))]);
        world.up(&graph).await.expect("a run").good("up");
        let calls = [
            "update food/function/create",
            "create food/version/create",
            "update food/alias/create",
            "delete food/version/create",
        ];
        let mut log = world.log();
        log.retain(|call| !call.contains("/stamp/"));
        log.dedup();
        assert_eq!(log, calls, "repeated only while what it refers to has not arrived everywhere");
        tokio::time::sleep(Duration::from_secs(lag)).await;
        world.assert_converged(&graph, "released").await;
    }
}

#[tokio::test(start_paused = true)]
async fn what_came_to_nothing_is_not_done() {
    let world = World::with(&platform()).await;
    world.change("food/function/create", |function| function.spec["memory"] = json!(1));
    let plan = world.plan(&platform()).await;
    assert_eq!(plan.changes().count(), 4, "a new version may be due, the alias with it, and a new stamp");
    world.up(&platform()).await.expect("a run").good("up");
    assert_eq!(world.log(), ["update food/function/create"], "the version of this revision is there");
    world.assert_converged(&platform(), "mended").await;
}

#[tokio::test(start_paused = true)]
async fn several_calls_for_one_change_are_all_made() {
    let world = World::with(&platform()).await;
    let graph = platform_with(&[
        ("food/function/create", "code", json!("two")),
        ("food/function/create", "memory", json!(256)),
    ]);
    world.up(&graph).await.expect("a run").good("up");
    let updates = world.log().iter().filter(|call| *call == "update food/function/create").count();
    assert!(updates >= 2, "the second one is refused while the first is under way");
    world.assert_converged(&graph, "released").await;
}

#[tokio::test(start_paused = true)]
async fn data_is_never_replaced_unasked() {
    let world = World::with(&platform()).await;
    let graph = platform_with(&[("food/table/orders", "keys", json!(["other"]))]);
    let run = world.up(&graph).await.expect("a run");
    let blocked: Vec<String> = run.plan.blocked().map(|(address, why)| format!("{address}: {why}")).collect();
    let why = "food/table/orders: it holds data and would be replaced because of `keys`: allow it with `--replace food/table/orders`";
    assert_eq!(blocked, [why]);
    assert!(!run.is_good());
    assert_eq!(world.writes(), []);
    world.up_with(&graph, &Options::replacing("food/table/orders")).await.expect("a run").good("allowed");
    world.assert_converged(&graph, "replaced").await;
}

#[tokio::test(start_paused = true)]
async fn what_another_target_uses_is_not_replaced_without_it() {
    let world = World::with(&platform()).await;
    let graph = platform_with(&[("hub/vault/endpoint", "name", json!("new"))]);
    let run = world.up_with(&graph, &Options::of(&["hub"])).await.expect("a run");
    let blocked: Vec<String> = run.plan.blocked().map(|(address, why)| format!("{address}: {why}")).collect();
    let why = "hub/vault/endpoint: it is replaced, and `food/function/create` uses it: run `provisioner up food hub`";
    assert_eq!(blocked, [why]);
    assert_eq!(world.writes(), []);
    world.up_with(&graph, &Options::of(&["food", "hub"])).await.expect("a run").good("both");
    world.assert_converged(&graph, "replaced").await;
}

#[tokio::test(start_paused = true)]
async fn a_whole_network_is_replaced() {
    let world = World::with(&platform()).await;
    let graph = platform_with(&[("hub/network/main", "cidr", json!("10.9.0.0/16"))]);
    world.up(&graph).await.expect("a run").good("up");
    assert_order(&world.log(), &["create hub/network/main", "create hub/subnet/a", "delete hub/network/main"]);
    world.assert_converged(&graph, "replaced").await;
}

#[tokio::test(start_paused = true)]
async fn a_replacement_recovers_from_trouble_at_any_write() {
    let changes = [
        ("hub/network/main", "cidr", json!("10.9.0.0/16")),
        ("hub/certificate/main", "domain", json!("new")),
        ("food/function/create", "name", json!("new")),
        ("food/log/create", "name", json!("new")),
        ("food/role/create", "name", json!("new")),
    ];
    let graph = platform_with(&changes);
    let up = World::with(&platform()).await;
    let writes = {
        let world = up.healed();
        world.up(&graph).await.expect("a run").good("up");
        world.assert_converged(&graph, "undisturbed").await;
        world.writes().len()
    };
    for lag in [Duration::ZERO, Duration::from_secs(4)] {
        for what in [What::CrashBefore, What::CrashAfter, What::Lost, What::Refused(Class::Unknown)] {
            for n in 1..=writes {
                let when = format!("{what:?} {n} lag {lag:?}");
                let world = up.healed().lagging(lag).injured(Nth::Write(n), what);
                let killed = world.up(&graph).await.is_err();
                tokio::time::sleep(lag).await;
                let world = world.healed();
                if killed {
                    world.up(&graph).await.expect("a run").good(&when);
                    tokio::time::sleep(lag).await;
                }
                world.assert_converged(&graph, &when).await;
            }
        }
    }
}

#[tokio::test(start_paused = true)]
async fn what_uses_an_object_that_goes_first_goes_first_too() {
    let world = World::with(&platform()).await;
    let graph = platform_with(&[("hub/group/door", "name", json!("gate"))]);
    let plan = world.plan(&graph).await;
    for rule in ["hub/rule/in", "hub/rule/out"] {
        let action = &plan.steps[&address(rule)].action;
        assert!(matches!(action, Action::Replace { create_first: false, .. }), "{rule}: {action:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn what_went_is_made_again_even_if_nothing_of_it_changed() {
    let world = World::with(&platform()).await;
    world.change("food/function/create", |function| function.broken = true);
    world.up(&platform()).await.expect("a run").good("up");
    assert!(world.log().contains(&"create food/alias/create".to_owned()), "its function has the same name as before");
    world.assert_converged(&platform(), "made again").await;
}

#[tokio::test(start_paused = true)]
async fn what_could_not_be_deleted_is_named() {
    let world = World::with(&platform()).await;
    let graph = platform_with(&[("food/role/create", "name", json!("new"))]);
    let world = world.injured(Nth::Write(1), What::Refused(Class::Denied));
    let run = world.up(&graph).await.expect("a run");
    let failed: Vec<&str> = run.report.failures().map(|(address, _)| address.as_str()).collect();
    assert_eq!(failed, ["food/role/create"]);
}

/// Denies a call of an `up`, and gives back what the run left.
async fn up_without(graph: &Sealed, call: &str) -> (World, Run) {
    let up = World::with(&platform()).await;
    let undisturbed = up.healed();
    undisturbed.up(graph).await.expect("a run").good("undisturbed");
    undisturbed.assert_converged(graph, "undisturbed").await;
    let n = position(&undisturbed.log(), call) + 1;
    let world = up.healed().injured(Nth::Write(n), What::Refused(Class::Denied));
    let run = world.up(graph).await.expect("a run");
    (world, run)
}

#[tokio::test(start_paused = true)]
async fn the_old_one_stays_while_something_refers_to_it_be_it_inside_a_text() {
    let graph = platform_with(&[("hub/network/main", "cidr", json!("10.9.0.0/16"))]);
    let (world, _) = up_without(&graph, "update hub/vault/endpoint").await;
    assert_eq!(world.owned()["hub/network/main"], 2);
}

#[tokio::test(start_paused = true)]
async fn the_old_one_stays_while_something_still_uses_it_that_soon_will_not() {
    let graph = platform_with(&[
        ("hub/certificate/main", "domain", json!("new")),
        ("hub/listener/main", "certificate", json!("none")),
    ]);
    let started = tokio::time::Instant::now();
    let (_, run) = up_without(&graph, "update hub/listener/main").await;
    assert!(matches!(run.report.outcomes[&address("hub/certificate/main")], Outcome::Skipped { .. }));
    assert!(started.elapsed() < Duration::from_secs(120), "it was not even tried: {:?}", started.elapsed());
}
