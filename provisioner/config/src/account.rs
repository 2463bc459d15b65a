//! `consumer-account/account.toml`: the hub.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::shared::{Account, Certificate, OnDown, RETENTION_DAYS, thirty_days};

/// The hub's settings, with the chosen environment's overrides applied.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Hub {
    #[serde(default)]
    pub account: Account,
    pub network: HubNetwork,
    /// The listener's default certificate, for `*.<domain>`; `local-ca` in `local` when it is missing.
    pub certificate: Option<Certificate>,
    /// IPv4 blocks of who may connect to the balancer; the VPC's own block when it is missing.
    #[serde(default)]
    pub client_cidrs: Vec<String>,
    /// Role ARNs, patterns allowed, that may read the secret beside the services' own roles.
    #[serde(default)]
    pub allowed_service_principal_arns: Vec<String>,
    /// Days; one of the values CloudWatch Logs takes.
    #[serde(default = "thirty_days")]
    #[schemars(extend("enum" = RETENTION_DAYS))]
    pub log_retention_days: u32,
    /// What `down` does with the hub's logs and their key; `delete` when it is missing.
    pub on_down: Option<OnDown>,
    /// A TLS 1.3 security policy of Elastic Load Balancing, such as `ELBSecurityPolicy-TLS13-1-2-2021-06`, with nothing
    /// older than TLS 1.2.
    #[serde(default = "tls_policy")]
    #[schemars(regex(pattern = r"^ELBSecurityPolicy-TLS13-1-[23]-[A-Za-z0-9-]+$"))]
    pub tls_policy: String,
}

/// The hub's VPC.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct HubNetwork {
    /// The VPC's block, /16 to /28.
    pub cidr: String,
    /// Zone ids such as `euw1-az1`, two or more; names differ between accounts.
    pub zones: Vec<String>,
    /// One block per zone for the balancer and the clients, /27 or larger.
    pub private_cidrs: Vec<String>,
    /// One small block per zone, /28 or larger, that holds nothing but the endpoint, so that its addresses are free.
    pub endpoint_cidrs: Vec<String>,
}

fn tls_policy() -> String {
    "ELBSecurityPolicy-TLS13-1-2-2021-06".to_owned()
}
