//! One injury: what the program was doing, at which call, and how it was hurt.

use std::str::FromStr;

use super::{Asked, Call, answers, fate::Fate};

/// What the program was doing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Scenario {
    /// `up --all` where nothing is.
    Up,
    /// `down --all` where everything is.
    Down,
    /// `up --all` after a `down --all`, which left keys that wait for their deletion.
    Again,
    /// `up --all` after the hub's networks got other addresses: all of it is replaced.
    Move,
}

/// How a call is hurt.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Mode {
    /// AWS acts, then the program is killed.
    KillAfter,
    /// The program is killed before AWS hears of it.
    KillBefore,
    /// AWS acts, then the connection ends.
    Cut,
    /// 500, 503 or a throttle, by turns; AWS never hears of it.
    Refuse,
    /// No answer ever, and AWS never hears of it.
    Hang,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Injury {
    pub scenario: Scenario,
    pub mode: Mode,
    pub call: Call,
}

impl Scenario {
    pub const ALL: [Self; 4] = [Self::Up, Self::Down, Self::Again, Self::Move];

    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Up => "up",
            Self::Down => "down",
            Self::Again => "up again",
            Self::Move => "move",
        }
    }
}

impl Mode {
    pub const ALL: [Self; 5] = [Self::KillAfter, Self::KillBefore, Self::Cut, Self::Refuse, Self::Hang];

    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::KillAfter => "kill-after",
            Self::KillBefore => "kill-before",
            Self::Cut => "cut",
            Self::Refuse => "refuse",
            Self::Hang => "hang",
        }
    }

    #[must_use]
    pub fn kills(self) -> bool {
        matches!(self, Self::KillAfter | Self::KillBefore)
    }

    pub(crate) fn fate(self, asked: &Asked, at: &Call) -> Fate {
        match self {
            Self::KillAfter => Fate::Kill { forward: true },
            Self::KillBefore => Fate::Kill { forward: false },
            Self::Cut => Fate::Cut { forward: true },
            Self::Hang => Fate::Silence,
            Self::Refuse => Fate::Answer(match (at.nth + at.operation.len()) % 3 {
                0 => answers::throttle(asked),
                1 => answers::failure(asked),
                _ => answers::unavailable(),
            }),
        }
    }
}

/// Something that goes wrong, and is then looked into.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Trial {
    Injury(Injury),
    /// `up` and `down` where of a hundred calls so many fail and so many connections are cut.
    Random {
        failures: u64,
        resets: u64,
        seed: u64,
    },
    /// `up` and `down` where new network objects and roles cannot be found for so many requests.
    Late(usize),
}

impl Trial {
    /// Trials that are counted together.
    #[must_use]
    pub fn group(&self) -> String {
        match self {
            Self::Injury(injury) => format!("{}: {}", injury.scenario.name(), injury.mode.name()),
            Self::Random { failures, resets, .. } => format!("{failures} % failures and {resets} % resets"),
            Self::Late(_) => "new objects not found at first".to_owned(),
        }
    }

    /// What tells it from the others of its group.
    #[must_use]
    pub fn name(&self) -> String {
        match self {
            Self::Injury(injury) => injury.call.to_string(),
            Self::Random { seed, .. } => format!("seed {seed}"),
            Self::Late(requests) => format!("for {requests} requests"),
        }
    }
}

impl FromStr for Mode {
    type Err = String;

    fn from_str(name: &str) -> Result<Self, String> {
        Self::ALL.into_iter().find(|mode| mode.name() == name).ok_or_else(|| format!("no mode `{name}`"))
    }
}
