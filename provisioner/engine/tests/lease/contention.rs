//! Who gets a lease, and when.

use std::time::Duration;

use engine::lease::{Lease, Notice, Refusal};
use futures::future::join_all;
use tokio::time::{Instant, sleep};

use crate::table::{Person, TERMS, Table, record};

const UNHURRIED: Duration = Duration::from_secs(1);

async fn take(person: &Person) -> Option<Lease> {
    let standing = person.contender.stand().await.expect("nobody holds it");
    person.contender.take(&standing, &record()).await.expect("the table answers")
}

#[tokio::test(start_paused = true)]
async fn what_is_free_or_was_released_is_taken_at_once() {
    let table = Table::new();
    for pid in 1..=3 {
        let began = Instant::now();
        let lease = take(&Person::new(&table, pid, &["food"])).await.expect("it is free");
        assert_eq!(lease.runs()["food"], u64::from(pid), "each run has the next number");
        lease.release(None).await.expect("it is given back");
        assert!(began.elapsed() < UNHURRIED);
    }
}

#[tokio::test(start_paused = true)]
async fn of_many_who_saw_it_free_one_takes_it() {
    for targets in [vec!["a"], vec!["a", "b", "c"]] {
        let table = Table::new();
        let people: Vec<Person> = (1..=5).map(|pid| Person::new(&table, pid, &targets)).collect();
        let standings = join_all(people.iter().map(|person| person.contender.stand())).await;
        let record = record();
        let tries = people
            .iter()
            .zip(&standings)
            .map(|(person, standing)| person.contender.take(standing.as_ref().expect("it is free"), &record));
        let taken: Vec<Lease> = join_all(tries).await.into_iter().filter_map(|it| it.expect("an answer")).collect();
        assert_eq!(taken.len(), 1, "{targets:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn all_targets_are_taken_or_none() {
    let table = Table::new();
    let (one, two) = (Person::new(&table, 1, &["a", "b"]), Person::new(&table, 2, &["b", "c"]));
    let standing = two.contender.stand().await.expect("it is free");
    let _lease = take(&one).await.expect("it is free");
    assert!(two.contender.take(&standing, &record()).await.expect("an answer").is_none());
    assert_eq!(table.item("c").holder, None, "what cannot be had whole is left alone");
}

#[tokio::test(start_paused = true)]
async fn more_targets_than_one_transaction_takes() {
    let table = Table::new();
    let names: Vec<String> = (0..70).map(|n| format!("service-{n:02}")).collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let (many, last) = (Person::new(&table, 1, &names), Person::new(&table, 2, &names[69..]));
    let standing = many.contender.stand().await.expect("it is free");
    let held = take(&last).await.expect("it is free");
    assert!(many.contender.take(&standing, &record()).await.expect("an answer").is_none());
    let taken = table.rows().items.values().filter(|item| item.holder.is_some()).count();
    assert_eq!(taken, 1, "those before the one that was refused are given back");
    held.release(None).await.expect("it is given back");
    let lease = take(&many).await.expect("it is free");
    sleep(TERMS.duration * 3).await;
    assert_eq!(lease.is_lost(), None);
    lease.release(None).await.expect("it is given back");
    assert!(table.rows().items.values().all(|item| item.holder.is_none()));
}

#[tokio::test(start_paused = true)]
async fn who_is_alive_is_found_out_and_named() {
    let table = Table::new();
    let _lease = take(&Person::new(&table, 1, &["food"])).await.expect("it is free");
    let (second, began) = (Person::new(&table, 2, &["food"]), Instant::now());
    let refused = second.contender.stand().await.expect_err("somebody has it");
    assert!(matches!(&refused, Refusal::Held { target, .. } if target == "food"));
    assert!(refused.to_string().contains("person-1@host"), "{refused}");
    assert!(began.elapsed() < TERMS.duration / 2, "a beat is enough");
}

#[tokio::test(start_paused = true)]
async fn who_is_alive_can_be_waited_for() {
    let table = Table::new();
    let lease = take(&Person::new(&table, 1, &["food"])).await.expect("it is free");
    let began = Instant::now();
    let impatient = Person::new(&table, 2, &["food"]).wait(90);
    assert!(matches!(impatient.contender.stand().await, Err(Refusal::Held { .. })));
    assert!(began.elapsed() >= Duration::from_secs(90));
    let patient = Person::new(&table, 3, &["food"]).wait(600);
    let (stood, ()) = tokio::join!(patient.contender.stand(), async {
        sleep(Duration::from_secs(120)).await;
        lease.release(None).await.expect("it is given back");
    });
    stood.expect("it is free now");
    assert!(began.elapsed() < Duration::from_secs(90 + 120 + 5), "it was noticed soon");
}

#[tokio::test(start_paused = true)]
async fn who_was_killed_is_taken_over_from_when_no_call_of_theirs_can_be_under_way() {
    let table = Table::new();
    drop(take(&Person::new(&table, 1, &["food"])).await);
    let (second, began) = (Person::new(&table, 2, &["food"]), Instant::now());
    let lease = take(&second).await.expect("nobody answers");
    let least = TERMS.duration + TERMS.call_timeout + TERMS.settle;
    assert!(began.elapsed() >= least && began.elapsed() < least + Duration::from_secs(5), "{:?}", began.elapsed());
    assert_eq!(lease.runs()["food"], 2);
    let heard = second.heard.lock().expect("nobody panicked").clone();
    assert!(matches!(heard.as_slice(), [Notice::Held { .. }, Notice::Silent { .. }]), "{heard:?}");
}

#[tokio::test(start_paused = true)]
async fn a_process_that_is_known_to_be_gone_is_not_waited_for_in_vain() {
    let table = Table::new();
    drop(take(&Person::new(&table, 1, &["food"])).await);
    table.bury(1);
    let began = Instant::now();
    let lease = take(&Person::new(&table, 2, &["food"])).await;
    assert!(lease.is_some() && began.elapsed() >= TERMS.after_death, "{:?}", began.elapsed());
    assert!(began.elapsed() < TERMS.after_death + UNHURRIED, "{:?}", began.elapsed());
}

#[tokio::test(start_paused = true)]
async fn only_the_last_runs_are_remembered() {
    let table = Table::new();
    for _ in 0..60 {
        let lease = take(&Person::new(&table, 1, &["food"])).await.expect("it is free");
        lease.release(Some(&record())).await.expect("it is given back");
    }
    let runs: Vec<u64> = table.rows().records.keys().map(|(_, run)| *run).collect();
    assert_eq!(runs, (11..=60).collect::<Vec<_>>());
}
