//! `GET /orders`: newest first, page by page, from an index of one partition per day and shard.
//!
//! A page asks for the newest day, then for the 2, 4, 8 and 16 before it until it is full: a busy table answers from one
//! partition, an idle one in five rounds. Without `day` a list reaches [`LOOKBACK`] days back.
//!
//! A page goes on strictly below the last id of the one before it, and ids never change. So whatever is written meanwhile, each
//! order that was in the index when the first page was read is in exactly one page.

use std::time::Duration;

use functions_shared::openapi::{Answer, Operation, Parameter, Place};
use functions_shared::{Mistake, Problem, Reply, Request, Route};
use schemars::{JsonSchema, Schema, json_schema};
use serde::Serialize;

use crate::cursor::Cursor;
use crate::day::Day;
use crate::id::OrderId;
use crate::order::{Order, Status};
use crate::representation::json;
use crate::store::{Store, StoreError};

pub const ROUTE: Route = Route { method: "GET", resource: "/orders", name: "GET /orders" };

/// Days that a list without `day` covers, today included.
pub const LOOKBACK: u16 = 31;
const DEFAULT_LIMIT: usize = 20;
const HIGHEST_LIMIT: usize = 100;
/// How far the clock of a function that placed an order may be ahead of ours.
const CLOCKS: Duration = Duration::from_secs(5 * 60);

/// A page.
#[derive(JsonSchema, Serialize)]
struct Page<'a> {
    orders: &'a [Order],
    /// The `cursor` of the next page; null on the last.
    next: Option<String>,
}

/// What a caller asks for.
struct Query<'r> {
    limit: usize,
    day: Option<Day>,
    status: Option<Status>,
    cursor: Option<&'r str>,
}

/// The part of the list that is still to be read.
struct Rest {
    newest: Day,
    floor: Day,
    before: Option<OrderId>,
}

/// What the OpenAPI document says of it.
#[must_use]
pub fn operation() -> Operation {
    let parameter = |name, description, schema: Schema| Parameter { name, place: Place::Query, description, schema };
    let limit = json_schema!({"type": "integer", "minimum": 1, "maximum": HIGHEST_LIMIT, "default": DEFAULT_LIMIT});
    let statuses: Vec<&str> = Status::ALL.map(Status::as_str).to_vec();
    Operation {
        route: ROUTE,
        id: "listOrders",
        summary: "List orders, newest first",
        parameters: vec![
            parameter("limit", "Orders on a page", limit),
            parameter("cursor", "The `next` of the page before", json_schema!({"type": "string"})),
            parameter("day", "Only orders placed on this UTC day", Day::schema()),
            parameter(
                "status",
                "Only orders that have come this far",
                json_schema!({"type": "string", "enum": statuses}),
            ),
        ],
        body: None,
        answers: vec![Answer::json::<Page<'static>>(200, "A page of orders")],
    }
}

/// # Errors
/// 400 for what is wrong with the query, 503 when the table does not answer.
pub async fn handle(store: &Store, request: &Request) -> Result<Reply, Problem> {
    let query = read(request).map_err(refuse)?;
    // A cursor is good for one table and one choice of filters.
    let (day, status) = (query.day.map(|day| day.to_string()), query.status.map(Status::as_str));
    let list = format!("{} day={} status={}", store.table, day.unwrap_or_default(), status.unwrap_or_default());
    let rest = rest(request, &query, &list).map_err(|mistake| refuse(vec![mistake]))?;
    let mut orders = newest(store, query.status, &rest, query.limit + 1).await?;
    let more = orders.len() > query.limit;
    orders.truncate(query.limit);
    let next = orders.last().filter(|_| more).map(|last| Cursor { before: last.id, floor: rest.floor }.seal(&list));
    json(&Page { orders: &orders, next })
}

fn refuse(mistakes: Vec<Mistake>) -> Problem {
    Problem::invalid("invalid-query", "the query has mistakes; `errors` names them", mistakes)
}

/// The query, or all that is wrong with it.
fn read(request: &Request) -> Result<Query<'_>, Vec<Mistake>> {
    let (mut query, mut mistakes) = (Query { limit: DEFAULT_LIMIT, day: None, status: None, cursor: None }, Vec::new());
    let mut seen = Vec::new();
    for (name, value) in request.query() {
        if seen.contains(&name) {
            mistakes.push(Mistake::parameter(name, "must be given once"));
        } else if let Err(detail) = query.set(name, value) {
            mistakes.push(Mistake::parameter(name, detail));
        }
        seen.push(name);
    }
    if mistakes.is_empty() { Ok(query) } else { Err(mistakes) }
}

impl<'r> Query<'r> {
    fn set(&mut self, name: &str, value: &'r str) -> Result<(), String> {
        match name {
            "limit" => self.limit = limit(value)?,
            "day" => self.day = Some(value.parse().map_err(|error| format!("{error}"))?),
            "status" => {
                self.status = Some(Status::from_word(value).ok_or("must be `placed`, `shipped` or `cancelled`")?)
            }
            "cursor" => self.cursor = Some(value),
            _ => return Err("is not known".to_owned()),
        }
        Ok(())
    }
}

fn limit(value: &str) -> Result<usize, String> {
    let digits = !value.is_empty() && value.bytes().all(|byte| byte.is_ascii_digit());
    let limit = value.parse().ok().filter(|limit| digits && (1..=HIGHEST_LIMIT).contains(limit));
    limit.ok_or_else(|| format!("must be a whole number from 1 to {HIGHEST_LIMIT}"))
}

fn rest(request: &Request, query: &Query, list: &str) -> Result<Rest, Mistake> {
    if let Some(text) = query.cursor {
        let cursor = Cursor::open(text, list).map_err(|error| Mistake::parameter("cursor", format!("{error}")))?;
        return Ok(Rest { newest: cursor.before.day(), floor: cursor.floor, before: Some(cursor.before) });
    }
    Ok(match query.day {
        Some(day) => Rest { newest: day, floor: day, before: None },
        None => {
            Rest { newest: Day::of(request.at + CLOCKS), floor: Day::of(request.at).back(LOOKBACK - 1), before: None }
        }
    })
}

/// The newest `limit` orders of the rest.
async fn newest(store: &Store, status: Option<Status>, rest: &Rest, limit: usize) -> Result<Vec<Order>, StoreError> {
    // The first day may be tomorrow, and a cursor made by hand may name any floor.
    let days: Vec<_> = rest.newest.down_to(rest.floor).take(usize::from(LOOKBACK) + 1).collect();
    let (mut days, mut width, mut orders) = (days.as_slice(), 1, Vec::new());
    while !days.is_empty() && orders.len() < limit {
        let (now, later) = days.split_at(width.min(days.len()));
        orders.extend(store.newest(status, now, rest.before, limit - orders.len()).await?);
        (days, width) = (later, width * 2);
    }
    Ok(orders)
}
