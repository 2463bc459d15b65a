//! How long AWS is waited for, and how often it is asked again. Pure: whoever asks sleeps.

use std::{
    collections::BTreeMap,
    hash::{DefaultHasher, Hash as _, Hasher as _},
    time::Duration,
};

use tokio::time::Instant;

use crate::{CallError, Class, Rates};

/// Intervals and limits of a run.
#[derive(Clone, Debug)]
pub struct Pace {
    /// How often AWS takes calls: what is scarce is asked for first.
    pub rates: Rates,
    /// First delay before a call is repeated, and before a first poll.
    pub first: Duration,
    /// Longest delay that AWS did not ask for.
    pub longest: Duration,
    /// How long a new object may take to show before it is made again.
    pub look_again: Duration,
    /// How long a reading that AWS does not answer is tried again.
    pub reading: Duration,
    /// How long reads may still show an object as it was before it was changed.
    pub stale: Duration,
    /// How long AWS's own propagation is waited for (IAM: 2 min, EC2: up to 5 min).
    pub propagation: Duration,
    /// How long "busy" is waited for.
    pub busy: Duration,
    /// How long somebody may take to log in when credentials expired.
    pub login: Duration,
    /// How long users of a deleted object may take to let go (interfaces of functions: 30 to 45 min at worst).
    pub release: Duration,
}

impl Default for Pace {
    fn default() -> Self {
        Self {
            rates: Rates::default(),
            first: Duration::from_millis(500),
            longest: Duration::from_secs(15),
            look_again: Duration::from_secs(5),
            reading: Duration::from_secs(20),
            stale: Duration::from_secs(30),
            propagation: Duration::from_secs(180),
            busy: Duration::from_secs(600),
            login: Duration::from_secs(900),
            release: Duration::from_secs(3000),
        }
    }
}

/// What a call does: it decides which errors pass by waiting.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Doing {
    Creating,
    Changing,
    Deleting,
    /// Whether it is ready: asked again anyway.
    Looking,
    /// Before a run: a person waits for the answer.
    Reading,
}

impl Pace {
    /// How long an error of this class is waited out; none if waiting does not help.
    fn limit(&self, doing: Doing, class: Class) -> Option<Duration> {
        match (class, doing) {
            (Class::Credentials, Doing::Reading) => None,
            (Class::Credentials, _) => Some(self.login),
            (_, Doing::Looking) => None,
            (Class::Throttled | Class::Busy | Class::NotYet | Class::Unknown, Doing::Reading) => Some(self.reading),
            (Class::Throttled | Class::Busy, Doing::Deleting) => Some(self.release),
            (Class::Throttled | Class::Busy, _) => Some(self.busy),
            (Class::NotYet | Class::Unknown, _) => Some(self.propagation),
            // Made by a run that was killed, and not to be seen everywhere yet.
            (Class::Exists, Doing::Creating) => Some(self.propagation),
            // What it refers to was made in this run or seen at its start: it has not arrived everywhere.
            (Class::Gone, Doing::Creating | Doing::Changing) => Some(self.propagation),
            _ => None,
        }
    }

    /// How long until the next look at something that is usually ready `typical` after its first call, which was `age` ago: by
    /// halves of its age, and around the time when it should be ready so often that a look comes hardly too late.
    pub(crate) fn until_look(&self, age: Duration, typical: Duration) -> Duration {
        let (near, late) = (typical * 17 / 20, typical * 5 / 4);
        let delay = match age {
            _ if age < near => (age / 2).min(near - age),
            _ if age < late => typical / 45,
            _ => age / 8,
        };
        delay.clamp(self.first, self.longest)
    }

    /// The delay after this one.
    pub(crate) fn longer(&self, delay: Duration) -> Duration {
        (delay * 3 / 2).min(self.longest)
    }
}

/// One call's retries: delays grow by half from `first` to `longest`, until the limit of the error's class has passed
/// since its first appearance.
pub(crate) struct Patience<'a> {
    pace: &'a Pace,
    doing: Doing,
    who: &'a str,
    delay: Duration,
    since: BTreeMap<Class, Instant>,
}

impl<'a> Patience<'a> {
    /// `who` varies the delays a little, the same way in every run, so that many calls do not come back at once.
    pub(crate) fn new(pace: &'a Pace, doing: Doing, who: &'a str) -> Self {
        Self { pace, doing, who, delay: pace.first, since: BTreeMap::new() }
    }

