//! The table that leases and runs are written in (`engine::lease`): one in the hub's account, beside the graph.
//!
//! The partition key is the target, so that a service's account can be let in to its own items alone. Entry 0 is the lease,
//! entry `n` the record of run `n`.

mod admission;
mod items;
mod table;

use std::{collections::HashMap, sync::Arc};

use aws_sdk_dynamodb::types::{AttributeValue, KeysAndAttributes, TransactWriteItem};
use engine::{
    CallError, Class,
    lease::{Item, Record, Store, Swap, Swapped},
};
use futures::future::BoxFuture;
use model::{Address, Names};

pub use self::admission::Admitted;
use super::Aws;

/// DynamoDB hands out so many items at once.
const MOST_KEYS: usize = 100;
/// Runs of a target that are shown.
const MOST_RUNS: i32 = 50;

/// The table, as one account reaches it.
pub struct LeaseTable {
    aws: Arc<Aws>,
    /// A name, or from another account its ARN.
    table: String,
    /// Only the hub's account makes it.
    is_own: bool,
    at: Address,
}

impl LeaseTable {
    /// The hub's own.
    #[must_use]
    pub fn own(aws: &Arc<Aws>) -> Self {
        Self { aws: aws.clone(), table: name(&aws.names), is_own: true, at: address() }
    }

    /// The table of the hub in this account, reached from a service's account: never made or removed from there.
    #[must_use]
    pub fn of_hub(aws: &Arc<Aws>, hub: &str) -> Self {
        let table = format!("arn:{}:dynamodb:{}:{hub}:table/{}", aws.partition, aws.region, name(&aws.names));
        Self { aws: aws.clone(), table, is_own: false, at: address() }
    }

    /// A target's lease and its runs, the last one first.
    ///
    /// # Errors
    /// What AWS answered.
    pub async fn history(&self, target: &str) -> Result<(Item, Vec<Record>), CallError> {
        let call = self.aws.dynamodb.query().table_name(&self.table).consistent_read(true);
        let call = call.key_condition_expression("#target = :target").expression_attribute_names("#target", "target");
        let call = call.expression_attribute_values(":target", AttributeValue::S(target.to_owned()));
        // The lease comes last, after as many runs as are kept.
        let call = call.scan_index_forward(false).limit(MOST_RUNS + 2).send();
        let found = match self.aws.at_once("dynamodb:Query", &self.at, call).await {
            Err(error) if error.class == Class::Gone => return Ok(Default::default()),
            answer => answer?.items.unwrap_or_default(),
        };
        let item = found.iter().find(|found| items::is_lease(found)).map(items::item).unwrap_or_default();
        Ok((item, found.iter().filter_map(items::record).collect()))
    }

    async fn look_at(&self, targets: &[String]) -> Result<Option<HashMap<String, Item>>, CallError> {
        let mut keys: Vec<_> = targets.iter().map(|target| items::key(target, 0)).collect();
        let mut found = HashMap::new();
        while !keys.is_empty() {
            let some: Vec<_> = keys.drain(..keys.len().min(MOST_KEYS)).collect();
            let wanted = KeysAndAttributes::builder().set_keys(Some(some)).consistent_read(true).build();
            let wanted = wanted.expect("there are keys");
            let call = self.aws.dynamodb.batch_get_item().request_items(&self.table, wanted).send();
            let answer = match self.aws.at_once("dynamodb:BatchGetItem", &self.at, call).await {
                Err(error) if error.class == Class::Gone => return Ok(None),
                answer => answer?,
            };
            let items = answer.responses.into_iter().flatten().flat_map(|(_, items)| items);
            found.extend(items.filter_map(|item| Some((items::target(&item)?, items::item(&item)))));
            keys.extend(answer.unprocessed_keys.into_iter().flatten().flat_map(|(_, left)| left.keys));
        }
        Ok(Some(found))
    }

    async fn swap_all(&self, swaps: &[Swap]) -> Result<Swapped, CallError> {
        let changes: Vec<TransactWriteItem> = swaps.iter().flat_map(|swap| items::changes(&self.table, swap)).collect();
        let call = self.aws.dynamodb.transact_write_items().set_transact_items(Some(changes)).send();
        // A transaction has no permission of its own.
        match self.aws.at_once("dynamodb:PutItem", &self.at, call).await {
            Ok(_) => Ok(Swapped::Done),
            Err(error) if error.class == Class::Gone => Ok(Swapped::NoStore),
            Err(error) if error.message.contains("ConditionalCheckFailed") => Ok(Swapped::Refused),
            Err(error) => Err(error),
        }
    }
}

impl Store for LeaseTable {
    fn look<'a>(&'a self, targets: &'a [String]) -> BoxFuture<'a, Result<Option<Vec<Item>>, CallError>> {
        Box::pin(async move {
            let found = self.look_at(targets).await?;
            let in_order = |found: HashMap<String, Item>| {
                targets.iter().map(|target| found.get(target).cloned().unwrap_or_default()).collect()
            };
            Ok(found.map(in_order))
        })
    }

    fn swap<'a>(&'a self, swaps: &'a [Swap]) -> BoxFuture<'a, Result<Swapped, CallError>> {
        Box::pin(self.swap_all(swaps))
    }

    fn make(&self) -> BoxFuture<'_, Result<(), CallError>> {
        Box::pin(async move {
            match self.is_own {
                true => table::make(&self.aws, &self.at, &self.table).await,
                false => Err(self.aws.refuse(&self.at, "the hub's owner has made no table for leases yet")),
            }
        })
    }

    fn remember<'a>(&'a self, target: &'a str, record: &'a Record) -> BoxFuture<'a, Result<(), CallError>> {
        Box::pin(async move {
            let put = self.aws.dynamodb.put_item().table_name(&self.table);
            let call = put.set_item(Some(items::run(target, record))).send();
            self.aws.at_once("dynamodb:PutItem", &self.at, call).await.map(drop)
        })
    }

    fn remove(&self) -> BoxFuture<'_, Result<(), CallError>> {
        Box::pin(table::remove(&self.aws, &self.at, &self.table))
    }
}

/// In tags and errors; of a kind that no graph has.
fn address() -> Address {
    Address::new("consumer", "lease", "main")
}

/// The table's name; 255 characters are DynamoDB's limit.
pub(crate) fn name(names: &Names) -> String {
    names.name("consumer", "leases", 255)
}
