//! VPC endpoints (`ec2:*VpcEndpoint*`), gateway and interface. Found by tag, deleted ones ignored.

use model::{
    CreateSafety, Facts, Field, Input, Ip, Kind, Output, Policy, RouteTableId, SecurityGroupId, SubnetId, VpcEndpointId,
    VpcId,
};
use serde::{Deserialize, Serialize};

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum EndpointType {
    Gateway,
    Interface,
}

/// One subnet of an interface endpoint, and the address its interface has there.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EndpointSubnet {
    pub subnet: Input<SubnetId>,
    pub address: Ip,
}

/// A private way to one AWS service.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct VpcEndpoint {
    pub vpc: Input<VpcId>,
    /// Such as `com.amazonaws.eu-west-1.execute-api`.
    pub service: String,
    #[serde(rename = "type")]
    pub of: EndpointType,
    /// Interface endpoints only; one per zone.
    pub subnets: Vec<EndpointSubnet>,
    /// Interface endpoints only.
    pub security_groups: Vec<Input<SecurityGroupId>>,
    /// Gateway endpoints only.
    pub route_tables: Vec<Input<RouteTableId>>,
    pub private_dns: bool,
    pub policy: Policy,
}

impl VpcEndpoint {
    pub const ID: Field<Self, VpcEndpointId> = Field::new("id");
    /// A list: the addresses that its interfaces report.
    pub const ADDRESSES: Field<Self, Ip> = Field::new("addresses");
}

impl Kind for VpcEndpoint {
    const FACTS: Facts = Facts {
        kind: "vpc-endpoint",
        title: "VPC endpoint",
        replace_on: &["service", "type", "vpc"],
        create_first: true,
        outputs: &[Output::created("id"), Output::ready("addresses")],
        typical_seconds: 90,
        deadline_seconds: 600,
        ..Facts::of(CreateSafety::Token)
    };
}
