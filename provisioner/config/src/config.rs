//! What everything after loading reads: one environment, overrides applied, every value checked.

use std::{collections::BTreeMap, path::PathBuf};

use model::{AccountId, Names, Rate, short_hash};

use crate::{Account, Certificate, Hub, Lease, OnDown, PublicZone, Service};

/// The environment that needs no account.
pub const LOCAL: &str = "local";

/// The target, and the account, of the hub.
pub const CONSUMER: &str = "consumer";

/// The account of the public zone; no target.
pub const PUBLIC_ZONE: &str = "public-zone";

/// The platform in one environment.
#[derive(Clone, Debug, PartialEq)]
pub struct Config {
    /// The folder of `platform.toml`.
    pub root: PathBuf,
    pub platform: String,
    pub environment: String,
    pub region: String,
    /// The partition of the Region: `aws`, `aws-cn`, `aws-us-gov` or `aws-eusc`.
    pub partition: String,
    pub domain: String,
    pub public_zone: Option<PublicZone>,
    pub protected: bool,
    pub tags: BTreeMap<String, String>,
    /// How often calls are made, where that is not the usual: by operation, or `service:*`.
    pub rates: BTreeMap<String, Rate>,
    pub lease: Lease,
    pub hub: Hub,
    /// By name, which is the folder's.
    pub services: BTreeMap<String, Service>,
}

impl Config {
    #[must_use]
    pub fn is_local(&self) -> bool {
        self.environment == LOCAL
    }

    #[must_use]
    pub fn names(&self) -> Names {
        Names::new(&self.platform, &self.environment)
    }

    /// The name under which a service answers: `<service>.<domain>`.
    #[must_use]
    pub fn host(&self, service: &str) -> String {
        format!("{service}.{}", self.domain)
    }

    /// Every account by alias: `consumer`, the services' names, and `public-zone` when there is one.
    pub fn accounts(&self) -> impl Iterator<Item = (&str, &Account)> {
        let zone = self.public_zone.iter().map(|zone| (PUBLIC_ZONE, &zone.account));
        let services = self.services.iter().map(|(name, service)| (name.as_str(), &service.account));
        [(CONSUMER, &self.hub.account)].into_iter().chain(services).chain(zone)
    }

    /// # Panics
    /// If no account has the alias: aliases come from [`Config::accounts`].
    #[must_use]
    pub fn account(&self, alias: &str) -> &Account {
        let found = self.accounts().find(|(name, _)| *name == alias);
        found.map(|(_, account)| account).expect("aliases are those of the configuration")
    }

    /// The account's id; in `local`, where none is given, one made up from the platform's name and the alias.
    ///
    /// # Panics
    /// If no account has the alias: aliases come from [`Config::accounts`].
    #[must_use]
    pub fn account_id(&self, alias: &str) -> AccountId {
        let given = self.account(alias).id.clone();
        given.unwrap_or_else(|| made_up_id(&self.platform, alias)).into()
    }

    /// The certificate of the hub's listener (`consumer`) or of a service's domain.
    ///
    /// # Panics
    /// If the alias is neither.
    #[must_use]
    pub fn certificate(&self, alias: &str) -> &Certificate {
        let certificate = if alias == CONSUMER { &self.hub.certificate } else { &self.service(alias).certificate };
        certificate.as_ref().unwrap_or(&Certificate::LocalCa)
    }

    /// What `down` does with what `consumer` or a service holds.
    ///
    /// # Panics
    /// If the alias is neither.
    #[must_use]
    pub fn on_down(&self, alias: &str) -> OnDown {
        if alias == CONSUMER {
            return self.hub.on_down.unwrap_or(OnDown::Delete);
        }
        let default = if self.is_local() { OnDown::Delete } else { OnDown::Keep };
        self.service(alias).on_down.unwrap_or(default)
    }

    fn service(&self, name: &str) -> &Service {
        self.services.get(name).expect("services are those of the configuration")
    }
}

/// The partition that a Region belongs to.
pub(crate) fn partition(region: &str) -> &'static str {
    match region {
        _ if region.starts_with("cn-") => "aws-cn",
        _ if region.starts_with("us-gov-") => "aws-us-gov",
        _ if region.starts_with("eusc-") => "aws-eusc",
        _ => "aws",
    }
}

/// Twelve digits that differ between aliases and stay the same, the first not zero.
fn made_up_id(platform: &str, alias: &str) -> String {
    let hash = format!("{}{}", short_hash(&format!("{platform}/{alias}")), short_hash(&format!("{alias}@{platform}")));
    let number = u64::from_str_radix(&hash, 16).expect("hashes are hexadecimal");
    (100_000_000_000 + number % 900_000_000_000).to_string()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn made_up_ids_are_twelve_digits_and_distinct() {
        let ids: BTreeSet<String> = (0..1000).map(|n| made_up_id("demo", &format!("service-{n}"))).collect();
        assert!(ids.iter().all(|id| id.len() == 12 && id.bytes().all(|b| b.is_ascii_digit())));
        assert_eq!(ids.len(), 1000);
        assert_ne!(made_up_id("demo", "food"), made_up_id("shop", "food"));
    }

    #[test]
    fn regions_know_their_partition() {
        assert_eq!(["eu-west-1", "cn-north-1", "us-gov-west-1"].map(partition), ["aws", "aws-cn", "aws-us-gov"]);
    }
}
