//! Pieces that several files have in common.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The AWS account something lives in, and how to get in.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Account {
    /// Twelve digits, as a string: leading zeros count. Made up in `local` when it is missing.
    #[schemars(regex(pattern = r"^[0-9]{12}$"))]
    pub id: Option<String>,
    /// Name or ARN of the role to assume in the account.
    pub role: Option<String>,
    /// The external id that the role's trust policy asks for.
    pub external_id: Option<String>,
    /// A profile of the shared AWS configuration, instead of a role.
    pub profile: Option<String>,
}

/// Where a TLS certificate comes from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "source", rename_all = "kebab-case", deny_unknown_fields)]
pub enum Certificate {
    /// Requested from ACM and validated by a record in the public zone.
    Request,
    /// Imported into ACM from PEM files, paths relative to the file that names them.
    Import { certificate: String, private_key: String, chain: Option<String> },
    /// Issued by an AWS Private CA; only for the hub's listener.
    PrivateCa { authority_arn: String },
    /// Issued by the local certificate authority; only in `local`, where it is the default.
    LocalCa,
}

/// What `down` does with tables, keys and logs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum OnDown {
    Delete,
    Keep,
}

/// Request limits of a stage.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Throttling {
    /// Requests per second, steady.
    #[schemars(range(min = 1, max = 10_000))]
    pub rate: u32,
    /// Requests at once.
    #[schemars(range(min = 1, max = 5_000))]
    pub burst: u32,
}

impl Default for Throttling {
    fn default() -> Self {
        Self { rate: 100, burst: 50 }
    }
}

pub(crate) fn thirty_days() -> u32 {
    30
}
