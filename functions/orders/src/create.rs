//! `POST /orders`: places an order, at most once per `Idempotency-Key`.
//!
//! With a key there are two writes. The first claims the key with a condition and stores the order to come inside the claim,
//! so of any number of concurrent duplicates one wins and all learn the same order. The second stores the order itself, unless
//! it is there; every duplicate does it, so a function that died between the two leaves nothing that a retry does not mend.
//! A transaction would do both at once, for twice the price and with conflicts among the duplicates.

use std::time::Duration;

use functions_shared::openapi::{Answer, Operation, Parameter, Place, schema};
use functions_shared::{Mistake, Problem, Reply, Request, Route, Where};
use lambda_http::http::{HeaderName, HeaderValue, StatusCode, header};
use ring::digest::{SHA256, digest};
use schemars::json_schema;

use crate::id::OrderId;
use crate::order::{NewOrder, Order};
use crate::representation::{self, hex, represent, value};
use crate::store::{Claim, Store};

pub const ROUTE: Route = Route { method: "POST", resource: "/orders", name: "POST /orders" };

/// How long a key stands for its first answer.
pub const KEY_LIFETIME: Duration = Duration::from_secs(24 * 60 * 60);
const LONGEST_KEY: usize = 255;
const KEY: &str = "idempotency-key";
/// Says that the answer is an earlier request's.
const REPLAYED: HeaderName = HeaderName::from_static("idempotency-replayed");

/// What the OpenAPI document says of it.
#[must_use]
pub fn operation() -> Operation {
    let description = "Requests with one key and one body place one order and get one answer, for 24 hours";
    let key = json_schema!({"type": "string", "minLength": 1, "maxLength": LONGEST_KEY});
    Operation {
        route: ROUTE,
        id: "createOrder",
        summary: "Place an order",
        parameters: vec![Parameter { name: "Idempotency-Key", place: Place::Header, description, schema: key }],
        body: Some(schema::<NewOrder>()),
        answers: vec![
            Answer::json::<Order>(201, "The order was placed, now or by an earlier request with the same key")
                .with(&[("Location", "The order's path"), ("ETag", "The order's version")]),
            Answer::problem(413, "The body is too long"),
            Answer::problem(415, "The body is not JSON"),
            Answer::problem(422, "The key was used before with another order"),
        ],
    }
}

/// # Errors
/// 415, 413, 400 for what is wrong with the request; 422 for a key used before with another body; 503 when the table does not
/// answer.
pub async fn handle(store: &Store, request: &Request) -> Result<Reply, Problem> {
    request.require_json()?;
    let (key, new) = read(request)?;
    let id = OrderId::new(request.at).map_err(|_| Problem::internal("no randomness"))?;
    let order = Order::placed(id, new);
    let first = match key {
        Some(key) => claim(store, request, key, order).await?,
        None => order,
    };
    store.put(&first).await?;
    created(request, &first, first.id != id)
}

/// The key and the order, or all that is wrong with both.
fn read(request: &Request) -> Result<(Option<&str>, NewOrder), Problem> {
    let new = NewOrder::read(&request.body)?;
    match (key(request), new) {
        (Ok(key), Ok(new)) => Ok((key, new)),
        (key, new) => {
            let mistakes = key.err().into_iter().chain(new.err().into_iter().flatten()).collect();
            Err(Problem::invalid("invalid-order", "the order was not placed; `errors` says why", mistakes))
        }
    }
}

fn key(request: &Request) -> Result<Option<&str>, Mistake> {
    let key = request.header(KEY)?;
    if key.is_some_and(|key| key.is_empty() || key.len() > LONGEST_KEY) {
        return Err(Mistake::new(Where::Header(KEY), format!("must have 1 to {LONGEST_KEY} characters")));
    }
    Ok(key)
}

/// The order that the key stands for: the given one, or an earlier request's.
async fn claim(store: &Store, request: &Request, key: &str, order: Order) -> Result<Order, Problem> {
    let body = representation::json(&order.new)?;
    let [key_hash, body_hash] = [key, body.body()].map(|text| hex(&digest(&SHA256, text.as_bytes())));
    let expires = request.at + KEY_LIFETIME;
    match store.claim(&key_hash, &body_hash, &order, request.at, expires).await? {
        Claim::Free => Ok(order),
        Claim::Again(first) => Ok(first),
        Claim::OtherBody => {
            let detail = "the `Idempotency-Key` was used before with another order";
            Err(Problem::new(StatusCode::UNPROCESSABLE_ENTITY, "key-reused", detail))
        }
    }
}

/// 201, with the order's address under the path that the caller used.
fn created(request: &Request, order: &Order, replayed: bool) -> Result<Reply, Problem> {
    let mut reply = represent(order, StatusCode::CREATED)?;
    let headers = reply.headers_mut();
    headers.insert(header::LOCATION, value(&format!("{}/{}", request.path.trim_end_matches('/'), order.id))?);
    if replayed {
        headers.insert(REPLAYED, HeaderValue::from_static("true"));
    }
    Ok(reply)
}
