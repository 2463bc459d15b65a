//! The life of a request: event, [`Request`], handler within the deadline, answer, log line.
//!
//! Every way it can go ends in an HTTP answer of ours. An error handed to Lambda would become a bare 502 at the gateway.

use std::future::Future;
use std::panic::AssertUnwindSafe;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant, SystemTime};

use futures::FutureExt;
use lambda_http::aws_lambda_events::apigw::ApiGatewayProxyResponse;
use lambda_http::aws_lambda_events::encodings::Body;
use lambda_http::http::{HeaderName, HeaderValue, StatusCode, header};
use lambda_runtime::{Context, Error, LambdaEvent, Runtime, service_fn};
use serde_json::value::RawValue;

use crate::log::{self, Level, Line, Metrics};
use crate::xray::Trace;
use crate::{Problem, Reply, Request};

/// Kept back before Lambda's deadline to send the answer.
const TO_ANSWER: Duration = Duration::from_millis(250);

const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// The only route a function serves, by the resource's template.
#[derive(Clone, Copy, Debug)]
pub struct Route {
    pub method: &'static str,
    pub resource: &'static str,
    /// `<method> <resource>`, for the log.
    pub name: &'static str,
}

/// Polls the Runtime API for events and answers them, until Lambda ends the process.
///
/// # Errors
/// When the Runtime API cannot be reached.
pub async fn serve<H, F>(route: Route, handler: H) -> Result<(), Error>
where
    H: Fn(Request) -> F,
    F: Future<Output = Result<Reply, Problem>>,
{
    log::panics_as_json();
    let first = AtomicBool::new(true);
    let (handler, first) = (&handler, &first);
    let service = service_fn(move |event: LambdaEvent<Box<RawValue>>| async move {
        let cold_start = first.swap(false, Ordering::Relaxed);
        let reply = answer(route, handler, event.payload.get(), &event.context, cold_start).await;
        Ok::<_, Error>(proxy_response(reply))
    });
    Runtime::new(service).run().await
}

/// Answers one event and logs it.
pub async fn answer<H, F>(route: Route, handler: H, event: &str, context: &Context, cold_start: bool) -> Reply
where
    H: Fn(Request) -> F,
    F: Future<Output = Result<Reply, Problem>>,
{
    let (at, start) = (SystemTime::now(), Instant::now());
    let (id, outcome) = match Request::read(event, context, at) {
        Ok(request) => {
            let trace = context.xray_trace_id.as_deref().and_then(Trace::read);
            (request.id.clone(), Trace::of(trace, handle(route, handler, request)).await)
        }
        Err(problem) => (context.request_id.clone(), Err(problem)),
    };
    let (reply, problem) = match outcome {
        Ok(reply) => (reply, None),
        Err(problem) => (problem.reply(&id), Some(problem)),
    };
    let reply = with_id(reply, &id);
    let failed = reply.status().is_server_error();
    log::write(&Line {
        level: if failed { Level::Error } else { Level::Info },
        timestamp: log::timestamp(at),
        metrics: Metrics::at(at),
        request_id: &id,
        invocation_id: &context.request_id,
        function: &context.env_config.function_name,
        route: route.name,
        status: reply.status().as_u16(),
        duration_ms: log::milliseconds(start.elapsed()),
        failures: u8::from(failed),
        cold_start,
        code: problem.as_ref().map(|problem| problem.code),
        cause: problem.as_ref().and_then(|problem| problem.cause.as_deref()),
    });
    reply
}

/// Runs the handler: only for its own route, only until shortly before the deadline, and through a panic.
async fn handle<H, F>(route: Route, handler: H, request: Request) -> Result<Reply, Problem>
where
    H: Fn(Request) -> F,
    F: Future<Output = Result<Reply, Problem>>,
{
    if (request.method.as_str(), request.resource.as_str()) != (route.method, route.resource) {
        return Err(Problem::new(StatusCode::NOT_FOUND, "no-such-route", "this function does not serve this route"));
    }
    let time_left = request.deadline.duration_since(request.at).unwrap_or_default().saturating_sub(TO_ANSWER);
    // Boxed, for the SDK's futures nest too deep for the compiler to lay out in one.
    let caught = AssertUnwindSafe(async { handler(request).await }.boxed_local()).catch_unwind();
    match tokio::time::timeout(time_left, caught).await {
        Ok(Ok(outcome)) => outcome,
        Ok(Err(_)) => Err(Problem::internal("panicked")),
        Err(_) => Err(Problem::unavailable("no answer before the function's deadline")),
    }
}

