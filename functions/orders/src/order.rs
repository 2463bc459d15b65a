//! Orders: what a caller sends, and what is made of it.

use std::borrow::Cow;

use functions_shared::check::{Check, Field, TextRule};
use functions_shared::json::Json;
use functions_shared::{Mistake, Problem, log};
use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::Serialize;

use crate::id::OrderId;

/// Lines of one order.
pub const MOST_ITEMS: usize = 50;
/// Pieces of one line.
pub const MOST_PIECES: i64 = 1_000;
/// Minor units (cents) of one piece. With the limits above a total stays far below 2^53, the last integer JSON is sure of.
pub const HIGHEST_PRICE: i64 = 100_000_000;
const HIGHEST_TOTAL: i64 = HIGHEST_PRICE * MOST_PIECES * MOST_ITEMS as i64;

const NAME: TextRule = TextRule {
    length: (1, 64),
    allows: |c| c.is_ascii_alphanumeric() || "._-".contains(c),
    characters: "letters, digits, `.`, `_` and `-`",
    class: "[A-Za-z0-9._-]",
};
const NOTE: TextRule = TextRule {
    length: (1, 500),
    allows: |c| c == '\n' || !c.is_control(),
    characters: "printable characters and line feeds",
    class: r"[^\x00-\x09\x0B-\x1F\x7F-\x9F]",
};
const CURRENCY: TextRule = TextRule {
    length: (3, 3),
    allows: |c| c.is_ascii_uppercase(),
    characters: "the letters of an ISO 4217 code, such as `EUR`",
    class: "[A-Z]",
};

/// What a caller asks for, checked. Serialised, it is the same for bodies that differ in white space and order of keys only.
#[derive(Clone, Debug, PartialEq, Eq, JsonSchema, Serialize)]
#[schemars(deny_unknown_fields, description = "What a caller asks for.")]
pub struct NewOrder {
    /// The caller's own, pseudonymous id of the customer.
    #[schemars(schema_with = "name_schema")]
    pub customer_id: String,
    /// All in one currency.
    #[schemars(length(min = 1, max = MOST_ITEMS))]
    pub items: Vec<Item>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(schema_with = "note_schema")]
    pub note: Option<String>,
}

/// One line of an order.
#[derive(Clone, Debug, PartialEq, Eq, JsonSchema, Serialize)]
#[schemars(deny_unknown_fields)]
pub struct Item {
    #[schemars(schema_with = "name_schema")]
    pub sku: String,
    #[schemars(range(min = 1, max = MOST_PIECES))]
    pub quantity: i64,
    /// The price of one piece.
    pub unit_price: Money,
}

/// An amount in the currency's smallest unit: 12.50 EUR is 1250 minor units.
#[derive(Clone, Debug, PartialEq, Eq, JsonSchema, Serialize)]
#[schemars(deny_unknown_fields)]
pub struct Money {
    #[schemars(range(min = 0, max = HIGHEST_PRICE))]
    pub minor_units: i64,
    #[schemars(schema_with = "currency_schema")]
    pub currency: String,
}

// Orders are placed here; whoever moves them on rewrites `status_day_shard` as well (`item.rs`).
/// How far an order has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, JsonSchema, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Status {
    Placed,
    Shipped,
    Cancelled,
}

/// An order as it is stored and answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Order {
    pub id: OrderId,
    pub status: Status,
    pub new: NewOrder,
}

/// The wire form of an [`Order`].
#[derive(JsonSchema, Serialize)]
#[schemars(rename = "Order", description = "An order that was placed.")]
struct Document<'a> {
    order_id: OrderId,
    status: Status,
    /// RFC 3339, to the millisecond.
    created_at: String,
    /// The sum over all items.
    #[schemars(schema_with = "total_schema")]
    total: Money,
    customer_id: &'a str,
    items: &'a [Item],
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "String")]
    note: Option<&'a str>,
}

impl NewOrder {
    /// Reads a body and all that is wrong with it.
    ///
    /// # Errors
    /// A problem with status 400 when it is no JSON; else every mistake in it.
    pub fn read(body: &[u8]) -> Result<Result<Self, Vec<Mistake>>, Problem> {
        let json = Json::parse(body).map_err(|(line, column)| {
            Problem::invalid(
                "invalid-json",
                &format!("the body is not valid JSON (line {line}, column {column})"),
                vec![],
            )
        })?;
        let mut check = Check::default();
        let order = new_order(&mut check, &Field::root(&json));
        Ok(order.filter(|_| check.mistakes.is_empty()).ok_or(check.mistakes))
    }

