//! What can go wrong with the stand-ins of this crate, in sentences that say what to do next.

use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// Why something local could not be set up, found or stopped.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum LocalError {
    /// A file or folder could not be read or written.
    #[error("cannot {action} `{}`", path.display())]
    File { action: &'static str, path: PathBuf, source: io::Error },

    /// No Python new enough for the emulator was found, and no uv either.
    #[error(
        "the local emulator needs uv, or Python 3.10 or newer with venv; \
         install one: `apt install python3 python3-venv` (Debian, Ubuntu), `brew install python` or `brew install uv` (macOS)"
    )]
    NoPython,

    /// A program that sets up the emulator could not be started or did not succeed.
    #[error("`{program}` failed: {output}")]
    Setup { program: String, output: String },

    /// A background process ended, or did not answer, before it was ready.
    #[error("the {name} {what}; its log is `{}`{}", log.display(), tail(last))]
    NotUp { name: &'static str, what: String, log: PathBuf, last: String },

    /// A background process is still there after it was killed.
    #[error("the {name} (process {pid}) did not end within {} seconds", patience.as_secs())]
    NotDown { name: &'static str, pid: u32, patience: Duration },

    /// Something answered, but not as this crate's own server does.
    #[error("`{endpoint}` does not answer as the local emulator: {what}")]
    Endpoint { endpoint: String, what: String },

    /// A certificate or key could not be made or read.
    #[error("cannot {action}: {what}")]
    Certificate { action: &'static str, what: String },

    /// A function's deployment package is not one.
    #[error("the deployment package {what}")]
    Package { what: String },
}

impl LocalError {
    /// For `map_err` on file operations: `LocalError::file("write", path)`.
    pub(crate) fn file(action: &'static str, path: &Path) -> impl FnOnce(io::Error) -> LocalError {
        let path = path.to_path_buf();
        move |source| LocalError::File { action, path, source }
    }

    /// For `map_err` on anything about certificates: `LocalError::certificate("read the key")`.
    pub(crate) fn certificate<E: std::fmt::Display>(action: &'static str) -> impl FnOnce(E) -> LocalError {
        move |source| LocalError::Certificate { action, what: source.to_string() }
    }
}

fn tail(last: &str) -> String {
    if last.is_empty() { String::new() } else { format!(" and ends with\n{last}") }
}
