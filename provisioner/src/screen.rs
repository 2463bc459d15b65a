//! Standard error, on which a tree of progress may be drawn: lines for a person go above it and never through it.

use std::sync::{Arc, Mutex, PoisonError};

use indicatif::{MultiProgress, ProgressDrawTarget};

/// Shared by all that speak to a person while a run goes on.
#[derive(Clone, Debug, Default)]
pub(crate) struct Screen {
    drawn: Arc<Mutex<Option<MultiProgress>>>,
}

impl Screen {
    /// From now on something is drawn.
    pub(crate) fn draw(&self) -> MultiProgress {
        let tree = MultiProgress::with_draw_target(ProgressDrawTarget::stderr());
        self.put(Some(tree.clone()));
        tree
    }

    /// What is drawn stays as it is; lines go below it again.
    pub(crate) fn leave(&self) {
        self.put(None);
    }

    fn put(&self, tree: Option<MultiProgress>) {
        *self.drawn.lock().unwrap_or_else(PoisonError::into_inner) = tree;
    }

    pub(crate) fn say(&self, line: &str) {
        let drawn = self.drawn.lock().unwrap_or_else(PoisonError::into_inner).clone();
        match drawn {
            Some(tree) => tree.suspend(|| anstream::eprintln!("{line}")),
            None => anstream::eprintln!("{line}"),
        }
    }
}
