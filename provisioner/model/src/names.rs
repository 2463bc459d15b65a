//! Deterministic names: a killed run and the next one call the same thing the same.

use sha2::{Digest, Sha256};

/// The prefix of everything one platform has in one environment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Names {
    pub platform: String,
    pub environment: String,
}

impl Names {
    #[must_use]
    pub fn new(platform: &str, environment: &str) -> Self {
        Self { platform: platform.to_owned(), environment: environment.to_owned() }
    }

    /// `<platform>-<environment>`, the start of every name.
    #[must_use]
    pub fn prefix(&self) -> String {
        format!("{}-{}", self.platform, self.environment)
    }

    /// `<platform>-<environment>-<target>-<name>`, cut to `max` characters.
    ///
    /// A cut name ends in six characters of the whole name's hash, so two long names never meet.
    #[must_use]
    pub fn name(&self, target: &str, name: &str, max: usize) -> String {
        cut(&format!("{}-{target}-{name}", self.prefix()), max)
    }

    /// Like [`Names::name`], ending in a hash of `salt`: for objects replaced under a new name when `salt` changes,
    /// so that the old and the new one can exist at once.
    #[must_use]
    pub fn salted(&self, target: &str, name: &str, salt: &str, max: usize) -> String {
        let whole = format!("{}-{target}-{name}", self.prefix());
        format!("{}-{}", cut(&whole, max - 7), short_hash(salt))
    }
}

fn cut(whole: &str, max: usize) -> String {
    if whole.len() <= max {
        return whole.to_owned();
    }
    format!("{}-{}", whole[..max - 7].trim_end_matches('-'), short_hash(whole))
}

/// Six hexadecimal characters of the text's SHA-256.
#[must_use]
pub fn short_hash(text: &str) -> String {
    Sha256::digest(text.as_bytes()).iter().take(3).map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn short_names_stay_whole_and_long_ones_stay_apart() {
        let names = Names::new("demo", "local");
        assert_eq!(names.name("food", "alb", 32), "demo-local-food-alb");
        let (a, b) = (names.name("a-rather-long-service", "one", 32), names.name("a-rather-long-service", "two", 32));
        assert!(a.len() <= 32 && b.len() <= 32 && a != b, "{a} {b}");
    }
}
