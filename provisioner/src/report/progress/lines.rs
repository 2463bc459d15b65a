//! A run in a pipe: one line for each object that is done or not, and a sign of life when there is nothing to tell.

use std::{
    collections::BTreeMap,
    time::{Duration, Instant},
};

use engine::{Event, Verb};
use model::Address;

use super::{logins::Logins, past, present, tally::Tally};
use crate::report::{Paint, summary::duration};

/// After so much silence it is said what is waited for: a log that stands still looks like a run that hangs.
const SILENCE: Duration = Duration::from_secs(30);

pub(super) struct Lines {
    paint: Paint,
    tally: Tally,
    logins: Logins,
    verbose: bool,
    under_way: BTreeMap<Address, UnderWay>,
    /// When something was said last.
    spoke: Instant,
}

struct UnderWay {
    verb: Verb,
    since: Instant,
    why: String,
}

impl Lines {
    pub(super) fn new(paint: Paint, tally: Tally, logins: Logins, verbose: bool, now: Instant) -> Self {
        Self { paint, tally, logins, verbose, under_way: BTreeMap::new(), spoke: now }
    }

    /// What there is to say of an event.
    pub(super) fn hear(&mut self, event: &Event, now: Instant) -> Option<String> {
        self.tally.hear(event);
        self.note(event, now);
        let line = self.line(event);
        if line.is_some() {
            self.spoke = now;
        }
        line
    }

    fn note(&mut self, event: &Event, now: Instant) {
        match event {
            Event::Started { address, verb, .. } => {
                let begun = UnderWay { verb: *verb, since: now, why: String::new() };
                self.under_way.insert(address.clone(), begun);
            }
            Event::Waiting { address, why } => {
                if let Some(it) = self.under_way.get_mut(address) {
                    it.why.clone_from(why);
                }
            }
            Event::Finished { address, .. }
            | Event::Unneeded { address }
            | Event::Failed { address, .. }
            | Event::Skipped { address, .. } => {
                self.under_way.remove(address);
            }
            Event::Paused { .. } | Event::Resumed { .. } => {}
        }
    }

    fn line(&self, event: &Event) -> Option<String> {
        let count = || self.paint.dim(&format!("{:>4}/{}", self.tally.done, self.tally.all));
        match event {
            Event::Finished { address, verb, seconds } => {
                let (verb, seconds) = (self.paint.green(past(*verb)), self.paint.dim(&duration(*seconds)));
                Some(format!("{} {verb} {address} {seconds}", count()))
            }
            Event::Unneeded { address } => Some(format!("{} {} {address}", count(), self.paint.dim("as wanted"))),
            Event::Failed { address, error, .. } => {
                Some(format!("     {} {address}: {} {}", self.paint.red("failed"), error.code, error.message))
            }
            Event::Waiting { address, why } if self.verbose => {
                Some(format!("     {} {address}: {why}", self.paint.yellow("waits")))
            }
            Event::Paused { account, why } => Some(self.logins.paused(account, why)),
            Event::Resumed { account } => Some(self.logins.resumed(account)),
            Event::Skipped { .. } | Event::Started { .. } | Event::Waiting { .. } => None,
        }
    }

    /// What is under way for the longest time, if nothing was said for a while.
    pub(super) fn beat(&mut self, now: Instant) -> Option<String> {
        if now.duration_since(self.spoke) < SILENCE {
            return None;
        }
        let (address, oldest) = self.under_way.iter().min_by_key(|(_, it)| it.since)?;
        self.spoke = now;
        let (verb, after) = (self.paint.yellow(present(oldest.verb)), now.duration_since(oldest.since).as_secs_f64());
        let why = if oldest.why.is_empty() { String::new() } else { format!(": {}", oldest.why) };
        let more = match self.under_way.len() - 1 {
            0 => String::new(),
            n => format!(", and {n} more"),
        };
        Some(format!("     still {verb} {address} after {}{why}{more}", duration(after)))
    }
}

#[cfg(test)]
mod tests {
    use super::{
        super::tally::tests::{at, failed, finished, tally},
        *,
    };

    fn lines(now: Instant) -> Lines {
        let tally = tally(&[("food/table/orders", 2), ("food/vpc/main", 1)]);
        Lines::new(Paint::new(false), tally, Logins::default(), false, now)
    }

    fn started(address: &str) -> Event {
        Event::Started { address: at(address), account: "food".to_owned(), verb: Verb::Create, expected_seconds: 60 }
    }

    #[test]
    fn addresses_are_counted_and_not_events() {
        let now = Instant::now();
        let mut lines = lines(now);
        let mut hear = |event: &Event| lines.hear(event, now).unwrap_or_default();
        assert_eq!(hear(&finished("food/table/orders", Verb::Create)), "   0/2 created food/table/orders 1.0 s");
        assert_eq!(hear(&finished("food/table/orders", Verb::Delete)), "   1/2 deleted food/table/orders 1.0 s");
        assert_eq!(hear(&Event::Unneeded { address: at("food/vpc/main") }), "   2/2 as wanted food/vpc/main");
    }

    #[test]
    fn a_failure_is_told_without_a_count() {
        let now = Instant::now();
        assert_eq!(
            lines(now).hear(&failed("food/vpc/main"), now).as_deref(),
            Some("     failed food/vpc/main: Fault no")
        );
    }

    #[test]
    fn silence_is_broken_every_half_minute() {
        let begin = Instant::now();
        let later = |seconds: u64| begin + Duration::from_secs(seconds);
        let mut lines = lines(begin);
        assert_eq!(lines.beat(later(60)), None, "nothing is under way");
        let waiting = Event::Waiting { address: at("food/table/orders"), why: "CREATING".to_owned() };
        for event in [started("food/table/orders"), started("food/vpc/main"), waiting] {
            assert_eq!(lines.hear(&event, begin), None);
        }
        assert_eq!(lines.beat(later(29)), None);
        let said = lines.beat(later(31)).expect("a sign of life");
        assert_eq!(said, "     still creating food/table/orders after 31.0 s: CREATING, and 1 more");
        assert_eq!(lines.beat(later(60)), None, "it was just said");
        assert!(lines.beat(later(61)).is_some());
    }
}
