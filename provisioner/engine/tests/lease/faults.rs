//! Answers that are not heard.

use std::sync::atomic::Ordering;

use tokio::time::sleep;

use crate::{
    holding::{may_call, taken},
    table::{Person, TERMS, Table, record},
};

#[tokio::test(start_paused = true)]
async fn who_takes_it_without_hearing_the_answer_has_it() {
    let table = Table::new();
    let person = Person::new(&table, 1, &["a", "b"]);
    person.line.deaf.store(true, Ordering::SeqCst);
    let lease = taken(&person).await;
    assert_eq!(lease.runs().values().copied().collect::<Vec<_>>(), [1, 1], "taken once");
}

#[tokio::test(start_paused = true)]
async fn a_table_is_made_and_removed_even_if_the_answer_is_lost() {
    let table = Table::missing();
    let person = Person::new(&table, 1, &["food"]);
    person.line.secret.store(true, Ordering::SeqCst);
    let lease = taken(&person).await;
    person.line.secret.store(true, Ordering::SeqCst);
    lease.remove_store().await.expect("it is gone");
    assert!(!table.exists());
}

#[tokio::test(start_paused = true)]
async fn a_renewal_whose_answer_is_lost_is_no_loss() {
    let table = Table::new();
    let person = Person::new(&table, 1, &["food"]);
    let lease = taken(&person).await;
    for _ in 0..5 {
        person.line.deaf.store(true, Ordering::SeqCst);
        sleep(TERMS.duration / 2).await;
        assert!(may_call(&lease.grip()).await);
    }
    assert_eq!(lease.is_lost(), None);
    person.line.deaf.store(true, Ordering::SeqCst);
    lease.release(Some(&record())).await.expect("it is given back");
    assert_eq!(table.item("food").holder, None);
}
