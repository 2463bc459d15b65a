//! Ctrl-C, at whatever moment: 130, what is done, what to run next, and nothing that the next run cannot take up.

use std::{
    io::{BufRead, BufReader, Read},
    net::TcpListener,
    process::{Child, Command},
};

use serde_json::Value;
use tests::{Folder, Platform, Run, until};

#[test]
fn an_interrupted_run_says_where_it_stands_and_goes_on_later() {
    let platform = Platform::new(Folder::small("interrupted", &["food"]));
    let up =
        interrupted(platform.start("up --yes"), |child| Box::new(child.stderr.take().expect("piped")), " created ");
    let up = up.exits(130).says("done in").says("not started").says("next: run `provisioner up --artifacts ");
    let count = up.err.lines().find(|line| line.contains("done in")).expect("it was said");
    let numbers: Vec<usize> = count.split_whitespace().filter_map(|word| word.parse().ok()).collect();
    assert!(0 < numbers[0] && numbers[0] < numbers[1], "some but not all: {count}");
    let _ = platform.run("up --yes").exits(0).says("nothing is left to do");
    let _ = platform.run("plan").exits(0);

    let down = platform.start("down --all --yes --json");
    let down = interrupted(down, |child| Box::new(child.stdout.take().expect("piped")), "\"finished\"").exits(130);
    let _ = platform.run("down --all --yes").exits(0).says("nothing of these targets is left");
    assert!(down.err.contains("interrupted: finishing what is under way"), "{}", down.err);
}

#[test]
fn what_only_reads_ends_at_once_at_an_interrupt() {
    for command in ["plan", "up --yes", "down --all --yes", "status"] {
        let aws = TcpListener::bind("127.0.0.1:0").expect("a port");
        let endpoint = format!("http://{}", aws.local_addr().expect("an address"));
        aws.set_nonblocking(true).expect("a listener that does not wait");
        let folder = Folder::small("silence", &["food"]).with("AWS_ENDPOINT_URL", &endpoint);
        let child = folder.start(command);
        // It has called, and will not be answered.
        let _call = until("a call", || aws.accept().ok());
        signal("INT", child.id());
        let _ = Run::end_of(child).exits(130).says("nothing was changed");
    }
}

/// AWS stands still at the end of the run, so that the program is sure to be reading when the signal comes.
#[test]
fn the_reading_after_a_run_ends_at_once_at_an_interrupt() {
    let platform = Platform::new(Folder::small("reading", &["food"]));
    let record = std::fs::read_to_string(platform.state().join("local/emulator.json")).expect("the emulator's record");
    let record: Value = serde_json::from_str(&record).expect("JSON");
    let emulator = record["pid"].as_u64().and_then(|pid| u32::try_from(pid).ok()).expect("its process");
    let mut up = platform.start("up --yes");
    let mut heard = BufReader::new(up.stderr.take().expect("piped"));
    hear(&mut heard, " done in ");
    signal("STOP", emulator);
    signal("INT", up.id());
    let mut said = String::new();
    heard.read_to_string(&mut said).expect("text");
    signal("CONT", emulator);
    let _ = Run::end_of(up).exits(130);
    assert!(said.contains("changes were made") && said.contains("run `provisioner "), "{said}");
    let _ = platform.run("plan").exits(0);
}

/// Sends SIGINT once a line of a stream has the words, and gives what was said there as standard error.
fn interrupted(mut child: Child, stream: fn(&mut Child) -> Box<dyn Read>, words: &str) -> Run {
    let mut heard = BufReader::new(stream(&mut child));
    let mut said = hear(&mut heard, words);
    signal("INT", child.id());
    heard.read_to_string(&mut said).expect("text");
    let mut run = Run::end_of(child);
    run.err.push_str(&said);
    run
}

/// Everything up to the first line with the words.
fn hear(stream: &mut impl BufRead, words: &str) -> String {
    let mut said = String::new();
    while !said.contains(words) {
        assert_ne!(stream.read_line(&mut said).expect("text"), 0, "it ended before `{words}`:\n{said}");
    }
    said
}

fn signal(name: &str, process: u32) {
    let sent = Command::new("sh").args(["-c", "kill -s \"$0\" \"$1\"", name, &process.to_string()]).status();
    assert!(sent.expect("a shell").success(), "SIG{name} to {process}");
}
