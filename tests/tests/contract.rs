//! Every route of the orders API, called by name through the door, against the OpenAPI document that the API was made of.

use std::{cell::RefCell, collections::BTreeSet};

use functions_shared::openapi::json_schema;
use serde_json::Value;
use tests::{Answer, Call, Platform};

const HOST: &str = "food.internal.example";
const ORDER: &str = r#"{"customer_id": "c-1", "items": [{"sku": "ramen-01", "quantity": 2, "unit_price": {"minor_units": 1250, "currency": "EUR"}}]}"#;
const OTHER: &str = r#"{"customer_id": "c-2", "items": [{"sku": "tea-01", "quantity": 1, "unit_price": {"minor_units": 300, "currency": "EUR"}}]}"#;
/// The gateway's model allows it; that all is in one currency only the function knows.
const TWO_CURRENCIES: &str = r#"{"customer_id": "c-1", "items": [{"sku": "a", "quantity": 1, "unit_price": {"minor_units": 1, "currency": "EUR"}}, {"sku": "b", "quantity": 1, "unit_price": {"minor_units": 1, "currency": "USD"}}]}"#;
/// What no request brings about: the function or its table would have to fail.
const FAILURES: [&str; 2] = ["500", "503"];

/// The document, and which of its answers were seen.
struct Contract<'a> {
    platform: &'a Platform,
    document: Value,
    seen: RefCell<BTreeSet<(String, String)>>,
}

impl<'a> Contract<'a> {
    fn of(platform: &'a Platform) -> Self {
        let document = serde_json::from_str(&platform.read("functions/orders/openapi.json")).expect("JSON");
        Self { platform, document, seen: RefCell::default() }
    }

    /// Calls a route, and checks that the answer has this status and is as promised.
    fn answers(&self, status: u16, route: &str, call: &Call<'_>) -> Answer {
        let answer = self.platform.answer(call);
        assert_eq!(answer.status, status, "{route}: {}", answer.body);
        let promised = &self.operation(route)["responses"][status.to_string()];
        assert!(promised.is_object(), "{route} answers {status}, which the document does not know");
        self.seen.borrow_mut().insert((route.to_owned(), status.to_string()));
        let headers = promised["headers"].as_object().into_iter().flatten();
        let missing: Vec<&String> = headers.map(|(name, _)| name).filter(|name| !has(&answer, name)).collect();
        assert!(missing.is_empty(), "{route} {status} without {missing:?}");
        match promised["content"].as_object().and_then(|content| content.iter().next()) {
            Some((content_type, content)) => {
                assert_eq!(answer.header("content-type"), Some(content_type.as_str()), "{route} {status}");
                self.assert_fits(&content["schema"], &answer);
            }
            None => assert_eq!(answer.body, "", "{route} {status}"),
        }
        answer
    }

    fn operation(&self, route: &str) -> &Value {
        let (method, path) = route.split_once(' ').expect("a method and a path");
        &self.document["paths"][path][method.to_lowercase()]
    }

    fn assert_fits(&self, schema: &Value, answer: &Answer) {
        let schema = json_schema(&self.document, schema);
        let schema = jsonschema::validator_for(&schema).expect("a sound schema");
        let errors: Vec<String> = schema.iter_errors(&answer.json()).map(|error| error.to_string()).collect();
        assert!(errors.is_empty(), "{errors:?} in {}", answer.body);
    }

    /// The answers that the document promises and nobody got.
    fn unseen(&self) -> Vec<String> {
        let routes = ["POST /orders", "GET /orders", "GET /orders/{orderId}"];
        let promised = routes.into_iter().flat_map(|route| {
            let statuses = self.operation(route)["responses"].as_object().expect("responses").keys();
            statuses.map(move |status| (route.to_owned(), status.clone()))
        });
        let expected = promised.filter(|(_, status)| !FAILURES.contains(&status.as_str()));
        let seen = self.seen.borrow();
        expected.filter(|pair| !seen.contains(pair)).map(|(route, status)| format!("{route} {status}")).collect()
    }
}

/// The gateway's own answers have its id under the gateway's name.
fn has(answer: &Answer, name: &str) -> bool {
    let by_gateway = answer.header("x-amzn-errortype").is_some() && name == "x-request-id";
    let name = if by_gateway { "x-amzn-requestid".to_owned() } else { name.to_lowercase() };
    answer.header(&name).is_some()
}

