//! A run as it goes on: a live tree by account on a terminal, plain lines when piped, events with `--json`.

mod lines;
mod logins;
mod tally;
mod tree;

use std::time::{Duration, Instant};

use config::Config;
use engine::{Event, Plan, Verb};
use serde_json::json;
use tokio::sync::mpsc::UnboundedReceiver;

use self::{lines::Lines, logins::Logins, tally::Tally, tree::Tree};
use super::{FORMAT_VERSION, Paint, write_out};
use crate::{cli::Global, environment::Surroundings};

/// How often it is looked whether nothing was said for too long.
const BEAT: Duration = Duration::from_secs(1);

/// Shows the events of one run.
pub(crate) struct Progress {
    display: Display,
}

enum Display {
    Events,
    Lines(Box<Lines>),
    Tree(Box<Tree>),
}

impl Progress {
    #[must_use]
    pub(crate) fn new(config: &Config, plan: &Plan, global: &Global, surroundings: &Surroundings) -> Self {
        let paint = Paint::new(surroundings.color_err);
        let logins = Logins::new(config, surroundings.profile.as_deref(), paint);
        let display = match (global.json, surroundings.draws) {
            (true, _) => Display::Events,
            (false, true) => Display::Tree(Box::new(Tree::new(config, plan, paint, logins, surroundings))),
            (false, false) => {
                let verbose = global.verbose > 0;
                Display::Lines(Box::new(Lines::new(paint, Tally::of(plan), logins, verbose, Instant::now())))
            }
        };
        Self { display }
    }

    /// Shows events until the run is over.
    pub(crate) async fn show(mut self, mut events: UnboundedReceiver<Event>) {
        let mut beats = tokio::time::interval(BEAT);
        loop {
            tokio::select! {
                biased;
                event = events.recv() => match event {
                    Some(event) => self.display.hear(&event),
                    None => break,
                },
                _ = beats.tick() => self.display.beat(),
            }
        }
        if let Display::Tree(tree) = self.display {
            tree.close();
        }
    }
}

impl Display {
    fn hear(&mut self, event: &Event) {
        match self {
            Self::Events => {
                write_out(&json!({"format_version": FORMAT_VERSION, "kind": "event", "event": event}).to_string())
            }
            Self::Lines(lines) => say(lines.hear(event, Instant::now())),
            Self::Tree(tree) => tree.hear(event),
        }
    }

    fn beat(&mut self) {
        if let Self::Lines(lines) = self {
            say(lines.beat(Instant::now()));
        }
    }
}

fn say(line: Option<String>) {
    if let Some(line) = line {
        anstream::eprintln!("{line}");
    }
}

fn present(verb: Verb) -> &'static str {
    match verb {
        Verb::Create => "creating",
        Verb::Update => "updating",
        Verb::Delete => "deleting",
        Verb::Wait => "waiting for",
    }
}

fn past(verb: Verb) -> &'static str {
    match verb {
        Verb::Create => "created",
        Verb::Update => "updated",
        Verb::Delete => "deleted",
        Verb::Wait => "ready",
    }
}
