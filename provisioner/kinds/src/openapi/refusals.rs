//! What the gateway itself answers to requests that it does not pass on: problem documents (RFC 9457).

use serde_json::{Value, json};

/// API Gateway's name of a refusal, its status and title, and what is told of it. `$context.error.messageString` comes with
/// its quotes ("Set up gateway responses to customize error responses").
const REFUSALS: [(&str, u16, &str, &str); 5] = [
    ("BAD_REQUEST_BODY", 400, "Bad Request", r#""$context.error.validationErrorString""#),
    ("BAD_REQUEST_PARAMETERS", 400, "Bad Request", r#""$context.error.validationErrorString""#),
    ("INTEGRATION_TIMEOUT", 504, "Gateway Timeout", "$context.error.messageString"),
    ("REQUEST_TOO_LARGE", 413, "Payload Too Large", "$context.error.messageString"),
    ("THROTTLED", 429, "Too Many Requests", "$context.error.messageString"),
];

/// The document's `x-amazon-apigateway-gateway-responses`.
pub(super) fn responses() -> Value {
    REFUSALS
        .iter()
        .map(|&(name, status, title, detail)| (name.to_owned(), response(name, status, title, detail)))
        .collect()
}

/// The template is the one for JSON, which is taken whatever a caller accepts; the header says what it really is.
fn response(name: &str, status: u16, title: &str, detail: &str) -> Value {
    let code = name.to_lowercase().replace('_', "-");
    let template = format!(
        r#"{{"type":"about:blank","title":"{title}","status":{status},"code":"{code}","detail":{detail},"request_id":"$context.requestId"}}"#
    );
    json!({
        "statusCode": status,
        "responseParameters": {"gatewayresponse.header.Content-Type": "'application/problem+json'"},
        "responseTemplates": {"application/json": template},
    })
}
