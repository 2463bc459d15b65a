//! Route table associations (`ec2:AssociateRouteTable`). Not taggable: found at the table, by subnet.

use model::{CreateSafety, Facts, Input, Kind, RouteTableId, SubnetId};
use serde::{Deserialize, Serialize};

/// Says that a subnet uses a route table. A subnet has at most one association.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RouteTableAssociation {
    pub route_table: Input<RouteTableId>,
    pub subnet: Input<SubnetId>,
}

impl Kind for RouteTableAssociation {
    const FACTS: Facts = Facts {
        kind: "route-table-association",
        title: "route table association",
        located_by: &["subnet"],
        replace_on: &["subnet"],
        ..Facts::of(CreateSafety::Relation)
    };
}
