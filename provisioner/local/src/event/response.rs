//! From what a function gave back to an HTTP response.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use http::header::{CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue};
use http::{Response, StatusCode};
use serde_json::{Map, Value};

use super::{Context, Head};

/// Headers that API Gateway does not let a function set: they come out as `x-amzn-remapped-<name>`.
const REMAPPED: [&str; 12] = [
    "authorization",
    "connection",
    "content-length",
    "date",
    "host",
    "server",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
    "via",
    "www-authenticate",
];

/// A function's result that is no proxy response. The client gets 502; the reason is for the log.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("malformed Lambda proxy response: {0}")]
pub struct Malformed(pub &'static str);

/// The HTTP response that a function's result stands for.
///
/// # Errors
/// The result is not what API Gateway understands.
pub fn proxy_response(result: &[u8], head: &Head, context: &Context) -> Result<Response<Bytes>, Malformed> {
    let result: Value = serde_json::from_slice(result).map_err(|_| Malformed("it is not JSON"))?;
    let result = result.as_object().ok_or(Malformed("it is not an object"))?;
    let mut response = Response::new(body(result, context.is_binary(head.header("accept")))?);
    *response.status_mut() = status(result)?;
    *response.headers_mut() = headers(result)?;
    Ok(response)
}

/// A number, or digits in a string; 200 if there is none. An interim status is no answer.
fn status(result: &Map<String, Value>) -> Result<StatusCode, Malformed> {
    let bad = Malformed("`statusCode` is not a status from 200 to 599");
    let code = match result.get("statusCode") {
        None | Some(Value::Null) => 200,
        Some(Value::Number(number)) => number.as_u64().ok_or(bad)?,
        Some(Value::String(text)) => text.parse().map_err(|_| bad)?,
        Some(_) => return Err(bad),
    };
    let code = u16::try_from(code).ok().filter(|code| (200..600).contains(code)).ok_or(bad)?;
    StatusCode::from_u16(code).map_err(|_| bad)
}

/// `headers` and `multiValueHeaders` together; the same name with the same value in both counts once.
fn headers(result: &Map<String, Value>) -> Result<HeaderMap, Malformed> {
    let mut headers = HeaderMap::new();
    for (name, value) in object(result, "headers")? {
        add(&mut headers, name, value)?;
    }
    for (name, values) in object(result, "multiValueHeaders")? {
        let values = values.as_array().ok_or(Malformed("a value of `multiValueHeaders` is not a list"))?;
        values.iter().try_for_each(|value| add(&mut headers, name, value))?;
    }
    headers.entry(CONTENT_TYPE).or_insert(HeaderValue::from_static("application/json"));
    Ok(headers)
}

fn object<'a>(
    result: &'a Map<String, Value>,
    field: &str,
) -> Result<impl Iterator<Item = (&'a String, &'a Value)>, Malformed> {
    match result.get(field) {
        None | Some(Value::Null) => Ok(None.into_iter().flatten()),
        Some(Value::Object(entries)) => Ok(Some(entries).into_iter().flatten()),
        Some(_) => Err(Malformed("`headers` or `multiValueHeaders` is not an object")),
    }
}

fn add(headers: &mut HeaderMap, name: &str, value: &Value) -> Result<(), Malformed> {
    let text = match value {
        Value::String(text) => text.clone(),
        Value::Number(_) | Value::Bool(_) => value.to_string(),
        _ => return Err(Malformed("the value of a header is not text")),
    };
    let name = name.to_ascii_lowercase();
    let name = if REMAPPED.contains(&name.as_str()) { format!("x-amzn-remapped-{name}") } else { name };
    let name = HeaderName::try_from(name).map_err(|_| Malformed("the name of a header has illegal characters"))?;
    let value = HeaderValue::try_from(text).map_err(|_| Malformed("the value of a header has illegal characters"))?;
    if !headers.get_all(&name).iter().any(|present| present == value) {
        headers.append(name, value);
    }
    Ok(())
}

/// Base64 is decoded only if the client accepts a binary media type of the API; else it is passed on as it is.
fn body(result: &Map<String, Value>, client_takes_binary: bool) -> Result<Bytes, Malformed> {
    let text = match result.get("body") {
        None | Some(Value::Null) => return Ok(Bytes::new()),
        Some(Value::String(text)) => text,
        Some(_) => return Err(Malformed("`body` is not a string")),
    };
    match result.get("isBase64Encoded") {
        Some(Value::Bool(true)) if client_takes_binary => {
            STANDARD.decode(text).map(Bytes::from).map_err(|_| Malformed("`body` is not base64"))
        }
        None | Some(Value::Null | Value::Bool(_)) => Ok(Bytes::from(text.clone())),
        Some(_) => Err(Malformed("`isBase64Encoded` is neither true nor false")),
    }
}
