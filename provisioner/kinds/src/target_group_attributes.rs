//! What a target group is told after it was made (`elasticloadbalancing:ModifyTargetGroupAttributes`). Found at the group, and
//! there as long as it is.

use model::{Calls, CreateSafety, Facts, Input, Kind, TargetGroupArn};
use serde::{Deserialize, Serialize};

/// How a target group treats targets that leave.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TargetGroupAttributes {
    pub target_group: Input<TargetGroupArn>,
    /// Seconds that a leaving target may finish its requests in.
    pub deregistration_delay_seconds: u16,
}

impl Kind for TargetGroupAttributes {
    const FACTS: Facts = Facts {
        kind: "target-group-attributes",
        title: "target group attributes",
        located_by: &["target_group"],
        replace_on: &["target_group"],
        create_first: true,
        calls: Calls {
            create: &["elasticloadbalancing:ModifyTargetGroupAttributes"],
            update: &["elasticloadbalancing:ModifyTargetGroupAttributes"],
            ..Calls::NONE
        },
        ..Facts::of(CreateSafety::Relation)
    };
}

#[cfg(feature = "live")]
mod live {
    use aws_sdk_elasticloadbalancingv2::types::TargetGroupAttribute;
    use engine::{CallError, Made, State};
    use futures::future::try_join_all;
    use model::{Address, Outputs};

    use super::TargetGroupAttributes;
    use crate::{
        Live, Seen, Wanted,
        aws::{Aws, absent, ready, telling},
    };

    const DELAY: &str = "deregistration_delay.timeout_seconds";

    impl Live for TargetGroupAttributes {
        async fn read(aws: &Aws, wanted: &[Wanted<Self>]) -> Result<Vec<Seen<Self>>, CallError> {
            Ok(try_join_all(wanted.iter().map(|wanted| look(aws, wanted))).await?.into_iter().flatten().collect())
        }

        async fn create(aws: &Aws, at: &Address, want: &Self) -> Result<Made, CallError> {
            let delay = want.deregistration_delay_seconds.to_string();
            let delay = TargetGroupAttribute::builder().key(DELAY).value(delay).build();
            let call = aws.elb.modify_target_group_attributes().attributes(delay);
            let call = call.target_group_arn(want.target_group.as_str()).send();
            let made = aws.call("elasticloadbalancing:ModifyTargetGroupAttributes", at, call).await?;
            Ok(telling(ready(Outputs::new()), spec(want, made.attributes())))
        }

        async fn update(aws: &Aws, seen: &Seen<Self>, want: &Self, _: &[String]) -> Result<Made, CallError> {
            Self::create(aws, &seen.address, want).await
        }

        /// They go with their group.
        async fn delete(_: &Aws, _: &Seen<Self>) -> Result<(), CallError> {
            Ok(())
        }
    }

    /// None if AWS does not say.
    fn spec(want: &TargetGroupAttributes, attributes: &[TargetGroupAttribute]) -> Option<TargetGroupAttributes> {
        let delay = attributes.iter().find(|attribute| attribute.key() == Some(DELAY))?;
        let deregistration_delay_seconds = delay.value()?.parse().ok()?;
        Some(TargetGroupAttributes { deregistration_delay_seconds, ..want.clone() })
    }

    /// None if the group went away in the meantime.
    async fn look(
        aws: &Aws,
        wanted: &Wanted<TargetGroupAttributes>,
    ) -> Result<Option<Seen<TargetGroupAttributes>>, CallError> {
        let Some(arn) = wanted.spec.target_group.if_known() else { return Ok(None) };
        let call = aws.elb.describe_target_group_attributes().target_group_arn(arn.as_str()).send();
        let answer = aws.call("elasticloadbalancing:DescribeTargetGroupAttributes", &wanted.address, call).await;
        let attributes = absent(answer)?.and_then(|answer| answer.attributes).unwrap_or_default();
        Ok(spec(&wanted.spec, &attributes).map(|spec| Seen {
            address: wanted.address.clone(),
            spec,
            outputs: Outputs::new(),
            state: State::Ready,
            identity: arn.to_string(),
        }))
    }
}
