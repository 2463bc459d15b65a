//! Addresses: how one object is named by people, tags and references.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

/// `<target>/<kind>/<name>`, such as `food/rest-api/main`: unique within a platform and environment.
///
/// The target is what a person names on the command line (`consumer`, `food`); it says who owns the object, not which
/// account holds it: a service's listener rule is `food/listener-rule/host` and lives in the hub's account.
/// Each part is 1 to 63 characters of `[a-z0-9-.]`, so that an address is a legal tag value everywhere.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Address {
    text: String,
    kind_at: usize,
    name_at: usize,
}

impl Address {
    /// # Panics
    /// If a part is empty or has a character outside `[a-z0-9-.]`: addresses are written by blueprints, from checked names.
    #[must_use]
    pub fn new(target: &str, kind: &str, name: &str) -> Self {
        format!("{target}/{kind}/{name}").parse().expect("blueprints write well-formed addresses")
    }

    #[must_use]
    pub fn target(&self) -> &str {
        &self.text[..self.kind_at - 1]
    }

    #[must_use]
    pub fn kind(&self) -> &str {
        &self.text[self.kind_at..self.name_at - 1]
    }

    #[must_use]
    pub fn name(&self) -> &str {
        &self.text[self.name_at..]
    }

    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }
}

/// A text that is not `<target>/<kind>/<name>`.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not an address of the form `<target>/<kind>/<name>`")]
pub struct BadAddress(pub String);

impl FromStr for Address {
    type Err = BadAddress;

    fn from_str(text: &str) -> Result<Self, BadAddress> {
        let parts: Vec<&str> = text.split('/').collect();
        let legal = |part: &&str| {
            (1..=63).contains(&part.len())
                && part.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-' || b == b'.')
        };
        if parts.len() != 3 || !parts.iter().all(legal) {
            return Err(BadAddress(text.to_owned()));
        }
        let kind_at = parts[0].len() + 1;
        Ok(Self { text: text.to_owned(), kind_at, name_at: kind_at + parts[1].len() + 1 })
    }
}

impl TryFrom<String> for Address {
    type Error = BadAddress;

    fn try_from(text: String) -> Result<Self, BadAddress> {
        text.parse()
    }
}

impl From<Address> for String {
    fn from(address: Address) -> Self {
        address.text
    }
}

impl fmt::Display for Address {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.pad(&self.text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_come_back_as_they_were_given() {
        let address = Address::new("food", "rest-api", "main");
        assert_eq!((address.target(), address.kind(), address.name()), ("food", "rest-api", "main"));
    }

    #[test]
    fn malformed_texts_are_refused() {
        for text in ["", "food", "food/vpc", "food/vpc/", "food/vpc/a/b", "Food/vpc/main", "food/vpc/a b"] {
            assert_eq!(text.parse::<Address>(), Err(BadAddress(text.to_owned())));
        }
    }
}
