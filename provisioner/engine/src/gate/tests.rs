//! Who comes in, when, and who gives up.

use std::{
    sync::{
        Mutex,
        atomic::{AtomicBool, AtomicUsize},
    },
    time::Duration,
};

use futures::{
    FutureExt as _,
    future::{BoxFuture, join_all},
};
use model::Rate;
use tokio::sync::watch;

use super::*;
use crate::Stop;

const SECOND: Duration = Duration::from_secs(1);

fn rates(limits: &[(&str, Rate)]) -> Rates {
    limits.iter().map(|(operation, rate)| ((*operation).to_owned(), *rate)).collect()
}

/// A job with a weight, and what it was told.
struct Job {
    turn: Arc<Turn>,
    stop: watch::Sender<Stop>,
}

impl Job {
    fn new(weight: u64) -> Self {
        let stop = watch::Sender::new(Stop::Go);
        let turn = Turn {
            weight,
            stop: stop.subscribe(),
            permission: Arc::new(Always),
            on_begin: Box::new(|| {}),
            begun: AtomicBool::new(false),
            wrote: AtomicBool::new(false),
        };
        Self { turn: Arc::new(turn), stop }
    }

    /// A call that takes a second.
    async fn call(&self, gate: &Arc<Gate>, operation: &str) -> Result<(), CallError> {
        self.answer(gate, operation, Ok(())).await
    }

    async fn answer(&self, gate: &Arc<Gate>, operation: &str, answer: Result<(), CallError>) -> Result<(), CallError> {
        let call = async {
            tokio::time::sleep(SECOND).await;
            answer
        };
        self.turn.during(gate.pass(&"1".into(), operation, call)).await
    }
}

