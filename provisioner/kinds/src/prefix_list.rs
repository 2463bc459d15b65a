//! Prefix lists that AWS manages (`ec2:DescribeManagedPrefixLists`): read, never made.

use model::{CreateSafety, Facts, Field, Kind, Output, PrefixListId};
use serde::{Deserialize, Serialize};

/// The addresses of one AWS service in the Region.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PrefixList {
    /// Such as `com.amazonaws.eu-west-1.dynamodb`.
    pub name: String,
}

impl PrefixList {
    pub const ID: Field<Self, PrefixListId> = Field::new("id");
}

impl Kind for PrefixList {
    const FACTS: Facts = Facts {
        kind: "prefix-list",
        title: "prefix list",
        outputs: &[Output::created("id")],
        ..Facts::of(CreateSafety::External)
    };
}