    /// The sum over all lines.
    #[must_use]
    pub fn total(&self) -> Money {
        let minor_units = self.items.iter().map(|item| item.quantity * item.unit_price.minor_units).sum();
        let currency = self.items.first().map(|item| item.unit_price.currency.clone()).unwrap_or_default();
        Money { minor_units, currency }
    }
}

fn name_schema(_: &mut SchemaGenerator) -> Schema {
    NAME.schema()
}

fn note_schema(_: &mut SchemaGenerator) -> Schema {
    NOTE.schema()
}

fn currency_schema(_: &mut SchemaGenerator) -> Schema {
    CURRENCY.schema()
}

/// Money, but more than one piece may cost.
fn total_schema(generator: &mut SchemaGenerator) -> Schema {
    let mut schema = Money::json_schema(generator);
    schema.pointer_mut("/properties/minor_units").expect("a field of money")["maximum"] = HIGHEST_TOTAL.into();
    schema
}

fn new_order(check: &mut Check, body: &Field) -> Option<NewOrder> {
    let fields = check.object(body, &["customer_id", "items", "note"])?;
    let customer_id = check.text(&fields.get("customer_id"), NAME);
    let items = items(check, &fields.get("items"));
    let note = fields.optional("note").and_then(|note| check.text(&note, NOTE));
    Some(NewOrder { customer_id: customer_id?, items: items?, note })
}

fn items(check: &mut Check, list: &Field) -> Option<Vec<Item>> {
    let fields = check.list(list, 1..=MOST_ITEMS)?;
    let items: Vec<_> = fields.iter().map(|field| item(check, field)).collect();
    let items = items.into_iter().collect::<Option<Vec<_>>>()?;
    for (field, item) in fields.iter().zip(&items) {
        if item.unit_price.currency != items[0].unit_price.currency {
            check.refuse(&format!("{}/unit_price/currency", field.pointer), "must be the same for all items");
        }
    }
    Some(items)
}

fn item(check: &mut Check, field: &Field) -> Option<Item> {
    let fields = check.object(field, &["sku", "quantity", "unit_price"])?;
    let sku = check.text(&fields.get("sku"), NAME);
    let quantity = check.integer(&fields.get("quantity"), 1..=MOST_PIECES);
    let unit_price = money(check, &fields.get("unit_price"));
    Some(Item { sku: sku?, quantity: quantity?, unit_price: unit_price? })
}

fn money(check: &mut Check, field: &Field) -> Option<Money> {
    let fields = check.object(field, &["minor_units", "currency"])?;
    let minor_units = check.integer(&fields.get("minor_units"), 0..=HIGHEST_PRICE);
    let currency = check.text(&fields.get("currency"), CURRENCY);
    Some(Money { minor_units: minor_units?, currency: currency? })
}

impl Status {
    pub const ALL: [Self; 3] = [Self::Placed, Self::Shipped, Self::Cancelled];

    /// The word it is stored and answered as.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Placed => "placed",
            Self::Shipped => "shipped",
            Self::Cancelled => "cancelled",
        }
    }

    #[must_use]
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|status| status.as_str() == word)
    }
}

impl Order {
    #[must_use]
    pub fn placed(id: OrderId, new: NewOrder) -> Self {
        Self { id, status: Status::Placed, new }
    }
}

impl JsonSchema for Order {
    fn schema_name() -> Cow<'static, str> {
        Document::schema_name()
    }

    fn json_schema(schemas: &mut SchemaGenerator) -> Schema {
        Document::json_schema(schemas)
    }
}

