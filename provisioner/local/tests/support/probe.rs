//! A Lambda function for tests: a process that speaks the Runtime API with nothing but the standard library.
//!
//! Its program is the test binary itself, which a script called `bootstrap` runs with the name of one ignored test. What it does
//! with an event is what the event asks for.

use std::collections::BTreeMap;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::time::Duration;

use local::runtime::{Credentials, Function};
use serde_json::{Value, json};

/// Writes the `bootstrap` of the function into `folder`; `entry` is the ignored test that calls [`main`].
pub fn bootstrap(folder: &Path, entry: &str) -> PathBuf {
    let program = std::env::current_exe().expect("this test binary");
    let path = folder.join("bootstrap");
    let script = format!("#!/bin/sh\nexec '{}' {entry} --exact --ignored --nocapture\n", program.display());
    std::fs::write(&path, script).expect("a script");
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o755)).expect("it runs");
    path
}

/// The function as provisioned.
pub fn function(bootstrap: &Path) -> Function {
    Function {
        account_id: "222222222222".to_owned(),
        region: "eu-west-1".to_owned(),
        name: "probe".to_owned(),
        version: "7".to_owned(),
        invoked_arn: "arn:aws:lambda:eu-west-1:222222222222:function:probe:live".to_owned(),
        handler: "bootstrap".to_owned(),
        code_sha256: "first".to_owned(),
        bootstrap: bootstrap.to_owned(),
        environment: BTreeMap::new(),
        log_group: "/demo/probe".to_owned(),
        memory_mb: 128,
        timeout: Duration::from_secs(60),
        credentials: Credentials {
            access_key_id: "AKID".to_owned(),
            secret_access_key: "secret".to_owned(),
            session_token: "token".to_owned(),
        },
    }
}

/// The function's life. It ends only by being ended, or when an event asks for it.
pub fn main() {
    let api = std::env::var("AWS_LAMBDA_RUNTIME_API").expect("run as a function");
    match std::env::var("PROBE_INIT").as_deref() {
        Ok("exit") => std::process::exit(4),
        Ok("hang") => hang(),
        Ok("error") => {
            call(&api, "POST", "init/error", br#"{"errorType":"NoConfiguration"}"#);
            std::process::exit(1);
        }
        _ => {}
    }
    loop {
        let (headers, event) = call(&api, "GET", "invocation/next", b"");
        act(&api, &headers, &serde_json::from_slice(&event).expect("an event is JSON"));
    }
}

fn act(api: &str, headers: &BTreeMap<String, String>, event: &Value) {
    let id = &headers["lambda-runtime-aws-request-id"];
    let respond = |body: &[u8]| drop(call(api, "POST", &format!("invocation/{id}/response"), body));
    let wish =
        |name: &str| event.get(name).or_else(|| event["queryStringParameters"].get(name)).and_then(Value::as_str);
    match wish("do").unwrap_or("echo") {
        "crash" => std::process::exit(3),
        "error" => drop(call(api, "POST", &format!("invocation/{id}/error"), br#"{"errorType":"Boom"}"#)),
        "hang" => hang(),
        "large" => respond(&vec![b' '; 7 * 1024 * 1024]),
        "malformed" => respond(b"\"text\""),
        "respond and exit" => {
            send(api, "POST", &format!("invocation/{id}/response"), &answer(headers, event));
            std::process::exit(0);
        }
        "wait" => {
            let file = PathBuf::from(wish("file").expect("the file to wait for"));
            std::fs::write(file.with_extension("waits"), "").expect("a sign");
            super::until("the file", || file.exists().then_some(()));
            respond(&answer(headers, event));
        }
        _ => {
            std::io::stdout().write_all(b"the function's own line\n").expect("a log");
            respond(&answer(headers, event));
        }
    }
}

/// A proxy response whose body tells everything the function was given.
fn answer(headers: &BTreeMap<String, String>, event: &Value) -> Vec<u8> {
    let environment: BTreeMap<String, String> = std::env::vars().collect();
    let told = json!({"pid": std::process::id(), "headers": headers, "environment": environment, "event": event});
    json!({"statusCode": 200, "body": told.to_string()}).to_string().into_bytes()
}

fn hang() -> ! {
    loop {
        std::thread::park();
    }
}

fn send(api: &str, method: &str, path: &str, body: &[u8]) -> TcpStream {
    let mut stream = TcpStream::connect(api).expect("the Runtime API listens");
    let head = format!(
        "{method} /2018-06-01/runtime/{path} HTTP/1.1\r\nHost: {api}\r\nConnection: close\r\nContent-Length: {}\r\n\r\n",
        body.len()
    );
    stream.write_all(head.as_bytes()).expect("it reads");
    let _ = stream.write_all(body); // what is too long may be refused before it is read
    stream
}

/// Headers, with names in lower case, and body of the answer.
fn call(api: &str, method: &str, path: &str, body: &[u8]) -> (BTreeMap<String, String>, Vec<u8>) {
    let mut answer = Vec::new();
    let _ = send(api, method, path, body).read_to_end(&mut answer);
    let Some(end) = answer.windows(4).position(|window| window == b"\r\n\r\n") else { std::process::exit(0) };
    let head = String::from_utf8_lossy(&answer[..end]).into_owned();
    let pairs = head.lines().skip(1).filter_map(|line| line.split_once(": "));
    (pairs.map(|(name, value)| (name.to_ascii_lowercase(), value.to_owned())).collect(), answer[end + 4..].to_vec())
}
