//! Pieces that several files have in common.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// How long CloudWatch Logs can keep events, in days (`PutRetentionPolicy`).
pub(crate) const RETENTION_DAYS: [u32; 22] =
    [1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653];

/// The AWS account something lives in, and how to get in: a role, a profile, or as whoever runs the command.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Account {
    /// Twelve digits, as a string: leading zeros count. Made up in `local` when it is missing.
    #[schemars(regex(pattern = r"^[0-9]{12}$"))]
    pub id: Option<String>,
    /// Name or ARN of the role to assume in the account.
    pub role: Option<String>,
    /// The external id that the role's trust policy asks for: 2 to 1224 letters, digits and `+=,.@:/-_`.
    #[schemars(regex(pattern = r"^[A-Za-z0-9_+=,.@:/-]{2,1224}$"))]
    pub external_id: Option<String>,
    /// A profile of the shared AWS configuration, instead of a role.
    #[schemars(regex(pattern = r"^\S+$"))]
    pub profile: Option<String>,
}

/// Where a TLS certificate comes from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "source", rename_all = "kebab-case", deny_unknown_fields)]
pub enum Certificate {
    /// Requested from ACM and validated by a record in the public zone.
    Request,
    /// Imported into ACM from PEM files. Paths are relative to the file that names them; once loaded, to the
    /// platform's folder.
    Import {
        /// The certificate alone, in PEM.
        certificate: String,
        /// Its key, in PEM, not encrypted.
        private_key: String,
        /// The certificates between it and the root, in PEM.
        chain: Option<String>,
    },
    /// Issued by an AWS Private CA; only for the hub's listener.
    PrivateCa {
        /// ARN of an active authority in the environment's Region.
        authority_arn: String,
    },
    /// Issued by the local certificate authority; only in `local`, where it is the default.
    LocalCa,
}

/// What `down` does with tables, keys and logs: `delete` or `keep`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum OnDown {
    Delete,
    Keep,
}

/// Request limits of a stage.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Throttling {
    /// Requests per second, steady: 1 to 10000.
    #[schemars(range(min = 1, max = 10_000))]
    pub rate: u32,
    /// Requests at once: 1 to 5000.
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
