//! A table as `service.toml` declares it, and calls of the functions on it.

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::LazyLock;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use aws_credential_types::Credentials;
use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::types::{
    AttributeDefinition, BillingMode, GlobalSecondaryIndex, KeySchemaElement, KeyType, Projection, ProjectionType,
    ScalarAttributeType,
};
use functions_shared::dynamodb::{Access, Preconnect};
use functions_shared::trust::Trust;
use functions_shared::xray::Segments;
use functions_shared::{Reply, answer};
use lambda_http::Context;
use local::emulator::Emulator;
use orders::id::OrderId;
use orders::order::{Item, Money, NewOrder, Order};
use orders::store::Store;
use orders::{create, get, list};
use serde_json::{Value, json};

use crate::contract;

const SERVICE: &str = include_str!("../../../../microservice-accounts/food/service.toml");

/// Where the emulator answers: one for all tests, found again by the next run.
pub(crate) fn endpoint() -> &'static str {
    static ENDPOINT: LazyLock<String> = LazyLock::new(|| {
        let state = Path::new(env!("CARGO_TARGET_TMPDIR")).join("emulator");
        Emulator::ensure(&state, |_| ()).expect("an emulator").endpoint()
    });
    &ENDPOINT
}

pub(crate) fn client(endpoint: &str) -> Client {
    traced_client(endpoint, None)
}

/// One whose calls are traced.
pub(crate) fn traced_client(endpoint: &str, segments: Option<Segments>) -> Client {
    Access {
        region: "eu-west-1".to_owned(),
        credentials: Credentials::new("test", "test", None, None, "test"),
        endpoint: Some(endpoint.to_owned()),
        trust: Trust::Pinned,
        preconnect: Preconnect::Off,
        segments,
    }
    .client()
}

/// A store over a table of its own.
pub(crate) async fn store(shards: u8) -> Store {
    static TABLES: AtomicU32 = AtomicU32::new(0);
    let now = SystemTime::now().duration_since(UNIX_EPOCH).expect("after 1970").as_nanos();
    let table = format!("orders-{now}-{}", TABLES.fetch_add(1, Ordering::Relaxed));
    let client = client(endpoint());
    create_table(&client, &table).await;
    Store { client, table, shards }
}

/// Makes the table with the keys and the index that the service declares, so that code and declaration cannot part.
async fn create_table(client: &Client, name: &str) {
    let service: toml::Table = toml::from_str(SERVICE).expect("TOML");
    let table = &service["tables"]["orders"];
    let mut call = client.create_table().table_name(name).billing_mode(BillingMode::PayPerRequest);
    let mut names: BTreeSet<String> = BTreeSet::new();
    for (name, kind) in keys(table) {
        call = call.key_schema(schema(&name, kind));
        names.insert(name);
    }
    for (index, declared) in table["indexes"].as_table().expect("indexes") {
        let all = Projection::builder().projection_type(ProjectionType::All).build();
        let mut built = GlobalSecondaryIndex::builder().index_name(index).projection(all);
        for (name, kind) in keys(declared) {
            built = built.key_schema(schema(&name, kind));
            names.insert(name);
        }
        call = call.global_secondary_indexes(built.build().expect("an index"));
    }
    let definitions = names.iter().map(|name| definition(name)).collect();
    call.set_attribute_definitions(Some(definitions)).send().await.expect("a table");
}

fn keys(declared: &toml::Value) -> Vec<(String, KeyType)> {
    let kinds = [("partition_key", KeyType::Hash), ("sort_key", KeyType::Range)];
    let key = |(field, kind)| declared.get(field).map(|key| (key["name"].as_str().expect("a name").to_owned(), kind));
    kinds.into_iter().filter_map(key).collect()
}

fn definition(name: &str) -> AttributeDefinition {
    let built = AttributeDefinition::builder().attribute_name(name).attribute_type(ScalarAttributeType::S);
    built.build().expect("an attribute")
}

fn schema(name: &str, kind: KeyType) -> KeySchemaElement {
    KeySchemaElement::builder().attribute_name(name).key_type(kind).build().expect("a key")
}

