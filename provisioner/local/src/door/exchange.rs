//! One request: its head is routed, its body read, its function called, its answer written.

use std::net::IpAddr;
use std::time::{Duration, Instant};

use bytes::Bytes;
use http::header::{CONTENT_TYPE, HeaderName, HeaderValue, SERVER};
use http::{Request, Response, StatusCode};
use http_body_util::{BodyExt, Full, Limited};
use hyper::body::Incoming;
use tokio::time::timeout;

use super::{Destination, Door, Platform, Refusal, Routed, document::Mistake, headers};
use crate::event::{Head, Stamp, proxy_event, proxy_response};
use crate::ids;
use crate::runtime::Fault;

/// API Gateway's limit for a request's body, in bytes.
const BODY_LIMIT: usize = 10 * 1024 * 1024;
/// A body that does not arrive within the balancer's idle timeout is given up.
const BODY_PATIENCE: Duration = Duration::from_secs(60);
/// For the look at the platform, which may have to be read anew after a change.
const ROUTE_PATIENCE: Duration = Duration::from_secs(60);

/// The connection is to be closed without an answer, which is what a lost packet looks like on one machine.
#[derive(Debug, thiserror::Error)]
#[error("no answer: {0}")]
pub(super) struct NoAnswer(String);

pub(super) async fn answer<P: Platform>(
    door: &Door<P>,
    request: Request<Incoming>,
    client: IpAddr,
    server_name: Option<String>,
) -> Result<Response<Full<Bytes>>, NoAnswer> {
    let started = Instant::now();
    let (parts, body) = request.into_parts();
    let Some(head) = headers::head_of(&parts, client, server_name) else {
        return Ok(write(balancer(400, "400 Bad Request", "the request names no host")));
    };
    let answered = match timeout(ROUTE_PATIENCE, door.platform.route(&head)).await {
        Ok(Routed::Invoke(destination)) => call(door, &head, body, *destination).await,
        Ok(Routed::Refuse(refusal)) => Ok(refuse(&head, refusal)),
        Ok(Routed::NoAnswer { reason }) => Err(NoAnswer(reason)),
        Err(_) => Ok(write(balancer(504, "504 Gateway Time-out", "what is provisioned could not be read in time"))),
    };
    note(&head, started.elapsed(), &answered);
    answered
}

async fn call<P: Platform>(
    door: &Door<P>,
    head: &Head,
    body: Incoming,
    destination: Destination,
) -> Result<Response<Full<Bytes>>, NoAnswer> {
    let stamp = Stamp {
        request_id: ids::request_id(),
        extended_request_id: ids::extended_request_id(),
        time: ids::now_millis(),
    };
    let result = match read(body).await {
        Ok(body) => invoke(door, head, &body, &destination, &stamp).await,
        Err(NotRead::TooLong) => Err(too_large("the body is too long")),
        Err(NotRead::Gone(why)) => return Err(NoAnswer(why)),
    };
    let told = |it: Unserved| destination.document.told(&it.mistake, &stamp.request_id, it.refusal);
    let response = result.map_or_else(|unserved| write(told(unserved)), |response| response.map(Full::new));
    Ok(stamped(response, head, &stamp))
}

async fn invoke<P: Platform>(
    door: &Door<P>,
    head: &Head,
    body: &[u8],
    Destination { function, context, document, integration_timeout }: &Destination,
    stamp: &Stamp,
) -> Result<Response<Bytes>, Unserved> {
    let event = proxy_event(head, body, context, stamp);
    if let Some(mistake) = document.mistake(&event) {
        return Err(Unserved::of(mistake, 400, "BadRequestException"));
    }
    let event = Bytes::from(event.to_string());
    let trace = head.header("x-amzn-trace-id").unwrap_or_default();
    let failed = |status, message, reason: String| Unserved::failed("DEFAULT_5XX", status, message, reason);
    match timeout(*integration_timeout, door.functions.invoke(function, event, trace)).await {
        Ok(Ok(result)) => {
            let response = proxy_response(&result, head, context);
            response.map_err(|malformed| failed(502, "Internal server error", malformed.to_string()))
        }
        Ok(Err(fault @ Fault::EventTooLarge { .. })) => Err(too_large(&fault.to_string())),
        Ok(Err(fault @ (Fault::Throttled | Fault::Stopped))) => {
            Err(failed(500, "Internal server error", fault.to_string()))
        }
        Ok(Err(fault)) => Err(failed(502, "Internal server error", fault.to_string())),
        Err(_) => {
            let reason = "the gateway waits no longer".to_owned();
            Err(Unserved::failed("INTEGRATION_TIMEOUT", 504, "Endpoint request timed out", reason))
        }
    }
}

