//! What is written about a target: who holds it, and what its runs were.

use std::{collections::BTreeMap, fmt, time::Duration};

use serde::{Deserialize, Serialize};

/// How long things take; the same for everybody in an environment, but never relied upon to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Terms {
    /// How long a lease lasts from the moment its last renewal was sent.
    pub duration: Duration,
    /// The longest that a call to AWS may take.
    pub call_timeout: Duration,
    /// How long AWS may take to show what a call did.
    pub settle: Duration,
    /// How long the calls of a process that is known to be dead may still have effects that do not show.
    pub after_death: Duration,
}

impl Terms {
    /// How often a holder says that it is alive.
    #[must_use]
    pub fn beat(&self) -> Duration {
        self.duration / 3
    }

    /// How often a watched item is looked at.
    #[must_use]
    pub(super) fn look(&self) -> Duration {
        (self.settle / 4).clamp(Duration::from_millis(100), Duration::from_secs(2))
    }
}

/// A process of one machine since its last start: whether it still exists can be told there.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Process {
    /// The machine's boot, by the id that its system gave it.
    pub boot: String,
    pub pid: u32,
    /// When it started, in the system's own unit since boot: ids come again.
    pub started: u64,
}

/// Who holds a target, and for how long at a time.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Holder {
    /// Different for every run of anybody.
    pub token: String,
    /// `alice@host`.
    pub who: String,
    /// As it was typed: `up food`.
    pub command: String,
    /// Seconds since 1970 by the holder's clock: for people only.
    pub since: i64,
    pub process: Option<Process>,
    pub duration_seconds: u64,
    pub call_timeout_seconds: u64,
}

impl Holder {
    /// How long it may be silent before no call of its can be under way.
    pub(super) fn lasts(&self) -> Duration {
        Duration::from_secs(self.duration_seconds + self.call_timeout_seconds)
    }
}

/// What is known of one target. The default is what a target is before its first run.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Item {
    /// Grows by one with every run.
    pub run: u64,
    /// Grows with every write: that it grows says that the holder is alive.
    pub beat: u64,
    /// Nobody: it is free.
    pub holder: Option<Holder>,
}

impl Item {
    #[must_use]
    pub fn token(&self) -> Option<&str> {
        self.holder.as_ref().map(|holder| holder.token.as_str())
    }

    pub(super) fn held_by(&self, token: &str) -> bool {
        self.token() == Some(token)
    }

    /// The next state, which nobody mistakes for this one.
    pub(super) fn next(&self, holder: Option<Holder>) -> Self {
        Self { run: self.run, beat: self.beat + 1, holder }
    }
}

/// How a run ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Ending {
    Ok,
    Failed,
    Interrupted,
    /// Its lease was taken from it.
    Lost,
}

impl fmt::Display for Ending {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.pad(match self {
            Self::Ok => "ok",
            Self::Failed => "failed",
            Self::Interrupted => "interrupted",
            Self::Lost => "lost its lease",
        })
    }
}

/// One run of one target, for people.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Record {
    /// Filled in when the lease is taken.
    #[serde(default)]
    pub run: u64,
    pub who: String,
    pub command: String,
    /// Seconds since 1970.
    pub since: i64,
    /// The same; none while it runs, and for ever if it was killed.
    pub ended: Option<i64>,
    /// The configuration's commit, if it is in a repository.
    pub commit: Option<String>,
    /// Something was not committed.
    pub dirty: bool,
    /// The first characters of a hash over what was planned.
    pub plan: String,
    /// Objects by what was planned for them: `create`, `update`, …
    pub changes: BTreeMap<String, usize>,
    pub ending: Option<Ending>,
}