/// Makes the calls at once, each with its weight, and tells them in the order of their ends, with the seconds they took.
async fn ended(gate: &Arc<Gate>, calls: &[(&'static str, u64)]) -> Vec<(&'static str, u64, u64)> {
    let (started, ends) = (Instant::now(), Mutex::new(Vec::new()));
    join_all(calls.iter().map(async |(operation, weight)| {
        Job::new(*weight).call(gate, operation).await.expect("nothing is wrong");
        ends.lock().expect("nobody panics").push((*operation, *weight, started.elapsed().as_secs()));
    }))
    .await;
    ends.into_inner().expect("nobody panics")
}

#[tokio::test(start_paused = true)]
async fn the_heaviest_goes_first() {
    let gate = Gate::new(Rates::default(), 1);
    let ends = ended(&gate, &[("a:A", 1), ("a:B", 2), ("b:C", 9), ("a:A", 5)]).await;
    assert_eq!(ends, [("a:A", 1, 1), ("b:C", 9, 2), ("a:A", 5, 3), ("a:B", 2, 4)], "the first found nobody there");
}

#[tokio::test(start_paused = true)]
async fn whoever_waits_for_a_token_holds_up_nobody() {
    let gate = Gate::new(rates(&[("a:Slow", Rate::every_millis(30_000, 1))]), 1);
    let ends = ended(&gate, &[("a:Slow", 3), ("a:Slow", 9), ("a:Quick", 1), ("a:Quick", 2)]).await;
    assert_eq!(ends, [("a:Slow", 3, 1), ("a:Quick", 2, 2), ("a:Quick", 1, 3), ("a:Slow", 9, 31)]);
}

#[tokio::test(start_paused = true)]
async fn a_call_keeps_to_its_own_limit_and_to_its_services() {
    let limits = [("a:*", Rate::every_millis(2_000, 2)), ("a:Slow", Rate::every_millis(5_000, 1))];
    let gate = Gate::new(rates(&limits), 10);
    let ends = ended(&gate, &[("a:Slow", 9), ("a:Slow", 9), ("a:Quick", 1), ("a:Quick", 1), ("b:Other", 1)]).await;
    let times: Vec<(&str, u64)> = ends.into_iter().map(|(operation, _, at)| (operation, at)).collect();
    let own = [("a:Slow", 1), ("a:Quick", 1), ("b:Other", 1), ("a:Quick", 3), ("a:Slow", 6)];
    assert_eq!(times, own, "two at once, then one in two seconds, the slow one in five");
}

#[tokio::test(start_paused = true)]
async fn accounts_have_limits_of_their_own() {
    let gate = Gate::new(rates(&[("a:Slow", Rate::every_millis(30_000, 1))]), 10);
    let started = Instant::now();
    for account in ["1", "2", "3"] {
        gate.pass(&account.into(), "a:Slow", async { Ok(()) }).await.expect("nothing is wrong");
    }
    assert_eq!(started.elapsed(), Duration::ZERO);
}

#[tokio::test(start_paused = true)]
async fn a_crowded_account_holds_up_no_other() {
    let gate = Gate::new(Rates::default(), AtOnce { each: 1, all: 3 });
    let (started, ends) = (Instant::now(), Mutex::new(Vec::new()));
    let calls = [("1", "a:A"), ("1", "a:B"), ("1", "a:A"), ("2", "a:A"), ("3", "a:A"), ("4", "a:A")];
    join_all(calls.into_iter().map(async |(account, operation)| {
        let call = async {
            tokio::time::sleep(SECOND).await;
            Ok(())
        };
        gate.pass(&account.into(), operation, call).await.expect("nothing is wrong");
        ends.lock().expect("nobody panics").push((started.elapsed().as_secs(), account, operation));
    }))
    .await;
    let first = [(1, "1", "a:A"), (1, "2", "a:A"), (1, "3", "a:A")];
    let then = [(2, "1", "a:B"), (2, "4", "a:A"), (3, "1", "a:A")];
    assert_eq!(ends.into_inner().expect("nobody panics"), [first, then].concat());
}

#[tokio::test(start_paused = true)]
async fn who_gave_up_takes_no_turn() {
    let gate = Gate::new(rates(&[("a:Slow", Rate::every_millis(30_000, 1))]), 1);
    Job::new(1).call(&gate, "a:Slow").await.expect("nothing is wrong");
    let (gone, stays) = (Job::new(9), Job::new(1));
    let mut waiting = Box::pin(gone.call(&gate, "a:Slow"));
    assert!((&mut waiting).now_or_never().is_none());
    drop(waiting);
    let started = Instant::now();
    stays.call(&gate, "a:Slow").await.expect("nothing is wrong");
    assert_eq!(started.elapsed(), 30 * SECOND);
}

#[tokio::test(start_paused = true)]
async fn a_throttled_call_makes_others_of_its_kind_wait() {
    let gate = Gate::new(Rates::default(), 10);
    let throttled = CallError {
        class: Class::Throttled,
        retry_after: Some(20 * SECOND),
        ..CallError::own("", "1", "TooManyRequests", "")
    };
    let started = Instant::now();
    Job::new(1).answer(&gate, "a:Busy", Err(throttled)).await.expect_err("it is throttled");
    Job::new(1).call(&gate, "a:Other").await.expect("nothing is wrong");
    assert_eq!(started.elapsed(), 2 * SECOND);
    Job::new(1).call(&gate, "a:Busy").await.expect("nothing is wrong");
    assert_eq!(started.elapsed(), 22 * SECOND);
}

#[tokio::test(start_paused = true)]
async fn an_interrupt_lets_nobody_wait_for_a_token() {
    let gate = Gate::new(rates(&[("a:Slow", Rate::every_millis(30_000, 1))]), 10);
    let (first, begun, fresh) = (Job::new(9), Job::new(1), Job::new(1));
    begun.call(&gate, "a:Quick").await.expect("nothing is wrong");
    first.call(&gate, "a:Slow").await.expect("nothing is wrong");
    let interrupt = async {
        tokio::time::sleep(SECOND).await;
        for job in [&begun, &fresh] {
            job.stop.send_replace(Stop::Soon);
        }
    };
    let started = Instant::now();
    let (waited, never, ()) = tokio::join!(begun.call(&gate, "a:Slow"), fresh.call(&gate, "a:Slow"), interrupt);
    assert_eq!(started.elapsed(), SECOND);
    assert_eq!([waited, never].map(|answer| answer.expect_err("it waited").class), [Class::Stopped; 2]);
    assert_eq!(begun.call(&gate, "a:Slow").await.expect_err("it would wait").class, Class::Stopped);
    begun.call(&gate, "a:Quick").await.expect("what has begun may end");
    assert_eq!(fresh.call(&gate, "a:Quick").await.expect_err("it has not begun").class, Class::Stopped);
    assert!(begun.turn.has_written() && !fresh.turn.has_begun());
}

#[tokio::test(start_paused = true)]
async fn what_has_begun_waits_for_calls_under_way_but_not_for_what_they_use_up() {
    let gate = Gate::new(rates(&[("a:Slow", Rate::every_millis(30_000, 1))]), 1);
    let (first, begun) = (Job::new(9), Job::new(1));
    begun.call(&gate, "a:Quick").await.expect("nothing is wrong");
    begun.stop.send_replace(Stop::Soon);
    let started = Instant::now();
    let (slow, quick, none) =
        tokio::join!(first.call(&gate, "a:Slow"), begun.call(&gate, "a:Quick"), begun.call(&gate, "a:Slow"));
    assert!(slow.is_ok() && quick.is_ok());
    assert_eq!(none.expect_err("the token is taken").class, Class::Stopped);
    assert!(started.elapsed() <= 2 * SECOND);
}

/// Refuses every call after so many.
struct Few(AtomicUsize);

impl Permission for Few {
    fn may_call<'a>(
        &'a self,
        account: &'a AccountId,
        operation: &'a str,
    ) -> futures::future::BoxFuture<'a, Result<(), CallError>> {
        let left =
            self.0.fetch_update(std::sync::atomic::Ordering::Relaxed, std::sync::atomic::Ordering::Relaxed, |left| {
                left.checked_sub(1)
            });
        let refused = || CallError::own("", account.clone(), "Refused", operation);
        Box::pin(async move { left.map(drop).map_err(|_| refused()) })
    }
}

