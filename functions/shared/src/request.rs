//! A REST API's proxy event, made into a [`Request`].
//!
//! Not by `lambda_http`'s own adapter: that one keeps only the last of a repeated header, puts the stage into the path,
//! panics on a path that is no URI, and lets the gateway make a 502 of an event it cannot read.

use std::time::{Duration, SystemTime};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use lambda_http::aws_lambda_events::apigw::ApiGatewayProxyRequest;
use lambda_http::http::{HeaderMap, StatusCode, header};
use lambda_runtime::Context;

use crate::problem::{Mistake, Problem, Where};

/// The longest body taken, in bytes.
pub const LONGEST_BODY: usize = 64 * 1024;

/// One request as a handler sees it.
#[derive(Debug)]
pub struct Request {
    pub method: String,
    /// The matched template, such as `/orders/{orderId}`: the same whatever stage or base path the caller used.
    pub resource: String,
    /// The path the caller used, stage or base path included.
    pub path: String,
    /// API Gateway's id of the request, which its access log has too.
    pub id: String,
    pub body: Vec<u8>,
    /// When the function got the request. Handlers take the time from here, never from the clock.
    pub at: SystemTime,
    /// When Lambda kills the function.
    pub deadline: SystemTime,
    event: ApiGatewayProxyRequest,
}

impl Request {
    /// Reads an event as Lambda delivers it.
    ///
    /// # Errors
    /// A problem with status 400 when `event` is no REST API proxy event or its body is not the base64 it claims to be.
    pub fn read(event: &str, context: &Context, at: SystemTime) -> Result<Self, Problem> {
        let unreadable = |_| Problem::new(StatusCode::BAD_REQUEST, "unreadable", "the request cannot be read");
        let mut event: ApiGatewayProxyRequest = serde_json::from_str(event).map_err(unreadable)?;
        let body = body(event.body.take().unwrap_or_default(), event.is_base64_encoded)?;
        Ok(Self {
            method: event.http_method.to_string(),
            resource: event.resource.take().unwrap_or_default(),
            path: event.request_context.path.take().or(event.path.take()).unwrap_or_default(),
            id: event.request_context.request_id.take().unwrap_or_else(|| context.request_id.clone()),
            body,
            at,
            deadline: SystemTime::UNIX_EPOCH + Duration::from_millis(context.deadline),
            event,
        })
    }

    /// All headers, repeated ones included.
    #[must_use]
    pub fn headers(&self) -> &HeaderMap {
        let all = &self.event.multi_value_headers;
        if all.is_empty() { &self.event.headers } else { all }
    }

    /// The header's only value.
    ///
    /// # Errors
    /// A mistake when it is repeated or not plain ASCII.
    pub fn header(&self, name: &'static str) -> Result<Option<&str>, Mistake> {
        let wrong = |detail: &str| Mistake::new(Where::Header(name), detail);
        let mut values = self.headers().get_all(name).iter();
        let Some(value) = values.next() else { return Ok(None) };
        if values.next().is_some() {
            return Err(wrong("must be given once"));
        }
        value.to_str().map(Some).map_err(|_| wrong("may only contain printable ASCII characters"))
    }

    /// A path parameter; empty when the resource has none of that name.
    #[must_use]
    pub fn path_parameter(&self, name: &str) -> &str {
        self.event.path_parameters.get(name).map_or("", String::as_str)
    }

    /// All query parameters, decoded, repeated ones included.
    pub fn query(&self) -> impl Iterator<Item = (&str, &str)> {
        let all = &self.event.multi_value_query_string_parameters;
        let query = if all.is_empty() { &self.event.query_string_parameters } else { all };
        query.iter()
    }

    /// Refuses a body that is not JSON by its own account, or too long.
    ///
    /// # Errors
    /// A problem with status 415 or 413.
    pub fn require_json(&self) -> Result<(), Problem> {
        let says_json =
            self.headers().get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).is_some_and(is_json);
        if !says_json {
            let detail = "the body must be `application/json` in UTF-8, and `content-type` must say so";
            return Err(Problem::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, "not-json", detail));
        }
        if self.body.len() > LONGEST_BODY {
            let detail = format!("the body may have {LONGEST_BODY} bytes, this one has {}", self.body.len());
            return Err(Problem::new(StatusCode::PAYLOAD_TOO_LARGE, "too-large", detail));
        }
        Ok(())
    }
}

