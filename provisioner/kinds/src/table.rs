//! DynamoDB tables (`dynamodb:*Table*`), on demand. Found by name, confirmed by tags.
//!
//! AWS changes one thing of a table at a time. An update looks at the table, takes the first step towards what is wanted and
//! leaves the rest; while the step is under way AWS says so and the engine comes again.

use std::collections::BTreeMap;

use model::{Calls, CreateSafety, Facts, Field, Input, KeyArn, Kind, Output, TableArn, TableName};
use serde::{Deserialize, Serialize};

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum AttributeType {
    Binary,
    Number,
    String,
}

/// A key attribute.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TableKey {
    pub name: String,
    #[serde(rename = "type")]
    pub of: AttributeType,
}

/// The keys of a table or of an index.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TableKeys {
    pub partition: TableKey,
    pub sort: Option<TableKey>,
}

/// A table.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Table {
    pub name: TableName,
    pub keys: TableKeys,
    /// Global secondary indexes, projecting all attributes.
    pub indexes: BTreeMap<String, TableKeys>,
    pub key: Input<KeyArn>,
    pub deletion_protection: bool,
}

impl Table {
    pub const ARN: Field<Self, TableArn> = Field::new("arn");
    pub const NAME: Field<Self, TableName> = Field::new("name");
}

impl Kind for Table {
    const FACTS: Facts = Facts {
        kind: "table",
        title: "table",
        replace_on: &["keys", "name"],
        outputs: &[Output::created("arn"), Output::created("name")],
        calls: Calls {
            create: &["dynamodb:CreateTable"],
            update: &["dynamodb:UpdateTable"],
            delete: &["dynamodb:DeleteTable"],
            also: &["dynamodb:UpdateTable"],
        },
        typical_seconds: 15,
        deadline_seconds: 600,
        holds_data: true,
        ..Facts::of(CreateSafety::Named)
    };
}

#[cfg(feature = "live")]
mod steps;

#[cfg(feature = "live")]
mod live {
    use aws_sdk_dynamodb::{
        operation::create_table::builders::CreateTableFluentBuilder,
        types::{BillingMode, GlobalSecondaryIndex, IndexStatus, TableDescription, TableStatus},
    };
    use engine::{CallError, Made, State};
    use futures::{future::try_join_all, try_join};
    use model::{Address, Input};

    use super::{
        Table,
        steps::{encryption, steps},
    };
    use crate::{
        Live, Seen, Wanted,
        aws::{
            Aws, absent, dynamodb, lease,
            normal::identity,
            outputs,
            owner::{confirm, foreign, owner},
            pending, tagged, telling,
        },
    };

    impl Live for Table {
        async fn read(aws: &Aws, wanted: &[Wanted<Self>]) -> Result<Vec<Seen<Self>>, CallError> {
            let looks = wanted.iter().map(|wanted| look(aws, wanted));
            let (looks, strays) = try_join!(try_join_all(looks), strays(aws, wanted))?;
            Ok(looks.into_iter().chain(strays).flatten().collect())
        }

        async fn create(aws: &Aws, at: &Address, want: &Self) -> Result<Made, CallError> {
            let call = with_indexes(aws.dynamodb.create_table(), want)
                .table_name(want.name.as_str())
                .set_key_schema(Some(dynamodb::schema(&want.keys)))
                .set_attribute_definitions(Some(dynamodb::attributes(want.indexes.values().chain([&want.keys]))))
                .billing_mode(BillingMode::PayPerRequest)
                .sse_specification(encryption(want))
                .deletion_protection_enabled(want.deletion_protection)
                .set_tags(Some(dynamodb::tags(aws, at)));
            let made = aws.call("dynamodb:CreateTable", at, call.send()).await?.table_description;
            let made = aws.sent(at, "TableDescription", made)?;
            let arn = aws.sent(at, "TableArn", made.table_arn.clone())?;
            let outputs = outputs([(Self::ARN.name, arn.as_str()), (Self::NAME.name, want.name.as_str())]);
            Ok(telling(Made::new(outputs, state(&made)), spec(&made)))
        }

