//! The OpenAPI document is the types', and what it says of bodies is what the functions do with them.

use jsonschema::Validator;
use orders::order::NewOrder;
use proptest::prelude::*;
use serde_json::{Value, json};

/// The schema of a component, with the others where its references find them.
fn component(name: &str) -> Validator {
    let document = orders::openapi();
    let schema = json!({"$ref": format!("#/components/schemas/{name}"), "components": document["components"]});
    jsonschema::validator_for(&schema).expect("a sound schema")
}

#[test]
fn the_file_is_up_to_date() {
    let file: Value = serde_json::from_str(include_str!("../openapi.json")).expect("JSON");
    let command = "cargo run -p orders --example openapi >functions/orders/openapi.json";
    assert!(file == orders::openapi(), "functions/orders/openapi.json is old: {command}");
}

/// Values that are good, and values that are wrong in one way or another.
fn text() -> impl Strategy<Value = Value> {
    prop_oneof![
        4 => "[A-Za-z0-9._-]{1,64}".prop_map(Value::from),
        1 => "\\PC{0,70}".prop_map(Value::from),
        1 => any::<String>().prop_map(Value::from),
        1 => Just(Value::Null),
    ]
}

fn number() -> impl Strategy<Value = Value> {
    prop_oneof![
        4 => (1..1_000_i64).prop_map(Value::from),
        1 => any::<i64>().prop_map(Value::from),
        1 => any::<f64>().prop_map(Value::from),
        1 => Just(json!("1")),
    ]
}

fn currency() -> impl Strategy<Value = Value> {
    prop_oneof![6 => Just(json!("EUR")), 1 => "[A-Za-z]{2,4}".prop_map(Value::from)]
}

fn item() -> impl Strategy<Value = Value> {
    (text(), number(), number(), currency()).prop_map(|(sku, quantity, minor_units, currency)| {
        json!({"sku": sku, "quantity": quantity, "unit_price": {"minor_units": minor_units, "currency": currency}})
    })
}

fn body() -> impl Strategy<Value = Value> {
    let items = prop_oneof![5 => prop::collection::vec(item(), 0..3), 1 => prop::collection::vec(item(), 49..52)];
    let more = prop::option::weighted(0.1, Just("more"));
    (text(), items, prop::option::of(text()), more).prop_map(|(customer, items, note, more)| {
        let mut body = json!({"customer_id": customer, "items": items});
        body.as_object_mut().expect("an object").extend(note.map(|note| ("note".to_owned(), note)));
        body.as_object_mut().expect("an object").extend(more.map(|more| (more.to_owned(), json!(1))));
        body
    })
}

/// What the schema cannot say.
fn has_one_currency(body: &Value) -> bool {
    let items = body["items"].as_array().expect("a list");
    items.iter().all(|item| item["unit_price"]["currency"] == items[0]["unit_price"]["currency"])
}

/// For the schema 1.0 is a whole number; the functions take no such thing.
fn has_whole_numbers(body: &Value) -> bool {
    match body {
        Value::Number(number) => !number.is_f64(),
        Value::Array(values) => values.iter().all(has_whole_numbers),
        Value::Object(fields) => fields.values().all(has_whole_numbers),
        _ => true,
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, cases: 64, ..ProptestConfig::default() })]

    #[test]
    fn the_schema_takes_what_the_function_takes(bodies in prop::collection::vec(body(), 20)) {
        let schema = component("NewOrder");
        for body in bodies.iter().filter(|body| has_whole_numbers(body)) {
            let read = NewOrder::read(body.to_string().as_bytes()).expect("JSON");
            let is_good = schema.is_valid(body) && has_one_currency(body);
            prop_assert_eq!(read.is_ok(), is_good, "{}: {:?}", body, read);
        }
    }
}