fn body(text: String, base64: bool) -> Result<Vec<u8>, Problem> {
    if !base64 {
        return Ok(text.into_bytes());
    }
    let broken = |_| Problem::new(StatusCode::BAD_REQUEST, "unreadable", "the body is not the base64 it claims to be");
    STANDARD.decode(text).map_err(broken)
}

/// `application/json`, with no other parameter than `charset=utf-8`.
fn is_json(content_type: &str) -> bool {
    let mut parts = content_type.split(';').map(str::trim);
    let utf8 =
        |part: &str| part.eq_ignore_ascii_case("charset=utf-8") || part.eq_ignore_ascii_case("charset=\"utf-8\"");
    parts.next().is_some_and(|kind| kind.eq_ignore_ascii_case("application/json")) && parts.all(utf8)
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn read(changes: Value) -> Result<Request, Problem> {
        let mut event = json!({
            "resource": "/orders/{orderId}", "path": "/prod/orders/1", "httpMethod": "GET", "headers": null,
            "multiValueHeaders": null, "queryStringParameters": null, "multiValueQueryStringParameters": null,
            "pathParameters": null, "stageVariables": null, "body": null, "isBase64Encoded": false,
            "requestContext": { "httpMethod": "GET", "requestId": "r-1", "path": "/prod/orders/1" },
        });
        let (event_fields, changes) = (event.as_object_mut().expect("object"), changes.as_object().cloned());
        event_fields.extend(changes.expect("object"));
        Request::read(&event.to_string(), &Context::default(), SystemTime::UNIX_EPOCH)
    }

    #[test]
    fn repeated_headers_and_query_values_all_arrive() {
        let request = read(json!({
            "headers": { "X-H": "2" }, "multiValueHeaders": { "X-H": ["1", "2"] },
            "queryStringParameters": { "q": "b" }, "multiValueQueryStringParameters": { "q": ["a", "b"] },
        }))
        .expect("readable");
        assert_eq!(request.headers().get_all("x-h").iter().collect::<Vec<_>>(), ["1", "2"]);
        assert_eq!(request.query().collect::<Vec<_>>(), [("q", "a"), ("q", "b")]);
        assert_eq!(request.header("x-h").map_err(|mistake| mistake.detail), Err("must be given once".to_owned()));
    }

    #[test]
    fn single_valued_maps_do_when_the_others_are_missing() {
        let request =
            read(json!({ "headers": { "x-h": "1" }, "queryStringParameters": { "q": "a" } })).expect("readable");
        assert_eq!(request.header("x-h"), Ok(Some("1")));
        assert_eq!(request.query().collect::<Vec<_>>(), [("q", "a")]);
    }

    #[test]
    fn paths_that_are_no_uris_are_harmless() {
        for path in ["/orders/a b", "/orders/\u{e9}", "", "//[", "\u{0}"] {
            read(json!({ "path": path, "requestContext": { "httpMethod": "GET", "path": path } })).expect("readable");
        }
    }

    #[test]
    fn base64_bodies_are_decoded_and_broken_ones_refused() {
        assert_eq!(read(json!({ "body": "/w==", "isBase64Encoded": true })).expect("readable").body, [0xff]);
        let refused = read(json!({ "body": "/w=", "isBase64Encoded": true })).expect_err("not base64");
        assert_eq!((refused.status.as_u16(), refused.code), (400, "unreadable"));
    }

    #[test]
    fn only_utf8_json_is_json() {
        for good in ["application/json", "Application/JSON; charset=UTF-8", "application/json;charset=\"utf-8\""] {
            assert!(is_json(good), "{good}");
        }
        for bad in
            ["", "text/plain", "application/jsonp", "application/json; charset=latin1", "application/json-patch+json"]
        {
            assert!(!is_json(bad), "{bad}");
        }
    }

    #[test]
    fn long_bodies_are_refused() {
        let of = |bytes: usize| json!({ "body": "x".repeat(bytes), "headers": { "content-type": "application/json" } });
        let status =
            |bytes| read(of(bytes)).expect("readable").require_json().map_err(|problem| problem.status.as_u16());
        assert_eq!((status(LONGEST_BODY), status(LONGEST_BODY + 1)), (Ok(()), Err(413)));
    }
}
