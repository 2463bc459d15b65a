//! A run on a terminal: a bar for each account, and under it what is under way.

use std::{
    collections::{BTreeMap, HashMap},
    time::Duration,
};

use config::Config;
use engine::{Event, Plan, Verb};
use indicatif::{MultiProgress, ProgressBar, ProgressStyle};
use model::Address;

use super::{logins::Logins, present, tally::Tally};
use crate::{
    environment::Surroundings,
    report::{Paint, summary::duration, wrap::fill},
    screen::Screen,
};

/// How often the elapsed times are drawn anew.
const TICK: Duration = Duration::from_millis(200);
/// Shorter waits need no announcement.
const NOTABLE_SECONDS: u32 = 5;

pub(super) struct Tree {
    screen: Screen,
    drawn: MultiProgress,
    paint: Paint,
    logins: Logins,
    width: usize,
    accounts: BTreeMap<String, Account>,
    /// Which account an address is in.
    places: HashMap<Address, String>,
    under_way: HashMap<Address, UnderWay>,
}

struct Account {
    bar: ProgressBar,
    tally: Tally,
}

struct UnderWay {
    bar: ProgressBar,
    /// How long it takes as a rule.
    expected: String,
}

impl Tree {
    pub(super) fn new(config: &Config, plan: &Plan, paint: Paint, logins: Logins, surroundings: &Surroundings) -> Self {
        let drawn = surroundings.screen.draw();
        empty_line(&drawn);
        let (tallies, places) = by_account(plan);
        let widest = tallies.keys().map(|account| account.chars().count()).max().unwrap_or_default();
        let accounts = tallies.into_iter().map(|(account, tally)| {
            let bar = drawn.add(ProgressBar::new(tally.all as u64).with_style(account_style("")));
            let name = paint.bold(&format!("{account:widest$}"));
            bar.set_prefix(format!("{name} {}", paint.dim(config.account_id(&account).as_str())));
            bar.enable_steady_tick(TICK);
            (account, Account { bar, tally })
        });
        let accounts = accounts.collect();
        let (screen, width) = (surroundings.screen.clone(), surroundings.width);
        Self { screen, drawn, paint, logins, width, accounts, places, under_way: HashMap::new() }
    }

    pub(super) fn hear(&mut self, event: &Event) {
        match event {
            Event::Started { address, account, verb, expected_seconds } => {
                self.start(address, account, *verb, *expected_seconds)
            }
            Event::Waiting { address, why } => self.wait(address, why),
            Event::Finished { address, .. } | Event::Unneeded { address } | Event::Skipped { address, .. } => {
                self.finish(address, event)
            }
            Event::Failed { address, error, .. } => {
                self.tell(&format!("{} {address}: {} {}", self.paint.red("✗"), error.code, error.message));
                self.finish(address, event);
            }
            Event::Paused { account, why } => self.tell(&self.logins.paused(account, why)),
            Event::Resumed { account } => self.tell(&self.logins.resumed(account)),
        }
    }

    fn tell(&self, line: &str) {
        self.screen.say(&fill(line, Some(self.width), 2));
    }

    fn start(&mut self, address: &Address, account: &str, verb: Verb, expected_seconds: u32) {
        let Some(account) = self.accounts.get(account) else { return };
        let style = ProgressStyle::with_template("  {spinner} {prefix} {elapsed} {msg}")
            .unwrap_or_else(|_| ProgressStyle::default_spinner());
        let bar = self.drawn.insert_after(&account.bar, ProgressBar::new_spinner().with_style(style));
        bar.set_prefix(format!("{} {address}", present(verb)));
        let expected = expectation(expected_seconds);
        bar.set_message(self.paint.dim(&expected));
        bar.enable_steady_tick(TICK);
        self.under_way.insert(address.clone(), UnderWay { bar, expected });
    }

    fn wait(&self, address: &Address, why: &str) {
        let Some(UnderWay { bar, expected }) = self.under_way.get(address) else { return };
        let room = self.width.saturating_sub(bar.prefix().chars().count() + "  ⠁  10m ".chars().count());
        bar.set_message(told(self.paint, expected, why, room));
    }

    fn finish(&mut self, address: &Address, event: &Event) {
        if let Some(UnderWay { bar, .. }) = self.under_way.remove(address) {
            bar.finish_and_clear();
            self.drawn.remove(&bar);
        }
        if let Some(account) = self.places.get(address).and_then(|account| self.accounts.get_mut(account)) {
            account.hear(event, self.paint);
        }
    }

    /// The accounts' bars stay as the record of the run.
    pub(super) fn close(self) {
        self.under_way.into_values().for_each(|it| it.bar.finish_and_clear());
        self.accounts.into_values().for_each(|account| account.bar.abandon());
        self.screen.leave();
    }
}

impl Account {
    fn hear(&mut self, event: &Event, paint: Paint) {
        self.tally.hear(event);
        self.bar.set_position(self.tally.done as u64);
        let trouble = self.tally.trouble();
        if !trouble.is_empty() {
            self.bar.set_style(account_style(if paint.is_on() { ".red" } else { "" }));
            self.bar.set_message(paint.red(&trouble));
        }
    }
}

/// The first line of what is drawn. A terminal that echoes Ctrl-C moves the cursor one line down, so that one line of what is
/// drawn is left behind: this one.
fn empty_line(drawn: &MultiProgress) {
    let nothing = ProgressStyle::with_template(" ").unwrap_or_else(|_| ProgressStyle::default_bar());
    drawn.add(ProgressBar::new(0).with_style(nothing)).abandon();
}

/// What is to be done in each account, and where each address is.
fn by_account(plan: &Plan) -> (BTreeMap<String, Tally>, HashMap<Address, String>) {
    let (mut tallies, mut places) = (BTreeMap::<String, Tally>::new(), HashMap::new());
    for step in plan.changes() {
        tallies.entry(step.account.clone()).or_default().expect(step.address.clone(), step.jobs());
        places.insert(step.address.clone(), step.account.clone());
    }
    (tallies, places)
}

fn account_style(color: &str) -> ProgressStyle {
    ProgressStyle::with_template(&format!("{{prefix}} {{bar:24{color}}} {{pos:>3}}/{{len:<3}} {{elapsed}} {{msg}}"))
        .unwrap_or_else(|_| ProgressStyle::default_bar())
        .progress_chars("━╸─")
}

fn expectation(seconds: u32) -> String {
    if seconds <= NOTABLE_SECONDS {
        return String::new();
    }
    format!("of about {}", duration(f64::from(seconds)))
}

/// How long it takes as a rule and what AWS calls its state, in so many columns.
fn told(paint: Paint, expected: &str, why: &str, room: usize) -> String {
    let before = if expected.is_empty() { String::new() } else { format!("{expected}, ") };
    let before = if before.chars().count() < room { before } else { String::new() };
    let why: String = why.chars().take(room - before.chars().count()).collect();
    format!("{}{}", paint.dim(&before), paint.yellow(&why))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_state_stands_beside_the_expectation() {
        let told = |room| told(Paint::new(false), &expectation(70), "pending acceptance", room);
        assert_eq!(told(60), "of about 1 min 10 s, pending acceptance");
        assert_eq!(told(30), "of about 1 min 10 s, pending a");
        assert_eq!(told(10), "pending ac");
        assert_eq!(expectation(2), "");
    }
}
