//! Making and removing the table.

use std::time::Duration;

use aws_sdk_dynamodb::types::{BillingMode, TableStatus};
use engine::{CallError, Class};
use model::Address;
use tokio::time::{Instant, sleep};

use crate::{
    aws::{Aws, absent, dynamodb},
    table::{AttributeType, TableKey, TableKeys},
};

/// A table is made in 5 to 20 s, and one of the same name that is going may have to go first.
const PATIENCE: Duration = Duration::from_secs(180);
const PAUSE: Duration = Duration::from_secs(2);

/// Makes it and waits until it can be written to. Two that make it at once get the same one.
pub(super) async fn make(aws: &Aws, at: &Address, name: &str) -> Result<(), CallError> {
    let began = Instant::now();
    loop {
        let status = match create(aws, at, name).await {
            Ok(status) => status,
            Err(error) if error.class == Class::Exists => status(aws, at, name).await?,
            Err(error) => return Err(error),
        };
        if status == Some(TableStatus::Active) {
            return Ok(());
        }
        if began.elapsed() >= PATIENCE {
            return Err(aws.refuse(at, &format!("table `{name}` is not active after {} s", PATIENCE.as_secs())));
        }
        sleep(PAUSE).await;
    }
}

async fn create(aws: &Aws, at: &Address, name: &str) -> Result<Option<TableStatus>, CallError> {
    let keys = keys();
    let call = aws.dynamodb.create_table().table_name(name).billing_mode(BillingMode::PayPerRequest);
    let call = call.set_key_schema(Some(dynamodb::schema(&keys)));
    let call = call.set_attribute_definitions(Some(dynamodb::attributes([&keys])));
    let call = call.set_tags(Some(dynamodb::tags(aws, at))).send();
    let made = aws.at_once("dynamodb:CreateTable", at, call).await?.table_description;
    Ok(made.and_then(|table| table.table_status))
}

async fn status(aws: &Aws, at: &Address, name: &str) -> Result<Option<TableStatus>, CallError> {
    let call = aws.dynamodb.describe_table().table_name(name).send();
    let found = absent(aws.at_once("dynamodb:DescribeTable", at, call).await)?;
    Ok(found.and_then(|answer| answer.table?.table_status))
}

/// Removes it; a table that is being made or removed is left to whoever does that.
pub(super) async fn remove(aws: &Aws, at: &Address, name: &str) -> Result<(), CallError> {
    let call = aws.dynamodb.delete_table().table_name(name).send();
    absent(aws.at_once("dynamodb:DeleteTable", at, call).await).map(drop)
}

fn keys() -> TableKeys {
    TableKeys {
        partition: TableKey { name: "target".to_owned(), of: AttributeType::String },
        sort: Some(TableKey { name: "entry".to_owned(), of: AttributeType::Number }),
    }
}
