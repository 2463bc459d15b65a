//! The door over real TLS, with a real function behind it and a platform made up for the test.

mod support;

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::{Request, Response, StatusCode};
use http_body_util::{BodyExt, Full};
use hyper_util::rt::{TokioExecutor, TokioIo};
use local::authority::Authority;
use local::door::{self, Context, Destination, Head, Identity, Platform, Refusal, Routed};
use local::runtime::{Function, Functions, Options};
use rustls::pki_types::{CertificateDer, ServerName, pem::PemObject};
use rustls::{ClientConfig, RootCertStore};
use serde_json::Value;
use support::{probe, until};
use tempfile::TempDir;
use tokio::net::TcpStream;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

const NAME: &str = "food.internal.example";

#[test]
#[ignore = "the function itself, run as a process by the tests"]
fn function_under_test() {
    probe::main();
}

/// Every name ending in `.example` has a certificate; the path decides where a request leads.
struct World {
    authority: Authority,
    function: Function,
}

impl Platform for World {
    async fn certificate(&self, server_name: Option<&str>) -> Result<Identity, String> {
        let name = server_name.filter(|name| name.ends_with(".example")).ok_or("nothing is known by this name")?;
        let issued = self.authority.issue(&[name.to_owned()]).map_err(|error| error.to_string())?;
        let chain_pem = issued.certificate_pem + &issued.chain_pem;
        Ok(Identity { chain_pem, private_key_pem: issued.private_key_pem })
    }

    async fn route(&self, head: &Head) -> Routed {
        let refusal = |status, error_type: Option<&str>| {
            let error_type = error_type.map(str::to_owned);
            let (content_type, body) = ("text/plain".to_owned(), "refused".to_owned());
            Routed::Refuse(Refusal { status, content_type, error_type, body, reason: "by the\ntest".to_owned() })
        };
        match head.path.as_str() {
            "/balancer" => refusal(404, None),
            "/gateway" => refusal(403, Some("ForbiddenException")),
            "/nobody" => Routed::NoAnswer { reason: "a security group drops it".to_owned() },
            path => Routed::Invoke(Box::new(Destination {
                function: self.function.clone(),
                context: Context { api_id: "abc".to_owned(), stage: "live".to_owned(), ..Context::default() },
                document: Arc::default(),
                integration_timeout: Duration::from_secs(if path == "/impatient" { 1 } else { 60 }),
            })),
        }
    }
}

struct Street {
    folder: TempDir,
    address: SocketAddr,
    roots: Arc<RootCertStore>,
    close: Option<oneshot::Sender<()>>,
    served: JoinHandle<()>,
}

impl Street {
    async fn new() -> Street {
        let folder = tempfile::tempdir().expect("a folder");
        let authority = Authority::open(folder.path()).expect("an authority");
        let function = probe::function(&probe::bootstrap(folder.path(), "function_under_test"));
        let mut roots = RootCertStore::empty();
        roots.add(CertificateDer::from_pem_slice(authority.root_pem().as_bytes()).expect("PEM")).expect("a root");
        let listener = door::listen(None).await.expect("a port");
        let address = listener.local_addr().expect("an address");
        let functions = Functions::new(Options::new(folder.path().join("logs")));
        let (close, closed) = oneshot::channel::<()>();
        let serve = door::serve(World { authority, function }, functions, listener, async { drop(closed.await) });
        Street { folder, address, roots: Arc::new(roots), close: Some(close), served: tokio::spawn(serve) }
    }

    /// A connection whose certificate was verified for `name`.
    async fn connect(&self, name: &str, protocol: &[u8]) -> std::io::Result<TlsStream<TcpStream>> {
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let builder = ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions();
        let builder = builder.expect("versions").with_root_certificates(Arc::clone(&self.roots));
        let mut config = builder.with_no_client_auth();
        config.alpn_protocols = vec![protocol.to_vec()];
        let stream = TcpStream::connect(self.address).await?;
        let name = ServerName::try_from(name.to_owned()).expect("a name");
        TlsConnector::from(Arc::new(config)).connect(name, stream).await
    }

