//! `GET /orders/{orderId}`.

use serde_json::json;

use crate::support::{body, header, json as read, one, post, problem, send, store};

#[tokio::test]
async fn an_order_is_answered_as_it_was_placed() {
    let store = store(1).await;
    let placed = send(&store, &post(&body(), &[])).await;
    let order = read(&placed);
    let got = send(&store, &one(order["order_id"].as_str().expect("an id"), json!({}))).await;
    assert_eq!((got.status().as_u16(), read(&got)), (200, order));
    assert_eq!(header(&got, "etag"), header(&placed, "etag"));
    assert_eq!(header(&got, "content-type"), "application/json");
}

#[tokio::test]
async fn a_copy_that_still_holds_is_not_sent_again() {
    let store = store(1).await;
    let placed = send(&store, &post(&body(), &[])).await;
    let (order, tag) = (read(&placed), header(&placed, "etag"));
    let id = order["order_id"].as_str().expect("an id");
    let lists = [vec![tag.to_owned()], vec![format!("W/{tag}")], vec!["*".to_owned()], vec![format!("\"x\", {tag}")]];
    for tags in lists.into_iter().chain([vec!["\"x\"".to_owned(), tag.to_owned()]]) {
        let reply = send(&store, &one(id, json!({ "If-None-Match": tags }))).await;
        assert_eq!(
            (reply.status().as_u16(), reply.body().as_str(), header(&reply, "etag")),
            (304, "", tag),
            "{tags:?}"
        );
    }
    let changed = send(&store, &one(id, json!({ "If-None-Match": ["\"x\""] }))).await;
    assert_eq!(changed.status(), 200);
}

#[tokio::test]
async fn a_missing_order_and_a_malformed_id_are_told_apart() {
    let store = store(1).await;
    let missing = send(&store, &one("01ARZ3NDEKTSV4RRFFQ69G5FAV", json!({}))).await;
    assert_eq!(problem(&missing), (404, "no-such-order".to_owned()));
    for id in
        ["x", "", "01arz3ndektsv4rrffq69g5fav", "81ARZ3NDEKTSV4RRFFQ69G5FAV", "../orders", "%00", "\u{0}\u{1F600}"]
    {
        let malformed = send(&store, &one(id, json!({}))).await;
        assert_eq!(problem(&malformed), (400, "invalid-id".to_owned()), "{id}");
        assert_eq!(read(&malformed)["errors"][0]["parameter"], "orderId", "{id}");
    }
}
