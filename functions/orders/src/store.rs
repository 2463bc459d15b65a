//! The table of orders. Every write is conditional and can be repeated; no read scans.

use std::cmp::Reverse;
use std::time::SystemTime;

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_dynamodb::operation::RequestId;
use aws_sdk_dynamodb::operation::put_item::PutItemError;
use aws_sdk_dynamodb::operation::query::builders::QueryFluentBuilder;
use aws_sdk_dynamodb::types::ReturnValuesOnConditionCheckFailure::AllOld;
use functions_shared::Problem;
use functions_shared::config::{ConfigError, parsed, required};
use functions_shared::dynamodb::{Access, cause};
use futures::stream::{self, StreamExt, TryStreamExt};

use crate::day::Day;
use crate::id::OrderId;
use crate::item::{self, Attributes, Unreadable, text};
use crate::order::{Order, Status};

/// An index and its partition key, for lists of all orders and for those of one status.
const BY_DAY: (&str, &str) = ("by-day", "day_shard");
const BY_STATUS: (&str, &str) = ("by-status", "status_day_shard");
/// Queries under way at once for one page; each needs a connection of its own.
const QUERIES: usize = 8;

/// A client and the table it works on.
#[derive(Debug)]
pub struct Store {
    pub client: Client,
    pub table: String,
    /// Partitions that one day's new orders are spread over. May be raised, first where lists are read, but never lowered:
    /// lists would not look into the shards beyond.
    pub shards: u8,
}

/// What a claim of an idempotency key found.
#[derive(Debug)]
pub enum Claim {
    /// The key was free, or expired. It now stands for the given order.
    Free,
    /// The same key and body came before, for this order.
    Again(Order),
    /// The key came before with another body.
    OtherBody,
}

/// A call that failed, or an item that nobody here wrote.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    #[error("{0}")]
    Unavailable(String),
    #[error("{0}")]
    Unreadable(String),
}

impl From<Unreadable> for StoreError {
    fn from(item: Unreadable) -> Self {
        Self::Unreadable(item.to_string())
    }
}

impl From<StoreError> for Problem {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Unavailable(cause) => Self::unavailable(cause),
            StoreError::Unreadable(cause) => Self::internal(cause),
        }
    }
}

impl Store {
    /// From the environment: `ORDERS_TABLE`, `ORDERS_SHARDS` (1 to 255, default 1) and what [`Access`] reads. Connected.
    ///
    /// # Errors
    /// The variable that is missing or wrong.
    pub async fn from_environment() -> Result<Self, ConfigError> {
        let shards = parsed("ORDERS_SHARDS", std::num::NonZeroU8::MIN, "a number from 1 to 255")?;
        let (access, table) = (Access::from_environment()?, required("ORDERS_TABLE")?);
        Ok(Self { client: access.connected_client().await, table, shards: shards.get() })
    }

    /// The order, as of now.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn get(&self, id: OrderId) -> Result<Option<Order>, StoreError> {
        let call = self.client.get_item().table_name(&self.table).key("pk", text(item::order_key(id)));
        let found = call.consistent_read(true).send().await.map_err(|error| unavailable("GetItem", &error))?;
        Ok(found.item.as_ref().map(item::read_order).transpose()?)
    }

    /// Stores the order unless it is there. Ids are never given twice, so one that is there is this very order.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn put(&self, order: &Order) -> Result<(), StoreError> {
        let item = item::order_item(order, self.shards);
        self.put_if(item, "attribute_not_exists(pk)", None).await.map(|_| ())
    }

    /// Claims an idempotency key for `order` until `expires`, unless a claim is there that has not expired at `now`.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn claim(
        &self,
        key_hash: &str,
        body_hash: &str,
        order: &Order,
        now: SystemTime,
        expires: SystemTime,
    ) -> Result<Claim, StoreError> {
        // DynamoDB deletes expired items hours late, so the condition looks at the time itself.
        let free = "attribute_not_exists(pk) OR expires_at <= :now";
        let item = item::claim_item(key_hash, body_hash, order, expires);
        let Some(there) = self.put_if(item, free, Some(now)).await? else { return Ok(Claim::Free) };
        let (first_body, first) = item::read_claim(&there)?;
        Ok(if first_body == body_hash { Claim::Again(first) } else { Claim::OtherBody })
    }

    /// The newest orders of these days, and of this status, that are older than `before`, at most `limit`, newest first.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn newest(
        &self,
        status: Option<Status>,
        days: &[Day],
        before: Option<OrderId>,
        limit: usize,
    ) -> Result<Vec<Order>, StoreError> {
        let index = if status.is_some() { BY_STATUS } else { BY_DAY };
        let partitions = days.iter().flat_map(|day| (0..self.shards).map(|shard| item::partition(status, *day, shard)));
        let queries = stream::iter(partitions).map(|partition| self.partition(index, partition, before, limit));
        let mut orders = queries.buffer_unordered(QUERIES).try_concat().await?;
        orders.sort_unstable_by_key(|order| Reverse(order.id));
        orders.truncate(limit);
        Ok(orders)
    }

    /// The newest orders of one partition, newest first. Asks on when DynamoDB ends an answer at 1 MB.
    async fn partition(
        &self,
        index: (&str, &str),
        partition: String,
        before: Option<OrderId>,
        limit: usize,
    ) -> Result<Vec<Order>, StoreError> {
        let (mut orders, mut start) = (Vec::new(), None);
        loop {
            let call = self.query(index, &partition, before, limit - orders.len()).set_exclusive_start_key(start);
            let answer = call.send().await.map_err(|error| unavailable("Query", &error))?;
            for found in answer.items() {
                orders.push(item::read_order(found)?);
            }
            start = answer.last_evaluated_key;
            if start.is_none() || orders.len() >= limit {
                return Ok(orders);
            }
        }
    }

    fn query(
        &self,
        (index, key): (&str, &str),
        partition: &str,
        before: Option<OrderId>,
        limit: usize,
    ) -> QueryFluentBuilder {
        let call = self.client.query().table_name(&self.table).index_name(index).scan_index_forward(false);
        let call = call.limit(i32::try_from(limit).unwrap_or(i32::MAX));
        let call = call.expression_attribute_values(":partition", text(partition));
        match before {
            Some(id) => call
                .key_condition_expression(format!("{key} = :partition AND order_id < :before"))
                .expression_attribute_values(":before", text(id.to_string())),
            None => call.key_condition_expression(format!("{key} = :partition")),
        }
    }

    /// Puts the item if the condition holds; else returns the item that is there.
    async fn put_if(
        &self,
        item: Attributes,
        condition: &str,
        now: Option<SystemTime>,
    ) -> Result<Option<Attributes>, StoreError> {
        let call = self.client.put_item().table_name(&self.table).set_item(Some(item)).condition_expression(condition);
        let call = match now {
            Some(now) => call.expression_attribute_values(":now", item::seconds(now)),
            None => call,
        };
        let Err(error) = call.return_values_on_condition_check_failure(AllOld).send().await else { return Ok(None) };
        match error.as_service_error() {
            Some(PutItemError::ConditionalCheckFailedException(there)) => {
                Ok(Some(there.item.clone().unwrap_or_default()))
            }
            _ => Err(unavailable("PutItem", &error)),
        }
    }
}

fn unavailable<E, R>(operation: &str, error: &SdkError<E, R>) -> StoreError
where
    SdkError<E, R>: ProvideErrorMetadata + RequestId,
{
    StoreError::Unavailable(cause(operation, error))
}