/// A call that Lambda gives `left` to finish.
pub(crate) fn context(left: Duration) -> Context {
    let deadline = (SystemTime::now() + left).duration_since(UNIX_EPOCH).expect("after 1970");
    let mut context = Context::default();
    context.request_id = "invocation-1".to_owned();
    context.deadline = u64::try_from(deadline.as_millis()).expect("fits");
    context
}

/// Sends an event to the function whose route it names.
pub(crate) async fn send(store: &Store, event: &Value) -> Reply {
    send_within(Duration::from_secs(30), store, event).await
}

/// Every answer is one that the OpenAPI document promises.
pub(crate) async fn send_within(left: Duration, store: &Store, event: &Value) -> Reply {
    let (event, context) = (event.to_string(), &context(left));
    let (route, reply) = if event.contains(r#""httpMethod":"POST""#) {
        let handle = async |request| create::handle(store, &request).await;
        (create::ROUTE, answer(create::ROUTE, handle, &event, context, false).await)
    } else if event.contains("{orderId}") {
        let handle = async |request| get::handle(store, &request).await;
        (get::ROUTE, answer(get::ROUTE, handle, &event, context, false).await)
    } else {
        let handle = async |request| list::handle(store, &request).await;
        (list::ROUTE, answer(list::ROUTE, handle, &event, context, false).await)
    };
    contract::assert_promised(route, &reply);
    reply
}

/// A recorded event from `tests/events`.
pub(crate) fn recorded(name: &str) -> Value {
    let path = format!("{}/tests/events/{name}.json", env!("CARGO_MANIFEST_DIR"));
    let text = std::fs::read_to_string(&path).expect("an event in tests/events");
    serde_json::from_str(&text).expect("JSON")
}

/// `POST /orders` with these headers.
pub(crate) fn post(body: &str, headers: &[(&str, &str)]) -> Value {
    let mut event = recorded("create");
    event["body"] = body.into();
    for (name, value) in headers {
        event["headers"][name] = (*value).into();
        event["multiValueHeaders"][name] = json!([value]);
    }
    event
}

/// `GET /orders` with these query parameters.
pub(crate) fn page(query: &[(&str, &str)]) -> Value {
    let mut event = recorded("list");
    let values: serde_json::Map<_, _> =
        query.iter().map(|(name, value)| ((*name).to_owned(), json!([value]))).collect();
    event["queryStringParameters"] = Value::Null;
    event["multiValueQueryStringParameters"] = values.into();
    event
}

/// `GET /orders/{orderId}`.
pub(crate) fn one(id: &str, headers: Value) -> Value {
    let mut event = recorded("get");
    event["pathParameters"]["orderId"] = id.into();
    event["multiValueHeaders"] = headers;
    event
}

pub(crate) fn json(reply: &Reply) -> Value {
    serde_json::from_str(reply.body()).expect("a JSON body")
}

pub(crate) fn header<'r>(reply: &'r Reply, name: &str) -> &'r str {
    reply.headers().get(name).map_or("", |value| value.to_str().expect("ASCII"))
}

/// The status and the problem's code.
pub(crate) fn problem(reply: &Reply) -> (u16, String) {
    assert_eq!(header(reply, "content-type"), "application/problem+json");
    let body = json(reply);
    assert_eq!(body["request_id"], header(reply, "x-request-id"), "the body names the request too");
    (reply.status().as_u16(), body["code"].as_str().expect("a code").to_owned())
}

/// A valid body.
pub(crate) fn body() -> String {
    recorded("create")["body"].as_str().expect("a body").to_owned()
}

/// An order placed at `at`.
pub(crate) fn order(at: SystemTime) -> Order {
    let unit_price = Money { minor_units: 1, currency: "EUR".to_owned() };
    let item = Item { sku: "a".to_owned(), quantity: 1, unit_price };
    let new = NewOrder { customer_id: "c".to_owned(), items: vec![item], note: None };
    Order::placed(OrderId::new(at).expect("randomness"), new)
}