#[tokio::test(start_paused = true)]
async fn what_is_not_permitted_is_not_sent() {
    let gate = Gate::new(Rates::default(), 1);
    let job = Job::new(1);
    let turn = Turn {
        weight: 1,
        stop: job.stop.subscribe(),
        permission: Arc::new(Few(AtomicUsize::new(1))),
        on_begin: Box::new(|| {}),
        begun: AtomicBool::new(false),
        wrote: AtomicBool::new(false),
    };
    let job = Job { turn: Arc::new(turn), ..job };
    job.call(&gate, "a:One").await.expect("one is permitted");
    let started = Instant::now();
    assert_eq!(job.call(&gate, "a:Two").await.expect_err("two are not").code, "Refused");
    assert_eq!(started.elapsed(), Duration::ZERO, "it was not sent");
    Job::new(1).call(&gate, "a:Three").await.expect("its place is free again");
}

/// Permits nothing, ever.
struct Never;

impl Permission for Never {
    fn may_call<'a>(&'a self, _: &'a AccountId, _: &'a str) -> BoxFuture<'a, Result<(), CallError>> {
        Box::pin(std::future::pending())
    }
}

#[tokio::test(start_paused = true)]
async fn who_waits_for_permission_holds_up_nobody() {
    let (gate, account) = (Gate::new(Rates::default(), 1), AccountId::from("1"));
    let Job { turn, stop } = Job::new(1);
    let turn = Arc::try_unwrap(turn).unwrap_or_else(|_| panic!("nobody else has it"));
    let job = Job { turn: Arc::new(Turn { permission: Arc::new(Never), ..turn }), stop };
    let mut call = Box::pin(job.call(&gate, "a:Write"));
    assert!((&mut call).now_or_never().is_none());
    let other = gate.pass(&account, "a:Other", async { Ok(()) }).now_or_never();
    other.expect("there is room").expect("nothing is wrong");
    job.stop.send_replace(Stop::Soon);
    let stopped = call.now_or_never().expect("it ends").expect_err("it never began");
    assert_eq!(stopped.class, Class::Stopped);
}
