//! Expiry of items (`dynamodb:UpdateTimeToLive`). Found at the table, and there as long as the table is.

use model::{Calls, CreateSafety, Facts, Input, Kind, TableName};
use serde::{Deserialize, Serialize};

/// Which attribute says when an item expires.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TableExpiry {
    pub table: Input<TableName>,
    /// It holds the second since 1970; none: items stay.
    pub attribute: Option<String>,
}

impl Kind for TableExpiry {
    const FACTS: Facts = Facts {
        kind: "table-expiry",
        title: "table expiry",
        located_by: &["table"],
        replace_on: &["table"],
        calls: Calls {
            create: &["dynamodb:UpdateTimeToLive"],
            update: &["dynamodb:UpdateTimeToLive"],
            also: &["dynamodb:UpdateTimeToLive"],
            ..Calls::NONE
        },
        ..Facts::of(CreateSafety::Relation)
    };
}

#[cfg(feature = "live")]
mod live {
    use aws_sdk_dynamodb::types::{TimeToLiveSpecification, TimeToLiveStatus};
    use engine::{CallError, Made, State};
    use futures::future::try_join_all;
    use model::{Address, Outputs};

    use super::TableExpiry;
    use crate::{
        Live, Seen, Wanted,
        aws::{Aws, absent, dynamodb, owner::foreign, ready, telling},
    };

    impl Live for TableExpiry {
        async fn read(aws: &Aws, wanted: &[Wanted<Self>]) -> Result<Vec<Seen<Self>>, CallError> {
            Ok(try_join_all(wanted.iter().map(|wanted| look(aws, wanted))).await?.into_iter().flatten().collect())
        }

        async fn create(aws: &Aws, at: &Address, want: &Self) -> Result<Made, CallError> {
            let Some(attribute) = &want.attribute else { return Ok(ready(Outputs::new())) };
            let set = set(aws, at, want, attribute, true).await?.filter(|set| set.enabled);
            let answered = set.map(|set| Self { attribute: Some(set.attribute_name), ..want.clone() });
            Ok(telling(ready(Outputs::new()), answered))
        }

        /// AWS takes one change of it an hour: the second of two is waited for.
        async fn update(aws: &Aws, seen: &Seen<Self>, want: &Self, _: &[String]) -> Result<Made, CallError> {
            if let Some(attribute) = &seen.spec.attribute {
                set(aws, &seen.address, want, attribute, false).await?;
            }
            Self::create(aws, &seen.address, want).await
        }

        /// It goes with its table.
        async fn delete(_: &Aws, _: &Seen<Self>) -> Result<(), CallError> {
            Ok(())
        }
    }

    /// To enable what is enabled is an error, to disable what is disabled too: a call whose answer was lost is repeated.
    async fn set(
        aws: &Aws,
        at: &Address,
        want: &TableExpiry,
        attribute: &str,
        on: bool,
    ) -> Result<Option<TimeToLiveSpecification>, CallError> {
        let ttl = TimeToLiveSpecification::builder().attribute_name(attribute).enabled(on).build();
        let call = aws.dynamodb.update_time_to_live().table_name(want.table.as_str());
        let call = call.time_to_live_specification(ttl.expect("it has a name and is on or off")).send();
        match aws.call("dynamodb:UpdateTimeToLive", at, call).await {
            Err(error) if error.message.contains("TimeToLive is already") => Ok(None),
            answer => answer.map(|answer| answer.time_to_live_specification),
        }
    }

    /// What will be written to is asked whose it is.
    async fn look(aws: &Aws, wanted: &Wanted<TableExpiry>) -> Result<Option<Seen<TableExpiry>>, CallError> {
        let Some(table) = wanted.spec.table.if_known() else { return Ok(None) };
        let call = aws.dynamodb.describe_time_to_live().table_name(table.as_str()).send();
        let answer = absent(aws.call("dynamodb:DescribeTimeToLive", &wanted.address, call).await)?;
        let Some(found) = answer.map(|answer| answer.time_to_live_description) else { return Ok(None) };
        let is_on =
            |status: &TimeToLiveStatus| matches!(status, TimeToLiveStatus::Enabled | TimeToLiveStatus::Enabling);
        let found = found.filter(|found| found.time_to_live_status.as_ref().is_some_and(is_on));
        let attribute = found.and_then(|found| found.attribute_name);
        if attribute != wanted.spec.attribute && !dynamodb::is_ours(aws, table.as_str()).await? {
            return Ok(Some(foreign(wanted, &format!("a table named `{table}`"))));
        }
        Ok(Some(Seen {
            address: wanted.address.clone(),
            spec: TableExpiry { table: wanted.spec.table.clone(), attribute },
            outputs: Outputs::new(),
            state: State::Ready,
            identity: table.to_string(),
        }))
    }
}
