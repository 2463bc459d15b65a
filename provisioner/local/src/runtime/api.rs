//! The Runtime API of one process: `next`, `response`, `error` and `init/error` under `/2018-06-01/runtime/`.
//!
//! It knows nothing of processes. Events come in through a queue of one, and what the process does goes out as [`Told`].

use std::convert::Infallible;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;

use bytes::Bytes;
use http::{Method, Request, Response, StatusCode};
use http_body_util::{BodyExt, Full, Limited};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Mutex, mpsc, oneshot, watch};
use tokio::task::{JoinHandle, JoinSet};

use super::Invocation;
use super::fault::RESPONSE_LIMIT;

const PREFIX: &str = "/2018-06-01/runtime/";
const NEXT: &str = "/2018-06-01/runtime/invocation/next";

type Answer = Response<Full<Bytes>>;

/// What a process did.
#[derive(Debug)]
pub(super) enum Told {
    /// It asks for an event.
    Polls,
    /// It was given the event that waited.
    Took,
    /// It answered an event.
    Responded { request_id: String, body: Bytes },
    /// It answered an event with more than may be passed on.
    RespondedTooMuch { request_id: String },
    /// It reports that an event failed.
    Failed { request_id: String, report: Bytes },
    /// It reports that it cannot initialize.
    FailedToInit { report: Bytes },
}

/// An event with what its headers say.
pub(super) struct Next {
    pub(super) invocation: Invocation,
    pub(super) function_arn: String,
    /// Milliseconds since 1970.
    pub(super) deadline: u64,
}

/// The owner's end of a Runtime API. Dropping it cuts all connections.
pub(super) struct Api {
    pub(super) address: SocketAddr,
    events: mpsc::Sender<Next>,
    told: mpsc::UnboundedReceiver<Told>,
    stop_accepting: Option<oneshot::Sender<()>>,
    server: JoinHandle<()>,
}

/// The connections' end.
struct Desk {
    events: Mutex<mpsc::Receiver<Next>>,
    /// How many polls there were.
    polls: watch::Sender<u64>,
    told: mpsc::UnboundedSender<Told>,
}

impl Api {
    /// Listens on a free loopback port.
    pub(super) async fn open() -> std::io::Result<Api> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let address = listener.local_addr()?;
        let (events, waiting) = mpsc::channel(1);
        let (tell, told) = mpsc::unbounded_channel();
        let (stop_accepting, stopped) = oneshot::channel();
        let desk = Arc::new(Desk { events: Mutex::new(waiting), polls: watch::Sender::new(0), told: tell });
        let server = tokio::spawn(serve(listener, desk, stopped));
        Ok(Api { address, events, told, stop_accepting: Some(stop_accepting), server })
    }

    /// Lays an event out for the next poll. There is room because a process has one event at a time.
    pub(super) fn offer(&self, next: Next) {
        let laid_out = self.events.try_send(next);
        debug_assert!(laid_out.is_ok(), "one event at a time");
    }

    /// What the process does next; `None` once it can do nothing more.
    pub(super) async fn told(&mut self) -> Option<Told> {
        self.told.recv().await
    }

    /// No more connections: after what is underway, [`Api::told`] gives `None`.
    pub(super) fn close(&mut self) {
        self.stop_accepting.take();
    }
}

impl Drop for Api {
    fn drop(&mut self) {
        self.server.abort();
    }
}

async fn serve(listener: TcpListener, desk: Arc<Desk>, mut stopped: oneshot::Receiver<()>) {
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            _ = &mut stopped => break,
            Ok((stream, _)) = listener.accept() => { connections.spawn(talk(stream, Arc::clone(&desk))); }
            Some(_) = connections.join_next() => {}
        }
    }
    for stream in left_over(listener) {
        connections.spawn(talk(stream, Arc::clone(&desk)));
    }
    drop(desk);
    connections.join_all().await;
}

/// The connections that nobody accepted yet: a process may have sent its answer in one and ended.
fn left_over(listener: TcpListener) -> impl Iterator<Item = TcpStream> {
    let listener = listener.into_std().ok(); // it still does not block, so the queue's end is an error
    std::iter::from_fn(move || {
        let (stream, _) = listener.as_ref()?.accept().ok()?;
        stream.set_nonblocking(true).ok()?;
        TcpStream::from_std(stream).ok()
    })
}

async fn talk(stream: TcpStream, desk: Arc<Desk>) {
    let _ = stream.set_nodelay(true); // answers are small and awaited
    let service = service_fn(move |request| answer(Arc::clone(&desk), request));
    let _ = http1::Builder::new().serve_connection(TokioIo::new(stream), service).await;
}

/// A poll ends with its connection. A report is taken in as a task of its own, begun before anything is awaited: hyper drops
/// what it is waiting for when the connection ends, and a process may end with, and right after, its report.
fn answer(desk: Arc<Desk>, request: Request<Incoming>) -> impl Future<Output = Result<Answer, Infallible>> {
    let is_poll = request.method() == Method::GET && request.uri().path() == NEXT;
    let report = (!is_poll).then(|| tokio::spawn(Arc::clone(&desk).take_in(request)));
    async move {
        Ok(match report {
            Some(report) => report.await.unwrap_or_else(|_| stopped()),
            None => desk.next().await,
        })
    }
}

