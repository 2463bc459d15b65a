//! Whether an answer is one that the OpenAPI document promises for its route.

use functions_shared::{Reply, Route, openapi::json_schema};
use serde_json::Value;

use crate::support::header;

/// # Panics
/// If status, content type, headers or body are not as the document says.
pub(crate) fn assert_promised(route: Route, reply: &Reply) {
    let document = orders::openapi();
    let status = reply.status().as_u16().to_string();
    let operation = &document["paths"][route.resource][route.method.to_lowercase()];
    let promised = &operation["responses"][&status];
    assert!(promised.is_object(), "{} answers {status}, which the document does not know", route.name);
    for name in promised["headers"].as_object().expect("headers").keys() {
        assert_ne!(header(reply, &name.to_lowercase()), "", "{} {status} without {name}", route.name);
    }
    match promised["content"].as_object().and_then(|content| content.iter().next()) {
        Some((content_type, content)) => {
            assert_eq!(header(reply, "content-type"), content_type, "{} {status}", route.name);
            assert_fits(&document, &content["schema"], reply.body());
        }
        None => assert_eq!(reply.body(), "", "{} {status}", route.name),
    }
}

fn assert_fits(document: &Value, schema: &Value, body: &str) {
    let schema = json_schema(document, schema);
    let body: Value = serde_json::from_str(body).expect("JSON");
    let schema = jsonschema::validator_for(&schema).expect("a sound schema");
    let errors: Vec<String> = schema.iter_errors(&body).map(|error| error.to_string()).collect();
    assert!(errors.is_empty(), "{errors:?} in {body}");
}
