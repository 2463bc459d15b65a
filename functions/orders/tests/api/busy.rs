//! A list that is read while 10,000 orders are written.
//!
//! The table is a stand-in over a real socket, which indexes late and out of order, as DynamoDB may, and ends its answers early.
//! The emulator indexes at once and walks the whole table for each query; `list.rs` reads a shorter list of it that grows.

use std::cell::Cell;
use std::collections::{BTreeMap, BTreeSet};
use std::convert::Infallible;
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::{Duration, SystemTime};

use futures::stream::{self, StreamExt};
use http_body_util::{BodyExt, Full};
use hyper::body::{Bytes, Incoming};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Request, Response};
use hyper_util::rt::TokioIo;
use orders::store::Store;
use serde_json::{Value, json};
use tokio::net::TcpListener;

use crate::list::walk;
use crate::support::{client, order};

const ORDERS: u64 = 10_000;
/// Orders written before the reader begins.
const BEFORE: u64 = 500;
const AT_ONCE: usize = 16;
/// Days that the orders' times are spread over.
const DAYS: u64 = 4;
/// Writes that the index is behind.
const BEHIND: usize = 40;
/// Items after which an answer ends, as DynamoDB's do at 1 MB.
const ANSWER: usize = 35;

#[derive(Debug, Default)]
struct Table {
    /// By partition and order id.
    index: BTreeMap<(String, String), Value>,
    behind: Vec<Value>,
}

impl Table {
    fn put(&mut self, item: Value) -> Value {
        self.behind.push(item);
        self.catch_up(BEHIND);
        json!({})
    }

    /// Indexes what was written, not in the order of writing, until so many are left.
    fn catch_up(&mut self, left: usize) {
        while self.behind.len() > left {
            let item = self.behind.swap_remove(self.index.len() * 7 % self.behind.len());
            self.index.insert((text(&item["day_shard"]), text(&item["order_id"])), item);
        }
    }

    fn query(&self, asked: &Value) -> Value {
        let values = &asked["ExpressionAttributeValues"];
        let (partition, limit) = (text(&values[":partition"]), asked["Limit"].as_u64().expect("a limit"));
        // After any id in base 32.
        let bounds = [&values[":before"], &asked["ExclusiveStartKey"]["order_id"]].map(text);
        let before = bounds.into_iter().filter(|bound| !bound.is_empty()).min().unwrap_or_else(|| "~".to_owned());
        let found = self.index.range((partition.clone(), String::new())..(partition, before)).rev();
        let length = ANSWER.min(usize::try_from(limit).expect("fits"));
        let items: Vec<&Value> = found.map(|(_, item)| item).take(length).collect();
        let last = items.last().filter(|_| items.len() == length);
        let key =
            last.map(|last| json!({ "pk": last["pk"], "order_id": last["order_id"], "day_shard": last["day_shard"] }));
        json!({ "Count": items.len(), "Items": items, "LastEvaluatedKey": key })
    }

    fn ids(&self) -> BTreeSet<String> {
        self.index.keys().map(|(_, id)| id.clone()).collect()
    }
}

fn text(attribute: &Value) -> String {
    attribute["S"].as_str().unwrap_or_default().to_owned()
}

#[derive(Clone, Debug, Default)]
struct Shared(Arc<Mutex<Table>>);

impl Shared {
    fn table(&self) -> MutexGuard<'_, Table> {
        self.0.lock().expect("no panic elsewhere")
    }

    async fn answer(self, request: Request<Incoming>) -> Result<Response<Full<Bytes>>, Infallible> {
        let puts = request.headers().get("x-amz-target").is_some_and(|target| target == "DynamoDB_20120810.PutItem");
        let body = request.into_body().collect().await.expect("a body").to_bytes();
        let mut asked: Value = serde_json::from_slice(&body).expect("JSON");
        let told = if puts { self.table().put(asked["Item"].take()) } else { self.table().query(&asked) };
        Ok(Response::new(Full::from(told.to_string())))
    }

    /// Serves the table at a port of its own.
    async fn store(&self) -> Store {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let endpoint = format!("http://{}", listener.local_addr().expect("an address"));
        let shared = self.clone();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let shared = shared.clone();
                let service = service_fn(move |request| shared.clone().answer(request));
                tokio::spawn(http1::Builder::new().serve_connection(TokioIo::new(stream), service));
            }
        });
        Store { client: client(&endpoint), table: "orders".to_owned(), shards: 2 }
    }
}

/// Stores orders whose times lie all over the last days, each only once.
async fn write(store: &Store, numbers: std::ops::Range<u64>, written: &Cell<u64>) {
    let now = SystemTime::now();
    let orders = numbers.map(|n| order(now - Duration::from_secs(n * 7919 % (DAYS * 24 * 60 * 60))));
    let puts = orders.map(|order| async move { store.put(&order).await.expect("the table answers") });
    stream::iter(puts).buffer_unordered(AT_ONCE).for_each(async |()| written.set(written.get() + 1)).await;
}

/// Reads all pages: what was indexed before the first is there once, and nothing is there twice.
async fn read(store: &Store, shared: &Shared) -> usize {
    let before = shared.table().ids();
    let pages = walk(store, &[("limit", "100")]).await;
    let seen = pages.concat();
    assert!(seen.is_sorted_by(|a, b| a > b), "newest first over all pages, none twice");
    let seen: BTreeSet<String> = seen.into_iter().collect();
    assert_eq!(before.difference(&seen).next(), None, "an order was indexed and not seen");
    seen.len()
}

#[tokio::test]
async fn what_was_indexed_before_page_one_is_seen_once_while_ten_thousand_orders_are_written() {
    let (shared, written) = (Shared::default(), Cell::new(0));
    let store = shared.store().await;
    write(&store, 0..BEFORE, &written).await;
    let during = Cell::new(0);
    let reader = async {
        while written.get() < ORDERS {
            let at_first = written.get();
            read(&store, &shared).await;
            during.set(during.get() + u64::from(written.get() > at_first));
        }
    };
    futures::join!(write(&store, BEFORE..ORDERS, &written), reader);
    assert!(during.get() > 0, "orders were written while lists were read");
    shared.table().catch_up(0);
    assert_eq!(read(&store, &shared).await, usize::try_from(ORDERS).expect("fits"), "at last all are seen");
}