impl Desk {
    async fn take_in(self: Arc<Self>, request: Request<Incoming>) -> Answer {
        let path = request.uri().path().to_owned();
        let parts: Vec<&str> = path.strip_prefix(PREFIX).unwrap_or_default().split('/').collect();
        match (request.method(), parts.as_slice()) {
            (&Method::POST, ["invocation", id, "response"]) => self.respond(id, request).await,
            (&Method::POST, ["invocation", id, "error"]) => {
                let request_id = (*id).to_owned();
                self.note(request, |report| Told::Failed { request_id, report }).await
            }
            (&Method::POST, ["init", "error"]) => self.note(request, |report| Told::FailedToInit { report }).await,
            _ => refuse(StatusCode::NOT_FOUND, "NotFound", "there is nothing at this path"),
        }
    }

    /// Waits for an event. A process has one poll at a time: one that it gave up, whether or not its connection shows it yet,
    /// must not take the event from the one that counts.
    async fn next(&self) -> Answer {
        let mut newest = self.polls.subscribe();
        let mut this = 0;
        self.polls.send_modify(|polls| {
            *polls += 1;
            this = *polls;
        });
        let _ = self.told.send(Told::Polls);
        let waiting = async { self.events.lock().await.recv().await };
        let next = tokio::select! {
            biased;
            _ = newest.wait_for(|polls| *polls > this) => None,
            next = waiting => next,
        };
        let Some(next) = next else {
            return refuse(StatusCode::GONE, "Gone", "there is a newer poll, or nothing more to do");
        };
        let _ = self.told.send(Told::Took);
        Response::builder()
            .header("Content-Type", "application/json")
            .header("Lambda-Runtime-Aws-Request-Id", &next.invocation.request_id)
            .header("Lambda-Runtime-Deadline-Ms", next.deadline)
            .header("Lambda-Runtime-Invoked-Function-Arn", &next.function_arn)
            .header("Lambda-Runtime-Trace-Id", &next.invocation.trace_id)
            .body(Full::new(next.invocation.event))
            .unwrap_or_else(|_| {
                refuse(StatusCode::INTERNAL_SERVER_ERROR, "Headers", "an ARN or trace id is not a header value")
            })
    }

    async fn respond(&self, id: &str, request: Request<Incoming>) -> Answer {
        let request_id = id.to_owned();
        let Ok(body) = read(request).await else {
            let _ = self.told.send(Told::RespondedTooMuch { request_id });
            let what = format!("Exceeded maximum allowed payload size ({RESPONSE_LIMIT} bytes).");
            return refuse(StatusCode::PAYLOAD_TOO_LARGE, "RequestEntityTooLarge", &what);
        };
        let _ = self.told.send(Told::Responded { request_id, body });
        accepted()
    }

    async fn note(&self, request: Request<Incoming>, told: impl FnOnce(Bytes) -> Told) -> Answer {
        let _ = self.told.send(told(read(request).await.unwrap_or_default()));
        accepted()
    }
}

/// A body of at most what Lambda passes on; the error is that it is longer, or broke off.
async fn read(request: Request<Incoming>) -> Result<Bytes, Box<dyn std::error::Error + Send + Sync>> {
    Ok(Limited::new(request.into_body(), RESPONSE_LIMIT).collect().await?.to_bytes())
}

fn accepted() -> Answer {
    json(StatusCode::ACCEPTED, r#"{"status":"OK"}"#.to_owned())
}

fn stopped() -> Answer {
    refuse(StatusCode::INTERNAL_SERVER_ERROR, "Stopped", "the host of functions is ending")
}

fn refuse(status: StatusCode, kind: &str, what: &str) -> Answer {
    json(status, serde_json::json!({"errorMessage": what, "errorType": kind}).to_string())
}

fn json(status: StatusCode, body: String) -> Answer {
    let mut response = Response::new(Full::new(Bytes::from(body)));
    *response.status_mut() = status;
    response.headers_mut().insert(http::header::CONTENT_TYPE, http::HeaderValue::from_static("application/json"));
    response
}

#[cfg(test)]
mod tests {
    use std::io::{Read, Write};
    use std::time::Duration;

    use super::*;

    /// Sends a poll on a connection of its own; the answer is read later.
    fn poll(api: &Api) -> std::net::TcpStream {
        let mut stream = std::net::TcpStream::connect(api.address).expect("it listens");
        write!(stream, "GET {NEXT} HTTP/1.1\r\nHost: here\r\nConnection: close\r\n\r\n").expect("it reads");
        stream.set_read_timeout(Some(Duration::from_secs(60))).expect("a timeout");
        stream
    }

    async fn answer_to(mut stream: std::net::TcpStream) -> String {
        let reading = tokio::task::spawn_blocking(move || {
            let mut answer = String::new();
            stream.read_to_string(&mut answer).map(|_| answer)
        });
        reading.await.expect("no panic").expect("an answer")
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn only_the_newest_poll_of_a_process_gets_the_event() {
        let mut api = Api::open().await.expect("a port");
        let first = poll(&api);
        assert!(matches!(api.told().await, Some(Told::Polls)));
        let second = poll(&api);
        assert!(matches!(api.told().await, Some(Told::Polls)));
        let invocation = Invocation {
            request_id: "r-1".to_owned(),
            event: Bytes::from_static(b"the event"),
            trace_id: "Root=1-a-b".to_owned(),
        };
        api.offer(Next { invocation, function_arn: "arn".to_owned(), deadline: 1 });
        assert!(answer_to(second).await.ends_with("the event"));
        assert!(answer_to(first).await.starts_with("HTTP/1.1 410 Gone"));
    }
}
