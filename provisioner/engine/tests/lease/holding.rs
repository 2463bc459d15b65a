//! What a holder may do, and from when on it may not.

use std::time::Duration;

use engine::{
    Permission,
    lease::{Ending, Grip, Lease},
};
use futures::FutureExt as _;
use tokio::time::{Instant, sleep, timeout};

use crate::table::{Person, TERMS, Table, record};

pub(crate) async fn taken(person: &Person) -> Lease {
    let standing = person.contender.stand().await.expect("it is free");
    person.contender.take(&standing, &record()).await.expect("the table answers").expect("it is free")
}

pub(crate) async fn may_call(grip: &Grip) -> bool {
    grip.may_call(&"1".into(), "ec2:CreateVpc").await.is_ok()
}

#[tokio::test(start_paused = true)]
async fn a_holder_stays_one_as_long_as_it_lives() {
    let table = Table::new();
    let lease = taken(&Person::new(&table, 1, &["food"])).await;
    let before = table.swaps();
    for _ in 0..100 {
        sleep(TERMS.duration / 7).await;
        assert!(lease.grip().may_call(&"1".into(), "").now_or_never().expect("at once").is_ok());
    }
    let beats = table.swaps() - before;
    assert!((100 * 3 / 7..=100 * 3 / 7 + 2).contains(&beats), "about three in a lease's time: {beats}");
    lease.release(Some(&record().ended(7, Ending::Ok))).await.expect("it is given back");
    assert_eq!(table.rows().records[&("food".to_owned(), 1)].ending, Some(Ending::Ok));
    let after = table.swaps();
    sleep(TERMS.duration * 3).await;
    assert_eq!(table.swaps(), after, "who gave it back is silent");
}

/// The worst case: it sleeps through the takeover and wakes up in the middle of its work.
#[tokio::test(start_paused = true)]
async fn a_slow_holder_sends_nothing_once_another_may_have_it() {
    let table = Table::new();
    let slow = Person::new(&table, 1, &["food"]);
    let (lease, began) = (taken(&slow).await, Instant::now());
    slow.line.frozen.send_replace(true);
    // The last call that may be sent has an answer before the lease ends.
    let grip = lease.grip();
    let mut last = Duration::ZERO;
    while timeout(Duration::from_millis(1), may_call(&grip)).await.is_ok() {
        last = began.elapsed();
        sleep(Duration::from_millis(100)).await;
    }
    assert!(last + TERMS.call_timeout <= TERMS.duration, "{last:?}");
    let waiting = tokio::spawn({
        let grip = grip.clone();
        async move { may_call(&grip).await }
    });
    let other = taken(&Person::new(&table, 2, &["food"])).await;
    assert!(!waiting.is_finished(), "it knows nothing yet");
    slow.line.frozen.send_replace(false);
    assert!(!waiting.await.expect("an answer"), "it is told, and sends nothing");
    assert!(lease.is_lost().expect("it is lost").contains("person-2@host took it over"));
    assert!(grip.lost().await.contains("took it over"));
    assert!(may_call(&other.grip()).await);
    let ended = record().ended(7, Ending::Lost);
    lease.release(Some(&ended)).await.expect("there is nothing to give back");
    let records = table.rows().records;
    assert_eq!([1, 2].map(|run| records[&("food".to_owned(), run)].ending), [Some(Ending::Lost), None]);
    assert!(table.item("food").token().is_some_and(|token| token == "token-2"), "the other one's stays");
}

#[tokio::test(start_paused = true)]
async fn a_holder_that_was_only_slow_goes_on() {
    let table = Table::new();
    let slow = Person::new(&table, 1, &["food"]);
    let lease = taken(&slow).await;
    slow.line.frozen.send_replace(true);
    sleep(TERMS.duration).await;
    let grip = lease.grip();
    assert!(grip.may_call(&"1".into(), "").now_or_never().is_none(), "it waits");
    slow.line.frozen.send_replace(false);
    assert!(may_call(&grip).await);
}

#[tokio::test(start_paused = true)]
async fn a_table_that_is_gone_ends_the_lease() {
    let table = Table::new();
    let lease = taken(&Person::new(&table, 1, &["food"])).await;
    table.drop_it();
    assert!(lease.grip().lost().await.contains("gone"));
    assert!(!may_call(&lease.grip()).await);
    assert!(!table.exists(), "nobody but a new run makes one");
}

#[tokio::test(start_paused = true)]
async fn a_missing_table_means_free_and_is_made_by_who_needs_it() {
    let table = Table::missing();
    let person = Person::new(&table, 1, &["food"]);
    let standing = person.contender.stand().await.expect("it is free");
    assert!(!standing.is_stored && !table.exists(), "looking makes nothing");
    let lease = taken(&person).await;
    assert!(table.exists());
    lease.remove_store().await.expect("it goes");
    assert!(!table.exists());
    sleep(TERMS.duration).await;
    assert!(!table.exists(), "nothing is written afterwards");
}
