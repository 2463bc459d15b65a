//! Private hosted zones (`route53:*HostedZone*`). Found by name and caller reference: the create call takes no tags.

use model::{CreateSafety, DnsName, Facts, Field, Input, Kind, Output, VpcId, ZoneId};
use serde::{Deserialize, Serialize};

/// A private zone that one VPC resolves.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HostedZone {
    /// Without a trailing dot.
    pub name: DnsName,
    pub vpc: Input<VpcId>,
}

impl HostedZone {
    pub const ID: Field<Self, ZoneId> = Field::new("id");
}

impl Kind for HostedZone {
    const FACTS: Facts = Facts {
        kind: "hosted-zone",
        title: "hosted zone",
        replace_on: &["name"],
        outputs: &[Output::created("id")],
        ..Facts::of(CreateSafety::Token)
    };
}
