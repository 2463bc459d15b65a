//! Ownership tags: the only memory the platform keeps, written in the create call.

use std::collections::BTreeMap;

use crate::{Address, Names};

/// The tags of one object. Only letters, digits and `+-=._:/` are used: API Gateway takes no others.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tags(pub BTreeMap<String, String>);

impl Tags {
    pub const PLATFORM: &'static str = "provisioner:platform";
    pub const ENVIRONMENT: &'static str = "provisioner:environment";
    pub const ADDRESS: &'static str = "provisioner:address";
    /// Hash of fields that AWS does not report back.
    pub const SPEC: &'static str = "provisioner:spec";
    /// Present with the value `keep` on what a `down` leaves alone.
    pub const ON_DOWN: &'static str = "provisioner:on-down";

    /// The tags that say whose object this is, on top of the user's own.
    #[must_use]
    pub fn of(names: &Names, address: &Address, own: &BTreeMap<String, String>) -> Self {
        let mut tags = own.clone();
        tags.insert(Self::PLATFORM.to_owned(), names.platform.clone());
        tags.insert(Self::ENVIRONMENT.to_owned(), names.environment.clone());
        tags.insert(Self::ADDRESS.to_owned(), address.to_string());
        tags.insert("Name".to_owned(), format!("{}-{}-{}", names.prefix(), address.target(), address.name()));
        Self(tags)
    }

    /// The address, if the tags say that the object belongs to this platform and environment.
    #[must_use]
    pub fn ours(&self, names: &Names) -> Option<Address> {
        let is = |key: &str, value: &str| self.0.get(key).is_some_and(|found| found == value);
        if !is(Self::PLATFORM, &names.platform) || !is(Self::ENVIRONMENT, &names.environment) {
            return None;
        }
        self.0.get(Self::ADDRESS)?.parse().ok()
    }
}

impl<K: Into<String>, V: Into<String>> FromIterator<(K, V)> for Tags {
    fn from_iter<I: IntoIterator<Item = (K, V)>>(pairs: I) -> Self {
        Self(pairs.into_iter().map(|(key, value)| (key.into(), value.into())).collect())
    }
}
