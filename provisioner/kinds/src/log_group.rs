//! Log groups (`logs:*LogGroup*`). Found by name, confirmed by tags.
//!
//! AWS lists groups without their tags, which are one call a group. They are asked for only when it matters: a group that
//! already is as wanted will not be written to, so whose it is makes no difference yet; one that differs is asked about
//! before it is reported, and again before a change that the reading could not foresee and before a delete.

use model::{CreateSafety, Facts, Field, Input, KeyArn, Kind, LogGroupArn, Output};
use serde::{Deserialize, Serialize};

/// A log group made before its writer, which would make one without retention.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LogGroup {
    /// Contains the prefix of the platform's names: groups are listed by all that stands up to it.
    pub name: String,
    /// One of the values that CloudWatch Logs takes.
    pub retention_days: u32,
    /// Its policy must let `logs.<region>.amazonaws.com` in.
    pub key: Input<KeyArn>,
}

impl LogGroup {
    /// Without the trailing `:*`.
    pub const ARN: Field<Self, LogGroupArn> = Field::new("arn");
}

impl Kind for LogGroup {
    const FACTS: Facts = Facts {
        kind: "log-group",
        title: "log group",
        replace_on: &["name"],
        outputs: &[Output::created("arn")],
        holds_data: true,
        ..Facts::of(CreateSafety::Named)
    };
}

#[cfg(feature = "live")]
mod live {
    use std::collections::BTreeSet;

    use aws_sdk_cloudwatchlogs::types;
    use engine::{CallError, Made, State};
    use futures::future::try_join_all;
    use model::{Address, Tags};

    use super::LogGroup;
    use crate::{
        Live, Seen, Wanted,
        aws::{
            Aws, absent, outputs,
            owner::{confirm, foreign, owner},
            ready,
        },
    };

    /// As many as one page holds.
    const PAGE: i32 = 50;

    impl Live for LogGroup {
        async fn read(aws: &Aws, wanted: &[Wanted<Self>]) -> Result<Vec<Seen<Self>>, CallError> {
            let starts: BTreeSet<&str> = wanted.iter().map(|wanted| start(aws, &wanted.spec.name)).collect();
            let groups = try_join_all(starts.into_iter().map(|start| starting_with(aws, start))).await?;
            let looks = groups.into_iter().flatten().map(|group| look(aws, group, wanted));
            Ok(try_join_all(looks).await?.into_iter().flatten().collect())
        }

        async fn create(aws: &Aws, at: &Address, want: &Self) -> Result<Made, CallError> {
            let call = aws
                .logs
                .create_log_group()
                .log_group_name(&want.name)
                .kms_key_id(want.key.as_str())
                .set_tags(Some(aws.tags(at).0.into_iter().collect()));
            aws.call("logs:CreateLogGroup", at, call.send()).await?;
            let outputs = outputs([(Self::ARN.name, arn(aws, &want.name))]);
            Ok(Made { left: vec!["retention_days".to_owned()], ..ready(outputs) })
        }

        async fn update(aws: &Aws, seen: &Seen<Self>, want: &Self, fields: &[String]) -> Result<Made, CallError> {
            let is_named = |field: &str| fields.iter().any(|name| name == field);
            if is_named("key") {
                confirm::<Self>(aws, &seen.address, &tags(aws, &want.name).await?)?;
                let call = aws.logs.associate_kms_key().log_group_name(&want.name).kms_key_id(want.key.as_str());
                aws.call("logs:AssociateKmsKey", &seen.address, call.send()).await?;
            }
            if is_named("retention_days") {
                let call = aws.logs.put_retention_policy().log_group_name(&want.name);
                let call = call.retention_in_days(want.retention_days.cast_signed()).send();
                aws.call("logs:PutRetentionPolicy", &seen.address, call).await?;
            }
            Ok(ready(seen.outputs.clone()))
        }

        async fn delete(aws: &Aws, seen: &Seen<Self>) -> Result<(), CallError> {
            let Some(tags) = absent(tags(aws, &seen.spec.name).await)? else { return Ok(()) };
            if owner::<Self>(aws, &tags).is_none() && !exists(aws, &seen.spec.name).await? {
                return Ok(());
            }
            confirm::<Self>(aws, &seen.address, &tags)?;
            let call = aws.logs.delete_log_group().log_group_name(&seen.spec.name).send();
            absent(aws.call("logs:DeleteLogGroup", &seen.address, call).await).map(drop)
        }
    }

    /// Everything up to our prefix, with it and the character after it: the groups of one platform have very few of these.
    fn start<'a>(aws: &Aws, name: &'a str) -> &'a str {
        let prefix = aws.names.prefix();
        name.find(&prefix).and_then(|at| name.get(..=at + prefix.len())).unwrap_or(name)
    }

    async fn starting_with(aws: &Aws, start: &str) -> Result<Vec<types::LogGroup>, CallError> {
        let call = aws.logs.describe_log_groups().log_group_name_prefix(start).limit(PAGE);
        aws.list("logs:DescribeLogGroups", call.into_paginator().items().send().try_collect()).await
    }

    async fn exists(aws: &Aws, name: &str) -> Result<bool, CallError> {
        let groups = starting_with(aws, name).await?;
        Ok(groups.iter().any(|group| group.log_group_name() == Some(name)))
    }

    async fn look(
        aws: &Aws,
        group: types::LogGroup,
        wanted: &[Wanted<LogGroup>],
    ) -> Result<Option<Seen<LogGroup>>, CallError> {
        let wanted = wanted.iter().find(|wanted| group.log_group_name() == Some(&wanted.spec.name));
        let Some(spec) = spec(group) else { return Ok(None) };
        if let Some(wanted) = wanted.filter(|wanted| is_as_wanted(&spec, &wanted.spec)) {
            return Ok(Some(seen(aws, wanted.address.clone(), spec)));
        }
        let tags = absent(tags(aws, &spec.name).await)?;
        let owner = tags.and_then(|tags| owner::<LogGroup>(aws, &tags));
        Ok(match (owner, wanted) {
            (Some(address), _) => Some(seen(aws, address, spec)),
            (None, Some(wanted)) => Some(foreign(wanted, &format!("a log group named `{}`", spec.name))),
            (None, None) => None,
        })
    }

    /// Nothing will be written, as far as is known yet: the key may be a promise still.
    fn is_as_wanted(found: &LogGroup, wanted: &LogGroup) -> bool {
        found.retention_days == wanted.retention_days && (wanted.key.if_known().is_none() || found.key == wanted.key)
    }

    async fn tags(aws: &Aws, name: &str) -> Result<Tags, CallError> {
        let call = aws.logs.list_tags_for_resource().resource_arn(arn(aws, name)).send();
        let found = aws.list("logs:ListTagsForResource", call).await?;
        Ok(found.tags.unwrap_or_default().into_iter().collect())
    }

    fn arn(aws: &Aws, name: &str) -> String {
        aws.arn("logs", &format!("log-group:{name}"))
    }

    fn spec(group: types::LogGroup) -> Option<LogGroup> {
        Some(LogGroup {
            name: group.log_group_name?,
            retention_days: group.retention_in_days.unwrap_or_default().cast_unsigned(),
            key: group.kms_key_id.unwrap_or_default().into(),
        })
    }

    fn seen(aws: &Aws, address: Address, spec: LogGroup) -> Seen<LogGroup> {
        let identity = spec.name.clone();
        let outputs = outputs([(LogGroup::ARN.name, arn(aws, &spec.name))]);
        Seen { address, spec, outputs, state: State::Ready, identity }
    }
}
