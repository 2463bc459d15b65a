//! Which limits an operation is under.

use std::collections::BTreeMap;

use model::Rate;

/// Limits by operation (`apigateway:CreateDomainName`), or by service for all of its operations together (`apigateway:*`).
/// A call keeps to all that apply to it; without any, it may be made at any time.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Rates {
    limits: BTreeMap<String, Rate>,
}

impl Rates {
    /// The same, with some otherwise.
    #[must_use]
    pub fn with(mut self, others: impl IntoIterator<Item = (String, Rate)>) -> Self {
        self.limits.extend(others);
        self
    }

    /// The limits of an operation, each with the name of its bucket.
    pub fn of(&self, operation: &str) -> impl Iterator<Item = (&str, Rate)> {
        let service = operation.split(':').next().unwrap_or_default();
        let names = [operation.to_owned(), format!("{service}:*")];
        names.into_iter().filter_map(|name| self.limits.get_key_value(&name)).map(|(name, rate)| (name.as_str(), *rate))
    }
}

impl FromIterator<(String, Rate)> for Rates {
    fn from_iter<I: IntoIterator<Item = (String, Rate)>>(limits: I) -> Self {
        Self { limits: limits.into_iter().collect() }
    }
}
