//! Mistakes in what a service's OpenAPI document says, beside its routes.

use config::Diagnostic;

use crate::fixture::{Case, Fixture, SERVICE, check};

/// The fixture with a document beside the service's file.
fn documented(document: &str) -> Vec<Diagnostic> {
    let fixture = Fixture::new();
    fixture.write("microservice-accounts/food/openapi.json", document);
    fixture.change(SERVICE, "[network]", "openapi = \"openapi.json\"\n[network]");
    fixture.mistakes(None)
}

#[test]
fn a_document_that_agrees_with_the_routes_is_taken() {
    let operation = r#"{"responses": {}}"#;
    let orders = format!(r#""/orders": {{"post": {operation}, "description": "all of them"}}"#);
    let paths = format!(r#"{{{orders}, "/orders/{{orderId}}": {{"get": {operation}}}}}"#);
    assert_eq!(documented(&format!(r#"{{"openapi": "3.0.1", "paths": {paths}}}"#)), []);
}

#[test]
fn documents_and_routes_that_disagree_are_refused() {
    let said = |document: &str| -> Vec<(String, String)> {
        let told = |mistake: Diagnostic| (mistake.field, mistake.message);
        documented(document).into_iter().map(told).collect()
    };
    let one = |message: &str| vec![("openapi".to_owned(), message.to_owned())];
    assert_eq!(said("{"), one("`openapi.json` is not JSON: EOF while parsing an object at line 1 column 1"));
    assert_eq!(said(r#"{"swagger": "2.0"}"#), one("`openapi.json` is not an OpenAPI 3.0 document"));
    let all = said(r#"{"openapi": "3.0.1", "paths": {"/orders": {"post": {}, "delete": {}}}}"#);
    let words: Vec<&str> = all.iter().map(|(_, message)| message.as_str()).collect();
    assert_eq!(
        words,
        [
            "`openapi.json` has `DELETE /orders`, and no route has",
            "`openapi.json` does not have the route `GET /orders/{orderId}`",
        ]
    );
}

#[test]
fn documents_that_cannot_be_imported_are_refused() {
    let schemas =
        r##"{"New-Order": {"items": [{"$ref": "#/components/schemas/Order"}, {"$ref": "order.json"}]}, "Order": {}}"##;
    let said = documented(&format!(r#"{{"openapi": "3.0.1", "components": {{"schemas": {schemas}}}}}"#));
    let words: Vec<&str> = said.iter().map(|mistake| mistake.message.as_str()).collect();
    let expected = ["`openapi.json` has a schema `New-Order`", "`openapi.json` refers to `order.json`"];
    assert_eq!(words[words.len() - 2..], expected, "{words:?}");
}

#[test]
fn routes_with_a_mistake_are_not_held_against_the_document() {
    let fixture = Fixture::new();
    let none = r#"{"openapi": "3.0.1", "paths": {}}"#;
    fixture.write("microservice-accounts/food/openapi.json", none);
    fixture.change(SERVICE, "[network]", "openapi = \"openapi.json\"\n[network]");
    fixture.change(SERVICE, "\"POST\"", "\"PSOT\"");
    let fields: Vec<String> = fixture.mistakes(None).into_iter().map(|mistake| mistake.field).collect();
    assert_eq!(fields, ["routes[0].method"]);
}

#[test]
fn a_document_that_is_not_there_is_missed() {
    check(&[Case {
        file: SERVICE,
        old: "[network]",
        new: "openapi = \"openapi.json\" # here\n[network]",
        field: "openapi",
        message: "there is no `openapi.json`",
        help: "relative to `microservice-accounts/food`",
    }]);
}
