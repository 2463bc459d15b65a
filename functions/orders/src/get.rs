//! `GET /orders/{orderId}`: one order, or 304 when the caller's copy is still good.

use functions_shared::openapi::{Answer, Content, Operation, Parameter, Place};
use functions_shared::{Mistake, Problem, Reply, Request, Route};
use lambda_http::http::{HeaderValue, StatusCode, header};
use schemars::json_schema;

use crate::id::OrderId;
use crate::order::Order;
use crate::representation::represent;
use crate::store::Store;

pub const ROUTE: Route = Route { method: "GET", resource: "/orders/{orderId}", name: "GET /orders/{orderId}" };

/// What the OpenAPI document says of it.
#[must_use]
pub fn operation() -> Operation {
    let tags = "Entity tags of copies that the caller has";
    Operation {
        route: ROUTE,
        id: "getOrder",
        summary: "Read an order",
        parameters: vec![
            Parameter { name: "orderId", place: Place::Path, description: "The order's id", schema: OrderId::schema() },
            Parameter {
                name: "If-None-Match",
                place: Place::Header,
                description: tags,
                schema: json_schema!({"type": "string"}),
            },
        ],
        body: None,
        answers: vec![
            Answer::json::<Order>(200, "The order").with(&[("ETag", "The order's version")]),
            Answer { body: Content::Nothing, ..Answer::problem(304, "The caller's copy is still good") },
            Answer::problem(404, "There is no such order"),
        ],
    }
}

/// # Errors
/// 400 for what is no id, 404 for an order that is not there, 503 when the table does not answer.
pub async fn handle(store: &Store, request: &Request) -> Result<Reply, Problem> {
    let id: OrderId = request.path_parameter("orderId").parse().map_err(|error| {
        let mistake = Mistake::parameter("orderId", format!("{error}"));
        Problem::invalid("invalid-id", "the path does not end in an order id", vec![mistake])
    })?;
    let missing = || Problem::new(StatusCode::NOT_FOUND, "no-such-order", format!("there is no order `{id}`"));
    let order = store.get(id).await?.ok_or_else(missing)?;
    let mut reply = represent(&order, StatusCode::OK)?;
    if has(request, &reply.headers()[header::ETAG]) {
        reply.body_mut().clear();
        reply.headers_mut().remove(header::CONTENT_TYPE);
        *reply.status_mut() = StatusCode::NOT_MODIFIED;
    }
    Ok(reply)
}

/// Whether `If-None-Match`, in one header or several, lists the tag or `*`. Weak tags match too (RFC 9110, 13.1.2).
fn has(request: &Request, tag: &HeaderValue) -> bool {
    let listed = request.headers().get_all(header::IF_NONE_MATCH).iter().filter_map(|value| value.to_str().ok());
    let mut tags = listed.flat_map(|value| value.split(',')).map(str::trim);
    tags.any(|listed| listed == "*" || listed.strip_prefix("W/").unwrap_or(listed).as_bytes() == tag.as_bytes())
}
