//! Functions as real processes over real sockets: what Lambda promises, and what happens when a process does not behave.

mod support;

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use bytes::Bytes;
use local::runtime::{EVENT_LIMIT, Fault, Function, Functions, Options};
use serde_json::{Value, json};
use support::{probe, until, until_dead};
use tempfile::TempDir;

#[test]
#[ignore = "the function itself, run as a process by the tests"]
fn function_under_test() {
    probe::main();
}

struct Bench {
    folder: TempDir,
    functions: Functions,
    function: Function,
}

impl Bench {
    fn new(change: impl FnOnce(&mut Options, &mut Function)) -> Bench {
        let folder = tempfile::tempdir().expect("a folder");
        let mut options = Options::new(folder.path().join("logs"));
        let mut function = probe::function(&probe::bootstrap(folder.path(), "function_under_test"));
        change(&mut options, &mut function);
        Bench { functions: Functions::new(options), function, folder }
    }

    async fn invoke(&self, event: Value) -> Result<Value, Fault> {
        invoke(&self.functions, &self.function, event).await
    }

    /// The process that answers.
    async fn pid(&self) -> u64 {
        pid(&self.invoke(json!({})).await.expect("an answer"))
    }

    fn file(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }
}

/// What the function tells of itself.
async fn invoke(functions: &Functions, function: &Function, event: Value) -> Result<Value, Fault> {
    let answer = functions.invoke(function, Bytes::from(event.to_string()), "Root=1-a-b").await?;
    let answer: Value = serde_json::from_slice(&answer).expect("JSON");
    Ok(serde_json::from_str(answer["body"].as_str().expect("a body")).expect("JSON"))
}

fn pid(told: &Value) -> u64 {
    told["pid"].as_u64().expect("a number")
}

/// Starts an invocation that waits for a file, and returns when its function waits.
async fn start_waiting(bench: &Bench, name: &str) -> tokio::task::JoinHandle<Result<Value, Fault>> {
    let (functions, function, file) = (bench.functions.clone(), bench.function.clone(), bench.file(name));
    let event = json!({"do": "wait", "file": &file});
    let waiting = tokio::spawn(async move { invoke(&functions, &function, event).await });
    appears(file.with_extension("waits")).await;
    waiting
}

async fn appears(path: PathBuf) {
    let looking = tokio::task::spawn_blocking(move || until("the file", || path.exists().then_some(())));
    looking.await.expect("no panic");
}

async fn dies(pid: u64) {
    tokio::task::spawn_blocking(move || until_dead(pid)).await.expect("no panic");
}

