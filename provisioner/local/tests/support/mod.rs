//! What the tests of this crate share: an emulator of their own, and AWS calls without an SDK.
#![allow(dead_code, unreachable_pub)] // each test file uses its part

pub mod probe;

use std::io::{Read, Write};
use std::net::TcpStream;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use local::emulator::Emulator;
use tempfile::TempDir;

/// Long enough for anything here on a busy machine; only a broken test waits so long.
pub const PATIENCE: Duration = Duration::from_secs(120);

/// The Python packages, shared by all tests of all crates so that they are installed once.
pub fn venv() -> PathBuf {
    PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("emulator/venv")
}

/// An emulator with a state folder of its own that ends with the test.
pub struct OwnEmulator {
    pub state: TempDir,
    pub emulator: Emulator,
}

impl OwnEmulator {
    pub fn start() -> OwnEmulator {
        let state = tempfile::tempdir().expect("a folder");
        let emulator = Emulator::ensure_with_venv(state.path(), &venv(), |_| ()).expect("an emulator");
        OwnEmulator { state, emulator }
    }
}

impl Drop for OwnEmulator {
    fn drop(&mut self) {
        Emulator::stop(self.state.path()).expect("it ends");
    }
}

/// An account of the emulator, as one access key.
pub struct Account<'a> {
    emulator: &'a Emulator,
    key: String,
}

impl<'a> Account<'a> {
    /// Becomes a role in `id`, which puts the calls into that account.
    pub fn new(emulator: &'a Emulator, id: &str) -> Account<'a> {
        let root = Account { emulator, key: "root".to_owned() };
        let role = format!("RoleArn=arn:aws:iam::{id}:role/any&RoleSessionName=test");
        let answer = root.query("sts", "AssumeRole", "2011-06-15", &role);
        Account { emulator, key: between(&answer, "<AccessKeyId>", "</AccessKeyId>").to_owned() }
    }

    /// A call of the query protocol; gives the XML it answers.
    pub fn query(&self, service: &str, action: &str, version: &str, parameters: &str) -> String {
        let body = format!("Action={action}&Version={version}&{parameters}");
        self.send("POST", "/", service, "Content-Type: application/x-www-form-urlencoded\r\n", &body)
    }

    /// A call of the JSON protocol; gives status line and JSON.
    pub fn json(&self, service: &str, target: &str, body: &str) -> String {
        let headers = format!("Content-Type: application/x-amz-json-1.1\r\nX-Amz-Target: {target}\r\n");
        self.send("POST", "/", service, &headers, body)
    }

    pub fn ec2(&self, action: &str, parameters: &str) -> String {
        self.query("ec2", action, "2016-11-15", parameters)
    }

    /// Sends a request and gives the whole answer.
    pub fn send(&self, method: &str, path: &str, service: &str, headers: &str, body: &str) -> String {
        let scope = format!("Credential={}/20300101/eu-west-1/{service}/aws4_request", self.key);
        let request = format!(
            "{method} {path} HTTP/1.0\r\nHost: localhost\r\nAuthorization: AWS4-HMAC-SHA256 {scope}, \
             SignedHeaders=host, Signature=none\r\n{headers}Content-Length: {}\r\n\r\n{body}",
            body.len()
        );
        let mut stream = TcpStream::connect(("127.0.0.1", self.emulator.record().port)).expect("it listens");
        stream.set_read_timeout(Some(PATIENCE)).expect("a timeout");
        stream.write_all(request.as_bytes()).expect("it reads");
        let mut answer = String::new();
        stream.read_to_string(&mut answer).expect("it answers");
        answer
    }
}

/// The first text between two marks.
pub fn between<'t>(text: &'t str, start: &str, end: &str) -> &'t str {
    let (_, rest) = text.split_once(start).unwrap_or_else(|| panic!("`{start}` is in {text}"));
    rest.split_once(end).unwrap_or_else(|| panic!("`{end}` is in {rest}")).0
}

/// Looks until `holds` gives something, and fails with `what` if it never does.
pub fn until<T>(what: &str, mut holds: impl FnMut() -> Option<T>) -> T {
    let deadline = Instant::now() + PATIENCE;
    loop {
        if let Some(value) = holds() {
            return value;
        }
        assert!(Instant::now() < deadline, "never happened: {what}");
        std::thread::yield_now();
    }
}

/// Waits until a process does nothing more: it is gone, or only its number is left to be collected.
pub fn until_dead(pid: u64) {
    until("the process ends", || {
        let listed = std::process::Command::new("ps").args(["-o", "stat=", "-p", &pid.to_string()]).output();
        let state = String::from_utf8(listed.expect("ps runs").stdout).expect("text");
        (state.trim().is_empty() || state.starts_with('Z')).then_some(())
    });
}
