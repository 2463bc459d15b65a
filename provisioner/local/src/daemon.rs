//! Background processes that outlive the command that started them: the emulator and the HTTPS door.
//!
//! Each has its files in one folder: `<name>.json` (process id, port, start: the [`Record`]; `<name>.last.json` is the one before),
//! `<name>.log`, and two locks.
//!
//! - `<name>.life` is locked for as long as the process lives. The starter locks it and hands the open file over as the
//!   process's standard input, so the kernel keeps the lock until the process is gone, however it ends, and whether or not its
//!   starter survives. Nothing has to trust a process number that may since belong to someone else.
//! - `<name>.start` is locked by whoever starts or stops it, so that two commands at once give one process.
//!
//! The process writes its record itself, once it listens ([`Daemon::announce`]); the record of an earlier one is put away before
//! a new one is started. A held life lock and a record therefore belong together.

use std::fs::{self, File};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use rustix::process::{Pid, Signal, kill_process};
use serde::{Deserialize, Serialize};

use crate::LocalError;
use crate::files::{self, Access};

/// How often a condition is looked at again while waiting for it.
const GLANCE: Duration = Duration::from_millis(15);
/// How long a process may take to end after it was asked to, before it is killed; and to vanish after that.
const PARTING: Duration = Duration::from_secs(5);
/// How much of a log an error message shows, in lines.
const TAIL_LINES: usize = 8;

/// What a background process says of itself once it listens.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Record {
    pub pid: u32,
    /// The loopback port it listens on.
    pub port: u16,
    /// When it began to listen, in seconds since 1970.
    pub started: u64,
    /// What it was started from, as its starter chose to write it: another value means another version or setting.
    pub fingerprint: String,
}

/// One kind of background process, known by its name in one folder.
#[derive(Clone, Debug)]
pub struct Daemon {
    folder: PathBuf,
    name: &'static str,
}

impl Daemon {
    /// The process called `name` whose files are in `folder`. Nothing is started or read.
    pub fn new(folder: impl Into<PathBuf>, name: &'static str) -> Daemon {
        Daemon { folder: folder.into(), name }
    }

    /// The HTTPS door of the platform whose state is in `state_dir`.
    pub fn door(state_dir: &Path) -> Daemon {
        Daemon::new(state_dir.join("local"), "door")
    }

    /// Where the process writes its [`Record`].
    pub fn record_path(&self) -> PathBuf {
        self.file("json")
    }

    /// Where the process's output goes, one start after the other.
    pub fn log_path(&self) -> PathBuf {
        self.file("log")
    }

    /// The running process, if there is one and it listens already. A record left by a dead one is not believed.
    pub fn running(&self) -> Result<Option<Record>, LocalError> {
        if self.is_alive()? { self.record() } else { Ok(None) }
    }

    /// What the last process to listen said of itself, whether or not it still runs: its port is worth trying again.
    pub fn last(&self) -> Result<Option<Record>, LocalError> {
        Ok(self.record()?.or(read_record(&self.last_path())?))
    }

    /// Gives the running process, starting it first with `command` if there is none.
    ///
    /// `command` is run with its output in the log, in a process group of its own so that Ctrl-C at the terminal passes it by.
    /// `answers` says whether a listening process serves; it is asked until it agrees, for at most `patience` after
    /// the start.
    ///
    /// # Errors
    /// The process ended or did not answer in time; the message has the end of its log.
    pub fn ensure(
        &self,
        command: impl FnOnce() -> Result<Command, LocalError>,
        answers: impl Fn(&Record) -> bool,
        patience: Duration,
    ) -> Result<Record, LocalError> {
        files::make_dir(&self.folder)?;
        let _starting = files::lock(&self.file("start"))?;
        let mut deadline = Instant::now() + patience;
        let mut command = Some(command);
        let mut child = None;
        let what = loop {
            if let Some(life) = self.claim_life()? {
                let Some(command) = command.take() else { break "ended at once".to_owned() };
                let _ = fs::rename(self.record_path(), self.last_path()); // must not be taken for that of the new one
                child = Some(self.spawn(command()?, life)?);
                deadline = Instant::now() + patience;
            }
            if let Some(record) = self.record()?.filter(|record| answers(record)) {
                reap_when_it_ends(child);
                return Ok(record);
            }
            if Instant::now() > deadline {
                break format!("did not answer within {} seconds", patience.as_secs());
            }
            std::thread::sleep(GLANCE);
        };
        Err(self.not_up(format!("{what}{}", child.map_or_else(String::new, put_down))))
    }

    /// Ends the process: asks (SIGTERM), waits, then kills. Says whether one was running.
    ///
    /// # Errors
    /// It is still there after it was killed.
    pub fn stop(&self) -> Result<bool, LocalError> {
        files::make_dir(&self.folder)?;
        let _starting = files::lock(&self.file("start"))?;
        let asked_at = Instant::now();
        let Some(record) = self.await_record_or_death(asked_at + PARTING)? else { return Ok(false) };
        for signal in [Signal::TERM, Signal::KILL] {
            send(signal, record.pid);
            if self.await_death(Instant::now() + PARTING)? {
                return Ok(true);
            }
        }
        Err(LocalError::NotDown { name: self.name, pid: record.pid, patience: 2 * PARTING })
    }