    /// How long to wait before the call is repeated; none if its error stands.
    pub(crate) fn next(&mut self, error: &CallError) -> Option<Duration> {
        let limit = self.pace.limit(self.doing, error.class)?;
        let since = self.since.entry(error.class).or_insert_with(Instant::now);
        if since.elapsed() >= limit {
            return None;
        }
        let delay = error.retry_after.unwrap_or_else(|| varied(self.delay, self.who));
        self.delay = self.pace.longer(self.delay);
        Some(delay.min(limit))
    }
}

/// Repeats a call while AWS does not answer it, for so long that no person wonders. `who` varies the delays.
///
/// # Errors
/// The last answer.
pub async fn patiently<T, F>(who: &str, mut call: impl FnMut() -> F) -> Result<T, CallError>
where
    F: Future<Output = Result<T, CallError>>,
{
    let pace = Pace::default();
    let mut patience = Patience::new(&pace, Doing::Reading, who);
    loop {
        let answer = call().await;
        match answer.as_ref().err().and_then(|error| patience.next(error)) {
            Some(delay) => tokio::time::sleep(delay).await,
            None => return answer,
        }
    }
}

/// The delay, give or take a fifth.
fn varied(delay: Duration, who: &str) -> Duration {
    let mut hasher = DefaultHasher::new();
    (who, delay).hash(&mut hasher);
    let percent = u32::try_from(80 + hasher.finish() % 41).expect("it is below 121");
    delay * percent / 100
}

#[cfg(test)]
mod tests {
    use super::*;

    fn error(class: Class) -> CallError {
        CallError { class, ..CallError::own("x/vpc/main", "1", "", "") }
    }

    #[tokio::test(start_paused = true)]
    async fn a_class_is_waited_out_until_its_limit() {
        let pace = Pace::default();
        let mut patience = Patience::new(&pace, Doing::Changing, "x");
        let mut waited = Duration::ZERO;
        while let Some(delay) = patience.next(&error(Class::NotYet)) {
            assert!(delay <= pace.longest * 6 / 5, "{delay:?}");
            waited += delay;
            tokio::time::sleep(delay).await;
        }
        assert!(waited >= pace.propagation && waited < pace.propagation + 2 * pace.longest, "{waited:?}");
    }

    #[test]
    fn looks_are_frequent_when_it_should_be_ready() {
        let (pace, typical) = (Pace::default(), Duration::from_secs(180));
        let mut looks = vec![Duration::ZERO];
        while looks[looks.len() - 1] < typical {
            let age = looks[looks.len() - 1];
            looks.push(age + pace.until_look(age, typical));
        }
        assert_eq!(looks[1..4].iter().map(Duration::as_millis).collect::<Vec<_>>(), [500, 1000, 1500]);
        let near = looks.iter().filter(|age| **age >= typical * 17 / 20).count();
        assert!((7..=9).contains(&near) && looks.len() < 30, "{looks:?}");
        assert_eq!(pace.until_look(typical * 3, typical), pace.longest);
    }

    #[tokio::test(start_paused = true)]
    async fn each_class_has_a_limit_of_its_own() {
        let pace = Pace::default();
        let mut patience = Patience::new(&pace, Doing::Changing, "x");
        assert!(patience.next(&error(Class::Busy)).is_some());
        tokio::time::sleep(pace.propagation * 2).await;
        assert!(patience.next(&error(Class::NotYet)).is_some(), "it came up only now");
    }

    #[test]
    fn what_does_not_pass_is_not_waited_for() {
        let pace = Pace::default();
        for class in [Class::Denied, Class::Fatal, Class::Exists, Class::Stopped] {
            assert_eq!(Patience::new(&pace, Doing::Changing, "x").next(&error(class)), None, "{class:?}");
        }
        assert_eq!(Patience::new(&pace, Doing::Deleting, "x").next(&error(Class::Gone)), None);
        assert!(Patience::new(&pace, Doing::Creating, "x").next(&error(Class::Exists)).is_some());
    }

    #[test]
    fn aws_own_word_on_when_to_come_back_counts() {
        let pace = Pace::default();
        let asked = CallError { retry_after: Some(Duration::from_secs(42)), ..error(Class::Throttled) };
        assert_eq!(Patience::new(&pace, Doing::Changing, "x").next(&asked), Some(Duration::from_secs(42)));
    }
}
