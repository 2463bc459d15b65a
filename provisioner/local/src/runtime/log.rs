//! One function's log: what its processes write, between the lines Lambda puts around each invocation.

use std::fs::File;
use std::io::Write;
use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use super::{Fault, Function, Invocation};
use crate::LocalError;
use crate::files;

/// `<logs>/<function>.log`, open for appending: its processes write into the same file.
pub(super) struct Log {
    file: File,
}

/// What the last line of an invocation says.
pub(super) struct Report {
    pub(super) duration: Duration,
    /// Of the process, if this was its first invocation.
    pub(super) init: Option<Duration>,
    pub(super) memory_mb: u32,
    pub(super) peak_memory_mb: Option<u64>,
}

impl Log {
    pub(super) fn open(folder: &Path, function: &Function) -> Result<Log, LocalError> {
        files::make_dir(folder)?;
        Ok(Log { file: files::open_log(&folder.join(format!("{}.log", function.name)))? })
    }

    /// The file as the output of a process.
    pub(super) fn as_output(&self) -> std::io::Result<Stdio> {
        self.file.try_clone().map(Stdio::from)
    }

    pub(super) fn start(&mut self, invocation: &Invocation, version: &str) {
        self.line(&format!("START RequestId: {} Version: {version}", invocation.request_id));
    }

    pub(super) fn end(&mut self, invocation: &Invocation, fault: Option<&str>, report: &Report) {
        let id = &invocation.request_id;
        if let Some(fault) = fault {
            self.line(&format!("RequestId: {id} Error: {fault}"));
        }
        self.line(&format!("END RequestId: {id}"));
        self.line(&format!("REPORT RequestId: {id}\t{report}"));
    }

    /// The process never asked for an event.
    pub(super) fn init_failed(&mut self, after: Duration, fault: &Fault) {
        let after = after.as_secs_f64() * 1000.0;
        self.line(&format!("INIT_REPORT Init Duration: {after:.2} ms\tPhase: init\tStatus: error\tError: {fault}"));
    }

    /// One write per line, so that lines of several processes do not mix. A full disk must not fail an invocation.
    fn line(&mut self, text: &str) {
        let _ = self.file.write_all(format!("{text}\n").as_bytes());
    }
}

impl std::fmt::Display for Report {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let milliseconds = |duration: Duration| duration.as_secs_f64() * 1000.0;
        let duration = milliseconds(self.duration);
        write!(f, "Duration: {duration:.2} ms\tBilled Duration: {:.0} ms\t", duration.ceil())?;
        write!(f, "Memory Size: {} MB\t", self.memory_mb)?;
        if let Some(peak) = self.peak_memory_mb {
            write!(f, "Max Memory Used: {peak} MB\t")?;
        }
        if let Some(init) = self.init {
            write!(f, "Init Duration: {:.2} ms\t", milliseconds(init))?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_report_reads_as_in_cloudwatch() {
        let report = Report {
            duration: Duration::from_micros(1340),
            init: Some(Duration::from_micros(5100)),
            memory_mb: 128,
            peak_memory_mb: Some(7),
        };
        let text = "Duration: 1.34 ms\tBilled Duration: 2 ms\tMemory Size: 128 MB\tMax Memory Used: 7 MB\tInit Duration: 5.10 ms\t";
        assert_eq!(report.to_string(), text);
    }
}
