//! The API's OpenAPI document: one that API Gateway imports, about exactly the routes.

use std::collections::BTreeSet;

use serde_json::Value;

use super::Setting;
use crate::{Method, Service, place::Place};

/// Keys of a path that are operations; others describe the path itself.
const METHODS: [(&str, Method); 7] = [
    ("delete", Method::Delete),
    ("get", Method::Get),
    ("head", Method::Head),
    ("options", Method::Options),
    ("patch", Method::Patch),
    ("post", Method::Post),
    ("put", Method::Put),
];

/// Where schemas are, as references say it.
const SCHEMAS: &str = "#/components/schemas/";

type Operation<'a> = (&'a str, Method);

pub(super) fn openapi(at: &Place<'_>, path: &str, service: &Service, setting: &Setting<'_>) {
    let Some(text) = setting.text(at, path) else { return };
    let document: Value = match serde_json::from_str(&text) {
        Ok(document) => document,
        Err(error) => return at.wrong(format!("`{path}` is not JSON: {error}"), "write it as JSON"),
    };
    let version = document["openapi"].as_str().unwrap_or_default();
    if !version.starts_with("3.0.") {
        let help = "API Gateway imports OpenAPI 3.0: let `openapi` be `3.0.1`";
        return at.wrong(format!("`{path}` is not an OpenAPI 3.0 document"), help);
    }
    let routes: BTreeSet<Operation<'_>> =
        service.routes.iter().map(|route| (route.path.as_str(), route.method)).collect();
    let operations = operations(&document);
    for (route, method) in operations.difference(&routes) {
        let help = format!("add `[[routes]]` with `method = \"{method}\"` and `path = \"{route}\"`, or take it out");
        at.wrong(format!("`{path}` has `{method} {route}`, and no route has"), help);
    }
    for (route, method) in routes.difference(&operations) {
        at.wrong(
            format!("`{path}` does not have the route `{method} {route}`"),
            "describe it there, or remove the route",
        );
    }
    importable(at, path, &document);
}

/// What API Gateway refuses to import. What it merely does not know is left out when the document is put.
fn importable(at: &Place<'_>, path: &str, document: &Value) {
    let named = document["components"]["schemas"].as_object().into_iter().flatten();
    for (name, _) in named.filter(|(name, _)| !name.bytes().all(|byte| byte.is_ascii_alphanumeric())) {
        let help = "API Gateway names models with letters and digits alone: rename it";
        at.wrong(format!("`{path}` has a schema `{name}`"), help);
    }
    let mut elsewhere = BTreeSet::new();
    references(document, &mut elsewhere);
    for reference in elsewhere.iter().filter(|reference| !is_known(document, reference)) {
        let help = format!("only `{SCHEMAS}<name>` of the same document can be referred to: write it out");
        at.wrong(format!("`{path}` refers to `{reference}`"), help);
    }
}

fn is_known(document: &Value, reference: &str) -> bool {
    let name = reference.strip_prefix(SCHEMAS);
    name.is_some_and(|name| document["components"]["schemas"].get(name).is_some())
}

fn references<'a>(within: &'a Value, found: &mut BTreeSet<&'a str>) {
    found.extend(within.get("$ref").and_then(Value::as_str));
    match within {
        Value::Object(fields) => fields.values().for_each(|value| references(value, found)),
        Value::Array(values) => values.iter().for_each(|value| references(value, found)),
        _ => {}
    }
}

fn operations(document: &Value) -> BTreeSet<Operation<'_>> {
    let paths = document["paths"].as_object().into_iter().flatten();
    paths
        .flat_map(|(path, item)| {
            METHODS.iter().filter(|(key, _)| item.get(key).is_some()).map(|(_, method)| (path.as_str(), *method))
        })
        .collect()
}