/// Adds what every answer carries.
fn with_id(mut reply: Reply, id: &str) -> Reply {
    let headers = reply.headers_mut();
    headers.extend(HeaderValue::from_str(id).ok().map(|id| (REQUEST_ID, id)));
    headers.entry(header::CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
    reply
}

fn proxy_response(reply: Reply) -> ApiGatewayProxyResponse {
    let (parts, body) = reply.into_parts();
    let mut response = ApiGatewayProxyResponse::default();
    response.status_code = i64::from(parts.status.as_u16());
    response.multi_value_headers = parts.headers;
    response.body = Some(Body::Text(body));
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    const ROUTE: Route = Route { method: "GET", resource: "/things", name: "GET /things" };

    fn event(resource: &str) -> String {
        let context = r#"{"httpMethod":"GET","requestId":"gateway-1"}"#;
        format!(r#"{{"resource":"{resource}","httpMethod":"GET","requestContext":{context}}}"#)
    }

    /// A call that has `left` before Lambda's deadline.
    fn context(left: Duration) -> Context {
        let deadline = (SystemTime::now() + left).duration_since(SystemTime::UNIX_EPOCH).expect("after 1970");
        let mut context = Context::default();
        context.request_id = "invocation-1".to_owned();
        context.deadline = u64::try_from(deadline.as_millis()).expect("fits");
        context
    }

    fn seen(reply: &Reply) -> (u16, &str) {
        (reply.status().as_u16(), reply.headers()["x-request-id"].to_str().expect("ASCII"))
    }

    async fn call<F>(event: &str, left: Duration, handler: impl Fn(Request) -> F) -> Reply
    where
        F: Future<Output = Result<Reply, Problem>>,
    {
        answer(ROUTE, handler, event, &context(left), false).await
    }

    #[tokio::test]
    async fn every_outcome_is_an_answer_with_the_request_id() {
        let (event, second) = (event("/things"), Duration::from_secs(1));
        let good = call(&event, second, async |_| Ok(Reply::new("{}".to_owned()))).await;
        assert_eq!(seen(&good), (200, "gateway-1"));
        let refused = call(&event, second, async |_| Err(Problem::invalid("bad", "bad", Vec::new()))).await;
        assert_eq!(seen(&refused), (400, "gateway-1"));
        let panicked = call(&event, second, async |_| panic!("a bug")).await;
        assert_eq!(seen(&panicked), (500, "gateway-1"));
        let unreadable = call("[]", second, async |_| Ok(Reply::default())).await;
        assert_eq!(seen(&unreadable), (400, "invocation-1"));
    }

    #[tokio::test(start_paused = true)]
    async fn a_handler_that_never_ends_is_answered_before_the_deadline() {
        let (start, left) = (tokio::time::Instant::now(), Duration::from_secs(10));
        let reply = call(&event("/things"), left, async |_| std::future::pending().await).await;
        assert_eq!((seen(&reply), reply.headers()["retry-after"].as_bytes()), ((503, "gateway-1"), b"1".as_slice()));
        assert!(start.elapsed() <= left - TO_ANSWER, "answered after {:?}", start.elapsed());
    }

    #[tokio::test]
    async fn another_route_is_not_served() {
        let reply = call(&event("/other"), Duration::from_secs(1), async |_| Ok(Reply::default())).await;
        assert_eq!(seen(&reply), (404, "gateway-1"));
    }

    #[test]
    fn repeated_response_headers_and_the_body_reach_the_gateway() {
        let mut reply = Reply::new("{}".to_owned());
        reply.headers_mut().append("x-h", HeaderValue::from_static("1"));
        reply.headers_mut().append("x-h", HeaderValue::from_static("2"));
        let wire = serde_json::to_value(proxy_response(reply)).expect("JSON");
        assert_eq!((&wire["statusCode"], &wire["body"]), (&200.into(), &"{}".into()));
        assert_eq!(wire["multiValueHeaders"]["x-h"], serde_json::json!(["1", "2"]));
    }
}
