//! What a load balancer does to the headers of a request before it passes it on.

use std::net::IpAddr;

use http::header::{HOST, HeaderMap, HeaderValue};
use http::request::Parts;

use crate::event::Head;
use crate::ids;

/// The port the provisioned balancer listens on, whatever port the door has.
const LISTENER_PORT: &str = "443";
/// They concern one connection, and end with it.
const HOP_BY_HOP: [&str; 8] =
    ["connection", "expect", "keep-alive", "proxy-connection", "te", "trailer", "transfer-encoding", "upgrade"];

/// The head as the gateway sees it, or `None` without a host.
pub(super) fn head_of(parts: &Parts, client: IpAddr, server_name: Option<String>) -> Option<Head> {
    let host = match parts.uri.authority() {
        Some(authority) => authority.as_str(),
        None => parts.headers.get(HOST)?.to_str().ok()?,
    };
    Some(Head {
        method: parts.method.clone(),
        host: host.to_owned(),
        path: parts.uri.path().to_owned(),
        query: parts.uri.query().map(str::to_owned),
        headers: passed_on(&parts.headers, client),
        source_ip: client,
        server_name,
    })
}

fn passed_on(sent: &HeaderMap, client: IpAddr) -> HeaderMap {
    let mut headers: HeaderMap = HeaderMap::with_capacity(sent.len() + 4);
    for (name, value) in sent.iter().filter(|(name, _)| is_valid(name.as_str()) && !HOP_BY_HOP.contains(&name.as_str()))
    {
        headers.append(name, value.clone());
    }
    put(&mut headers, "x-amzn-trace-id", &trace(sent));
    put(&mut headers, "x-forwarded-for", &forwarded_for(sent, client));
    put(&mut headers, "x-forwarded-port", LISTENER_PORT);
    put(&mut headers, "x-forwarded-proto", "https");
    headers
}

/// With "drop invalid header fields" on, only letters, digits and hyphens pass: an underscore could forge another header.
fn is_valid(name: &str) -> bool {
    name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
}

/// The client's own list is kept, whatever it claims, and its address added at the end.
fn forwarded_for(sent: &HeaderMap, client: IpAddr) -> String {
    let mut addresses = texts(sent, "x-forwarded-for");
    addresses.push(client.to_string());
    addresses.join(", ")
}

/// A trace that the client began goes on; else a new one begins.
fn trace(sent: &HeaderMap) -> String {
    let root = ids::trace_root();
    match texts(sent, "x-amzn-trace-id").pop() {
        Some(begun) if begun.contains("Root=") => format!("Self={root};{begun}"),
        _ => format!("Root={root}"),
    }
}

fn texts(headers: &HeaderMap, name: &str) -> Vec<String> {
    headers.get_all(name).iter().filter_map(|value| value.to_str().ok()).map(str::to_owned).collect()
}

fn put(headers: &mut HeaderMap, name: &'static str, value: &str) {
    if let Ok(value) = HeaderValue::from_str(value) {
        headers.insert(name, value);
    }
}

#[cfg(test)]
mod tests {
    use http::Request;

    use super::*;

    fn head(request: http::request::Builder) -> Option<Head> {
        let (parts, ()) = request.body(()).expect("a request").into_parts();
        head_of(&parts, IpAddr::from([10, 0, 0, 9]), None)
    }

    #[test]
    fn a_plain_request_gets_what_a_balancer_adds() {
        let head = head(Request::get("/a%20b?c=d").header("host", "food.example:8443")).expect("a host");
        assert_eq!((head.host.as_str(), head.host_name().as_str()), ("food.example:8443", "food.example"));
        assert_eq!((head.path.as_str(), head.query.as_deref()), ("/a%20b", Some("c=d")));
        assert_eq!(head.header("x-forwarded-for"), Some("10.0.0.9"));
        assert_eq!((head.header("x-forwarded-proto"), head.header("x-forwarded-port")), (Some("https"), Some("443")));
        assert!(head.header("x-amzn-trace-id").expect("a trace").starts_with("Root=1-"));
    }

    #[test]
    fn what_a_client_claims_is_kept_or_dropped_as_a_balancer_does() {
        let request = Request::get("/")
            .header("host", "a")
            .header("x-forwarded-for", "1.2.3.4")
            .header("x-forwarded-proto", "http")
            .header("x-amzn-trace-id", "Root=1-a-b")
            .header("x_apigw_api_id", "forged")
            .header("connection", "close")
            .header("accept", "*/*");
        let head = head(request).expect("a host");
        assert_eq!(head.header("x-forwarded-for"), Some("1.2.3.4, 10.0.0.9"));
        assert_eq!(head.header("x-forwarded-proto"), Some("https"));
        let trace = head.header("x-amzn-trace-id").expect("a trace");
        assert!(trace.starts_with("Self=1-") && trace.ends_with(";Root=1-a-b"), "{trace}");
        assert_eq!((head.header("x_apigw_api_id"), head.header("connection")), (None, None));
        assert_eq!(head.header("accept"), Some("*/*"));
    }

    #[test]
    fn the_authority_of_http_2_is_the_host_and_without_any_there_is_no_head() {
        assert_eq!(head(Request::get("https://food.example/a")).expect("a host").host, "food.example");
        assert!(head(Request::get("/a")).is_none());
    }
}
