//! How a command can end other than well: the exit code, the sentence, and the way out.

use std::fmt;

use config::Diagnostics;

/// Exit codes, the same for every command.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Exit {
    Good = 0,
    Failed = 1,
    /// `plan` found changes.
    Changes = 2,
    /// Not ready, would not get through, or waits for another owner.
    NotReady = 3,
    /// Another run is under way, or took over from this one.
    Held = 4,
    Usage = 64,
    Interrupted = 130,
}

/// A command that could not do its work.
#[derive(Debug)]
pub(crate) struct Failure {
    pub exit: Exit,
    pub message: String,
    /// What to do about it.
    pub hint: Option<String>,
    /// What is wrong with the configuration, if that is why.
    pub mistakes: Option<Diagnostics>,
}

impl Failure {
    pub(crate) fn new(message: impl Into<String>) -> Self {
        Self { exit: Exit::Failed, message: message.into(), hint: None, mistakes: None }
    }

    pub(crate) fn mistakes(mistakes: Diagnostics) -> Self {
        Self { mistakes: Some(mistakes), ..Self::new("the configuration is not valid; nothing was done") }
    }

    pub(crate) fn usage(message: impl Into<String>) -> Self {
        Self { exit: Exit::Usage, ..Self::new(message) }
    }

    #[must_use]
    pub(crate) fn hint(self, hint: impl Into<String>) -> Self {
        Self { hint: Some(hint.into()), ..self }
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.message)?;
        match &self.hint {
            Some(hint) => write!(out, "\nhint: {hint}"),
            None => Ok(()),
        }
    }
}

/// The error and its causes, each once, as one sentence.
pub(crate) fn chain(error: &dyn std::error::Error) -> String {
    let mut words = error.to_string();
    let mut next = error.source();
    while let Some(cause) = next {
        let cause_words = cause.to_string();
        if !words.contains(&cause_words) {
            words = format!("{words}: {cause_words}");
        }
        next = cause.source();
    }
    words
}

impl<E: std::error::Error> From<E> for Failure {
    fn from(error: E) -> Self {
        Self::new(chain(&error))
    }
}
