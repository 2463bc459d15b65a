//! `GET /orders`: order, pages, days, shards, and readers beside writers.

use std::cell::Cell;
use std::time::{Duration, SystemTime};

use futures::future::join_all;
use orders::list::LOOKBACK;
use orders::order::{Order, Status};
use orders::store::Store;
use serde_json::Value;

use crate::support::{json, order, page, problem, send, store};

const DAY: Duration = Duration::from_secs(24 * 60 * 60);

/// Stores one order at each of these times and returns them, newest first.
async fn placed(store: &Store, times: impl IntoIterator<Item = SystemTime>) -> Vec<String> {
    let mut orders: Vec<Order> = times.into_iter().map(order).collect();
    for stored in join_all(orders.iter().map(|order| store.put(order))).await {
        stored.expect("the table answers");
    }
    orders.sort_by_key(|order| std::cmp::Reverse(order.id));
    orders.iter().map(|order| order.id.to_string()).collect()
}

fn ids(page: &Value) -> Vec<String> {
    let orders = page["orders"].as_array().expect("a list");
    orders.iter().map(|order| order["order_id"].as_str().expect("an id").to_owned()).collect()
}

/// All pages.
pub(crate) async fn walk(store: &Store, query: &[(&str, &str)]) -> Vec<Vec<String>> {
    let (mut pages, mut cursor) = (Vec::new(), None::<String>);
    loop {
        let next = cursor.as_deref().map(|cursor| ("cursor", cursor));
        let reply = send(store, &page(&[query, next.as_slice()].concat())).await;
        assert_eq!(reply.status(), 200, "{}", reply.body());
        let read = json(&reply);
        pages.push(ids(&read));
        assert!(pages.len() < 1000, "the list ends");
        match read["next"].as_str() {
            Some(next) => cursor = Some(next.to_owned()),
            None => return pages,
        }
    }
}

#[tokio::test]
async fn an_empty_table_is_an_empty_last_page() {
    assert_eq!(walk(&store(1).await, &[]).await, [Vec::<String>::new()]);
}

#[tokio::test]
async fn orders_come_newest_first_over_days_and_shards_in_full_pages() {
    for shards in [1, 4] {
        let store = store(shards).await;
        let now = SystemTime::now();
        let expected = placed(&store, (0..30).map(|n| now - DAY * (n % 10) - Duration::from_secs(n.into()))).await;
        let pages = walk(&store, &[("limit", "7")]).await;
        assert_eq!(pages.iter().map(Vec::len).collect::<Vec<_>>(), [7, 7, 7, 7, 2], "{shards} shards");
        assert_eq!(pages.concat(), expected, "{shards} shards");
    }
}

#[tokio::test]
async fn a_page_that_ends_with_the_list_says_so() {
    let store = store(1).await;
    placed(&store, vec![SystemTime::now(); 4]).await;
    let pages = walk(&store, &[("limit", "2")]).await;
    assert_eq!(pages.iter().map(Vec::len).collect::<Vec<_>>(), [2, 2]);
}

#[tokio::test]
async fn a_list_reaches_back_a_month_and_a_day_is_listed_however_old() {
    let store = store(1).await;
    let now = SystemTime::now();
    let last = now - DAY * u32::from(LOOKBACK - 1);
    let within = placed(&store, [now, last]).await;
    let beyond = placed(&store, [last - DAY, last - DAY]).await;
    assert_eq!(walk(&store, &[("limit", "1")]).await.concat(), within);
    let day = orders::day::Day::of(last - DAY).to_string();
    assert_eq!(walk(&store, &[("limit", "1"), ("day", &day)]).await.concat(), beyond);
}

