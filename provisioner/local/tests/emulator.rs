//! The emulator's life: started once, found again, counted, stopped, started anew.

mod support;

use std::collections::BTreeSet;
use std::process::Command;

use local::LocalError;
use local::daemon::Daemon;
use local::emulator::Emulator;
use support::{Account, OwnEmulator, until, venv};

#[test]
fn two_that_ensure_at_once_get_one_server() {
    let state = tempfile::tempdir().expect("a folder");
    let ensure = || Emulator::ensure_with_venv(state.path(), &venv(), |_| ()).expect("an emulator");
    let pids: BTreeSet<u32> = std::thread::scope(|scope| {
        let runs: Vec<_> = (0..4).map(|_| scope.spawn(|| ensure().record().pid)).collect();
        runs.into_iter().map(|run| run.join().expect("no panic")).collect()
    });
    assert_eq!(pids.len(), 1, "one process: {pids:?}");

    let mut said = Vec::new();
    let again = Emulator::ensure_with_venv(state.path(), &venv(), |step| said.push(step.to_owned())).expect("reused");
    assert!(pids.contains(&again.record().pid) && said.is_empty(), "nothing was started: {said:?}");
    assert_eq!(Emulator::status(state.path()).expect("readable").expect("running").endpoint(), again.endpoint());
    assert!(!again.is_outdated());

    assert!(Emulator::stop(state.path()).expect("it ends"));
    assert!(Emulator::status(state.path()).expect("readable").is_none());
    assert!(!Emulator::stop(state.path()).expect("nothing to do"));
}

#[test]
fn a_killed_server_is_not_mistaken_for_a_running_one() {
    let own = OwnEmulator::start();
    let dead = own.emulator.record().pid;
    assert!(Command::new("kill").args(["-9", &dead.to_string()]).status().expect("kill runs").success());
    until("the kill is noticed", || Emulator::status(own.state.path()).expect("readable").is_none().then_some(()));
    let record = Daemon::new(own.state.path().join("local"), "emulator").record_path();
    assert!(record.exists(), "the dead one's record is still there, and not believed");

    let next = Emulator::ensure_with_venv(own.state.path(), &venv(), |_| ()).expect("a new one");
    assert_ne!(next.record().pid, dead);
    assert_ne!(next.generation().ok(), None);
}

#[test]
fn the_generation_changes_with_the_world_and_only_then() {
    let own = OwnEmulator::start();
    let account = Account::new(&own.emulator, "111111111111");
    let generation = || own.emulator.generation().expect("an answer");
    let still = generation();
    account.ec2("DescribeVpcs", "");
    account.send("GET", "/restapis", "apigateway", "", "");
    account.json("secretsmanager", "secretsmanager.ListSecrets", "{}");
    account.json("dynamodb", "DynamoDB_20120810.PutItem", r#"{"TableName":"none","Item":{}}"#);
    assert_eq!(generation(), still, "reads and data");

    let mut seen = vec![still];
    let mut changes = |what: &str| {
        let now = generation();
        assert!(!seen.contains(&now), "{what} is a change");
        seen.push(now);
    };
    account.ec2("CreateVpc", "CidrBlock=10.0.0.0/16");
    changes("ec2:CreateVpc");
    account.send("POST", "/restapis", "apigateway", "Content-Type: application/json\r\n", r#"{"name":"a"}"#);
    changes("apigateway:CreateRestApi");
    account.json("kms", "TrentService.CreateKey", "{}");
    changes("kms:CreateKey");
}

#[test]
fn a_server_that_cannot_start_says_why() {
    let state = tempfile::tempdir().expect("a folder");
    let daemon = Daemon::new(state.path().join("local"), "emulator");
    let command = || {
        let mut command = Command::new("sh");
        command.args(["-c", "echo the reason; exit 7"]);
        Ok(command)
    };
    let error = daemon.ensure(command, |_| true, support::PATIENCE).expect_err("it ends");
    assert!(matches!(&error, LocalError::NotUp { .. }));
    let text = error.to_string();
    assert!(text.contains("ended at once (exit status: 7)") && text.ends_with("the reason"), "{text}");
}

#[test]
fn a_process_that_does_not_end_when_asked_is_killed() {
    let state = tempfile::tempdir().expect("a folder");
    let daemon = Daemon::new(state.path(), "stubborn");
    let script = format!(
        r#"trap '' TERM; echo '{{"pid":'$$',"port":1,"started":1,"fingerprint":"f"}}' > '{}'; while :; do sleep 0.1; done"#,
        daemon.record_path().display()
    );
    let command = || {
        let mut command = Command::new("sh");
        command.args(["-c", &script]);
        Ok(command)
    };
    let record = daemon.ensure(command, |_| true, support::PATIENCE).expect("it runs");
    assert_eq!(daemon.running().expect("readable"), Some(record.clone()));
    assert!(daemon.stop().expect("it ends"));
    support::until_dead(u64::from(record.pid));
    assert_eq!(daemon.running().expect("readable"), None);
    assert_eq!(daemon.last().expect("readable"), Some(record.clone()), "its port is still known");

    let known_to_the_next = || {
        assert_eq!(daemon.last().expect("readable"), Some(record), "while the next one starts, too");
        Ok(Command::new("false"))
    };
    daemon.ensure(known_to_the_next, |_| true, support::PATIENCE).expect_err("it ends at once");
}
