//! `platform.toml`: the platform and its environments.

use std::collections::BTreeMap;

use model::Rate;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::shared::Account;

/// The whole of `platform.toml`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Platform {
    /// Starts every name: 2 to 12 characters, lower-case letters, digits and hyphens, a letter first.
    #[schemars(regex(pattern = r"^[a-z][a-z0-9-]{0,10}[a-z0-9]$"))]
    pub name: String,
    /// The environment used when `--env` is not given; `local` when it is missing. Never a protected one.
    pub default_environment: Option<String>,
    /// By name: `dev`, `staging`, `prod`; `local` is built in and may be adjusted here.
    #[serde(default)]
    pub environments: BTreeMap<String, Environment>,
}

/// One environment: a whole platform of its own.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Environment {
    /// An AWS Region, such as `eu-west-1`.
    #[schemars(regex(pattern = r"^[a-z]{2,4}(-[a-z]+)+-[0-9]$"))]
    pub region: String,
    /// The internal domain under which every service has a name. REGIONAL custom domains are unique per Region over all
    /// of AWS, so no two environments share one.
    pub domain: String,
    /// The public zone whose records validate certificates; needed by certificates with `source = "request"`.
    pub public_zone: Option<PublicZone>,
    /// A protected environment is never the default and asks twice; `prod` is one when this is missing.
    pub protected: Option<bool>,
    /// Put on everything, beside the ownership tags: letters, digits and `+-=._:/`.
    #[serde(default)]
    pub tags: BTreeMap<String, String>,
    /// How often AWS takes a call, where an account's limits are not the usual ones: by operation
    /// (`apigateway:CreateDomainName`), or for a service as a whole (`apigateway:*`).
    #[serde(default)]
    pub rates: BTreeMap<String, Limit>,
    #[serde(default)]
    pub lease: Lease,
}

/// How often a call is made in one account: `per_second` or `every_seconds`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Limit {
    /// Calls in a second: 1 to 10000.
    #[schemars(range(min = 1, max = 10_000))]
    pub per_second: Option<u32>,
    /// One call in so many seconds: 1 to 3600.
    #[schemars(range(min = 1, max = 3_600))]
    pub every_seconds: Option<u32>,
    /// Calls at once after a pause: 1 to 10000.
    #[serde(default = "one")]
    #[schemars(range(min = 1, max = 10_000))]
    pub burst: u32,
}

impl Limit {
    /// The same as a rate; checked ones have one of the two.
    #[must_use]
    pub fn rate(self) -> Rate {
        match self.every_seconds {
            Some(seconds) => Rate::every_millis(u64::from(seconds) * 1_000, self.burst),
            None => Rate::per_second(self.per_second.unwrap_or(1), self.burst),
        }
    }
}

fn one() -> u32 {
    1
}

/// How long a run may change AWS at a time without renewing its lease. Whoever takes over from a run that stopped answering waits
/// for all three.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Lease {
    /// Seconds that a lease lasts, 6 to 3600, at least twice `call_timeout_seconds`; it is renewed three times as often.
    #[serde(default = "duration")]
    #[schemars(range(min = 6, max = 3600))]
    pub duration_seconds: u32,
    /// Seconds after which a call to AWS is given up, 2 to 600.
    #[serde(default = "call_timeout")]
    #[schemars(range(min = 2, max = 600))]
    pub call_timeout_seconds: u32,
    /// Seconds until AWS shows what a call did, 1 to 600.
    #[serde(default = "settle")]
    #[schemars(range(min = 1, max = 600))]
    pub settle_seconds: u32,
}

impl Default for Lease {
    fn default() -> Self {
        Self { duration_seconds: duration(), call_timeout_seconds: call_timeout(), settle_seconds: settle() }
    }
}

const fn duration() -> u32 {
    60
}

const fn call_timeout() -> u32 {
    30
}

const fn settle() -> u32 {
    10
}

/// A public hosted zone, often in a third account.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PublicZone {
    /// The hosted zone's id, such as `Z0123456789ABCDEFGHIJ`.
    #[schemars(regex(pattern = r"^Z[A-Z0-9]{1,31}$"))]
    pub id: String,
    /// Where the zone lives.
    pub account: Account,
}
