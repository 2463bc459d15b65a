//! An order as an answer's body, and its entity tag.

use std::fmt::Write;

use functions_shared::{Problem, Reply};
use lambda_http::http::{HeaderValue, StatusCode, header};
use ring::digest::{Digest, SHA256, digest};
use serde::Serialize;

use crate::order::Order;

/// The order with its tag; a caller may keep it but has to ask whether it still holds.
pub(crate) fn represent(order: &Order, status: StatusCode) -> Result<Reply, Problem> {
    let mut reply = json(order)?;
    *reply.status_mut() = status;
    let tag = format!("\"{}\"", &hex(&digest(&SHA256, reply.body().as_bytes()))[..32]);
    reply.headers_mut().insert(header::ETAG, value(&tag)?);
    reply.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("private, no-cache"));
    Ok(reply)
}

/// 200 with a JSON body.
pub(crate) fn json(body: &impl Serialize) -> Result<Reply, Problem> {
    let text = serde_json::to_string(body).map_err(|error| Problem::internal(error.to_string()))?;
    let mut reply = Reply::new(text);
    reply.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    Ok(reply)
}

pub(crate) fn value(text: &str) -> Result<HeaderValue, Problem> {
    HeaderValue::from_str(text).map_err(|error| Problem::internal(error.to_string()))
}

pub(crate) fn hex(hash: &Digest) -> String {
    hash.as_ref().iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}
