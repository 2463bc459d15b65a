//! Route tables (`ec2:*RouteTable`). Found by tag. Private ones: beside the local route they hold what gateway endpoints add.

use model::{CreateSafety, Facts, Field, Input, Kind, Output, RouteTableId, VpcId};
use serde::{Deserialize, Serialize};

/// A route table without routes of its own.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RouteTable {
    pub vpc: Input<VpcId>,
}

impl RouteTable {
    pub const ID: Field<Self, RouteTableId> = Field::new("id");
}

impl Kind for RouteTable {
    const FACTS: Facts = Facts {
        kind: "route-table",
        title: "route table",
        replace_on: &["vpc"],
        outputs: &[Output::created("id")],
        ..Facts::of(CreateSafety::Token)
    };
}
