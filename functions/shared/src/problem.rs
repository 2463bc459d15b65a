//! Problem details (RFC 9457): every answer that is not a success.

use lambda_http::http::{HeaderValue, StatusCode, header};
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::Serialize;

use crate::Reply;

/// At most this many mistakes are listed; a body may hold thousands.
const MISTAKES_LISTED: usize = 32;

/// Why a request was not served.
///
/// `code` is stable and meant for programs, `detail` for people. `cause` is for the log alone and never reaches the caller.
#[derive(Debug)]
pub struct Problem {
    pub status: StatusCode,
    pub code: &'static str,
    pub detail: String,
    pub mistakes: Vec<Mistake>,
    /// Seconds after which trying again makes sense.
    pub retry_after: Option<u32>,
    pub cause: Option<String>,
}

/// One thing wrong with the request.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Mistake {
    #[serde(flatten)]
    pub at: Where,
    pub detail: String,
}

/// The place of a mistake.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Where {
    Header(&'static str),
    /// The name of a path or query parameter.
    Parameter(String),
    /// A JSON pointer (RFC 6901) into the body.
    Pointer(String),
}

// `type` stays `about:blank`: what tells problems of one status apart is `code`.
/// Problem details (RFC 9457).
#[derive(JsonSchema, Serialize)]
#[schemars(rename = "Problem")]
pub(crate) struct Document<'a> {
    r#type: &'static str,
    title: &'a str,
    status: u16,
    code: &'a str,
    detail: &'a str,
    request_id: &'a str,
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    errors: &'a [Mistake],
}

impl JsonSchema for Mistake {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Mistake".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        let place = |what: &str| serde_json::json!({"type": "string", "description": what});
        json_schema!({
            "type": "object",
            "description": "One thing wrong with the request, and the one place where it stands.",
            "required": ["detail"],
            "properties": {
                "header": place("A header's name"),
                "parameter": place("The name of a path or query parameter"),
                "pointer": place("A JSON pointer (RFC 6901) into the body"),
                "detail": {"type": "string"},
            },
        })
    }
}

impl Mistake {
    #[must_use]
    pub fn new(at: Where, detail: impl Into<String>) -> Self {
        Self { at, detail: detail.into() }
    }

    #[must_use]
    pub fn parameter(name: &str, detail: impl Into<String>) -> Self {
        Self::new(Where::Parameter(name.to_owned()), detail)
    }
}

impl Problem {
    #[must_use]
    pub fn new(status: StatusCode, code: &'static str, detail: impl Into<String>) -> Self {
        Self { status, code, detail: detail.into(), mistakes: Vec::new(), retry_after: None, cause: None }
    }

    /// 400 with everything that is wrong.
    #[must_use]
    pub fn invalid(code: &'static str, detail: &str, mut mistakes: Vec<Mistake>) -> Self {
        mistakes.truncate(MISTAKES_LISTED);
        Self { mistakes, ..Self::new(StatusCode::BAD_REQUEST, code, detail) }
    }

    /// 503 that asks to try again in a second; `cause` goes to the log.
    #[must_use]
    pub fn unavailable(cause: impl Into<String>) -> Self {
        let problem =
            Self::new(StatusCode::SERVICE_UNAVAILABLE, "unavailable", "the service is busy; try again shortly");
        Self { retry_after: Some(1), cause: Some(cause.into()), ..problem }
    }

    /// 500: our own mistake; `cause` goes to the log.
    #[must_use]
    pub fn internal(cause: impl Into<String>) -> Self {
        let problem = Self::new(StatusCode::INTERNAL_SERVER_ERROR, "internal", "the service failed to answer");
        Self { cause: Some(cause.into()), ..problem }
    }

    /// The answer, with the request's id in the body.
    #[must_use]
    pub fn reply(&self, request_id: &str) -> Reply {
        let document = Document {
            r#type: "about:blank",
            title: self.status.canonical_reason().unwrap_or_default(),
            status: self.status.as_u16(),
            code: self.code,
            detail: &self.detail,
            request_id,
            errors: &self.mistakes,
        };
        let mut reply = Reply::new(serde_json::to_string(&document).expect("a problem holds only strings and numbers"));
        *reply.status_mut() = self.status;
        let headers = reply.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
        headers.extend(self.retry_after.map(|seconds| (header::RETRY_AFTER, HeaderValue::from(seconds))));
        reply
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_document_says_where_and_why_but_not_the_cause() {
        let mistakes = vec![
            Mistake::new(Where::Pointer("/items/0/quantity".to_owned()), "must be at least 1"),
            Mistake::parameter("limit", "must be a whole number"),
            Mistake::new(Where::Header("idempotency-key"), "must be given once"),
        ];
        let mut problem = Problem::invalid("invalid-order", "the order has mistakes", mistakes);
        problem.cause = Some("not for callers".to_owned());
        let body: serde_json::Value = serde_json::from_str(problem.reply("r-1").body()).expect("JSON");
        assert_eq!(
            body,
            serde_json::json!({
                "type": "about:blank", "title": "Bad Request", "status": 400, "code": "invalid-order",
                "detail": "the order has mistakes", "request_id": "r-1",
                "errors": [
                    { "pointer": "/items/0/quantity", "detail": "must be at least 1" },
                    { "parameter": "limit", "detail": "must be a whole number" },
                    { "header": "idempotency-key", "detail": "must be given once" },
                ],
            })
        );
    }

    #[test]
    fn an_outage_says_when_to_come_back() {
        let reply = Problem::unavailable("ThrottlingException").reply("r-1");
        assert_eq!((reply.status().as_u16(), reply.headers()["retry-after"].as_bytes()), (503, b"1".as_slice()));
        assert!(!reply.body().contains("Throttling"));
    }
}
