//! Recorded events, as they are.

use crate::support::{header, json, recorded, send, store};

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
