//! A run as it goes on: a live tree by account on a terminal, plain lines when piped, events with `--json`.

use std::{
    collections::{BTreeMap, HashMap},
    time::{Duration, Instant},
};

use config::Config;
use engine::{Event, Plan, Verb};
use indicatif::{MultiProgress, ProgressBar, ProgressDrawTarget, ProgressStyle};
use model::Address;
use serde_json::json;
use tokio::sync::mpsc::UnboundedReceiver;

use super::{FORMAT_VERSION, Paint, summary::duration, write_out};
use crate::{cli::Global, environment::Surroundings};

/// How often the elapsed times of a live tree are drawn anew.
const TICK: Duration = Duration::from_millis(200);

/// Shows the events of one run.
pub(crate) struct Progress {
    display: Display,
}

enum Display {
    Events,
    Lines(Lines),
    Tree(Tree),
}

impl Progress {
    #[must_use]
    pub(crate) fn new(config: &Config, plan: &Plan, global: &Global, surroundings: &Surroundings) -> Self {
        let paint = Paint::new(surroundings.color_err);
        let display = match (global.json, surroundings.draws) {
            (true, _) => Display::Events,
            (false, true) => Display::Tree(Tree::new(config, plan, paint, surroundings.width)),
            (false, false) => {
                Display::Lines(Lines { paint, done: 0, all: plan.changes().count(), verbose: global.verbose > 0 })
            }
        };
        Self { display }
    }

    /// Shows events until the run is over.
    pub(crate) async fn show(self, mut events: UnboundedReceiver<Event>) {
        let mut display = self.display;
        while let Some(event) = events.recv().await {
            match &mut display {
                Display::Events => {
                    write_out(&json!({"format_version": FORMAT_VERSION, "kind": "event", "event": event}).to_string())
                }
                Display::Lines(lines) => lines.hear(&event),
                Display::Tree(tree) => tree.hear(&event),
            }
        }
        if let Display::Tree(tree) = display {
            tree.close();
        }
    }
}

/// One line for each object that is done or not.
struct Lines {
    paint: Paint,
    done: usize,
    all: usize,
    verbose: bool,
}

impl Lines {
    fn hear(&mut self, event: &Event) {
        match event {
            Event::Finished { address, verb, seconds } => {
                self.done += 1;
                let count = self.paint.dim(&format!("{:>4}/{}", self.done, self.all));
                anstream::eprintln!(
                    "{count} {} {address} {}",
                    self.paint.green(past(*verb)),
                    self.paint.dim(&duration(*seconds))
                );
            }
            Event::Failed { address, error, .. } => {
                anstream::eprintln!("     {} {address}: {} {}", self.paint.red("failed"), error.code, error.message);
            }
            Event::Waiting { address, why } if self.verbose => {
                anstream::eprintln!("     {} {address}: {why}", self.paint.yellow("waits"))
            }
            Event::Skipped { .. } | Event::Started { .. } | Event::Waiting { .. } => {}
        }
    }
}

/// A bar for each account, and under it what is under way.
struct Tree {
    screen: MultiProgress,
    paint: Paint,
    width: usize,
    accounts: BTreeMap<String, ProgressBar>,
    places: HashMap<Address, String>,
    under_way: HashMap<Address, (ProgressBar, Instant)>,
}

impl Tree {
    fn new(config: &Config, plan: &Plan, paint: Paint, width: usize) -> Self {
        let screen = MultiProgress::with_draw_target(ProgressDrawTarget::stderr());
        let mut counts: BTreeMap<String, u64> = BTreeMap::new();
        for step in plan.changes() {
            *counts.entry(step.account.clone()).or_default() += 1;
        }
        let head = ProgressStyle::with_template("{prefix} {bar:24} {pos}/{len} {elapsed}")
            .unwrap_or_else(|_| ProgressStyle::default_bar());
        let bars = counts.into_iter().map(|(account, count)| {
            let bar = screen.add(ProgressBar::new(count).with_style(head.clone().progress_chars("━╸─")));
            bar.set_prefix(format!("{} {}", paint.bold(&account), paint.dim(config.account_id(&account).as_str())));
            bar.enable_steady_tick(TICK);
            (account, bar)
        });
        let accounts = bars.collect();
        Self { screen, paint, width, accounts, places: HashMap::new(), under_way: HashMap::new() }
    }

    fn hear(&mut self, event: &Event) {
        match event {
            Event::Started { address, account, verb, expected_seconds } => {
                self.start(address, account, *verb, *expected_seconds)
            }
            Event::Waiting { address, why } => self.wait(address, why),
            Event::Finished { address, .. } | Event::Skipped { address, .. } => self.finish(address),
            Event::Failed { address, error, .. } => {
                let line = format!("{} {address}: {} {}", self.paint.red("✗"), error.code, error.message);
                // Without a terminal there is nothing to draw on any more.
                let _ = self.screen.println(line);
                self.finish(address);
            }
        }
    }

    fn start(&mut self, address: &Address, account: &str, verb: Verb, expected: u32) {
        self.places.insert(address.clone(), account.to_owned());
        let Some(parent) = self.accounts.get(account) else { return };
        let style = ProgressStyle::with_template("  {spinner} {prefix} {elapsed} {msg}")
            .unwrap_or_else(|_| ProgressStyle::default_spinner());
        let bar = self.screen.insert_after(parent, ProgressBar::new_spinner().with_style(style));
        bar.set_prefix(format!("{} {address}", present(verb)));
        if expected > 5 {
            bar.set_message(self.paint.dim(&format!("of about {}", duration(f64::from(expected)))));
        }
        bar.enable_steady_tick(TICK);
        self.under_way.insert(address.clone(), (bar, Instant::now()));
    }

    fn wait(&self, address: &Address, why: &str) {
        if let Some((bar, _)) = self.under_way.get(address) {
            let room = self.width.saturating_sub(address.as_str().len() + 24);
            let why: String = why.chars().take(room).collect();
            bar.set_message(self.paint.yellow(&why));
        }
    }

    fn finish(&mut self, address: &Address) {
        if let Some((bar, _)) = self.under_way.remove(address) {
            bar.finish_and_clear();
            self.screen.remove(&bar);
        }
        if let Some(bar) = self.places.get(address).and_then(|account| self.accounts.get(account)) {
            bar.inc(1);
        }
    }

    /// The accounts' bars stay as the record of the run.
    fn close(self) {
        self.under_way.into_values().for_each(|(bar, _)| bar.finish_and_clear());
        self.accounts.into_values().for_each(|bar| bar.abandon());
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