enum NotRead {
    TooLong,
    Gone(String),
}

async fn read(body: Incoming) -> Result<Bytes, NotRead> {
    match timeout(BODY_PATIENCE, Limited::new(body, BODY_LIMIT).collect()).await {
        Ok(Ok(body)) => Ok(body.to_bytes()),
        Ok(Err(error)) if error.is::<http_body_util::LengthLimitError>() => Err(NotRead::TooLong),
        Ok(Err(error)) => Err(NotRead::Gone(error.to_string())),
        Err(_) => Err(NotRead::Gone("the body did not arrive".to_owned())),
    }
}

/// A load balancer's own answer.
fn balancer(status: u16, title: &str, reason: &str) -> Refusal {
    let body = format!(
        "<html>\r\n<head><title>{title}</title></head>\r\n<body>\r\n<center><h1>{title}</h1></center>\r\n</body>\r\n</html>\r\n"
    );
    Refusal { status, content_type: "text/html".to_owned(), error_type: None, body, reason: reason.to_owned() }
}

/// A request that no function answered: why, and what API Gateway says of it if the API has no words of its own.
struct Unserved {
    mistake: Mistake,
    refusal: Refusal,
}

impl Unserved {
    fn of(mistake: Mistake, status: u16, error_type: &str) -> Self {
        let refusal = Refusal {
            status,
            content_type: "application/json".to_owned(),
            error_type: Some(error_type.to_owned()),
            body: serde_json::json!({ "message": mistake.message }).to_string(),
            reason: mistake.errors.clone(),
        };
        Self { mistake, refusal }
    }

    fn failed(response: &'static str, status: u16, message: &str, reason: String) -> Self {
        let mistake = Mistake { response, message: message.to_owned(), errors: reason };
        Self::of(mistake, status, "InternalServerErrorException")
    }
}

fn too_large(reason: &str) -> Unserved {
    let (message, errors) = ("Request Too Long".to_owned(), reason.to_owned());
    Unserved::of(Mistake { response: "REQUEST_TOO_LARGE", message, errors }, 413, "RequestTooLargeException")
}

/// A refusal by the gateway has a request id, as every answer of it; one by the balancer has not.
fn refuse(head: &Head, refusal: Refusal) -> Response<Full<Bytes>> {
    let by_gateway = refusal.error_type.is_some();
    let response = write(refusal);
    if !by_gateway {
        return response;
    }
    let (request_id, extended_request_id) = (ids::request_id(), ids::extended_request_id());
    stamped(response, head, &Stamp { request_id, extended_request_id, time: 0 })
}

fn write(refusal: Refusal) -> Response<Full<Bytes>> {
    let mut response = Response::new(Full::new(Bytes::from(refusal.body)));
    *response.status_mut() = StatusCode::from_u16(refusal.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    put(&mut response, CONTENT_TYPE, &refusal.content_type);
    put(&mut response, HeaderName::from_static("x-local-reason"), &refusal.reason);
    match refusal.error_type {
        Some(error_type) => put(&mut response, HeaderName::from_static("x-amzn-errortype"), &error_type),
        None => put(&mut response, SERVER, "awselb/2.0"),
    }
    response
}

fn stamped(mut response: Response<Full<Bytes>>, head: &Head, stamp: &Stamp) -> Response<Full<Bytes>> {
    put(&mut response, HeaderName::from_static("x-amzn-requestid"), &stamp.request_id);
    put(&mut response, HeaderName::from_static("x-amz-apigw-id"), &stamp.extended_request_id);
    if let Some(trace) = head.header("x-amzn-trace-id") {
        put(&mut response, HeaderName::from_static("x-amzn-trace-id"), trace);
    }
    response
}

/// Sets a header; what cannot stand in one (a line break, say) becomes a space.
fn put(response: &mut Response<Full<Bytes>>, name: HeaderName, value: &str) {
    let legal: String =
        value.chars().map(|char| if char.is_ascii() && !char.is_control() { char } else { ' ' }).collect();
    if let Ok(value) = HeaderValue::from_str(&legal) {
        response.headers_mut().insert(name, value);
    }
}

fn note(head: &Head, took: Duration, answered: &Result<Response<Full<Bytes>>, NoAnswer>) {
    let (method, host, path) = (&head.method, &head.host, &head.path);
    match answered {
        Ok(response) => {
            let reason = response.headers().get("x-local-reason").and_then(|reason| reason.to_str().ok());
            tracing::info!(%method, host, path, status = response.status().as_u16(), ?took, reason);
        }
        Err(why) => tracing::info!(%method, host, path, ?took, %why),
    }
}
