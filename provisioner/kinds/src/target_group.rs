//! Target groups (`elasticloadbalancing:*TargetGroup*`): HTTPS to addresses. Found by name, confirmed by tags.

use model::{CreateSafety, Facts, Field, Input, Kind, Output, TargetGroupArn, VpcId};
use serde::{Deserialize, Serialize};

/// Addresses that take HTTPS, and how their health is checked.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TargetGroup {
    /// At most 32 of `[A-Za-z0-9-]`.
    pub name: String,
    pub vpc: Input<VpcId>,
    pub port: u16,
    /// Status codes that count as healthy, such as `200,403`.
    pub matcher: String,
    pub health_path: String,
    /// Seconds between checks, 5 to 300.
    pub interval_seconds: u16,
    /// Checks in a row, 2 to 10.
    pub healthy_threshold: u16,
    pub unhealthy_threshold: u16,
    /// Seconds that a leaving target may finish its requests in.
    pub deregistration_delay_seconds: u16,
}

impl TargetGroup {
    pub const ARN: Field<Self, TargetGroupArn> = Field::new("arn");
}

impl Kind for TargetGroup {
    const FACTS: Facts = Facts {
        kind: "target-group",
        title: "target group",
        replace_on: &["name", "port", "vpc"],
        create_first: true,
        outputs: &[Output::created("arn")],
        ..Facts::of(CreateSafety::Named)
    };
}
