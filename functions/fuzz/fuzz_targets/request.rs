//! Events as the fuzzer draws them: near to real ones, so that it gets behind the first check, or anything at all.

use arbitrary::Arbitrary;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Map, Value, json};

#[derive(Arbitrary, Debug)]
pub(crate) enum Input {
    /// Not even JSON, perhaps.
    Raw(String),
    Request(Box<Request>),
}

#[derive(Arbitrary, Debug)]
pub(crate) struct Request {
    route: Route,
    headers: Vec<(Header, String)>,
    query: Vec<(Parameter, String)>,
    path: Option<String>,
    body: Body,
    is_single: bool,
}

#[derive(Arbitrary, Debug)]
enum Route {
    Create,
    List,
    Get,
    Other(String, String),
}

#[derive(Arbitrary, Debug)]
enum Header {
    ContentType,
    IdempotencyKey,
    IfNoneMatch,
    Other(String),
}

#[derive(Arbitrary, Debug)]
enum Parameter {
    Cursor,
    Day,
    Limit,
    OrderId,
    Status,
    Other(String),
}

#[derive(Arbitrary, Debug)]
enum Body {
    Nothing,
    Text(String),
    Bytes(Vec<u8>),
    /// Says that it is base 64 and may not be.
    NotBase64(String),
    Order(Order),
    Deep(u16),
}

#[derive(Arbitrary, Debug)]
struct Order {
    customer: String,
    items: Vec<(String, i64, i64, String)>,
    note: Option<String>,
    is_good: bool,
    repeats: bool,
}

impl Input {
    pub(crate) fn event(&self) -> String {
        match self {
            Self::Raw(text) => text.clone(),
            Self::Request(request) => request.event().to_string(),
        }
    }
}

impl Request {
    fn event(&self) -> Value {
        let (method, resource) = match &self.route {
            Route::Create => ("POST", "/orders"),
            Route::List => ("GET", "/orders"),
            Route::Get => ("GET", "/orders/{orderId}"),
            Route::Other(method, resource) => (method.as_str(), resource.as_str()),
        };
        let (body, is_base64) = self.body.written();
        let headers = many(self.headers.iter().map(|(name, value)| (name.text(), value)));
        let query = many(self.query.iter().map(|(name, value)| (name.text(), value)));
        let path = self.path.as_deref().unwrap_or("/orders");
        let mut event = json!({
            "resource": resource, "path": path, "httpMethod": method, "body": body, "isBase64Encoded": is_base64,
            "multiValueHeaders": headers, "multiValueQueryStringParameters": query,
            "pathParameters": one(self.query.iter().map(|(name, value)| (name.text(), value))),
            "requestContext": {"httpMethod": method, "requestId": "r-1", "path": path},
        });
        if self.is_single {
            event["headers"] = one(self.headers.iter().map(|(name, value)| (name.text(), value)));
            event["multiValueHeaders"] = Value::Null;
        }
        event
    }
}

/// A map from names to all their values.
fn many<'a>(pairs: impl Iterator<Item = (&'a str, &'a String)>) -> Value {
    let mut map: Map<String, Value> = Map::new();
    for (name, value) in pairs {
        let values = map.entry(name).or_insert_with(|| json!([]));
        values.as_array_mut().expect("it was put as a list").push(value.as_str().into());
    }
    map.into()
}

/// A map from names to their last values.
fn one<'a>(pairs: impl Iterator<Item = (&'a str, &'a String)>) -> Value {
    pairs.map(|(name, value)| (name.to_owned(), Value::from(value.as_str()))).collect::<Map<_, _>>().into()
}

impl Header {
    fn text(&self) -> &str {
        match self {
            Self::ContentType => "content-type",
            Self::IdempotencyKey => "idempotency-key",
            Self::IfNoneMatch => "if-none-match",
            Self::Other(name) => name,
        }
    }
}

impl Parameter {
    fn text(&self) -> &str {
        match self {
            Self::Cursor => "cursor",
            Self::Day => "day",
            Self::Limit => "limit",
            Self::OrderId => "orderId",
            Self::Status => "status",
            Self::Other(name) => name,
        }
    }
}

impl Body {
    /// The body as the event has it, and whether it claims to be base 64.
    fn written(&self) -> (Value, bool) {
        match self {
            Self::Nothing => (Value::Null, false),
            Self::Text(text) => (text.as_str().into(), false),
            Self::Bytes(bytes) => (STANDARD.encode(bytes).into(), true),
            Self::NotBase64(text) => (text.as_str().into(), true),
            Self::Order(order) => (order.written().into(), false),
            Self::Deep(levels) => ("[".repeat(usize::from(*levels)).into(), false),
        }
    }
}

impl Order {
    fn written(&self) -> String {
        let text = |drawn: &str, good: &str| if self.is_good { good.to_owned() } else { drawn.to_owned() };
        let number = |drawn: i64| if self.is_good { drawn.rem_euclid(1000) + 1 } else { drawn };
        let item = |(sku, quantity, price, currency): &(String, i64, i64, String)| {
            let price = json!({"minor_units": number(*price), "currency": text(currency, "EUR")});
            json!({"sku": text(sku, "ramen"), "quantity": number(*quantity), "unit_price": price})
        };
        let items: Vec<Value> = self.items.iter().map(item).collect();
        let order = json!({"customer_id": text(&self.customer, "c-1"), "items": items, "note": self.note});
        let order = order.to_string();
        // A key that is there twice.
        if self.repeats { order.replacen('{', "{\"note\":\"twice\",", 1) } else { order }
    }
}