fn release(bench: &Bench, name: &str) {
    std::fs::write(bench.file(name), "").expect("a file");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_function_gets_its_event_headers_and_environment_as_on_lambda() {
    let bench = Bench::new(|options, function| {
        options.endpoint_url = Some("http://127.0.0.1:1".to_owned());
        function.environment =
            [("TABLE", "orders"), ("AWS_REGION", "forged")].map(|(n, v)| (n.into(), v.into())).into();
    });
    let before = time::OffsetDateTime::now_utc().unix_timestamp() * 1000;
    let told = bench.invoke(json!({"a": 1})).await.expect("an answer");
    assert_eq!(told["event"], json!({"a": 1}));

    let header = |name: &str| told["headers"][name].as_str().unwrap_or_default().to_owned();
    assert_eq!(header("lambda-runtime-invoked-function-arn"), bench.function.invoked_arn);
    assert_eq!(header("lambda-runtime-trace-id"), "Root=1-a-b");
    assert_eq!(header("lambda-runtime-aws-request-id").len(), 36);
    let left = header("lambda-runtime-deadline-ms").parse::<i64>().expect("milliseconds") - before;
    assert!((60_000..180_000).contains(&left), "{left}");

    let mut environment = told["environment"].as_object().expect("variables").clone();
    let runtime_api = environment.remove("AWS_LAMBDA_RUNTIME_API").expect("there");
    assert!(runtime_api.as_str().expect("text").starts_with("127.0.0.1:"));
    assert_eq!(environment.remove("LAMBDA_TASK_ROOT"), Some(json!(bench.folder.path())));
    environment.remove("PATH");
    environment.remove("PWD"); // the shell that runs the bootstrap sets these two
    environment.remove("_");
    environment.remove("SHLVL");
    environment.remove("OLDPWD");
    let expected = json!({
        "AWS_ACCESS_KEY_ID": "AKID", "AWS_DEFAULT_REGION": "eu-west-1", "AWS_ENDPOINT_URL": "http://127.0.0.1:1",
        "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "128", "AWS_LAMBDA_FUNCTION_NAME": "probe",
        "AWS_LAMBDA_FUNCTION_VERSION": "7", "AWS_LAMBDA_INITIALIZATION_TYPE": "on-demand",
        "AWS_LAMBDA_LOG_GROUP_NAME": "/demo/probe", "AWS_LAMBDA_LOG_STREAM_NAME": "local",
        "AWS_REGION": "eu-west-1", "AWS_SECRET_ACCESS_KEY": "secret", "AWS_SESSION_TOKEN": "token",
        "LAMBDA_RUNTIME_DIR": "/var/runtime", "LANG": "en_US.UTF-8", "TABLE": "orders", "TZ": ":UTC",
        "_HANDLER": "bootstrap",
    });
    assert_eq!(Value::Object(environment), expected, "these and no others");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_process_serves_again_and_more_are_started_only_when_it_is_busy() {
    let bench = Bench::new(|_, _| ());
    let first = bench.pid().await;
    assert_eq!(bench.pid().await, first);
    let waiting = start_waiting(&bench, "busy").await;
    assert_ne!(bench.pid().await, first);
    release(&bench, "busy");
    assert_eq!(pid(&waiting.await.expect("no panic").expect("an answer")), first);
}

#[tokio::test(flavor = "multi_thread")]
async fn more_invocations_than_processes_wait_for_their_turn() {
    let bench = Bench::new(|options, _| options.max_processes = 1);
    let waiting = start_waiting(&bench, "busy").await;
    let second = tokio::spawn({
        let (functions, function) = (bench.functions.clone(), bench.function.clone());
        async move { invoke(&functions, &function, json!({})).await }
    });
    release(&bench, "busy");
    let first = pid(&waiting.await.expect("no panic").expect("an answer"));
    assert_eq!(pid(&second.await.expect("no panic").expect("an answer")), first);
}

#[tokio::test(flavor = "multi_thread")]
async fn time_up_is_an_error_and_the_end_of_the_process() {
    let bench = Bench::new(|_, function| function.timeout = Duration::from_secs(2));
    let first = bench.pid().await;
    let fault = bench.invoke(json!({"do": "hang"})).await.expect_err("no answer");
    assert!(matches!(&fault, Fault::TimedOut { after, .. } if after.as_secs() == 2), "{fault:?}");
    assert!(String::from_utf8_lossy(&fault.payload()).contains("Task timed out after 2.00 seconds"));
    dies(first).await;
    assert_ne!(bench.pid().await, first);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_crash_is_an_error_and_the_next_event_gets_a_new_process() {
    let bench = Bench::new(|_, _| ());
    let first = bench.pid().await;
    let fault = bench.invoke(json!({"do": "crash"})).await.expect_err("no answer");
    assert!(matches!(&fault, Fault::Exited { how, .. } if how == "exit status 3"), "{fault:?}");
    assert_ne!(bench.pid().await, first);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reported_error_is_passed_on_and_the_process_serves_again() {
    let bench = Bench::new(|_, _| ());
    let first = bench.pid().await;
    let fault = bench.invoke(json!({"do": "error"})).await.expect_err("no answer");
    assert_eq!(fault, Fault::Reported { report: Bytes::from_static(br#"{"errorType":"Boom"}"#) });
    assert_eq!(bench.pid().await, first);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_larger_than_six_megabytes_does_not_pass() {
    let bench = Bench::new(|_, _| ());
    assert_eq!(bench.invoke(json!({"do": "large"})).await, Err(Fault::ResponseTooLarge));
    let size = EVENT_LIMIT + 1;
    let refused = bench.functions.invoke(&bench.function, Bytes::from(vec![b' '; size]), "").await;
    assert_eq!(refused, Err(Fault::EventTooLarge { size }));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_event_is_never_lost_with_a_process_that_died_idle() {
    let bench = Bench::new(|_, _| ());
    let mut last = bench.pid().await;
    for _ in 0..5 {
        assert!(Command::new("kill").args(["-9", &last.to_string()]).status().expect("kill runs").success());
        dies(last).await;
        let next = bench.pid().await;
        assert_ne!(next, last);
        last = next;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_counts_even_if_the_process_ends_right_after_it() {
    let bench = Bench::new(|_, _| ());
    for _ in 0..20 {
        let told = bench.invoke(json!({"do": "respond and exit"})).await.expect("the answer");
        dies(pid(&told)).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn new_code_and_new_settings_are_served_by_new_processes_while_old_ones_finish() {
    let mut bench = Bench::new(|_, _| ());
    let idle = bench.pid().await;
    let changes: [fn(&mut Function); 3] = [
        |function| function.code_sha256 = "second".to_owned(),
        |function| drop(function.environment.insert("NEW".to_owned(), "1".to_owned())),
        |function| function.version = "8".to_owned(),
    ];
    let mut old = vec![idle];
    for (n, change) in changes.into_iter().enumerate() {
        let name = format!("busy-{n}");
        let waiting = start_waiting(&bench, &name).await;
        change(&mut bench.function);
        let new = bench.pid().await;
        assert!(!old.contains(&new), "change {n} needs a new process");
        release(&bench, &name);
        let finished = pid(&waiting.await.expect("no panic").expect("the old one answers"));
        assert_eq!(Some(&finished), old.last());
        dies(finished).await;
        old.push(new);
    }
    bench.function.credentials.session_token = "later".to_owned();
    assert_eq!(Some(&bench.pid().await), old.last(), "credentials alone change nothing");
}

#[tokio::test(flavor = "multi_thread")]
async fn idle_processes_are_ended() {
    let bench = Bench::new(|options, _| options.idle = Duration::from_millis(40));
    dies(bench.pid().await).await;
    dies(bench.pid().await).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_function_finishes_when_its_caller_stops_waiting() {
    let bench = Bench::new(|options, _| options.max_processes = 1);
    let first = bench.pid().await;
    start_waiting(&bench, "busy").await.abort();
    release(&bench, "busy");
    assert_eq!(bench.pid().await, first, "its process was not ended, and is free again");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_process_that_does_not_initialize_says_why() {
    let fault = async |how: &str, limit: Duration| {
        let bench = Bench::new(|options, function| {
            options.init = limit;
            function.environment.insert("PROBE_INIT".to_owned(), how.to_owned());
        });
        let fault = bench.invoke(json!({})).await.expect_err("it never asks for an event");
        let log = std::fs::read_to_string(bench.file("logs/probe.log")).expect("a log");
        assert!(log.contains("INIT_REPORT ") && log.contains(&format!("Error: {fault}")), "{log}");
        fault
    };
    let fault_in_time = async |how| fault(how, support::PATIENCE).await;
    assert!(matches!(fault_in_time("exit").await, Fault::Exited { how, .. } if how == "exit status 4"));
    let reported = Fault::Reported { report: Bytes::from_static(br#"{"errorType":"NoConfiguration"}"#) };
    assert_eq!(fault_in_time("error").await, reported);
    assert!(matches!(fault("hang", Duration::from_millis(100)).await, Fault::InitTimedOut { .. }));

    let mut bench = Bench::new(|_, _| ());
    bench.function.bootstrap = Path::new("/nowhere/bootstrap").to_owned();
    assert!(matches!(bench.invoke(json!({})).await, Err(Fault::Unstartable { .. })));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_log_has_lambdas_lines_around_the_functions_own() {
    let bench = Bench::new(|_, _| ());
    bench.pid().await;
    bench.invoke(json!({"do": "crash"})).await.expect_err("no answer");
    let log = std::fs::read_to_string(bench.file("logs/probe.log")).expect("a log");
    let at = |what: &str| log.find(what).unwrap_or_else(|| panic!("`{what}` is in {log}"));
    assert!(at("START RequestId: ") < at("the function's own line"), "{log}");
    assert!(at("the function's own line") < at("END RequestId: ") && at("END RequestId: ") < at("REPORT RequestId: "));
    assert_eq!(log.matches("Version: 7").count(), 2);
    assert_eq!(log.matches("Init Duration: ").count(), 1, "only the first invocation of a process reports it: {log}");
    at("Error: the function's process ended: exit status 3");
}

#[tokio::test(flavor = "multi_thread")]
async fn processes_end_with_their_host() {
    let bench = Bench::new(|_, _| ());
    let (stopped, dropped) = (bench.pid().await, Bench::new(|_, _| ()));
    bench.functions.stop();
    dies(stopped).await;
    let last = dropped.pid().await;
    drop(dropped);
    dies(last).await;
}
