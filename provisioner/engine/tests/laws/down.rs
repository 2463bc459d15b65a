//! Taking down: nothing stays, from whatever is there and whatever goes wrong.

use engine::Class;

use crate::{
    platform::{platform, platform_without},
    runs::{Killed, once_each},
    twins::may_have_twin,
    world::{Nth, What, World},
};

#[tokio::test(start_paused = true)]
async fn down_leaves_nothing_and_asks_for_each_delete_once() {
    let world = World::with(&platform()).await;
    world.down(&platform()).await.expect("a run").good("down");
    world.assert_empty("after down");
    let deletes: usize = world.log().iter().map(|call| call.matches('-').count().max(1)).sum();
    assert!(deletes <= once_each(&platform()).len() + 2, "users go before what they use: {:#?}", world.log());
}

#[tokio::test(start_paused = true)]
async fn what_outlives_another_goes_after_it() {
    let world = World::with(&platform()).await;
    world.down(&platform()).await.expect("a run").good("down");
    let log = world.log();
    let at = |call: &str| log.iter().position(|each| each == call).unwrap_or_else(|| panic!("no {call} in {log:?}"));
    assert!(at("delete food/group/lambda") < at("delete food/role/create"), "no reference says so");
    assert!(at("delete food/role/create") < at("delete food/table/orders"));
}

#[tokio::test(start_paused = true)]
async fn a_second_down_changes_nothing() {
    let world = World::with(&platform()).await;
    world.down(&platform()).await.expect("a run").good("down");
    let world = world.healed();
    world.down(&platform()).await.expect("a run").good("second down");
    assert_eq!(world.writes(), []);
}

async fn writes() -> usize {
    let world = World::with(&platform()).await;
    world.down(&platform()).await.expect("a run").good("down");
    world.writes().len()
}

#[tokio::test(start_paused = true)]
async fn down_recovers_from_a_kill_at_any_write() {
    for what in [What::CrashBefore, What::CrashAfter] {
        for n in 1..=writes().await {
            let when = format!("{what:?} {n}");
            let world = World::with(&platform()).await.injured(Nth::Write(n), what);
            assert_eq!(world.down(&platform()).await.expect_err(&when), Killed);
            let world = world.healed();
            world.down(&platform()).await.expect("a run").good(&when);
            world.assert_empty(&when);
        }
    }
}

#[tokio::test(start_paused = true)]
async fn up_goes_on_from_a_down_that_was_killed() {
    for n in 1..=writes().await {
        let when = format!("killed at {n}");
        let world = World::with(&platform()).await.injured(Nth::Write(n), What::CrashAfter);
        assert_eq!(world.down(&platform()).await.expect_err(&when), Killed);
        let world = world.healed();
        world.up(&platform()).await.expect("a run").good(&when);
        world.assert_converged(&platform(), &when).await;
    }
}

#[tokio::test(start_paused = true)]
async fn down_leaves_nothing_of_an_up_that_was_killed() {
    let ups = World::with_log(&platform()).await.len();
    for n in 1..=ups {
        let when = format!("killed at {n}");
        let world = World::new().injured(Nth::Write(n), What::CrashAfter);
        assert_eq!(world.up(&platform()).await.expect_err(&when), Killed);
        let world = world.healed();
        world.down(&platform()).await.expect("a run").good(&when);
        world.assert_empty(&when);
    }
}

#[tokio::test(start_paused = true)]
async fn trouble_on_the_way_down_is_waited_out() {
    let troubles = [Class::Throttled, Class::NotYet, Class::Busy, Class::Unknown].map(What::Refused);
    for what in troubles.into_iter().chain([What::Lost]) {
        for n in 1..=writes().await {
            let when = format!("{what:?} at {n}");
            let world = World::with(&platform()).await.injured(Nth::Write(n), what);
            world.down(&platform()).await.expect("a run").good(&when);
            assert!(world.is_injured(), "{when}");
            world.assert_empty(&when);
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_denied_delete_keeps_what_it_uses_and_nothing_else() {
    for n in 1..=writes().await {
        let when = format!("denied at {n}");
        let world = World::with(&platform()).await.injured(Nth::Write(n), What::Refused(Class::Denied));
        let run = world.down(&platform()).await.expect("a run");
        assert!(!run.is_good(), "{when}");
        let left = world.owned().into_keys().collect::<Vec<_>>();
        let known: Vec<String> = run
            .report
            .outcomes
            .iter()
            .filter(|(_, outcome)| !matches!(outcome, engine::Outcome::Done))
            .map(|(address, _)| address.to_string())
            .collect();
        assert_eq!(left, known, "{when}: what is left is what the report says");
        let world = world.healed();
        world.down(&platform()).await.expect("a run").good(&when);
        world.assert_empty(&when);
    }
}

#[tokio::test(start_paused = true)]
async fn one_target_goes_alone() {
    let world = World::with(&platform()).await;
    world.down_with(&platform(), &["food"]).await.expect("a run").good("down food");
    assert_eq!(world.owned(), once_each(&platform_without(&["food/"])));
}

#[tokio::test(start_paused = true)]
async fn twins_go_too() {
    let world = World::with(&platform()).await;
    for node in platform().nodes().filter(|node| may_have_twin(node)) {
        world.twin(node.address.as_str());
    }
    world.down(&platform()).await.expect("a run").good("down");
    world.assert_empty("after down");
}

#[tokio::test(start_paused = true)]
async fn what_is_kept_stays_and_is_found_again() {
    let graph = crate::platform::platform_keeping(&["food/table/orders", "food/key/main"]);
    let world = World::with(&graph).await;
    let run = world.down(&graph).await.expect("a run").good("down");
    let kept: Vec<&str> = run.plan.strays.iter().map(|(_, seen)| seen.address.as_str()).collect();
    assert_eq!(kept, ["food/key/main", "food/table/orders"]);
    assert_eq!(world.owned().into_keys().collect::<Vec<_>>(), kept);
    let ids = kept.iter().map(|address| world.get(address).id).collect::<Vec<_>>();
    world.up(&graph).await.expect("a run").good("up again");
    world.assert_converged(&graph, "up again").await;
    assert_eq!(["food/key/main", "food/table/orders"].map(|address| world.get(address).id).to_vec(), ids);
}

#[tokio::test(start_paused = true)]
async fn what_is_scheduled_for_deletion_comes_back() {
    let world = World::with(&platform()).await;
    let key = world.get("hub/key/main").id;
    world.down(&platform()).await.expect("a run").good("down");
    assert!(world.get("hub/key/main").retired);
    world.up(&platform()).await.expect("a run").good("up again");
    world.assert_converged(&platform(), "up again").await;
    assert_eq!(world.get("hub/key/main").id, key);
}
