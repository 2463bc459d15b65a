//! What a run says while it goes on, and what it leaves behind.

use std::{collections::BTreeMap, time::Duration};

use model::{AccountId, Address};
use serde::Serialize;

use crate::{CallError, Seen};

/// What is being done to an object.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Verb {
    Create,
    Update,
    Delete,
    /// Made, waiting until AWS calls it ready.
    Wait,
}

/// Progress, in the order it happened.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "kebab-case", tag = "event")]
pub enum Event {
    Started {
        address: Address,
        account: String,
        verb: Verb,
        expected_seconds: u32,
    },
    /// AWS said "later".
    Waiting {
        address: Address,
        why: String,
    },
    /// AWS takes none of the credentials at hand: all of the account waits until somebody logs in.
    Paused {
        account: AccountId,
        why: String,
    },
    /// AWS takes the account's credentials again.
    Resumed {
        account: AccountId,
    },
    Finished {
        address: Address,
        verb: Verb,
        seconds: f64,
    },
    /// A planned change came to nothing: the object turned out to be as wanted.
    Unneeded {
        address: Address,
    },
    Failed {
        address: Address,
        verb: Verb,
        error: CallError,
    },
    Skipped {
        address: Address,
        because: Address,
    },
}

/// How it ended for one address.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "kebab-case", tag = "outcome")]
pub enum Outcome {
    Done,
    Failed {
        error: CallError,
    },
    /// AWS never answered: it may or may not have happened.
    Unknown {
        error: CallError,
    },
    Skipped {
        because: Address,
    },
    /// Made or changed, but the run was interrupted before AWS called it ready.
    NotReady,
    /// The run was interrupted before it came to this.
    NotStarted,
}

/// How a run ended, by address; only addresses with something to do.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Report {
    pub outcomes: BTreeMap<Address, Outcome>,
    pub elapsed: Duration,
    pub interrupted: bool,
    #[serde(skip)]
    pub told: Told,
}

/// New objects as AWS reported them in its answers to what a run wrote, each with the account it is in. There is nothing to be
/// learned from reading them again at once.
pub type Told = BTreeMap<Address, (String, Seen)>;

impl Report {
    #[must_use]
    pub fn is_good(&self) -> bool {
        !self.interrupted && self.outcomes.values().all(|outcome| matches!(outcome, Outcome::Done))
    }

    /// What failed, with AWS's words.
    pub fn failures(&self) -> impl Iterator<Item = (&Address, &CallError)> {
        self.outcomes.iter().filter_map(|(address, outcome)| match outcome {
            Outcome::Failed { error } | Outcome::Unknown { error } => Some((address, error)),
            _ => None,
        })
    }
}
