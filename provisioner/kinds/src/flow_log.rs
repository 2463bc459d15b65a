//! VPC flow logs to CloudWatch Logs (`ec2:*FlowLogs`). Found by tag. Nothing can change in place.

use model::{Calls, CreateSafety, Facts, Field, FlowLogId, Input, Kind, LogGroupArn, Output, RoleArn, VpcId};
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

impl FlowLog {
    pub const ID: Field<Self, FlowLogId> = Field::new("id");
}

impl Kind for FlowLog {
    const FACTS: Facts = Facts {
        kind: "flow-log",
        title: "flow log",
        replace_on: &["log_group", "role", "vpc"],
        apart_on: &["vpc"],
        outputs: &[Output::created("id")],
        calls: Calls { create: &["ec2:CreateFlowLogs"], delete: &["ec2:DeleteFlowLogs"], ..Calls::NONE },
        ..Facts::of(CreateSafety::Token)
    };
}

#[cfg(feature = "live")]
mod live {
    use aws_sdk_ec2::types::{self, FlowLogsResourceType, LogDestinationType, ResourceType, TrafficType};
    use engine::{CallError, Made, State};
    use model::{Address, Kind as _};

    use super::FlowLog;
    use crate::{
        Live, Seen, Wanted,
        aws::{Aws, absent, ec2, outputs, ready},
    };

    impl Live for FlowLog {
        async fn read(aws: &Aws, wanted: &[Wanted<Self>]) -> Result<Vec<Seen<Self>>, CallError> {
            if !ec2::has_networks(aws, wanted.iter().map(|wanted| &wanted.spec.vpc)).await? {
                return Ok(Vec::new());
            }
            let pages = aws.ec2.describe_flow_logs().set_filter(Some(ec2::our_tags(aws))).into_paginator().items();
            let found: Vec<_> = aws.list("ec2:DescribeFlowLogs", pages.send().try_collect()).await?;
            Ok(found.into_iter().filter_map(|flow_log| seen(aws, flow_log)).collect())
        }

        async fn create(aws: &Aws, at: &Address, want: &Self) -> Result<Made, CallError> {
            let call = aws
                .ec2
                .create_flow_logs()
                .client_token(aws.token(at, want))
                .resource_type(FlowLogsResourceType::Vpc)
                .resource_ids(want.vpc.as_str())
                .traffic_type(TrafficType::All)
                .log_destination_type(LogDestinationType::CloudWatchLogs)
                .log_destination(want.log_group.as_str())
                .deliver_logs_permission_arn(want.role.as_str())
                .tag_specifications(ec2::tags(aws, at, ResourceType::VpcFlowLog));
            let made = aws.call("ec2:CreateFlowLogs", at, call.send()).await?;
            ec2::all_done(aws, "ec2:CreateFlowLogs", at, made.unsuccessful)?;
            let id = made.flow_log_ids.unwrap_or_default().into_iter().next();
            Ok(ready(outputs([(Self::ID.name, aws.sent(at, "flowLogIds", id)?)])))
        }

        async fn delete(aws: &Aws, seen: &Seen<Self>) -> Result<(), CallError> {
            let (operation, at) = ("ec2:DeleteFlowLogs", &seen.address);
            let call = aws.ec2.delete_flow_logs().set_flow_log_ids(seen.output(Self::ID).map(|id| vec![id]));
            let answer = aws.call(operation, at, call.send()).await;
            absent(answer.and_then(|answer| ec2::all_done(aws, operation, at, answer.unsuccessful))).map(drop)
        }
    }

    fn seen(aws: &Aws, flow_log: types::FlowLog) -> Option<Seen<FlowLog>> {
        let id = flow_log.flow_log_id.clone()?;
        Some(Seen {
            address: ec2::address(aws, FlowLog::FACTS.kind, flow_log.tags.as_deref())?,
            spec: FlowLog {
                vpc: flow_log.resource_id.clone()?.into(),
                log_group: log_group(aws, &flow_log).into(),
                role: flow_log.deliver_logs_permission_arn?.into(),
            },
            outputs: outputs([(FlowLog::ID.name, id.clone())]),
            state: State::Ready,
            identity: id,
        })
    }

    /// AWS names the group, whichever way it was given.
    fn log_group(aws: &Aws, flow_log: &types::FlowLog) -> String {
        match (&flow_log.log_destination, &flow_log.log_group_name) {
            (Some(arn), _) => arn.trim_end_matches(":*").to_owned(),
            (None, Some(name)) => aws.arn("logs", &format!("log-group:{name}")),
            (None, None) => String::new(),
        }
    }
}