    /// One request on a connection of its own, over HTTP/1.1.
    async fn send(&self, request: Request<Full<Bytes>>) -> hyper::Result<(Response<()>, Bytes)> {
        let stream = self.connect(NAME, b"http/1.1").await.expect("a connection");
        let (mut sender, connection) = hyper::client::conn::http1::handshake(TokioIo::new(stream)).await?;
        tokio::spawn(connection);
        let (head, body) = sender.send_request(request).await?.into_parts();
        Ok((Response::from_parts(head, ()), body.collect().await?.to_bytes()))
    }

    async fn get(&self, path: &str) -> (Response<()>, Bytes) {
        self.send(get(path)).await.expect("an answer")
    }
}

fn get(path: &str) -> Request<Full<Bytes>> {
    Request::get(path).header("host", NAME).body(Full::default()).expect("a request")
}

fn post(path: &str, body: Vec<u8>) -> Request<Full<Bytes>> {
    Request::post(path).header("host", NAME).body(Full::new(Bytes::from(body))).expect("a request")
}

fn header<'r>(response: &'r Response<()>, name: &str) -> Option<&'r str> {
    response.headers().get(name).map(|value| value.to_str().expect("text"))
}

fn json(body: &[u8]) -> Value {
    serde_json::from_slice(body).expect("JSON")
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_reaches_the_function_and_its_answer_comes_back() {
    let street = Street::new().await;
    let (response, body) =
        street.send(post("/food/orders?limit=1", br#"{"item":"soup"}"#.to_vec())).await.expect("an answer");
    assert_eq!(response.status(), StatusCode::OK);
    let event = &json(&body)["event"];
    assert_eq!((event["path"].as_str(), event["httpMethod"].as_str()), (Some("/food/orders"), Some("POST")));
    assert_eq!(event["body"], r#"{"item":"soup"}"#);
    assert_eq!(event["headers"]["x-forwarded-for"], "127.0.0.1");
    assert_eq!(event["requestContext"]["requestId"].as_str(), header(&response, "x-amzn-requestid"));
    assert_eq!(event["headers"]["x-amzn-trace-id"].as_str(), header(&response, "x-amzn-trace-id"));
    assert_eq!(json(&body)["headers"]["lambda-runtime-trace-id"], event["headers"]["x-amzn-trace-id"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn http_2_carries_many_requests_at_once() {
    let street = Street::new().await;
    let stream = street.connect(NAME, b"h2").await.expect("a connection");
    assert_eq!(stream.get_ref().1.alpn_protocol(), Some(b"h2".as_slice()));
    let (sender, connection) =
        hyper::client::conn::http2::handshake(TokioExecutor::new(), TokioIo::new(stream)).await.expect("HTTP/2");
    tokio::spawn(connection);
    let requests = (0..20).map(|n| {
        let mut sender = sender.clone();
        let request =
            Request::get(format!("https://{NAME}/orders/{n}")).body(Full::<Bytes>::default()).expect("a request");
        tokio::spawn(async move { sender.send_request(request).await.expect("an answer").into_body().collect().await })
    });
    for (n, request) in requests.collect::<Vec<_>>().into_iter().enumerate() {
        let body = request.await.expect("no panic").expect("a body").to_bytes();
        assert_eq!(json(&body)["event"]["path"], format!("/orders/{n}"), "each gets its own answer");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn refusals_look_like_those_of_whoever_refuses() {
    let street = Street::new().await;
    let (by_balancer, body) = street.get("/balancer").await;
    assert_eq!((by_balancer.status().as_u16(), body.as_ref()), (404, b"refused".as_slice()));
    assert_eq!((header(&by_balancer, "server"), header(&by_balancer, "x-amzn-requestid")), (Some("awselb/2.0"), None));
    assert_eq!(header(&by_balancer, "x-local-reason"), Some("by the test"));

    let (by_gateway, _) = street.get("/gateway").await;
    assert_eq!(by_gateway.status().as_u16(), 403);
    assert_eq!(header(&by_gateway, "x-amzn-errortype"), Some("ForbiddenException"));
    assert!(header(&by_gateway, "x-amzn-requestid").is_some() && header(&by_gateway, "server").is_none());
}

#[tokio::test(flavor = "multi_thread")]
async fn where_nobody_answers_the_connection_ends() {
    let street = Street::new().await;
    assert!(street.send(get("/nobody")).await.is_err());
    assert!(street.connect("unknown.test", b"http/1.1").await.is_err(), "no certificate, no connection");
    let (response, _) = street.get("/orders").await;
    assert_eq!(response.status(), StatusCode::OK, "others are not concerned");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_certificate_is_shown_for_the_name_that_is_asked_for() {
    let street = Street::new().await;
    for name in ["food.internal.example", "beverage.internal.example"] {
        street.connect(name, b"http/1.1").await.expect("a certificate that covers the name");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_without_a_host_is_bad() {
    let street = Street::new().await;
    let request = Request::get("/orders").body(Full::default()).expect("a request");
    assert_eq!(street.send(request).await.expect("an answer").0.status(), StatusCode::BAD_REQUEST);
}

#[tokio::test(flavor = "multi_thread")]
async fn failures_of_the_function_are_the_gateways_answers() {
    let street = Street::new().await;
    let cases = [
        ("/orders?do=crash", 502, "Internal server error"),
        ("/orders?do=error", 502, "Internal server error"),
        ("/orders?do=malformed", 502, "Internal server error"),
        ("/orders?do=large", 502, "Internal server error"),
        ("/impatient?do=hang", 504, "Endpoint request timed out"),
    ];
    for (path, status, message) in cases {
        let (response, body) = street.get(path).await;
        assert_eq!((response.status().as_u16(), json(&body)["message"].as_str()), (status, Some(message)), "{path}");
        assert_eq!(header(&response, "x-amzn-errortype"), Some("InternalServerErrorException"), "{path}");
        assert!(header(&response, "x-amzn-requestid").is_some(), "{path}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn bodies_too_long_for_the_gateway_or_for_lambda_are_refused() {
    let street = Street::new().await;
    for size in [10 * 1024 * 1024 + 1, 7 * 1024 * 1024] {
        let (response, body) = street.send(post("/orders", vec![b' '; size])).await.expect("an answer");
        assert_eq!(
            (response.status(), json(&body)["message"].as_str()),
            (StatusCode::PAYLOAD_TOO_LARGE, Some("Request Too Long"))
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_closing_door_lets_requests_end_and_takes_no_new_ones() {
    let mut street = Street::new().await;
    let file = street.folder.path().join("go");
    let stream = street.connect(NAME, b"http/1.1").await.expect("a connection");
    let (mut sender, connection) = hyper::client::conn::http1::handshake(TokioIo::new(stream)).await.expect("HTTP");
    tokio::spawn(connection);
    let underway = tokio::spawn(sender.send_request(get(&format!("/orders?do=wait&file={}", file.display()))));
    let waits = file.with_extension("waits");
    let signed = tokio::task::spawn_blocking(move || until("the function waits", || waits.exists().then_some(())));
    signed.await.expect("no panic");

    street.close.take().expect("open").send(()).expect("it serves");
    let address = street.address;
    let refused = tokio::task::spawn_blocking(move || {
        until("the door is closed", || std::net::TcpStream::connect(address).is_err().then_some(()));
    });
    refused.await.expect("no panic");
    std::fs::write(&file, "").expect("a file");
    assert_eq!(underway.await.expect("no panic").expect("an answer").status(), StatusCode::OK);
    street.served.await.expect("it ends by itself");
}

#[tokio::test]
async fn the_port_of_the_last_time_is_taken_again_if_it_is_free() {
    let first = door::listen(None).await.expect("a port");
    let port = first.local_addr().expect("an address").port();
    let other = door::listen(Some(port)).await.expect("another port");
    assert_ne!(other.local_addr().expect("an address").port(), port);
    drop(first);
    let again = door::listen(Some(port)).await.expect("the same port");
    assert_eq!(again.local_addr().expect("an address").port(), port);
}
