//! The life of a platform, from nothing to nothing.

use tests::{Account, Call, Platform, inventory};

/// AWS calls for one object of the graph, the final reading included.
const UP_CALLS: f64 = 1.8;
/// The same for a plan that finds nothing to do.
const PLAN_CALLS: f64 = 0.6;

const ORDER: &str = r#"{"customer_id": "c-1", "items": [{"sku": "ramen-01", "quantity": 2, "unit_price": {"minor_units": 1250, "currency": "EUR"}}]}"#;
const OTHER: &str = r#"{"customer_id": "c-2", "items": [{"sku": "tea-01", "quantity": 1, "unit_price": {"minor_units": 300, "currency": "EUR"}}]}"#;

#[tokio::test]
async fn from_nothing_to_nothing_and_back() {
    let platform = Platform::own("life");
    let accounts = accounts(&platform).await;
    for account in &accounts {
        assert_eq!(inventory(account).await, [""; 0], "the emulator is not empty");
    }
    let up = platform.run("up --all --yes -v").exits(0).says("nothing is left to do");
    let plan = platform.run("plan -v").exits(0);
    assert!(plan.out.contains("No changes."), "{}", plan.out);

    for host in ["food.internal.example", "beverage.internal.example"] {
        orders_are_placed_and_read(&platform, host);
    }
    let _ = platform.run("status").exits(0);
    let before = platform.generation();
    let _ = platform.run("up --yes").exits(0);
    assert_eq!(platform.generation(), before, "a second up changed something");
    assert_eq!(orders(&platform, "food.internal.example"), 2, "a second up lost orders");

    let _ = platform.run("down --all --yes").exits(0).says("nothing of these targets is left");
    let keys = left(&accounts).await;
    assert_eq!(keys.len(), accounts.len(), "{keys:?}");
    let _ = platform.run("status").exits(3);

    let _ = platform.run("up --yes").exits(0);
    let restored = inventory(&accounts[0]).await;
    assert!(!restored.iter().any(|line| line.ends_with("pending deletion")), "the key was not restored: {restored:?}");
    assert_eq!(orders(&platform, "food.internal.example"), 0, "tables are new");
    let _ = platform.run("down --all --yes").exits(0);
    assert_eq!(left(&accounts).await, keys, "other keys are left than the first time");
    let _ = platform.run("down --all --yes").exits(0).says("nothing of these targets exists");
    up.calls_at_most(UP_CALLS);
    plan.calls_at_most(PLAN_CALLS);
}

async fn accounts(platform: &Platform) -> Vec<Account> {
    vec![platform.account("consumer").await, platform.account("food").await, platform.account("beverage").await]
}

/// What a `down` left: keys pending deletion and nothing else.
async fn left(accounts: &[Account]) -> Vec<String> {
    let mut keys = Vec::new();
    for account in accounts {
        for line in inventory(account).await {
            assert!(line.starts_with("key ") && line.ends_with("pending deletion"), "left in {}: {line}", account.id());
            keys.push(line);
        }
    }
    keys
}

fn orders(platform: &Platform, host: &str) -> usize {
    let listed = platform.answer(&Call::get(host, "/orders"));
    assert_eq!(listed.status, 200, "{}", listed.body);
    listed.json()["orders"].as_array().expect("a list").len()
}

fn orders_are_placed_and_read(platform: &Platform, host: &str) {
    assert_eq!(orders(platform, host), 0, "{host} begins with orders");
    let placed = platform.answer(&Call::post(host, "/orders", ORDER));
    assert_eq!(placed.status, 201, "{}", placed.body);
    let location = placed.header("location").expect("a Location").to_owned();
    let read = platform.answer(&Call::get(host, &location));
    assert_eq!((read.status, &read.json()["order_id"]), (200, &placed.json()["order_id"]));
    assert_eq!(read.json()["total"]["minor_units"], 2500);
    nothing_is_found_where_nothing_is(platform, host);
    repeats_with_a_key_count_once(platform, host);
    assert_eq!(orders(platform, host), 2);
}

/// An order that is not there is the function's to miss; a path that is not there is the gateway's.
fn nothing_is_found_where_nothing_is(platform: &Platform, host: &str) {
    let missing = platform.answer(&Call::get(host, "/orders/01ARZ3NDEKTSV4RRFFQ69G5FAV"));
    assert_eq!((missing.status, missing.json()["status"].as_u64()), (404, Some(404)), "{}", missing.body);
    assert!(missing.header("x-request-id").is_some(), "{:?}", missing.headers);
    let elsewhere = platform.answer(&Call::get(host, "/nothing"));
    assert_eq!(
        (elsewhere.status, elsewhere.header("x-amzn-errortype")),
        (403, Some("MissingAuthenticationTokenException"))
    );
}

fn repeats_with_a_key_count_once(platform: &Platform, host: &str) {
    let send = |body| platform.answer(&Call::post(host, "/orders", body).header("idempotency-key", "once"));
    let (first, second, other) = (send(ORDER), send(ORDER), send(OTHER));
    assert_eq!((first.status, second.status, other.status), (201, 201, 422), "{}", other.body);
    assert_eq!(first.json()["order_id"], second.json()["order_id"]);
}
