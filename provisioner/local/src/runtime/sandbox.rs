//! One process of a function, with the Runtime API that only it talks to.

use std::os::unix::process::ExitStatusExt;
use std::path::Path;
use std::process::{ExitStatus, Stdio};
use std::time::{Duration, Instant};

use bytes::Bytes;
use rustix::process::{Pid, Signal, kill_process_group};
use tokio::process::{Child, Command};
use tokio::time::{Sleep, sleep, timeout};

use super::api::{Api, Next, Told};
use super::log::{Log, Report};
use super::{Fault, Function, Invocation, Options, environment};
use crate::ids;

/// What a process sent before it ended is read for this long afterwards; it is on this machine, so it is there already.
const LAST_WORDS: Duration = Duration::from_secs(1);

/// A process that asked for its first event. Dropping it ends it and everything it started.
pub(super) struct Sandbox {
    child: Child,
    group: Option<Pid>,
    api: Api,
    log: Log,
    /// Until its first invocation is reported: how long it took to initialize.
    init: Option<Duration>,
    idle_since: Instant,
}

/// How an invocation in a sandbox ended.
pub(super) enum Ran {
    /// With an answer, good or bad; the process can serve again.
    Answered(Result<Bytes, Fault>),
    /// Without an answer; the process is of no more use.
    Broken(Fault),
    /// The process was gone before it took the event, which another may have.
    NotTaken,
}

impl Sandbox {
    /// Starts the function's program and waits until it asks for an event.
    pub(super) async fn start(function: &Function, options: &Options, request_id: &str) -> Result<Sandbox, Fault> {
        let started = Instant::now();
        let unstartable = |why: String| Fault::Unstartable { request_id: request_id.to_owned(), why };
        let api = Api::open().await.map_err(|error| unstartable(error.to_string()))?;
        let log = Log::open(&options.logs, function).map_err(|error| unstartable(error.to_string()))?;
        let child = spawn(function, options, &api, &log).map_err(|error| unstartable(error.to_string()))?;
        let group = child.id().and_then(|pid| i32::try_from(pid).ok()).and_then(Pid::from_raw);
        let mut sandbox = Sandbox { child, group, api, log, init: None, idle_since: started };
        if let Err(fault) = sandbox.initialize(options.init, request_id).await {
            sandbox.log.init_failed(started.elapsed(), &fault);
            return Err(fault);
        }
        sandbox.init = Some(started.elapsed());
        Ok(sandbox)
    }

    /// Hands the event over and waits for the answer, at most as long as the function may run.
    pub(super) async fn run(&mut self, function: &Function, invocation: &Invocation) -> Ran {
        if self.is_gone() {
            return Ran::NotTaken;
        }
        let started = Instant::now();
        self.log.start(invocation, &function.version);
        self.offer(function, invocation);
        let ran = self.await_answer(function.timeout, &invocation.request_id).await;
        self.report(function, invocation, started.elapsed(), &ran);
        self.idle_since = Instant::now();
        ran
    }

    /// Whether it ended by itself.
    pub(super) fn is_gone(&mut self) -> bool {
        !matches!(self.child.try_wait(), Ok(None))
    }

    pub(super) fn idles(&self) -> Duration {
        self.idle_since.elapsed()
    }

    async fn initialize(&mut self, limit: Duration, request_id: &str) -> Result<(), Fault> {
        let deadline = std::pin::pin!(sleep(limit));
        match self.hear(deadline).await {
            Heard::Told(Told::FailedToInit { report }) => Err(Fault::Reported { report }),
            Heard::Told(_) => Ok(()),
            Heard::Ended(how) => Err(Fault::Exited { request_id: request_id.to_owned(), how }),
            Heard::Nothing => Err(Fault::InitTimedOut { request_id: request_id.to_owned(), after: limit }),
        }
    }

    fn offer(&self, function: &Function, invocation: &Invocation) {
        let timeout = u64::try_from(function.timeout.as_millis()).unwrap_or(u64::MAX);
        self.api.offer(Next {
            invocation: invocation.clone(),
            function_arn: function.invoked_arn.clone(),
            deadline: ids::now_millis().saturating_add(timeout),
        });
    }