        async fn update(aws: &Aws, seen: &Seen<Self>, want: &Self, fields: &[String]) -> Result<Made, CallError> {
            let is_named = |field: &str| fields.iter().any(|name| name == field);
            if is_named("key") {
                let tags = dynamodb::found_tags(aws, &dynamodb::arn(aws, want.name.as_str())).await?;
                confirm::<Self>(aws, &seen.address, &tags)?;
            }
            step(aws, seen, want, fields.iter().collect()).await
        }

        async fn delete(aws: &Aws, seen: &Seen<Self>) -> Result<(), CallError> {
            let (at, name) = (&seen.address, seen.spec.name.as_str());
            if describe(aws, at, name).await?.is_none() {
                return Ok(());
            }
            confirm::<Self>(aws, at, &dynamodb::found_tags(aws, &dynamodb::arn(aws, name)).await?)?;
            match absent(delete(aws, at, name).await) {
                Err(error) if error.message.to_lowercase().contains("protect") => {
                    let lift = aws.dynamodb.update_table().table_name(name).deletion_protection_enabled(false);
                    aws.call("dynamodb:UpdateTable", at, lift.send()).await?;
                    absent(delete(aws, at, name).await).map(drop)
                }
                answer => answer.map(drop),
            }
        }
    }

    /// Every table of the account, or, unless what nobody wants is looked for with care, those that the search by tag knows.
    async fn names(aws: &Aws) -> Result<Vec<String>, CallError> {
        if aws.looks_everywhere().await {
            let pages = aws.dynamodb.list_tables().into_paginator().items();
            return aws.list("dynamodb:ListTables", pages.send().try_collect()).await;
        }
        let tagged = tagged::ours(aws).await?;
        let start = dynamodb::arn(aws, "");
        Ok(tagged.keys().filter_map(|arn| arn.strip_prefix(&start)).map(str::to_owned).collect())
    }

    /// The table of this name. Its tags, one call more, say whether it may be written to: they are asked for if it is not
    /// as wanted already; what a reading could not foresee and deletes ask again.
    async fn look(aws: &Aws, wanted: &Wanted<Table>) -> Result<Option<Seen<Table>>, CallError> {
        let name = wanted.spec.name.as_str();
        let Some(seen) = see(aws, &wanted.address, name).await? else { return Ok(None) };
        if is_as_wanted(&seen.spec, &wanted.spec) {
            return Ok(Some(seen));
        }
        let tags = absent(dynamodb::found_tags(aws, &dynamodb::arn(aws, name)).await)?;
        Ok(Some(match tags.and_then(|tags| owner::<Table>(aws, &tags)) {
            Some(address) => Seen { address, ..seen },
            None => foreign(wanted, &format!("a table named `{name}`")),
        }))
    }

    fn is_as_wanted(found: &Table, wanted: &Table) -> bool {
        let key = wanted.key.if_known().map_or_else(|| found.key.clone(), |key| Input::Known(key.clone()));
        *found == Table { key, ..wanted.clone() }
    }

    /// Tables of ours that nobody wants any more.
    async fn strays(aws: &Aws, wanted: &[Wanted<Table>]) -> Result<Vec<Option<Seen<Table>>>, CallError> {
        let start = format!("{}-", aws.names.prefix());
        let leases = lease::name(&aws.names);
        let is_wanted = |name: &str| name == leases || wanted.iter().any(|wanted| wanted.spec.name.as_str() == name);
        let names = names(aws).await?;
        let strays = names.iter().filter(|name| name.starts_with(&start) && !is_wanted(name));
        try_join_all(strays.map(|name| async move {
            let tags = absent(dynamodb::found_tags(aws, &dynamodb::arn(aws, name)).await)?;
            match tags.and_then(|tags| owner::<Table>(aws, &tags)) {
                Some(address) => see(aws, &address, name).await,
                None => Ok(None),
            }
        }))
        .await
    }

