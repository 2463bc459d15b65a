//! DynamoDB tables (`dynamodb:*Table*`), on demand. Found by name, confirmed by tags.

use std::collections::BTreeMap;

use model::{CreateSafety, Facts, Field, Input, KeyArn, Kind, Output, TableArn, TableName};
use serde::{Deserialize, Serialize};

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum AttributeType {
    Binary,
    Number,
    String,
}

/// A key attribute.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TableKey {
    pub name: String,
    #[serde(rename = "type")]
    pub of: AttributeType,
}

/// The keys of a table or of an index.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TableKeys {
    pub partition: TableKey,
    pub sort: Option<TableKey>,
}

/// A table.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Table {
    pub name: TableName,
    pub keys: TableKeys,
    /// Global secondary indexes, projecting all attributes.
    pub indexes: BTreeMap<String, TableKeys>,
    /// The attribute that holds the second at which an item expires.
    pub ttl_attribute: Option<String>,
    pub key: Input<KeyArn>,
    pub point_in_time_recovery: bool,
    pub deletion_protection: bool,
}

impl Table {
    pub const ARN: Field<Self, TableArn> = Field::new("arn");
    pub const NAME: Field<Self, TableName> = Field::new("name");
}

impl Kind for Table {
    const FACTS: Facts = Facts {
        kind: "table",
        title: "table",
        replace_on: &["keys", "name"],
        outputs: &[Output::created("arn"), Output::created("name")],
        typical_seconds: 15,
        deadline_seconds: 600,
        holds_data: true,
        ..Facts::of(CreateSafety::Named)
    };
}
