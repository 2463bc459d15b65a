//! Point-in-time recovery of tables (`dynamodb:UpdateContinuousBackups`). Found at the table, if it is on.

use model::{Calls, CreateSafety, Facts, Input, Kind, TableName};
use serde::{Deserialize, Serialize};

/// Every second of the last 35 days can be restored, as a new table. It goes with the table, and not before.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TableRecovery {
    pub table: Input<TableName>,
}

impl Kind for TableRecovery {
    const FACTS: Facts = Facts {
        kind: "table-recovery",
        title: "point-in-time recovery",
        located_by: &["table"],
        replace_on: &["table"],
        calls: Calls { create: &["dynamodb:UpdateContinuousBackups"], ..Calls::NONE },
        ..Facts::of(CreateSafety::Relation)
    };
}

#[cfg(feature = "live")]
mod live {
    use aws_sdk_dynamodb::types::{
        ContinuousBackupsDescription, PointInTimeRecoverySpecification, PointInTimeRecoveryStatus,
    };
    use engine::{CallError, Made, State};
    use futures::future::try_join_all;
    use model::{Address, Outputs};

    use super::TableRecovery;
    use crate::{
        Live, Seen, Wanted,
        aws::{Aws, absent, dynamodb, owner::foreign, ready, telling},
    };

    impl Live for TableRecovery {
        async fn read(aws: &Aws, wanted: &[Wanted<Self>]) -> Result<Vec<Seen<Self>>, CallError> {
            Ok(try_join_all(wanted.iter().map(|wanted| look(aws, wanted))).await?.into_iter().flatten().collect())
        }

        async fn create(aws: &Aws, at: &Address, want: &Self) -> Result<Made, CallError> {
            let on = PointInTimeRecoverySpecification::builder().point_in_time_recovery_enabled(true).build();
            let call = aws.dynamodb.update_continuous_backups().table_name(want.table.as_str());
            let call = call.point_in_time_recovery_specification(on.expect("it is on")).send();
            let made = aws.call("dynamodb:UpdateContinuousBackups", at, call).await?;
            let is_on = made.continuous_backups_description.is_some_and(is_on);
            Ok(telling(ready(Outputs::new()), is_on.then(|| want.clone())))
        }

        async fn delete(_: &Aws, _: &Seen<Self>) -> Result<(), CallError> {
            Ok(())
        }
    }

    fn is_on(found: ContinuousBackupsDescription) -> bool {
        let status = found.point_in_time_recovery_description.and_then(|found| found.point_in_time_recovery_status);
        status == Some(PointInTimeRecoveryStatus::Enabled)
    }

    /// A table without it will get it, so it is asked whose the table is.
    async fn look(aws: &Aws, wanted: &Wanted<TableRecovery>) -> Result<Option<Seen<TableRecovery>>, CallError> {
        let Some(table) = wanted.spec.table.if_known() else { return Ok(None) };
        let call = aws.dynamodb.describe_continuous_backups().table_name(table.as_str()).send();
        let found = absent(aws.call("dynamodb:DescribeContinuousBackups", &wanted.address, call).await)?;
        let Some(found) = found.and_then(|found| found.continuous_backups_description) else { return Ok(None) };
        if !is_on(found) {
            let is_ours = dynamodb::is_ours(aws, table.as_str()).await?;
            return Ok((!is_ours).then(|| foreign(wanted, &format!("a table named `{table}`"))));
        }
        Ok(Some(Seen {
            address: wanted.address.clone(),
            spec: wanted.spec.clone(),
            outputs: Outputs::new(),
            state: State::Ready,
            identity: table.to_string(),
        }))
    }
}
