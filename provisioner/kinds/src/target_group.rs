//! Target groups (`elasticloadbalancing:*TargetGroup*`): HTTPS to addresses. Found by name, confirmed by tags.

use model::{Calls, CreateSafety, Facts, Field, Input, Kind, Output, TargetGroupArn, VpcId};
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
        calls: Calls {
            create: &["elasticloadbalancing:CreateTargetGroup"],
            update: &["elasticloadbalancing:ModifyTargetGroup"],
            delete: &["elasticloadbalancing:DeleteTargetGroup"],
            ..Calls::NONE
        },
        ..Facts::of(CreateSafety::Named)
    };
}

#[cfg(feature = "live")]
mod live {
    use aws_sdk_elasticloadbalancingv2::types::{self, Matcher, ProtocolEnum, TargetTypeEnum};
    use engine::{CallError, Made, State};
    use futures::future::try_join;
    use model::Address;

    use super::TargetGroup;
    use crate::{
        Live, Seen, Wanted,
        aws::{
            Aws, absent,
            elb::{self, Claim},
            outputs,
            owner::foreign,
            ready,
        },
    };

    impl Live for TargetGroup {
        async fn read(aws: &Aws, wanted: &[Wanted<Self>]) -> Result<Vec<Seen<Self>>, CallError> {
            let (groups, owners) = try_join(elb::target_groups(aws), elb::owners(aws)).await?;
            let claimed = groups.iter().filter_map(|found| {
                let is_named_so = |want: &Self| found.target_group_name.as_deref() == Some(&want.name);
                seen(found, elb::claim(&owners, found.target_group_arn()?, wanted, is_named_so)?)
            });
            Ok(claimed.collect())
        }

        async fn create(aws: &Aws, at: &Address, want: &Self) -> Result<Made, CallError> {
            let call = aws
                .elb
                .create_target_group()
                .name(&want.name)
                .target_type(TargetTypeEnum::Ip)
                .protocol(ProtocolEnum::Https)
                .protocol_version("HTTP1")
                .port(i32::from(want.port))
                .vpc_id(want.vpc.as_str())
                .health_check_protocol(ProtocolEnum::Https)
                .health_check_path(&want.health_path)
                .health_check_interval_seconds(i32::from(want.interval_seconds))
                .health_check_timeout_seconds(timeout_seconds(want))
                .healthy_threshold_count(i32::from(want.healthy_threshold))
                .unhealthy_threshold_count(i32::from(want.unhealthy_threshold))
                .matcher(matcher(want))
                .set_tags(elb::tags(aws, at));
            let made = aws.call("elasticloadbalancing:CreateTargetGroup", at, call.send()).await?.target_groups;
            let made = made.unwrap_or_default().pop().and_then(|group| group.target_group_arn);
            Ok(ready(outputs([(Self::ARN.name, aws.sent(at, "TargetGroupArn", made)?)])))
        }

        async fn update(aws: &Aws, seen: &Seen<Self>, want: &Self, fields: &[String]) -> Result<Made, CallError> {
            set_health_check(aws, seen, want, fields).await?;
            Ok(ready(seen.outputs.clone()))
        }

        async fn delete(aws: &Aws, seen: &Seen<Self>) -> Result<(), CallError> {
            let call = aws.elb.delete_target_group().set_target_group_arn(seen.output(Self::ARN));
            absent(aws.call("elasticloadbalancing:DeleteTargetGroup", &seen.address, call.send()).await).map(drop)
        }
    }

    async fn set_health_check(
        aws: &Aws,
        seen: &Seen<TargetGroup>,
        want: &TargetGroup,
        fields: &[String],
    ) -> Result<(), CallError> {
        let mut call = aws.elb.modify_target_group().set_target_group_arn(seen.output(TargetGroup::ARN));
        for field in fields {
            call = match field.as_str() {
                "health_path" => call.health_check_path(&want.health_path),
                "healthy_threshold" => call.healthy_threshold_count(i32::from(want.healthy_threshold)),
                "interval_seconds" => call
                    .health_check_interval_seconds(i32::from(want.interval_seconds))
                    .health_check_timeout_seconds(timeout_seconds(want)),
                "matcher" => call.matcher(matcher(want)),
                "unhealthy_threshold" => call.unhealthy_threshold_count(i32::from(want.unhealthy_threshold)),
                _ => call,
            };
        }
        aws.call("elasticloadbalancing:ModifyTargetGroup", &seen.address, call.send()).await.map(drop)
    }

    /// AWS's own default of 5 s, or less: it must be shorter than the interval.
    fn timeout_seconds(want: &TargetGroup) -> i32 {
        i32::from(want.interval_seconds.saturating_sub(1)).min(5)
    }

    fn matcher(want: &TargetGroup) -> Matcher {
        Matcher::builder().http_code(&want.matcher).build()
    }

    fn seen(found: &types::TargetGroup, claim: Claim<'_, TargetGroup>) -> Option<Seen<TargetGroup>> {
        let address = match claim {
            Claim::Ours(address, _) => address,
            Claim::Foreign(wanted) => return Some(foreign(wanted, "a target group of this name")),
        };
        let arn = found.target_group_arn().unwrap_or_default();
        let outputs = outputs([(TargetGroup::ARN.name, arn)]);
        Some(Seen { address, spec: spec(found)?, outputs, state: State::Ready, identity: arn.to_owned() })
    }

    fn spec(found: &types::TargetGroup) -> Option<TargetGroup> {
        let number = |value: Option<i32>| u16::try_from(value?).ok();
        Some(TargetGroup {
            name: found.target_group_name.clone()?,
            vpc: found.vpc_id.clone()?.into(),
            port: number(found.port)?,
            matcher: found.matcher.as_ref().and_then(|matcher| matcher.http_code.clone()).unwrap_or_default(),
            health_path: found.health_check_path.clone().unwrap_or_default(),
            interval_seconds: number(found.health_check_interval_seconds)?,
            healthy_threshold: number(found.healthy_threshold_count)?,
            unhealthy_threshold: number(found.unhealthy_threshold_count)?,
        })
    }
}
