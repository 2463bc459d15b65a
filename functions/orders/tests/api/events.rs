//! Recorded events, as they are.

use crate::support::{header, json, problem, recorded, send, store};

#[tokio::test]
async fn the_address_of_a_new_order_is_under_the_path_that_was_used() {
    let store = store(1).await;
    for (event, path) in [
        ("create", "/orders"),
        ("create-execute-api", "/live/orders"),
        ("create-base-path", "/food/orders"),
        ("create-base64", "/orders"),
    ] {
        let (event, name) = (recorded(event), event);
        let reply = send(&store, &event).await;
        assert_eq!(reply.status(), 201, "{name}");
        let body = json(&reply);
        let id = body["order_id"].as_str().expect("an id");
        assert_eq!(header(&reply, "location"), format!("{path}/{id}"), "{name}");
        assert_eq!(header(&reply, "x-request-id"), event["requestContext"]["requestId"], "{name}");
        assert_eq!(body["note"], "No onions, please – merci", "{name}");
        assert_eq!(body["total"], serde_json::json!({ "minor_units": 3190, "currency": "EUR" }), "{name}");
    }
}

#[tokio::test]
async fn lists_and_orders_are_read() {
    let store = store(1).await;
    let id = json(&send(&store, &recorded("create")).await)["order_id"].clone();
    let listed = send(&store, &recorded("list")).await;
    assert_eq!((listed.status().as_u16(), &json(&listed)["orders"][0]["order_id"]), (200, &id));
    assert_eq!(send(&store, &recorded("get")).await.status(), 404);
}

/// Routing goes by the resource alone, whatever path the caller used.
#[tokio::test]
async fn stage_and_base_path_never_change_the_route() {
    let store = store(1).await;
    let id = json(&send(&store, &recorded("create-base-path")).await)["order_id"].clone();
    for name in ["list", "list-execute-api", "list-base-path"] {
        let reply = send(&store, &recorded(name)).await;
        assert_eq!((reply.status().as_u16(), &json(&reply)["orders"][0]["order_id"]), (200, &id), "{name}");
    }
    for name in ["get", "get-execute-api", "get-base-path"] {
        let mut event = recorded(name);
        assert_eq!(problem(&send(&store, &event).await), (404, "no-such-order".to_owned()), "{name}");
        event["pathParameters"]["orderId"] = id.clone();
        let reply = send(&store, &event).await;
        assert_eq!((reply.status().as_u16(), &json(&reply)["order_id"]), (200, &id), "{name}");
    }
}

/// API Gateway puts the last value into `headers` and all of them into `multiValueHeaders`.
#[tokio::test]
async fn every_value_of_a_repeated_header_reaches_the_handler() {
    let store = store(1).await;
    let refused = send(&store, &recorded("create-repeated-key")).await;
    assert_eq!(problem(&refused), (400, "invalid-order".to_owned()));
    assert_eq!(
        json(&refused)["errors"][0],
        serde_json::json!({"header": "idempotency-key", "detail": "must be given once"})
    );
    let mut event = recorded("get-repeated-header");
    event["pathParameters"]["orderId"] = json(&send(&store, &recorded("create")).await)["order_id"].clone();
    assert_eq!(send(&store, &event).await.status(), 304, "the first of the two values matches");
}