#[tokio::test]
async fn what_was_there_before_page_one_is_seen_once_while_orders_are_written() {
    let store = store(3).await;
    let now = SystemTime::now();
    // Spread over today and the days before, so that pages cross partitions.
    let before = placed(&store, (0..120).map(|n| now - Duration::from_secs(n * 3600))).await;
    let written = Cell::new(0);
    // Newer orders, and late ones whose function had a slow clock.
    let writer = async {
        for n in 0_u32.. {
            placed(&store, [SystemTime::now(), SystemTime::now() - Duration::from_secs(1200) * (n % 99)]).await;
            written.set(n);
        }
    };
    let seen = tokio::select! {
        pages = walk(&store, &[("limit", "9")]) => pages.concat(),
        () = writer => unreachable!("it writes for as long as the reader reads"),
    };
    assert!(written.get() > 10, "orders were written meanwhile");
    let mut once = seen.clone();
    once.dedup();
    assert_eq!(once, seen, "none twice");
    assert!(seen.is_sorted_by(|a, b| a > b), "newest first over all pages");
    let found: Vec<_> = seen.into_iter().filter(|id| before.contains(id)).collect();
    assert_eq!(found, before, "each once");
}

#[tokio::test]
async fn wrong_queries_are_refused_by_name() {
    let store = store(1).await;
    for (name, value) in [
        ("limit", "0"),
        ("limit", "101"),
        ("limit", "+5"),
        ("limit", ""),
        ("limit", "99999999999999999999"),
        ("day", "2025-02-30"),
        ("cursor", "x"),
        ("lmit", "1"),
    ] {
        let reply = send(&store, &page(&[(name, value)])).await;
        assert_eq!(problem(&reply), (400, "invalid-query".to_owned()), "{name}={value}");
        assert_eq!(json(&reply)["errors"][0]["parameter"], name);
    }
    let mut twice = page(&[]);
    twice["multiValueQueryStringParameters"] = serde_json::json!({ "limit": ["1", "2"] });
    assert_eq!(json(&send(&store, &twice).await)["errors"][0]["detail"], "must be given once");
}

#[tokio::test]
async fn a_cursor_is_good_for_its_own_list_only() {
    let (mine, other) = (store(1).await, store(1).await);
    placed(&mine, vec![SystemTime::now(); 3]).await;
    let first = json(&send(&mine, &page(&[("limit", "1")])).await);
    let cursor = first["next"].as_str().expect("more pages");
    let changed = cursor.replace(&cursor[9..10], if &cursor[9..10] == "A" { "B" } else { "A" });
    let today = orders::day::Day::of(SystemTime::now()).to_string();
    let refused = [
        send(&mine, &page(&[("cursor", &changed)])).await,
        send(&mine, &page(&[("cursor", cursor), ("day", &today)])).await,
        send(&other, &page(&[("cursor", cursor)])).await,
    ];
    for reply in refused {
        assert_eq!(problem(&reply), (400, "invalid-query".to_owned()));
    }
    assert_eq!(json(&send(&mine, &page(&[("cursor", cursor)])).await)["orders"].as_array().map(Vec::len), Some(2));
}

#[tokio::test]
async fn a_status_is_listed_alone_and_costs_no_more_than_its_pages() {
    let store = store(2).await;
    let now = SystemTime::now();
    let of = |status, n: u32| Order { status, ..order(now - Duration::from_secs(n.into())) };
    let mixed = (0..20).map(|n| of(if n % 5 == 0 { Status::Shipped } else { Status::Placed }, n));
    let orders: Vec<Order> = mixed.collect();
    for stored in join_all(orders.iter().map(|order| store.put(order))).await {
        stored.expect("the table answers");
    }
    let shipped: Vec<String> =
        orders.iter().filter(|order| order.status == Status::Shipped).map(|order| order.id.to_string()).collect();
    let pages = walk(&store, &[("limit", "3"), ("status", "shipped")]).await;
    assert_eq!(pages, [shipped[..3].to_vec(), shipped[3..].to_vec()]);
    assert_eq!(walk(&store, &[("status", "cancelled")]).await, [Vec::<String>::new()]);
    let asked = page(&[("status", "eaten")]);
    assert_eq!(problem(&send(&store, &asked).await), (400, "invalid-query".to_owned()));
}
