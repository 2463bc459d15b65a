//! Runs that meet: one at a time changes a target, whoever was killed is taken over from, and everything can be read later.

use std::{
    collections::BTreeSet,
    io::{BufRead, BufReader},
    process::{Child, Command},
};

use serde_json::Value;
use tests::{Account, Call, Folder, Platform, Run, inventory};

const TABLE: &str = "table demo-local-consumer-leases";

/// What an account holds, by kind and number: ids are others in every run.
async fn kinds(accounts: &[Account]) -> Vec<String> {
    let mut all = Vec::new();
    for account in accounts {
        let kinds = inventory(account).await.into_iter();
        all.extend(kinds.map(|line| format!("{} {}", account.id(), line.split(' ').next().unwrap_or_default())));
    }
    all
}

async fn accounts(platform: &Platform) -> Vec<Account> {
    vec![platform.account("consumer").await, platform.account("food").await]
}

#[tokio::test]
async fn five_at_once_make_one_set_of_objects() {
    let platform = Platform::new(Folder::small("five", &["food"]));
    let accounts = accounts(&platform).await;
    let runs: Vec<_> = (0..5).map(|_| platform.start("up --all --yes")).collect();
    let runs: Vec<Run> = runs.into_iter().map(Run::end_of).collect();
    for run in &runs {
        assert!(matches!(run.code, Some(0 | 4)), "{:?}\n{}", run.code, run.err);
        assert!(run.code != Some(4) || run.err.contains("is held by tester@"), "{}", run.err);
    }
    assert!(runs.iter().any(|run| run.code == Some(0)), "somebody gets through");
    let _ = platform.run("plan").exits(0);
    let together = kinds(&accounts).await;

    let _ = platform.run("down --all --yes").exits(0);
    let left: BTreeSet<String> = kinds(&accounts).await.into_iter().collect();
    assert!(left.iter().all(|line| line.ends_with(" key")), "only keys wait for their end: {left:?}");
    let _ = platform.run("up --all --yes").exits(0);
    assert_eq!(kinds(&accounts).await, together, "not what one run alone makes");
}

#[tokio::test]
async fn a_killed_run_is_taken_over_from_and_remembered() {
    let platform = Platform::new(Folder::small("killed", &["food"]));
    let mut first = platform.start("up --yes --json");
    hear(&mut first, "\"finished\"");
    first.kill().expect("it ends");
    let _ = Run::end_of(first);

    let leases = platform.run("lease").exits(0);
    assert!(leases.out.contains("held by tester@") && leases.out.contains("does not answer"), "{}", leases.out);
    let up = platform.run("up --yes").exits(0);
    let _ = up.clone().says("run 1 of tester@").says("stopped answering; taking over in");
    let _ = platform.run("plan").exits(0);
    let runs = platform.run("history food --json").exits(0).json();
    let ends: Vec<&Value> = runs["runs"].as_array().expect("a list").iter().map(|run| &run["ending"]).collect();
    assert_eq!(ends, [&Value::from("ok"), &Value::Null], "{runs}");
    let told = platform.run("history").exits(0).out;
    assert!(told.contains("#1  up  killed") && told.contains("#2  up  ok"), "{told}");
    let leases = platform.run("lease").exits(0).out;
    assert!(leases.contains("free") && leases.contains("last run 2"), "{leases}");
}

#[tokio::test]
async fn two_services_go_up_at_once() {
    let platform = Platform::new(Folder::small("two", &["food"]));
    let _ = platform.run("up --yes").exits(0);
    platform.add_service("beverage");
    platform.add_service("dessert");
    let runs = ["up beverage --yes", "up dessert --yes"].map(|arguments| platform.start(arguments));
    for run in runs.map(Run::end_of) {
        let _ = run.exits(0);
    }
    let _ = platform.run("plan").exits(0);
    for host in ["beverage.internal.example", "dessert.internal.example", "food.internal.example"] {
        assert_eq!(platform.answer(&Call::get(host, "/orders")).status, 200, "{host}");
    }
    let runs = platform.run("history beverage dessert --json").exits(0).json();
    assert_eq!(runs["runs"].as_array().map(Vec::len), Some(2), "{runs}");
}

#[tokio::test]
async fn a_run_that_wakes_up_after_a_takeover_changes_nothing() {
    let platform = Platform::new(Folder::small("woken", &["food"]));
    platform.write("platform.toml", &format!("{}\n{}", platform.read("platform.toml"), FAST));
    let mut first = platform.start("up --yes --json");
    hear(&mut first, "\"finished\"");
    signal("STOP", &first);
    // It says nothing, and nobody knows whether it is slow or gone: it is taken over from, and sends nothing any more.
    let second = platform.run("up --yes").exits(0);
    let _ = second.says("watching whether it goes on").says("stopped answering; taking over in");
    signal("CONT", &first);
    let _ = Run::end_of(first).exits(4).says("the lease was lost").says("run `provisioner up");
    let _ = platform.run("plan").exits(0);
}

#[tokio::test]
async fn the_last_down_takes_the_table_along() {
    let platform = Platform::new(Folder::small("last", &["food"]));
    let hub = platform.account("consumer").await;
    let has_table = async || inventory(&hub).await.iter().any(|line| line == TABLE);
    let _ = platform.run("up --yes").exits(0);
    assert!(has_table().await, "no table");
    let _ = platform.run("down food --yes").exits(0);
    assert!(has_table().await, "the hub is still there");
    let _ = platform.run("down consumer --yes").exits(0);
    assert!(!has_table().await, "nothing is left to lease");
    assert!(platform.run("history").exits(0).out.contains("No runs."));
    let before = platform.generation();
    let _ = platform.run("down --all --yes").exits(0);
    assert_eq!(platform.generation(), before, "a second down changed something");
}

/// Holders answer every two seconds.
const FAST: &str = "[environments.local.lease]\nduration_seconds = 6\ncall_timeout_seconds = 3\nsettle_seconds = 1\n";

/// Reads on until a line of standard output has the words; the pipe stays open.
fn hear(child: &mut Child, words: &str) {
    let mut heard = BufReader::new(child.stdout.as_mut().expect("piped"));
    let mut line = String::new();
    while !line.contains(words) {
        line.clear();
        assert_ne!(heard.read_line(&mut line).expect("text"), 0, "it ended before `{words}`");
    }
}

fn signal(name: &str, child: &Child) {
    let sent = Command::new("sh").args(["-c", "kill -s \"$0\" \"$1\"", name, &child.id().to_string()]).status();
    assert!(sent.expect("a shell").success(), "SIG{name}");
}
