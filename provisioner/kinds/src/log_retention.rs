//! How long log groups keep (`logs:PutRetentionPolicy`). Found at the group.

use model::{Calls, CreateSafety, Facts, Input, Kind, LogGroupArn};
use serde::{Deserialize, Serialize};

/// After how many days what is in a log group goes; without it, never.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LogRetention {
    pub group: Input<LogGroupArn>,
    /// One of the values that CloudWatch Logs takes.
    pub days: u32,
}

impl Kind for LogRetention {
    const FACTS: Facts = Facts {
        kind: "log-retention",
        title: "log retention",
        located_by: &["group"],
        replace_on: &["group"],
        calls: Calls { create: &["logs:PutRetentionPolicy"], update: &["logs:PutRetentionPolicy"], ..Calls::NONE },
        ..Facts::of(CreateSafety::Relation)
    };
}

#[cfg(feature = "live")]
mod live {
    use aws_sdk_cloudwatchlogs::types::LogGroup;
    use engine::{CallError, Made, State};
    use futures::future::try_join_all;
    use model::{Address, Outputs};

    use super::LogRetention;
    use crate::{
        Live, Seen, Wanted,
        aws::{
            Aws, absent, logs,
            owner::{confirm, foreign, owner},
            ready,
        },
    };

    impl Live for LogRetention {
        async fn read(aws: &Aws, wanted: &[Wanted<Self>]) -> Result<Vec<Seen<Self>>, CallError> {
            if wanted.is_empty() {
                return Ok(Vec::new());
            }
            let groups = logs::groups(aws).await?;
            let looks = try_join_all(wanted.iter().map(|wanted| look(aws, wanted, &groups))).await?;
            Ok(looks.into_iter().flatten().collect())
        }

        async fn create(aws: &Aws, at: &Address, want: &Self) -> Result<Made, CallError> {
            put(aws, at, want).await
        }

        async fn update(aws: &Aws, seen: &Seen<Self>, want: &Self, _: &[String]) -> Result<Made, CallError> {
            let tags = logs::tags(aws, want.group.as_str()).await?;
            confirm::<crate::LogGroup>(aws, &seen.address, &tags)?;
            put(aws, &seen.address, want).await
        }

        /// It goes with its group: a group that stays must not begin to keep for ever.
        async fn delete(_: &Aws, _: &Seen<Self>) -> Result<(), CallError> {
            Ok(())
        }
    }

    async fn put(aws: &Aws, at: &Address, want: &LogRetention) -> Result<Made, CallError> {
        let call = aws.logs.put_retention_policy().log_group_name(logs::name(want.group.as_str()));
        let call = call.retention_in_days(want.days.cast_signed()).send();
        aws.call("logs:PutRetentionPolicy", at, call).await?;
        Ok(ready(Outputs::new()))
    }

    /// A group without retention will get one, so it is asked whose it is.
    async fn look(
        aws: &Aws,
        wanted: &Wanted<LogRetention>,
        groups: &[LogGroup],
    ) -> Result<Option<Seen<LogRetention>>, CallError> {
        let Some(arn) = wanted.spec.group.if_known() else { return Ok(None) };
        let named = |group: &&LogGroup| group.log_group_name().is_some_and(|name| logs::arn(aws, name) == arn.as_str());
        let Some(group) = groups.iter().find(named) else { return Ok(None) };
        let Some(days) = group.retention_in_days() else {
            let tags = absent(logs::tags(aws, arn.as_str()).await)?;
            let is_ours = tags.is_some_and(|tags| owner::<crate::LogGroup>(aws, &tags).is_some());
            return Ok((!is_ours).then(|| foreign(wanted, &format!("the log group `{arn}`"))));
        };
        Ok(Some(Seen {
            address: wanted.address.clone(),
            spec: LogRetention { group: wanted.spec.group.clone(), days: days.cast_unsigned() },
            outputs: Outputs::new(),
            state: State::Ready,
            identity: arn.to_string(),
        }))
    }
}
