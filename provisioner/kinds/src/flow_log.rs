//! VPC flow logs to CloudWatch Logs (`ec2:*FlowLogs`). Found by tag. Nothing can change in place.

use model::{CreateSafety, Facts, Input, Kind, LogGroupArn, RoleArn, VpcId};
use serde::{Deserialize, Serialize};

/// Records of all traffic of a VPC, aggregated over ten minutes.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FlowLog {
    pub vpc: Input<VpcId>,
    pub log_group: Input<LogGroupArn>,
    /// Trusted by `vpc-flow-logs.amazonaws.com`.
    pub role: Input<RoleArn>,
}

impl Kind for FlowLog {
    const FACTS: Facts = Facts {
        kind: "flow-log",
        title: "flow log",
        replace_on: &["log_group", "role", "vpc"],
        ..Facts::of(CreateSafety::Token)
    };
}