    async fn await_answer(&mut self, limit: Duration, request_id: &str) -> Ran {
        let mut deadline = std::pin::pin!(sleep(limit));
        let mut taken = false;
        let ours = |id: &String| id == request_id; // anything else answers an event that was given up
        loop {
            match self.hear(deadline.as_mut()).await {
                Heard::Told(Told::Took) => taken = true,
                Heard::Told(Told::Responded { request_id: id, body }) if ours(&id) => return Ran::Answered(Ok(body)),
                Heard::Told(Told::RespondedTooMuch { request_id: id }) if ours(&id) => {
                    return Ran::Answered(Err(Fault::ResponseTooLarge));
                }
                Heard::Told(Told::Failed { request_id: id, report }) if ours(&id) => {
                    return Ran::Answered(Err(Fault::Reported { report }));
                }
                Heard::Told(_) => {}
                Heard::Ended(_) if !taken => return Ran::NotTaken,
                Heard::Ended(how) => return Ran::Broken(Fault::Exited { request_id: request_id.to_owned(), how }),
                Heard::Nothing => {
                    self.kill();
                    return Ran::Broken(Fault::TimedOut { request_id: request_id.to_owned(), after: limit });
                }
            }
        }
    }

    /// The next thing that happens. What the process said comes before its end, even if it ended right after saying it.
    async fn hear(&mut self, deadline: std::pin::Pin<&mut Sleep>) -> Heard {
        tokio::select! {
            biased;
            Some(told) = self.api.told() => Heard::Told(told),
            status = self.child.wait() => {
                self.api.close();
                match timeout(LAST_WORDS, self.api.told()).await {
                    Ok(Some(told)) => Heard::Told(told),
                    _ => Heard::Ended(status.map_or_else(|error| error.to_string(), describe)),
                }
            }
            () = deadline => Heard::Nothing,
        }
    }

    fn report(&mut self, function: &Function, invocation: &Invocation, duration: Duration, ran: &Ran) {
        let fault = match ran {
            Ran::Broken(fault) | Ran::Answered(Err(fault)) => Some(fault.to_string()),
            Ran::Answered(Ok(_)) => None,
            Ran::NotTaken => Some("the process was gone; another takes the event".to_owned()),
        };
        let report = Report {
            duration,
            init: self.init.take(),
            memory_mb: function.memory_mb,
            peak_memory_mb: self.child.id().and_then(peak_memory_mb),
        };
        self.log.end(invocation, fault.as_deref(), &report);
    }

    fn kill(&mut self) {
        if let Some(group) = self.group.take() {
            let _ = kill_process_group(group, Signal::KILL);
        }
    }
}

impl Drop for Sandbox {
    fn drop(&mut self) {
        self.kill();
    }
}

enum Heard {
    Told(Told),
    /// The process ended: how, in Lambda's words.
    Ended(String),
    /// Time is up.
    Nothing,
}

fn spawn(function: &Function, options: &Options, api: &Api, log: &Log) -> std::io::Result<Child> {
    let task_root = function.bootstrap.parent().unwrap_or(Path::new("/"));
    let runtime_api = api.address.to_string();
    Command::new(&function.bootstrap)
        .current_dir(task_root)
        .env_clear()
        .envs(environment::variables(function, task_root, &runtime_api, options.endpoint_url.as_deref()))
        .stdin(Stdio::null())
        .stdout(log.as_output()?)
        .stderr(log.as_output()?)
        .process_group(0)
        .kill_on_drop(true)
        .spawn()
}

fn describe(status: ExitStatus) -> String {
    match (status.code(), status.signal()) {
        (Some(code), _) => format!("exit status {code}"),
        (None, Some(9)) => "signal: killed".to_owned(),
        (None, Some(6)) => "signal: aborted".to_owned(),
        (None, Some(11)) => "signal: segmentation fault".to_owned(),
        (None, signal) => format!("signal: {}", signal.unwrap_or_default()),
    }
}

/// The most memory a process has had resident, where the system tells (Linux).
fn peak_memory_mb(pid: u32) -> Option<u64> {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status")).ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    let kilobytes: u64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    Some(kilobytes.div_ceil(1024))
}
