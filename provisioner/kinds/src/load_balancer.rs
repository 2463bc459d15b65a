//! Application load balancers (`elasticloadbalancing:*LoadBalancer*`), always internal. Found by name, confirmed by tags.

use model::{
    BucketName, CreateSafety, DnsName, Facts, Field, Input, Kind, LoadBalancerArn, Output, SecurityGroupId, SubnetId, ZoneId,
};
use serde::{Deserialize, Serialize};

/// An internal application load balancer.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LoadBalancer {
    /// At most 32 of `[A-Za-z0-9-]`, not starting with `internal-`.
    pub name: String,
    /// Two or more zones, one subnet each.
    pub subnets: Vec<Input<SubnetId>>,
    pub security_groups: Vec<Input<SecurityGroupId>>,
    /// Where access logs go; the bucket's policy must let them in first.
    pub access_logs: Input<BucketName>,
    pub drop_invalid_headers: bool,
    pub preserve_host: bool,
    pub deletion_protection: bool,
}

impl LoadBalancer {
    pub const ARN: Field<Self, LoadBalancerArn> = Field::new("arn");
    pub const DNS_NAME: Field<Self, DnsName> = Field::new("dns_name");
    /// The hosted zone that alias records name.
    pub const ZONE_ID: Field<Self, ZoneId> = Field::new("zone_id");
}

impl Kind for LoadBalancer {
    const FACTS: Facts = Facts {
        kind: "load-balancer",
        title: "load balancer",
        replace_on: &["name"],
        create_first: true,
        outputs: &[Output::created("arn"), Output::created("dns_name"), Output::created("zone_id")],
        typical_seconds: 150,
        deadline_seconds: 600,
        ..Facts::of(CreateSafety::Named)
    };
}
