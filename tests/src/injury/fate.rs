//! What is to go wrong, and what that means for one call.

use std::collections::BTreeMap;

use super::{
    Asked, Call, Mode,
    answers::{self, Answer},
    youth,
};

/// What goes wrong during one run of the program.
#[derive(Clone, Debug, Default)]
pub enum Trouble {
    #[default]
    None,
    /// One call is hurt.
    At(Call, Mode),
    /// Of a hundred calls so many fail and so many connections are cut, before or after AWS acted; reads, too.
    Random { failures: u64, resets: u64, seed: u64 },
    /// For so many requests after its creation, whoever names a new network object or role is told that there is none.
    Late(usize),
}

/// What happens to one call.
pub(crate) enum Fate {
    Pass,
    /// AWS never hears of it.
    Answer(Answer),
    /// The connection ends without an answer; with or without AWS having acted.
    Cut {
        forward: bool,
    },
    /// The program ends; before or after AWS acted.
    Kill {
        forward: bool,
    },
    /// Nobody ever answers.
    Silence,
}

/// Decides call by call.
#[derive(Debug, Default)]
pub(crate) struct Fates {
    trouble: Trouble,
    dice: u64,
    /// Requests so far.
    requests: usize,
    /// New names, and when they came up.
    young: BTreeMap<String, usize>,
    /// The call that was to be hurt came.
    pub(crate) is_met: bool,
}

impl Fates {
    pub(crate) fn new(trouble: Trouble) -> Self {
        let dice = if let Trouble::Random { seed, .. } = trouble { seed } else { 0 };
        Self { trouble, dice, ..Self::default() }
    }

    pub(crate) fn of(&mut self, asked: &Asked, call: Option<&Call>, body: &str) -> Fate {
        self.requests += 1;
        match &self.trouble {
            Trouble::At(at, mode) if !self.is_met && call == Some(at) => {
                self.is_met = true;
                mode.fate(asked, at)
            }
            Trouble::Random { failures, resets, .. } if !asked.service.is_empty() => {
                let (failures, resets) = (*failures, *resets);
                self.chance(asked, failures, resets)
            }
            Trouble::Late(requests) => self.youth(asked, body, *requests),
            _ => Fate::Pass,
        }
    }

    fn chance(&mut self, asked: &Asked, failures: u64, resets: u64) -> Fate {
        let hit = self.roll(100);
        match (hit < failures, hit < failures + resets, self.roll(3)) {
            (true, _, 0) => Fate::Answer(answers::throttle(asked)),
            (true, _, 1) => Fate::Answer(answers::failure(asked)),
            (true, ..) => Fate::Answer(answers::unavailable()),
            (_, true, side) => Fate::Cut { forward: side > 0 },
            _ => Fate::Pass,
        }
    }

    /// Knuth's linear congruential generator: the same seed, the same dice.
    fn roll(&mut self, sides: u64) -> u64 {
        self.dice = self.dice.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.dice >> 33) % sides
    }

    fn youth(&self, asked: &Asked, body: &str, requests: usize) -> Fate {
        let young = self.young.iter().filter(|(_, since)| self.requests - **since <= requests);
        let answer = young.map(|(name, _)| name).find_map(|name| youth::unknown(asked, body, name));
        answer.map_or(Fate::Pass, Fate::Answer)
    }

    /// Takes note of what an answer gave birth to.
    pub(crate) fn learn(&mut self, asked: &Asked, body: &str, answer: &str) {
        if matches!(self.trouble, Trouble::Late(_)) {
            let now = self.requests;
            self.young.extend(youth::born(asked, body, answer).map(|name| (name, now)));
        }
    }
}
