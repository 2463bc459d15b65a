//! Security group rules (`ec2:AuthorizeSecurityGroup*`), TCP only. Found in their group, by direction, port and peer.

use model::{Cidr, CreateSafety, Facts, Input, Kind, PrefixListId, SecurityGroupId};
use serde::{Deserialize, Serialize};

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Direction {
    Egress,
    Ingress,
}

/// The other side.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Peer {
    Cidr(Cidr),
    Group(Input<SecurityGroupId>),
    PrefixList(Input<PrefixListId>),
}

/// Allows one TCP port to or from one peer.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SecurityGroupRule {
    pub group: Input<SecurityGroupId>,
    pub direction: Direction,
    pub port: u16,
    pub peer: Peer,
}

impl Kind for SecurityGroupRule {
    const FACTS: Facts = Facts {
        kind: "security-group-rule",
        title: "security group rule",
        located_by: &["group", "peer"],
        replace_on: &["direction", "group", "peer", "port"],
        create_first: true,
        ..Facts::of(CreateSafety::Relation)
    };
}
