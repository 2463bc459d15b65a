//! `microservice-accounts/<name>/service.toml`: one service, whatever it is.

use std::{collections::BTreeMap, fmt};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::shared::{Account, Certificate, OnDown, RETENTION_DAYS, Throttling, thirty_days};

/// A service's settings, with the chosen environment's overrides applied.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Service {
    #[serde(default)]
    pub account: Account,
    pub network: Network,
    /// For `<name>.<domain>`; `local-ca` in `local` when it is missing. Not `private-ca`: API Gateway takes none.
    pub certificate: Option<Certificate>,
    /// ARN of the hub's shared secret, for an `up` that has this service's role alone.
    pub hub_secret_arn: Option<String>,
    /// DynamoDB tables by name.
    #[serde(default)]
    pub tables: BTreeMap<String, Table>,
    /// Lambda functions by name.
    pub functions: BTreeMap<String, Function>,
    /// What the API answers; at least one.
    #[schemars(length(min = 1))]
    pub routes: Vec<Route>,
    /// The API's OpenAPI 3.0 document in JSON, which is imported with the routes' functions filled in; the gateway checks requests
    /// against it. It has exactly the routes. The path is relative to this file; once loaded, to the platform's folder.
    pub openapi: Option<String>,
    #[serde(default)]
    pub throttling: Throttling,
    /// Days; one of the values CloudWatch Logs takes.
    #[serde(default = "thirty_days")]
    #[schemars(extend("enum" = RETENTION_DAYS))]
    pub log_retention_days: u32,
    /// What `down` does with tables, logs and their key; `delete` in `local`, `keep` elsewhere when it is missing.
    pub on_down: Option<OnDown>,
}

/// The service's own VPC; it meets no other network, so its block may repeat.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Network {
    /// The VPC's block, /16 to /28.
    pub cidr: String,
    /// Zone ids such as `euw1-az1`, two or more.
    pub zones: Vec<String>,
    /// One block per zone, for the functions.
    pub private_cidrs: Vec<String>,
}

/// A DynamoDB table.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Table {
    /// The attribute that spreads the items.
    pub partition_key: Key,
    /// The attribute that orders the items of one partition key.
    pub sort_key: Option<Key>,
    /// Global secondary indexes by name.
    #[serde(default)]
    pub indexes: BTreeMap<String, Index>,
    /// The number attribute that holds the second at which an item expires.
    pub ttl_attribute: Option<String>,
}

/// A global secondary index; it projects all attributes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Index {
    /// The attribute that spreads the index's items.
    pub partition_key: Key,
    /// The attribute that orders the items of one partition key.
    pub sort_key: Option<Key>,
}

/// A key attribute.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Key {
    /// The attribute's name: 1 to 255 bytes.
    pub name: String,
    /// `binary`, `number` or `string`.
    #[serde(rename = "type")]
    pub of: KeyType,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum KeyType {
    Binary,
    Number,
    String,
}

/// A Lambda function.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Function {
    /// The name of the binary that `cargo lambda build` makes.
    pub binary: String,
    /// Megabytes: 128 to 10240. More memory brings more CPU.
    #[serde(default = "memory")]
    #[schemars(range(min = 128, max = 10_240))]
    pub memory_mb: u32,
    /// Seconds: 1 to 29, the longest a REST API waits.
    #[serde(default = "timeout")]
    #[schemars(range(min = 1, max = 29))]
    pub timeout_seconds: u32,
    /// Literal values; `${table:<name>}` becomes the table's name.
    #[serde(default)]
    pub environment: BTreeMap<String, String>,
    /// What it may do: DynamoDB actions such as `GetItem`, by table.
    #[serde(default)]
    pub tables: BTreeMap<String, Vec<String>>,
}

/// One method on one path.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Route {
    /// An HTTP method in capitals.
    pub method: Method,
    /// Such as `/orders/{orderId}`; it starts with `/`.
    #[schemars(regex(pattern = r"^/"))]
    pub path: String,
    /// A key of `functions`.
    pub function: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "UPPERCASE")]
pub enum Method {
    Delete,
    Get,
    Head,
    Options,
    Patch,
    Post,
    Put,
}

impl fmt::Display for Method {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(match self {
            Self::Delete => "DELETE",
            Self::Get => "GET",
            Self::Head => "HEAD",
            Self::Options => "OPTIONS",
            Self::Patch => "PATCH",
            Self::Post => "POST",
            Self::Put => "PUT",
        })
    }
}

fn memory() -> u32 {
    256
}

fn timeout() -> u32 {
    10
}
