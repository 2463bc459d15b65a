//! Orders as DynamoDB items, and back.
//!
//! | item | `pk` | carries |
//! |---|---|---|
//! | order | `order#<id>` | the order; `day_shard`, `status_day_shard` and `order_id`, the indexes' keys |
//! | claim of an idempotency key | `idempotency#<hash of the key>` | hash of the body, the first answer's order, `expires_at` |
//!
//! Claims have none of the indexes' keys, so the indexes hold orders only.

use std::collections::HashMap;
use std::time::{SystemTime, UNIX_EPOCH};

use aws_sdk_dynamodb::types::AttributeValue;

use crate::day::Day;
use crate::id::OrderId;
use crate::order::{Item, Money, NewOrder, Order, Status};

pub(crate) type Attributes = HashMap<String, AttributeValue>;

/// The item does not have the shape written here.
#[derive(Debug, thiserror::Error)]
#[error("the item's `{0}` is missing or unreadable")]
pub(crate) struct Unreadable(&'static str);

pub(crate) fn order_key(id: OrderId) -> String {
    format!("order#{id}")
}

pub(crate) fn claim_key(key_hash: &str) -> String {
    format!("idempotency#{key_hash}")
}

/// An index's partition: one day's orders of one shard, such as `2025-11-21#0`, or those of one status, `placed#2025-11-21#0`.
pub(crate) fn partition(status: Option<Status>, day: Day, shard: u8) -> String {
    match status {
        Some(status) => format!("{}#{day}#{shard}", status.as_str()),
        None => format!("{day}#{shard}"),
    }
}

/// The order's own item.
pub(crate) fn order_item(order: &Order, shards: u8) -> Attributes {
    let mut item = order_attributes(order);
    item.insert("pk".to_owned(), text(order_key(order.id)));
    let partition = |status| text(partition(status, order.id.day(), order.id.shard(shards)));
    item.insert("day_shard".to_owned(), partition(None));
    item.insert("status_day_shard".to_owned(), partition(Some(order.status)));
    item
}

/// The claim of a key: who sends it again with the same body gets `order` until `expires`.
pub(crate) fn claim_item(key_hash: &str, body_hash: &str, order: &Order, expires: SystemTime) -> Attributes {
    named([
        ("pk", text(claim_key(key_hash))),
        ("body_hash", text(body_hash)),
        ("order", AttributeValue::M(order_attributes(order))),
        ("expires_at", seconds(expires)),
    ])
}

/// The body's hash and the order that a claim holds.
pub(crate) fn read_claim(item: &Attributes) -> Result<(&str, Order), Unreadable> {
    let order = read(item, "order", AttributeValue::as_m)?;
    Ok((read_text(item, "body_hash")?, read_order(order)?))
}

/// The order in its own item or in a claim.
pub(crate) fn read_order(item: &Attributes) -> Result<Order, Unreadable> {
    let items = read(item, "items", AttributeValue::as_l)?;
    let items = items.iter().map(|line| line.as_m().map_err(|_| Unreadable("items")).and_then(read_line));
    Ok(Order {
        id: read_text(item, "order_id")?.parse().map_err(|_| Unreadable("order_id"))?,
        status: Status::from_word(read_text(item, "status")?).ok_or(Unreadable("status"))?,
        new: NewOrder {
            customer_id: read_text(item, "customer_id")?.to_owned(),
            items: items.collect::<Result<_, _>>()?,
            note: item.get("note").and_then(|note| note.as_s().ok()).cloned(),
        },
    })
}

/// Whole seconds since 1970, the form DynamoDB's expiry reads.
pub(crate) fn seconds(at: SystemTime) -> AttributeValue {
    AttributeValue::N(at.duration_since(UNIX_EPOCH).unwrap_or_default().as_secs().to_string())
}

pub(crate) fn text(value: impl Into<String>) -> AttributeValue {
    AttributeValue::S(value.into())
}

fn order_attributes(order: &Order) -> Attributes {
    let mut attributes = named([
        ("order_id", text(order.id.to_string())),
        ("status", text(order.status.as_str())),
        ("customer_id", text(&order.new.customer_id)),
        ("items", AttributeValue::L(order.new.items.iter().map(line).collect())),
    ]);
    attributes.extend(order.new.note.as_ref().map(|note| ("note".to_owned(), text(note))));
    attributes
}

fn line(item: &Item) -> AttributeValue {
    AttributeValue::M(named([
        ("sku", text(&item.sku)),
        ("quantity", AttributeValue::N(item.quantity.to_string())),
        ("minor_units", AttributeValue::N(item.unit_price.minor_units.to_string())),
        ("currency", text(&item.unit_price.currency)),
    ]))
}

fn read_line(line: &Attributes) -> Result<Item, Unreadable> {
    Ok(Item {
        sku: read_text(line, "sku")?.to_owned(),
        quantity: read_number(line, "quantity")?,
        unit_price: Money {
            minor_units: read_number(line, "minor_units")?,
            currency: read_text(line, "currency")?.to_owned(),
        },
    })
}

fn named<const N: usize>(attributes: [(&str, AttributeValue); N]) -> Attributes {
    attributes.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
}

/// An attribute, read by one of [`AttributeValue`]'s `as_` methods.
fn read<'a, T: ?Sized, E>(
    item: &'a Attributes,
    name: &'static str,
    read_as: impl Fn(&'a AttributeValue) -> Result<&'a T, E>,
) -> Result<&'a T, Unreadable> {
    item.get(name).and_then(|value| read_as(value).ok()).ok_or(Unreadable(name))
}

