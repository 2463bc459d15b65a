//! Log groups (`logs:*LogGroup*`). Found by name, confirmed by tags.
//!
//! AWS lists groups without their tags, which are one call a group. They are asked for only when it matters: a group that
//! already is as wanted will not be written to, so whose it is makes no difference yet; one that differs is asked about
//! before it is reported, and again before a change that the reading could not foresee and before a delete.

use model::{Calls, CreateSafety, Facts, Field, Input, KeyArn, Kind, LogGroupArn, Output};
use serde::{Deserialize, Serialize};

/// A log group made before its writer, which would make one without key and retention; how long it keeps is a
/// `LogRetention`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LogGroup {
    /// `/<prefix>/…`, with the prefix of the platform's names: groups are listed by it.
    pub name: String,
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
        calls: Calls {
            create: &["logs:CreateLogGroup"],
            update: &["logs:AssociateKmsKey"],
            delete: &["logs:DeleteLogGroup"],
            ..Calls::NONE
        },
        ..Facts::of(CreateSafety::Named)
    };
}

#[cfg(feature = "live")]
mod live {
    use aws_sdk_cloudwatchlogs::types;
    use engine::{CallError, Made, State};
    use futures::future::try_join_all;
    use model::Address;

    use super::LogGroup;
    use crate::{
        Live, Seen, Wanted,
        aws::{
            Aws, absent, logs, outputs,
            owner::{confirm, foreign, owner},
            ready,
        },
    };

    impl Live for LogGroup {
        async fn read(aws: &Aws, wanted: &[Wanted<Self>]) -> Result<Vec<Seen<Self>>, CallError> {
            let groups = logs::groups(aws).await?;
            // Who takes away what nobody wants wants to know for sure.
            let trusts = !aws.looks_everywhere().await;
            let looks = groups.iter().map(|group| look(aws, group, wanted, trusts));
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
            Ok(ready(outputs([(Self::ARN.name, logs::arn(aws, &want.name))])))
        }

        async fn update(aws: &Aws, seen: &Seen<Self>, want: &Self, _fields: &[String]) -> Result<Made, CallError> {
            confirm::<Self>(aws, &seen.address, &logs::tags(aws, &logs::arn(aws, &want.name)).await?)?;
            let call = aws.logs.associate_kms_key().log_group_name(&want.name).kms_key_id(want.key.as_str());
            aws.call("logs:AssociateKmsKey", &seen.address, call.send()).await?;
            Ok(ready(seen.outputs.clone()))
        }

        async fn delete(aws: &Aws, seen: &Seen<Self>) -> Result<(), CallError> {
            let found = absent(logs::tags(aws, &logs::arn(aws, &seen.spec.name)).await)?;
            let Some(tags) = found else { return Ok(()) };
            if owner::<Self>(aws, &tags).is_none() && !exists(aws, &seen.spec.name).await? {
                return Ok(());
            }
            confirm::<Self>(aws, &seen.address, &tags)?;
            let call = aws.logs.delete_log_group().log_group_name(&seen.spec.name).send();
            absent(aws.call("logs:DeleteLogGroup", &seen.address, call).await).map(drop)
        }
    }

    async fn exists(aws: &Aws, name: &str) -> Result<bool, CallError> {
        Ok(logs::groups(aws).await?.iter().any(|group| group.log_group_name() == Some(name)))
    }

    async fn look(
        aws: &Aws,
        group: &types::LogGroup,
        wanted: &[Wanted<LogGroup>],
        trusts: bool,
    ) -> Result<Option<Seen<LogGroup>>, CallError> {
        let wanted = wanted.iter().find(|wanted| group.log_group_name() == Some(&wanted.spec.name));
        let Some(spec) = spec(group) else { return Ok(None) };
        if let Some(wanted) = wanted.filter(|wanted| trusts && is_as_wanted(&spec, &wanted.spec)) {
            return Ok(Some(seen(aws, wanted.address.clone(), spec)));
        }
        let tags = absent(logs::tags(aws, &logs::arn(aws, &spec.name)).await)?;
        let owner = tags.and_then(|tags| owner::<LogGroup>(aws, &tags));
        Ok(match (owner, wanted) {
            (Some(address), _) => Some(seen(aws, address, spec)),
            (None, Some(wanted)) => Some(foreign(wanted, &format!("a log group named `{}`", spec.name))),
            (None, None) => None,
        })
    }

    /// Nothing will be written, as far as is known yet: the key may be a promise still.
    fn is_as_wanted(found: &LogGroup, wanted: &LogGroup) -> bool {
        wanted.key.if_known().is_none() || found.key == wanted.key
    }

    fn spec(group: &types::LogGroup) -> Option<LogGroup> {
        Some(LogGroup { name: group.log_group_name.clone()?, key: group.kms_key_id.clone().unwrap_or_default().into() })
    }

    fn seen(aws: &Aws, address: Address, spec: LogGroup) -> Seen<LogGroup> {
        let identity = spec.name.clone();
        let outputs = outputs([(LogGroup::ARN.name, logs::arn(aws, &spec.name))]);
        Seen { address, spec, outputs, state: State::Ready, identity }
    }
}
