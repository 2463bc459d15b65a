//! Items and records, in and out of DynamoDB's shape.

use std::collections::HashMap;

use aws_sdk_dynamodb::types::{AttributeValue, Delete, Put, TransactWriteItem};
use engine::lease::{Item, Record, Swap};
use serde::{Serialize, de::DeserializeOwned};

type Attributes = HashMap<String, AttributeValue>;

/// The lease of a target, or its run of this number.
pub(super) fn key(target: &str, entry: u64) -> Attributes {
    [("target".to_owned(), text(target)), ("entry".to_owned(), number(entry))].into()
}

pub(super) fn target(found: &Attributes) -> Option<String> {
    found.get("target")?.as_s().ok().cloned()
}

pub(super) fn is_lease(found: &Attributes) -> bool {
    count(found, "entry") == 0
}

pub(super) fn item(found: &Attributes) -> Item {
    Item { run: count(found, "run"), beat: count(found, "beat"), holder: parsed(found, "holder") }
}

pub(super) fn record(found: &Attributes) -> Option<Record> {
    parsed(found, "record")
}

/// What a swap changes: the lease, on the condition that it is as it was seen, and runs beside it.
pub(super) fn changes(table: &str, swap: &Swap) -> Vec<TransactWriteItem> {
    let write = |put: Put| TransactWriteItem::builder().put(put).build();
    let forget = |run: &u64| {
        let delete = Delete::builder().table_name(table).set_key(Some(key(&swap.target, *run))).build();
        TransactWriteItem::builder().delete(delete.expect("it has a table and a key")).build()
    };
    let lease = [write(lease(table, swap))].into_iter();
    let record = swap.record.iter().map(|record| write(put(table, run(&swap.target, record))));
    lease.chain(record).chain(swap.forget.iter().map(forget)).collect()
}

fn lease(table: &str, swap: &Swap) -> Put {
    let mut new = key(&swap.target, 0);
    new.insert("run".to_owned(), number(swap.next.run));
    new.insert("beat".to_owned(), number(swap.next.beat));
    if let (Some(holder), Some(token)) = (&swap.next.holder, swap.next.token()) {
        new.insert("holder".to_owned(), json(holder));
        new.insert("token".to_owned(), text(token));
    }
    let put = Put::builder().table_name(table).set_item(Some(new));
    let put = match (swap.seen == Item::default(), swap.seen.token()) {
        (true, _) => put.condition_expression("attribute_not_exists(#run)").expression_attribute_names("#run", "run"),
        (false, None) => as_seen(put, swap, "attribute_not_exists(#token)"),
        (false, Some(token)) => {
            as_seen(put, swap, "#token = :token").expression_attribute_values(":token", text(token))
        }
    };
    put.build().expect("it has a table and an item")
}

type PutBuilder = aws_sdk_dynamodb::types::builders::PutBuilder;

fn as_seen(put: PutBuilder, swap: &Swap, holder: &str) -> PutBuilder {
    put.condition_expression(format!("#run = :run AND #beat = :beat AND {holder}"))
        .expression_attribute_names("#run", "run")
        .expression_attribute_names("#beat", "beat")
        .expression_attribute_names("#token", "token")
        .expression_attribute_values(":run", number(swap.seen.run))
        .expression_attribute_values(":beat", number(swap.seen.beat))
}

/// The record of a run, whole.
pub(super) fn run(target: &str, record: &Record) -> Attributes {
    let mut new = key(target, record.run);
    new.insert("record".to_owned(), json(record));
    new
}

fn put(table: &str, new: Attributes) -> Put {
    Put::builder().table_name(table).set_item(Some(new)).build().expect("it has a table and an item")
}

fn text(value: &str) -> AttributeValue {
    AttributeValue::S(value.to_owned())
}

fn number(value: u64) -> AttributeValue {
    AttributeValue::N(value.to_string())
}

fn json(value: &impl Serialize) -> AttributeValue {
    AttributeValue::S(serde_json::to_string(value).expect("plain data"))
}

fn count(found: &Attributes, name: &str) -> u64 {
    found.get(name).and_then(|value| value.as_n().ok()?.parse().ok()).unwrap_or_default()
}

/// What another version wrote and this one does not understand is as good as not there.
fn parsed<T: DeserializeOwned>(found: &Attributes, name: &str) -> Option<T> {
    found.get(name).and_then(|value| serde_json::from_str(value.as_s().ok()?).ok())
}
