//! The AWS API on this machine: the moto server, installed by itself, run in the background and found again.
//!
//! Everything it knows is in its memory, so ending it is the end of that AWS. Files, below the state folder:
//! `venv/` (Python packages), `local/emulator/` (what Python runs) and those of a [`Daemon`] called `emulator`.

use std::io::{Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpStream};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use serde::Deserialize;
use sha2::{Digest, Sha256};

use crate::LocalError;
use crate::daemon::{Daemon, Record};
use crate::files::{self, Access};
use crate::venv;

const REQUIREMENTS: &str = include_str!("../../emulator/requirements.txt");
const INSTALLING: &str = "installing the emulator (moto, from PyPI; once, about 180 MB on disk)";

/// What Python runs, the first of it by name.
const PROGRAM: [(&str, &str); 4] = [
    ("server.py", include_str!("../../emulator/server.py")),
    ("gaps.py", include_str!("../../emulator/gaps.py")),
    ("networks.py", include_str!("../../emulator/networks.py")),
    ("patching.py", include_str!("../../emulator/patching.py")),
];
/// How moto is to behave: know the policies AWS manages, and issue a requested certificate after these seconds.
const SETTINGS: [(&str, &str); 2] = [("MOTO_IAM_LOAD_MANAGED_POLICIES", "true"), ("MOTO_ACM_VALIDATION_WAIT", "2")];
/// From start to the first answer; it takes about two seconds, and ten the first time, when Python compiles its modules.
const START: Duration = Duration::from_secs(120);
/// For one answer about the generation, which needs no more than a turn of the interpreter.
const ANSWER: Duration = Duration::from_secs(10);

/// A running emulator.
#[derive(Clone, Debug)]
pub struct Emulator {
    record: Record,
    log: PathBuf,
    outdated: bool,
}

/// A number that changes whenever what is provisioned may have changed; compare, never order: a restart counts anew.
///
/// Only calls count. What changes by the mere passing of time, such as a requested certificate that becomes ISSUED, does not.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Deserialize)]
pub struct Generation {
    generation: u64,
    pid: u32,
}

impl Emulator {
    /// Gives the running emulator of this state folder, installing and starting it first where needed.
    ///
    /// Safe to interrupt, repeat and run twice at once: that gives one server. `progress` hears one short sentence before each
    /// step that takes longer than a moment. Blocks for milliseconds when it runs, seconds when it starts, a minute or two when it
    /// is installed over a network.
    ///
    /// # Errors
    /// No usable Python, an installation that failed, or a server that did not come up, with the end of what it said.
    pub fn ensure(state_dir: &Path, progress: impl FnMut(&str)) -> Result<Emulator, LocalError> {
        Emulator::ensure_with_venv(state_dir, &state_dir.join("venv"), progress)
    }

    /// As [`Emulator::ensure`], with the Python packages in `venv`, which several state folders may share.
    pub fn ensure_with_venv(
        state_dir: &Path,
        venv: &Path,
        mut progress: impl FnMut(&str),
    ) -> Result<Emulator, LocalError> {
        let daemon = daemon(state_dir);
        let command = || {
            let python = venv::ensure(venv, REQUIREMENTS, || progress(INSTALLING))?;
            progress("starting the local AWS");
            server_command(&python, state_dir, &daemon.record_path())
        };
        let answers = |record: &Record| generation_at(record.port).is_ok_and(|answer| answer.pid == record.pid);
        let record = daemon.ensure(command, answers, START)?;
        Ok(Emulator::new(record, &daemon))
    }

    /// The running emulator of this state folder, if there is one.
    pub fn status(state_dir: &Path) -> Result<Option<Emulator>, LocalError> {
        let daemon = daemon(state_dir);
        Ok(daemon.running()?.map(|record| Emulator::new(record, &daemon)))
    }

    /// Ends the emulator, and with it everything provisioned in it. Says whether one was running.
    pub fn stop(state_dir: &Path) -> Result<bool, LocalError> {
        daemon(state_dir).stop()
    }

    /// Where the emulator of this state folder writes what it has to say, whether or not it runs.
    pub fn log_path(state_dir: &Path) -> PathBuf {
        daemon(state_dir).log_path()
    }

    /// The URL to give to AWS clients: `http://127.0.0.1:<port>`.
    pub fn endpoint(&self) -> String {
        endpoint(self.record.port)
    }

    /// Process id, port and start.
    pub fn record(&self) -> &Record {
        &self.record
    }

    /// The log of this server.
    pub fn log(&self) -> &Path {
        &self.log
    }

    /// Whether it was started by another version of this program and so may behave differently until it is restarted.
    pub fn is_outdated(&self) -> bool {
        self.outdated
    }

    /// The present [`Generation`]. Blocks for about a millisecond.
    pub fn generation(&self) -> Result<Generation, LocalError> {
        generation_at(self.record.port)
    }

    fn new(record: Record, daemon: &Daemon) -> Emulator {
        let outdated = record.fingerprint != fingerprint();
        Emulator { record, log: daemon.log_path(), outdated }
    }
}

fn daemon(state_dir: &Path) -> Daemon {
    Daemon::new(state_dir.join("local"), "emulator")
}

fn endpoint(port: u16) -> String {
    format!("http://{}:{port}", Ipv4Addr::LOCALHOST)
}

/// A digest of everything that decides how the server behaves.
fn fingerprint() -> String {
    let mut digest = Sha256::new();
    for part in [REQUIREMENTS].into_iter().chain(PROGRAM.map(|(_, text)| text)) {
        digest.update(part);
        digest.update([0]);
    }
    SETTINGS.iter().for_each(|(name, value)| digest.update(format!("{name}={value}\n")));
    files::hex(&digest.finalize())
}

fn server_command(python: &Path, state_dir: &Path, record: &Path) -> Result<Command, LocalError> {
    let folder = state_dir.join("local/emulator");
    files::make_dir(&folder)?;
    for (name, text) in PROGRAM {
        files::write_whole(&folder.join(name), text.as_bytes(), Access::Shared)?;
    }
    let mut command = Command::new(python);
    command.arg(folder.join("server.py")).arg(record).arg(fingerprint()).envs(SETTINGS).env("PYTHONUNBUFFERED", "1");
    command.env_remove("PYTHONPATH").env_remove("PYTHONHOME"); // the packages of the virtual environment and no others
    Ok(command)
}

/// Asks the server on this port for its generation; only our own server, not any server, answers that.
fn generation_at(port: u16) -> Result<Generation, LocalError> {
    let not_ours = |what: String| LocalError::Endpoint { endpoint: endpoint(port), what };
    let answer = get(port, "/_local/generation").map_err(|error| not_ours(error.to_string()))?;
    let body = answer.split_once("\r\n\r\n").map_or("", |(_, body)| body);
    serde_json::from_str(body).map_err(|error| not_ours(error.to_string()))
}

/// A GET with nothing but the standard library: this runs before any async runtime exists.
fn get(port: u16, path: &str) -> std::io::Result<String> {
    let address = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
    let mut stream = TcpStream::connect_timeout(&address, ANSWER)?;
    stream.set_read_timeout(Some(ANSWER))?;
    stream.set_write_timeout(Some(ANSWER))?;
    write!(stream, "GET {path} HTTP/1.0\r\nHost: {address}\r\n\r\n")?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer)?;
    Ok(answer)
}