    /// To be called by the process itself once it listens on `port`.
    pub fn announce(&self, port: u16, fingerprint: &str) -> Result<(), LocalError> {
        let started = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs());
        let record = Record { pid: std::process::id(), port, started, fingerprint: fingerprint.to_owned() };
        let text = serde_json::to_vec(&record).expect("a record of numbers and text is JSON");
        files::write_whole(&self.record_path(), &text, Access::Shared)
    }

    fn file(&self, ending: &str) -> PathBuf {
        self.folder.join(format!("{}.{ending}", self.name))
    }

    fn record(&self) -> Result<Option<Record>, LocalError> {
        read_record(&self.record_path())
    }

    /// The record of the process before the one that is starting.
    fn last_path(&self) -> PathBuf {
        self.file("last.json")
    }

    fn is_alive(&self) -> Result<bool, LocalError> {
        if !self.folder.is_dir() {
            return Ok(false);
        }
        let path = self.file("life");
        let shared = files::lock_file(&path)?.try_lock_shared(); // two that look must not take each other for the process
        match shared {
            Ok(()) => Ok(false),
            Err(fs::TryLockError::WouldBlock) => Ok(true),
            Err(fs::TryLockError::Error(error)) => Err(LocalError::file("lock", &path)(error)),
        }
    }

    /// The life lock, if no process holds it.
    fn claim_life(&self) -> Result<Option<File>, LocalError> {
        let path = self.file("life");
        let file = files::lock_file(&path)?;
        match file.try_lock() {
            Ok(()) => Ok(Some(file)),
            Err(fs::TryLockError::WouldBlock) => Ok(None),
            Err(fs::TryLockError::Error(error)) => Err(LocalError::file("lock", &path)(error)),
        }
    }

    fn spawn(&self, mut command: Command, life: File) -> Result<Child, LocalError> {
        let log = files::open_log(&self.log_path())?;
        let errors = log.try_clone().map_err(LocalError::file("open", &self.log_path()))?;
        command.stdin(Stdio::from(life)).stdout(Stdio::from(log)).stderr(Stdio::from(errors)).process_group(0);
        let program = command.get_program().to_string_lossy().into_owned();
        command.spawn().map_err(|error| LocalError::Setup { program, output: error.to_string() })
    }

    fn await_record_or_death(&self, deadline: Instant) -> Result<Option<Record>, LocalError> {
        loop {
            if !self.is_alive()? {
                return Ok(None);
            }
            if let Some(record) = self.record()? {
                return Ok(Some(record));
            }
            if Instant::now() > deadline {
                return Err(self.not_up("is starting but never said that it listens".to_owned()));
            }
            std::thread::sleep(GLANCE);
        }
    }

    fn await_death(&self, deadline: Instant) -> Result<bool, LocalError> {
        while self.is_alive()? {
            if Instant::now() > deadline {
                return Ok(false);
            }
            std::thread::sleep(GLANCE);
        }
        Ok(true)
    }

    fn not_up(&self, what: String) -> LocalError {
        let log = self.log_path();
        let text = fs::read_to_string(&log).unwrap_or_default();
        let lines: Vec<&str> = text.lines().collect();
        let last = lines[lines.len().saturating_sub(TAIL_LINES)..].join("\n");
        LocalError::NotUp { name: self.name, what, log, last }
    }
}

/// A record, unless there is none or it is not one.
fn read_record(path: &Path) -> Result<Option<Record>, LocalError> {
    Ok(files::read_if_there(path)?.and_then(|text| serde_json::from_str(&text).ok()))
}

/// This very program, to be run again as a background process with other arguments.
pub fn own_binary<'a>(arguments: impl IntoIterator<Item = &'a str>) -> Result<Command, LocalError> {
    let program = std::env::current_exe().map_err(LocalError::file("find", Path::new("this program")))?;
    let mut command = Command::new(program);
    command.args(arguments);
    Ok(command)
}

/// Sends a signal. That the process is gone already is what was wanted.
fn send(signal: Signal, pid: u32) {
    if let Some(pid) = i32::try_from(pid).ok().and_then(Pid::from_raw) {
        let _ = kill_process(pid, signal);
    }
}

/// Keeps an ended child from staying behind as a zombie while its starter lives on.
fn reap_when_it_ends(child: Option<Child>) {
    if let Some(mut child) = child {
        std::thread::spawn(move || child.wait());
    }
}

/// Ends a child that did not come up, and says how it ended if it did so by itself.
fn put_down(mut child: Child) -> String {
    let _ = child.kill();
    match child.wait() {
        Ok(status) if status.code().is_some() => format!(" ({status})"),
        _ => String::new(),
    }
}