    async fn see(aws: &Aws, at: &Address, name: &str) -> Result<Option<Seen<Table>>, CallError> {
        Ok(describe(aws, at, name).await?.and_then(|table| seen(at.clone(), &table)))
    }

    async fn describe(aws: &Aws, at: &Address, name: &str) -> Result<Option<TableDescription>, CallError> {
        let call = aws.dynamodb.describe_table().table_name(name).send();
        Ok(absent(aws.call("dynamodb:DescribeTable", at, call).await)?.and_then(|answer| answer.table))
    }

    async fn delete(aws: &Aws, at: &Address, name: &str) -> Result<(), CallError> {
        let call = aws.dynamodb.delete_table().table_name(name).send();
        aws.call("dynamodb:DeleteTable", at, call).await.map(drop)
    }

    /// Takes the first step from what is there to what is wanted; further ones are left.
    async fn step(aws: &Aws, seen: &Seen<Table>, want: &Table, fields: Vec<&String>) -> Result<Made, CallError> {
        let at = &seen.address;
        let table = describe(aws, at, want.name.as_str()).await?;
        let table = aws.sent(at, "Table", table)?;
        let (found, outputs) = (spec(&table), seen.outputs.clone());
        let found = aws.sent(at, "KeySchema", found)?;
        let steps = steps(&found, want, &fields);
        let Some((first, rest)) = steps.split_first() else {
            return Ok(Made::new(outputs, state(&table)));
        };
        let call = first.of(aws.dynamodb.update_table(), &found, want).table_name(want.name.as_str());
        aws.call("dynamodb:UpdateTable", at, call.send()).await?;
        let left = if rest.is_empty() { Vec::new() } else { fields.into_iter().cloned().collect() };
        Ok(Made { left, ..pending(outputs, "UPDATING") })
    }

    fn with_indexes(call: CreateTableFluentBuilder, want: &Table) -> CreateTableFluentBuilder {
        want.indexes.iter().fold(call, |call, (name, keys)| {
            let index = GlobalSecondaryIndex::builder()
                .index_name(name)
                .set_key_schema(Some(dynamodb::schema(keys)))
                .projection(dynamodb::everything())
                .build();
            call.global_secondary_indexes(index.expect("it has a name and keys"))
        })
    }

    fn seen(address: Address, table: &TableDescription) -> Option<Seen<Table>> {
        let (name, arn) = (table.table_name()?, table.table_arn()?);
        Some(Seen {
            address,
            spec: spec(table)?,
            outputs: outputs([(Table::ARN.name, arn), (Table::NAME.name, name)]),
            state: state(table),
            identity: identity(table.creation_date_time(), table.table_id().unwrap_or(arn)),
        })
    }

    fn spec(table: &TableDescription) -> Option<Table> {
        let key = table.sse_description().and_then(|encryption| encryption.kms_master_key_arn());
        Some(Table {
            name: table.table_name()?.into(),
            keys: dynamodb::keys(table)?,
            indexes: dynamodb::indexes(table),
            key: key.unwrap_or_default().into(),
            deletion_protection: table.deletion_protection_enabled().unwrap_or_default(),
        })
    }

    /// A table whose key cannot be used is not broken: it would lose its data if it were made again.
    fn state(table: &TableDescription) -> State {
        let building =
            table.global_secondary_indexes().iter().find(|index| index.index_status() != Some(&IndexStatus::Active));
        match (table.table_status(), building) {
            (Some(TableStatus::Active), None) => State::Ready,
            (Some(TableStatus::Active), Some(index)) => {
                State::Pending(format!("index {}", index.index_name().unwrap_or_default()))
            }
            (status, _) => State::Pending(status.map_or("unknown", TableStatus::as_str).to_owned()),
        }
    }
}
