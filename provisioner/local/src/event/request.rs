//! From an HTTP request to the event of a proxy integration.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use http::{HeaderMap, HeaderValue};
use percent_encoding::percent_decode_str;
use serde_json::{Map, Value, json};
use time::OffsetDateTime;
use time::format_description::BorrowedFormatItem;
use time::macros::format_description;

use super::{Context, Head};

/// How API Gateway writes times: the common log format.
const REQUEST_TIME: &[BorrowedFormatItem<'_>] =
    format_description!("[day]/[month repr:short]/[year]:[hour]:[minute]:[second] +0000");

/// What distinguishes one request from the next.
#[derive(Clone, Debug)]
pub struct Stamp {
    pub request_id: String,
    pub extended_request_id: String,
    /// Milliseconds since 1970.
    pub time: u64,
}

/// The event for a request whose way led to the API described by `context`.
pub fn proxy_event(head: &Head, body: &[u8], context: &Context, stamp: &Stamp) -> Value {
    let headers = with_gateway_headers(head, context);
    let query = query_pairs(head.query.as_deref().unwrap_or_default());
    let (body, is_base64) = encode_body(body, context.is_binary(head.header("content-type")));
    json!({
        "resource": context.resource_path,
        "path": path_below_stage(head, context),
        "httpMethod": head.method.as_str(),
        "headers": last_values(&headers),
        "multiValueHeaders": all_values(&headers),
        "queryStringParameters": last_values(&query),
        "multiValueQueryStringParameters": all_values(&query),
        "pathParameters": object_or_null(&context.path_parameters),
        "stageVariables": object_or_null(&context.stage_variables),
        "requestContext": request_context(head, context, stamp),
        "body": body,
        "isBase64Encoded": is_base64,
    })
}

fn request_context(head: &Head, context: &Context, stamp: &Stamp) -> Value {
    let domain_name = head.host_name();
    json!({
        "accountId": context.account_id,
        "apiId": context.api_id,
        "deploymentId": context.deployment_id,
        "domainName": domain_name,
        "domainPrefix": domain_name.split('.').next(),
        "extendedRequestId": stamp.extended_request_id,
        "httpMethod": head.method.as_str(),
        "identity": identity(head, context),
        "path": path_or_root(head), // with base path or stage, as the client sent it
        "protocol": "HTTP/1.1", // the balancer speaks 1.1 to its targets, whatever the client speaks
        "requestId": stamp.request_id,
        "requestTime": request_time(stamp.time),
        "requestTimeEpoch": stamp.time,
        "resourceId": context.resource_id,
        "resourcePath": context.resource_path,
        "stage": context.stage,
    })
}

fn identity(head: &Head, context: &Context) -> Value {
    json!({
        "accessKey": null,
        "accountId": null,
        "caller": null,
        "cognitoAuthenticationProvider": null,
        "cognitoAuthenticationType": null,
        "cognitoIdentityId": null,
        "cognitoIdentityPoolId": null,
        "principalOrgId": null,
        "sourceIp": head.source_ip.to_string(),
        "user": null,
        "userAgent": head.header("user-agent"),
        "userArn": null,
        "vpcId": context.vpc_id,
        "vpceId": context.vpc_endpoint_id,
    })
}

/// A custom domain's base path stays in the event's path; a stage does not.
fn path_below_stage<'a>(head: &'a Head, context: &Context) -> &'a str {
    let path = path_or_root(head);
    if !context.stage_in_path {
        return path;
    }
    match path.strip_prefix('/').and_then(|path| path.strip_prefix(context.stage.as_str())) {
        Some("") => "/",
        Some(rest) if rest.starts_with('/') => rest,
        _ => path,
    }
}

fn path_or_root(head: &Head) -> &str {
    if head.path.is_empty() { "/" } else { &head.path }
}

/// The request's headers and those a private endpoint adds, which nobody else may set.
fn with_gateway_headers(head: &Head, context: &Context) -> Vec<(String, String)> {
    let mut headers = head.headers.clone();
    set(&mut headers, "host", &head.host);
    set(&mut headers, "x-amzn-vpc-id", &context.vpc_id);
    set(&mut headers, "x-amzn-vpce-config", "0");
    set(&mut headers, "x-amzn-vpce-id", &context.vpc_endpoint_id);
    let text = |value: &HeaderValue| String::from_utf8_lossy(value.as_bytes()).into_owned();
    headers.iter().map(|(name, value)| (name.as_str().to_owned(), text(value))).collect()
}

fn set(headers: &mut HeaderMap, name: &'static str, value: &str) {
    if let Ok(value) = HeaderValue::from_str(value) {
        headers.insert(name, value);
    }
}

/// Names and values of a query, decoded (a plus sign is a space), in order. A name alone has an empty value.
fn query_pairs(query: &str) -> Vec<(String, String)> {
    let decode = |text: &str| percent_decode_str(&text.replace('+', " ")).decode_utf8_lossy().into_owned();
    let pairs = query.split('&').filter(|pair| !pair.is_empty());
    pairs
        .map(|pair| pair.split_once('=').unwrap_or((pair, "")))
        .map(|(name, value)| (decode(name), decode(value)))
        .collect()
}

/// Of a name that is repeated, the last value; null where there is nothing at all.
fn last_values(pairs: &[(String, String)]) -> Value {
    let last: Map<String, Value> =
        pairs.iter().map(|(name, value)| (name.clone(), Value::from(value.as_str()))).collect();
    if last.is_empty() { Value::Null } else { Value::Object(last) }
}

/// All values of each name, in order; null where there is nothing at all.
fn all_values(pairs: &[(String, String)]) -> Value {
    let mut all: Map<String, Value> = Map::new();
    for (name, value) in pairs {
        if let Value::Array(values) = all.entry(name.clone()).or_insert_with(|| Value::Array(Vec::new())) {
            values.push(Value::from(value.as_str()));
        }
    }
    if all.is_empty() { Value::Null } else { Value::Object(all) }
}

fn object_or_null(entries: &std::collections::BTreeMap<String, String>) -> Value {
    if entries.is_empty() { Value::Null } else { json!(entries) }
}

/// Bytes of a binary media type travel in base64; everything else is taken for UTF-8, whatever it is.
fn encode_body(body: &[u8], is_binary: bool) -> (Value, bool) {
    match (body.is_empty(), is_binary) {
        (true, _) => (Value::Null, false),
        (false, true) => (Value::from(STANDARD.encode(body)), true),
        (false, false) => (Value::from(String::from_utf8_lossy(body)), false),
    }
}

fn request_time(millis: u64) -> String {
    let seconds = i64::try_from(millis / 1000).unwrap_or_default();
    let time = OffsetDateTime::from_unix_timestamp(seconds).unwrap_or(OffsetDateTime::UNIX_EPOCH);
    time.format(REQUEST_TIME).unwrap_or_default()
}