#[test]
fn every_route_answers_as_its_document_promises() {
    let platform = Platform::own("contract");
    let _ = platform.run("up consumer food --yes").exits(0);
    let contract = Contract::of(&platform);
    let order = orders_are_placed(&contract);
    bad_orders_are_refused(&contract);
    orders_are_listed(&contract);
    an_order_is_read(&contract, &order);
    assert_eq!(contract.unseen(), [""; 0], "promised, and not seen");
    a_changed_document_is_a_difference(&platform);
}

/// The path of one of them.
fn orders_are_placed(contract: &Contract<'_>) -> String {
    let keyed = |body| Call::post(HOST, "/orders", body).header("idempotency-key", "once");
    let placed = contract.answers(201, "POST /orders", &keyed(ORDER));
    let again = contract.answers(201, "POST /orders", &keyed(ORDER));
    assert_eq!(again.body, placed.body);
    let _ = contract.answers(422, "POST /orders", &keyed(OTHER));
    placed.header("location").expect("a Location").to_owned()
}

/// The first ones by the gateway, which sees that they do not fit the model, the others by the function.
fn bad_orders_are_refused(contract: &Contract<'_>) {
    let post = |status, body: &str| contract.answers(status, "POST /orders", &Call::post(HOST, "/orders", body));
    let unknown = ORDER.replacen('{', r#"{"gift": true, "#, 1);
    for body in ["", "{", "[]", "{}", unknown.as_str()] {
        assert_eq!(post(400, body).json()["code"], "bad-request-body", "{body}");
    }
    assert!(post(400, &unknown).json()["detail"].as_str().expect("a text").contains("gift"), "it names the field");
    assert_eq!(post(400, TWO_CURRENCIES).json()["code"], "invalid-order");
    let long = format!("{ORDER}{}", " ".repeat(1024 * 1024));
    assert_eq!(post(413, &long).json()["code"], "too-large");
    let text = Call { headers: vec![("content-type", "text/plain")], ..Call::post(HOST, "/orders", ORDER) };
    let _ = contract.answers(415, "POST /orders", &text);
    let no_key = Call::post(HOST, "/orders", ORDER).header("idempotency-key", "");
    let _ = contract.answers(400, "POST /orders", &no_key);
}

fn orders_are_listed(contract: &Contract<'_>) {
    let get =
        |status, query: &str| contract.answers(status, "GET /orders", &Call::get(HOST, &format!("/orders{query}")));
    let all = get(200, "");
    assert_eq!(all.json()["orders"].as_array().map(Vec::len), Some(1));
    let _ = get(200, "?limit=1&status=placed");
    for wrong in ["?limit=0", "?limit=x", "?day=yesterday", "?status=eaten", "?cursor=x", "?unknown=1"] {
        assert_eq!(get(400, wrong).json()["code"], "invalid-query", "{wrong}");
    }
}

fn an_order_is_read(contract: &Contract<'_>, path: &str) {
    let get = |status, call: &Call<'_>| contract.answers(status, "GET /orders/{orderId}", call);
    let tag = get(200, &Call::get(HOST, path)).header("etag").expect("an ETag").to_owned();
    let _ = get(304, &Call::get(HOST, path).header("if-none-match", &tag));
    let _ = get(404, &Call::get(HOST, "/orders/01ARZ3NDEKTSV4RRFFQ69G5FAV"));
    let _ = get(400, &Call::get(HOST, "/orders/no-ulid"));
}

/// It is put again and deployed, and the gateway goes by it.
fn a_changed_document_is_a_difference(platform: &Platform) {
    platform.edit("functions/orders/openapi.json", r#""maximum": 1000,"#, r#""maximum": 1,"#);
    let plan = platform.run("plan food --json").exits(2).json();
    let changed = plan["changes"].as_array().expect("changes").iter().filter_map(|change| change["kind"].as_str());
    assert_eq!(changed.collect::<BTreeSet<_>>(), ["api-body", "api-deployment", "api-stage"].into(), "{plan}");
    let _ = platform.run("up food --yes").exits(0);
    assert!(platform.run("plan food").exits(0).out.contains("No changes."));
    assert_eq!(platform.answer(&Call::post(HOST, "/orders", ORDER)).json()["code"], "bad-request-body");
    assert_eq!(platform.answer(&Call::post(HOST, "/orders", OTHER)).status, 201);
}
