//! Lambda's Runtime API for one process, over a real socket: it lays out events and tells when what happened.

use std::convert::Infallible;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Method, Request, Response, StatusCode};
use hyper_util::rt::TokioIo;
use tokio::net::TcpListener;
use tokio::sync::{Mutex, mpsc};

use crate::Failed;

const NEXT: &str = "/2018-06-01/runtime/invocation/next";
const ARN: &str = "arn:aws:lambda:eu-west-1:111111111111:function:measured";
/// Sampled, so that a function that knows X-Ray's daemon sends it segments.
const TRACE: &str = "Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=1";
/// What Lambda gives a function to answer.
const DEADLINE: Duration = Duration::from_secs(30);
/// Longer than any start here takes.
const PATIENCE: Duration = Duration::from_secs(60);

/// What the process did, and when.
#[derive(Debug)]
pub(crate) enum Told {
    Polled(Instant),
    Took(Instant),
    Answered(Instant, Bytes),
    Failed(Bytes),
}

#[derive(Debug)]
pub(crate) struct RuntimeApi {
    pub(crate) address: SocketAddr,
    events: mpsc::UnboundedSender<Bytes>,
    told: mpsc::UnboundedReceiver<Told>,
}

/// The connections' end.
struct Desk {
    events: Mutex<mpsc::UnboundedReceiver<Bytes>>,
    told: mpsc::UnboundedSender<Told>,
}

impl RuntimeApi {
    pub(crate) async fn open() -> Result<Self, Failed> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let address = listener.local_addr()?;
        let ((events, waiting), (tell, told)) = (mpsc::unbounded_channel(), mpsc::unbounded_channel());
        tokio::spawn(serve(listener, Arc::new(Desk { events: Mutex::new(waiting), told: tell })));
        Ok(Self { address, events, told })
    }

    /// Lays an event out for the next poll.
    pub(crate) fn offer(&self, event: Bytes) {
        let _ = self.events.send(event);
    }

    /// Waits for the next poll.
    pub(crate) async fn polled(&mut self) -> Result<Instant, Failed> {
        loop {
            match self.told().await? {
                Told::Polled(at) => return Ok(at),
                Told::Failed(report) => return Err(said(&report)),
                Told::Took(_) | Told::Answered(..) => {}
            }
        }
    }

    /// Waits until an event is taken and answered well.
    pub(crate) async fn answered(&mut self) -> Result<(Instant, Instant), Failed> {
        let mut taken = None;
        loop {
            match (self.told().await?, taken) {
                (Told::Took(at), _) => taken = Some(at),
                (Told::Answered(at, body), Some(taken)) if is_good(&body) => return Ok((taken, at)),
                (Told::Answered(_, body) | Told::Failed(body), _) => {
                    return Err(said(&body));
                }
                (Told::Polled(_), _) => {}
            }
        }
    }

    async fn told(&mut self) -> Result<Told, Failed> {
        let told = tokio::time::timeout(PATIENCE, self.told.recv()).await.map_err(|_| "does nothing")?;
        told.ok_or_else(|| "its Runtime API is gone".into())
    }
}

fn said(body: &[u8]) -> Failed {
    format!("said {}", String::from_utf8_lossy(body)).into()
}

fn is_good(body: &[u8]) -> bool {
    let answer: serde_json::Value = serde_json::from_slice(body).unwrap_or_default();
    answer["statusCode"].as_u64().is_some_and(|status| (200..300).contains(&status))
}

async fn serve(listener: TcpListener, desk: Arc<Desk>) {
    while let Ok((stream, _)) = tokio::select! {
        accepted = listener.accept() => accepted,
        () = desk.told.closed() => return,
    } {
        let _ = stream.set_nodelay(true);
        let desk = Arc::clone(&desk);
        let service = service_fn(move |request| answer(Arc::clone(&desk), request));
        tokio::spawn(http1::Builder::new().serve_connection(TokioIo::new(stream), service));
    }
}

async fn answer(desk: Arc<Desk>, request: Request<Incoming>) -> Result<Response<Full<Bytes>>, Infallible> {
    if request.method() == Method::GET && request.uri().path() == NEXT {
        return Ok(desk.next().await);
    }
    let is_answer = request.uri().path().ends_with("/response");
    let body = request.into_body().collect().await.map(http_body_util::Collected::to_bytes).unwrap_or_default();
    let told = if is_answer { Told::Answered(Instant::now(), body) } else { Told::Failed(body) };
    let _ = desk.told.send(told);
    let mut accepted = Response::new(Full::from(r#"{"status":"OK"}"#));
    *accepted.status_mut() = StatusCode::ACCEPTED;
    Ok(accepted)
}

impl Desk {
    async fn next(&self) -> Response<Full<Bytes>> {
        let _ = self.told.send(Told::Polled(Instant::now()));
        let event = self.events.lock().await.recv().await.unwrap_or_default();
        let deadline = (SystemTime::now() + DEADLINE).duration_since(UNIX_EPOCH).unwrap_or_default();
        let response = Response::builder()
            .header("content-type", "application/json")
            .header("lambda-runtime-aws-request-id", "8476a536-e9f4-11e8-9739-2dfe598c3fcd")
            .header("lambda-runtime-deadline-ms", deadline.as_millis().to_string())
            .header("lambda-runtime-invoked-function-arn", ARN)
            .header("lambda-runtime-trace-id", TRACE);
        let _ = self.told.send(Told::Took(Instant::now()));
        response.body(Full::new(event)).unwrap_or_default()
    }
}