fn read_text<'a>(item: &'a Attributes, name: &'static str) -> Result<&'a str, Unreadable> {
    read(item, name, AttributeValue::as_s).map(String::as_str)
}

fn read_number(item: &Attributes, name: &'static str) -> Result<i64, Unreadable> {
    read(item, name, AttributeValue::as_n)?.parse().map_err(|_| Unreadable(name))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn order() -> Order {
        let price = Money { minor_units: 1250, currency: "EUR".to_owned() };
        let item = Item { sku: "ramen".to_owned(), quantity: 2, unit_price: price };
        let id = "01ARZ3NDEKTSV4RRFFQ69G5FAV".parse().expect("an id");
        Order::placed(id, NewOrder { customer_id: "c-1".to_owned(), items: vec![item; 2], note: Some("x".to_owned()) })
    }

    #[test]
    fn orders_and_claims_read_back_as_written() {
        assert_eq!(read_order(&order_item(&order(), 1)).expect("readable"), order());
        let claim = claim_item("k", "b", &order(), UNIX_EPOCH);
        assert_eq!(read_claim(&claim).expect("readable"), ("b", order()));
    }

    #[test]
    fn the_indexes_hold_orders_by_status_day_and_shard_and_no_claims() {
        let item = order_item(&order(), 4);
        assert_eq!(item["pk"], text("order#01ARZ3NDEKTSV4RRFFQ69G5FAV"));
        assert_eq!(item["day_shard"], text("2016-07-30#3"));
        assert_eq!(item["status_day_shard"], text("placed#2016-07-30#3"));
        let claim = claim_item("k", "b", &order(), UNIX_EPOCH);
        assert!(!claim.contains_key("day_shard") && !claim.contains_key("status_day_shard"));
    }

    #[test]
    fn another_shape_is_refused_by_name() {
        for name in ["order_id", "status", "customer_id", "items"] {
            let mut item = order_item(&order(), 1);
            item.insert(name.to_owned(), AttributeValue::Bool(true));
            let refused = read_order(&item).expect_err("unreadable").to_string();
            assert_eq!(refused, format!("the item's `{name}` is missing or unreadable"));
        }
    }
}
