//! VPCs (`ec2:*Vpc*`), with their DNS attributes and a closed default security group. Found by tag.

use model::{Cidr, CreateSafety, Facts, Field, Kind, Output, VpcId};
use serde::{Deserialize, Serialize};

/// A network of its own.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Vpc {
    /// IPv4 block, /16 to /28, without host bits.
    pub cidr: Cidr,
    pub dns_support: bool,
    pub dns_hostnames: bool,
    /// What the VPC's own default security group allows; empty as EC2.2 of the Foundational Security Best Practices asks.
    pub default_group_rules: Vec<String>,
}

impl Vpc {
    pub const ID: Field<Self, VpcId> = Field::new("id");
}

impl Kind for Vpc {
    const FACTS: Facts = Facts {
        kind: "vpc",
        title: "VPC",
        replace_on: &["cidr"],
        create_first: true,
        outputs: &[Output::created("id")],
        ..Facts::of(CreateSafety::TagFirst)
    };
}
