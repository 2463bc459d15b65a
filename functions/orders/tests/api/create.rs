//! `POST /orders`: what is refused, and `Idempotency-Key`.

use std::collections::BTreeSet;
use std::time::{Duration, SystemTime};

use futures::future::join_all;
use orders::create::KEY_LIFETIME;
use orders::store::Claim;
use serde_json::{Value, json};

use crate::support::{body, header, json as read, order, page, post, problem, send, store};

/// All orders in the list.
async fn listed(store: &orders::store::Store) -> Vec<Value> {
    read(&send(store, &page(&[("limit", "100")])).await)["orders"].as_array().expect("a list").clone()
}

#[tokio::test]
async fn bad_requests_are_refused_with_their_reason() {
    let store = store(1).await;
    let (deep, long) = ("[".repeat(10_000), format!("\"{}\"", "x".repeat(64 * 1024)));
    let none: &[(&str, &str)] = &[];
    let cases = [
        ("{}", &[("Content-Type", "text/plain")] as &[_], 415, "not-json"),
        ("{}", &[("Content-Type", "application/json; charset=latin1")], 415, "not-json"),
        (long.as_str(), none, 413, "too-large"),
        ("", none, 400, "invalid-json"),
        ("{\"items\":", none, 400, "invalid-json"),
        (&deep, none, 400, "invalid-json"),
        ("\u{0}\u{1}", none, 400, "invalid-json"),
        ("null", none, 400, "invalid-order"),
        ("{\"customer_id\":\"a\",\"customer_id\":\"b\"}", none, 400, "invalid-order"),
        (&body(), &[("Idempotency-Key", "")], 400, "invalid-order"),
    ];
    for (body, headers, status, code) in cases {
        let reply = send(&store, &post(body, headers)).await;
        assert_eq!(problem(&reply), (status, code.to_owned()), "{headers:?} {}", &body[..body.len().min(40)]);
    }
    assert_eq!(listed(&store).await, Vec::<Value>::new());
}

#[tokio::test]
async fn mistakes_in_body_and_header_are_named_together() {
    let store = store(1).await;
    let mut event = post(r#"{"customer_id":"c","items":[],"extra":1}"#, &[]);
    event["multiValueHeaders"]["idempotency-key"] = json!(["a", "b"]);
    let reply = send(&store, &event).await;
    assert_eq!(
        read(&reply)["errors"],
        json!([
            { "header": "idempotency-key", "detail": "must be given once" },
            { "pointer": "/extra", "detail": "is not known" },
            { "pointer": "/items", "detail": "must have 1 to 50 entries" },
        ])
    );
}

#[tokio::test]
async fn the_same_key_and_order_get_the_first_answer_again() {
    let store = store(1).await;
    let key = [("Idempotency-Key", "k-1")];
    let first = send(&store, &post(&body(), &key)).await;
    let spaced = body().replace("{\"customer_id\"", "{ \"customer_id\"");
    let again = send(&store, &post(&spaced, &key)).await;
    assert_eq!((first.status().as_u16(), again.status().as_u16()), (201, 201));
    assert_eq!(first.body(), again.body());
    for name in ["location", "etag"] {
        assert_eq!(header(&first, name), header(&again, name));
    }
    assert_eq!((header(&first, "idempotency-replayed"), header(&again, "idempotency-replayed")), ("", "true"));
    assert_eq!(listed(&store).await.len(), 1);
}

#[tokio::test]
async fn the_same_key_with_another_order_is_refused() {
    let store = store(1).await;
    let key = [("Idempotency-Key", "k-1")];
    assert_eq!(send(&store, &post(&body(), &key)).await.status(), 201);
    let other = body().replace("c-1001", "c-1002");
    assert_eq!(problem(&send(&store, &post(&other, &key)).await), (422, "key-reused".to_owned()));
    assert_eq!(listed(&store).await.len(), 1);
}

#[tokio::test]
async fn without_a_key_every_request_is_an_order() {
    let store = store(1).await;
    for _ in 0..3 {
        assert_eq!(send(&store, &post(&body(), &[])).await.status(), 201);
    }
    assert_eq!(listed(&store).await.len(), 3);
}

#[tokio::test]
async fn concurrent_duplicates_make_one_order() {
    let store = store(1).await;
    let event = post(&body(), &[("Idempotency-Key", "k-1")]);
    let replies = join_all((0..200).map(|_| send(&store, &event))).await;
    assert!(replies.iter().all(|reply| reply.status() == 201), "every duplicate is answered");
    let bodies: BTreeSet<_> = replies.iter().map(|reply| reply.body()).collect();
    let first_ones = replies.iter().filter(|reply| header(reply, "idempotency-replayed").is_empty()).count();
    assert_eq!((bodies.len(), first_ones), (1, 1));
    let orders = listed(&store).await;
    assert_eq!((orders.len(), &orders[0]), (1, &read(&replies[0])));
}

#[tokio::test]
async fn a_request_that_died_between_its_writes_is_finished_by_the_retry() {
    let store = store(1).await;
    let event = post(&body(), &[("Idempotency-Key", "k-1")]);
    let first = send(&store, &event).await;
    let id = read(&first)["order_id"].as_str().expect("an id").to_owned();
    let key = aws_sdk_dynamodb::types::AttributeValue::S(format!("order#{id}"));
    store.client.delete_item().table_name(&store.table).key("pk", key).send().await.expect("deleted");
    assert_eq!(listed(&store).await.len(), 0, "as if the second write never happened");
    assert_eq!(send(&store, &event).await.body(), first.body());
    assert_eq!(listed(&store).await.len(), 1);
}

#[tokio::test]
async fn a_key_is_free_again_when_its_time_is_over() {
    let store = store(1).await;
    let now = SystemTime::now();
    let claim = async |body, at: SystemTime| {
        store.claim("key", body, &order(at), at, at + KEY_LIFETIME).await.expect("the table answers")
    };
    assert!(matches!(claim("first", now).await, Claim::Free));
    assert!(matches!(claim("other", now + KEY_LIFETIME - Duration::from_secs(1)).await, Claim::OtherBody));
    assert!(matches!(claim("other", now + KEY_LIFETIME + Duration::from_secs(1)).await, Claim::Free));
}