impl Serialize for Order {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        Document {
            order_id: self.id,
            status: self.status,
            created_at: log::timestamp(self.id.time()),
            total: self.new.total(),
            customer_id: &self.new.customer_id,
            items: &self.new.items,
            note: self.new.note.as_deref(),
        }
        .serialize(serializer)
    }
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, UNIX_EPOCH};

    use functions_shared::Where;
    use serde_json::{Value, json};

    use super::*;

    fn good() -> Value {
        let price = json!({ "minor_units": 1250, "currency": "EUR" });
        json!({ "customer_id": "c-1", "items": [{ "sku": "ramen", "quantity": 2, "unit_price": price }], "note": "spicy" })
    }

    fn read(body: &Value) -> Result<NewOrder, Vec<String>> {
        let read = NewOrder::read(body.to_string().as_bytes()).expect("JSON");
        read.map_err(|mistakes| mistakes.into_iter().map(text).collect())
    }

    fn text(mistake: Mistake) -> String {
        match mistake.at {
            Where::Pointer(pointer) => format!("{pointer} {}", mistake.detail),
            other => panic!("a body's mistake is a pointer, not {other:?}"),
        }
    }

    #[test]
    fn an_order_is_answered_with_its_total_and_time() {
        let id = OrderId::from_parts(UNIX_EPOCH + Duration::from_millis(1_469_922_850_259), 7);
        let order = Order::placed(id, read(&good()).expect("good"));
        assert_eq!(
            serde_json::to_value(order).expect("JSON"),
            json!({
                "order_id": "01ARZ3NDEK0000000000000007", "status": "placed", "created_at": "2016-07-30T23:54:10.259Z",
                "total": { "minor_units": 2500, "currency": "EUR" }, "customer_id": "c-1", "note": "spicy",
                "items": [{ "sku": "ramen", "quantity": 2, "unit_price": { "minor_units": 1250, "currency": "EUR" } }],
            })
        );
    }

    #[test]
    fn each_mistake_is_named() {
        let long = "x".repeat(65);
        let cases = [
            ("/customer_id", json!(long), "/customer_id must have 1 to 64 characters"),
            ("/customer_id", json!("a b"), "/customer_id may only contain letters, digits, `.`, `_` and `-`"),
            ("/note", json!("\u{7}"), "/note may only contain printable characters and line feeds"),
            ("/note", Value::Null, "/note must be a string"),
            ("/items", json!([]), "/items must have 1 to 50 entries"),
            ("/items", json!(vec![0; 51]), "/items must have 1 to 50 entries"),
            ("/items/0/quantity", json!(0), "/items/0/quantity must be a whole number from 1 to 1000"),
            ("/items/0/quantity", json!(1.0), "/items/0/quantity must be a whole number from 1 to 1000"),
            ("/items/0/quantity", json!("1"), "/items/0/quantity must be a whole number from 1 to 1000"),
            (
                "/items/0/unit_price/minor_units",
                json!(-1),
                "/items/0/unit_price/minor_units must be a whole number from 0 to 100000000",
            ),
            (
                "/items/0/unit_price/currency",
                json!("eur"),
                "/items/0/unit_price/currency may only contain the letters of an ISO 4217 code, such as `EUR`",
            ),
        ];
        for (pointer, value, said) in cases {
            let mut body = good();
            *body.pointer_mut(pointer).expect("in the body") = value;
            assert_eq!(read(&body), Err(vec![said.to_owned()]));
        }
    }

    #[test]
    fn all_mistakes_are_named_together() {
        let price = |currency| json!({ "minor_units": 1, "currency": currency });
        let item = |currency| json!({ "sku": "a", "quantity": 1, "unit_price": price(currency) });
        assert_eq!(
            read(&json!({ "items": [item("EUR"), item("USD")], "nope": 1, "note": "" })),
            Err(vec![
                "/nope is not known".to_owned(),
                "/customer_id is required".to_owned(),
                "/items/1/unit_price/currency must be the same for all items".to_owned(),
                "/note must have 1 to 500 characters".to_owned(),
            ])
        );
    }

    #[test]
    fn the_largest_order_has_an_exact_total() {
        let price = Money { minor_units: HIGHEST_PRICE, currency: "EUR".to_owned() };
        let item = Item { sku: "a".to_owned(), quantity: MOST_PIECES, unit_price: price };
        let new = NewOrder { customer_id: "c".to_owned(), items: vec![item; MOST_ITEMS], note: None };
        assert_eq!(new.total().minor_units, 5_000_000_000_000);
    }

    #[test]
    fn what_is_no_json_is_a_problem_that_says_where() {
        let problem = NewOrder::read(b"{\n\"items\": ?").expect_err("not JSON");
        assert_eq!(problem.detail, "the body is not valid JSON (line 2, column 10)");
    }
}
