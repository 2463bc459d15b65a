//! A DynamoDB of a hundred orders: it answers the functions' calls at once, and correctly, over HTTP and over TLS.

use std::convert::Infallible;
use std::net::{IpAddr, Ipv4Addr};
use std::sync::{Arc, LazyLock};

use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Request, Response};
use hyper_util::rt::TokioIo;
use rcgen::{BasicConstraints, CertificateParams, DnType, IsCa, Issuer, KeyPair, SanType};
use rustls::ServerConfig;
use rustls_pki_types::PrivateKeyDer;
use serde_json::{Value, json};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;

use crate::Failed;

/// Orders in the table.
const ORDERS: usize = 100;

#[derive(Debug)]
pub(crate) struct Stub {
    pub(crate) http: String,
    pub(crate) https: String,
    /// The authority behind the certificate, in PEM.
    pub(crate) authority: String,
}

impl Stub {
    pub(crate) async fn open() -> Result<Self, Failed> {
        let (authority, server) = certified()?;
        let (plain, secure) = (listener().await?, listener().await?);
        let [http, https] = [("http", &plain), ("https", &secure)]
            .map(|(scheme, listener)| listener.local_addr().map(|address| format!("{scheme}://{address}")));
        tokio::spawn(serve(plain, None));
        tokio::spawn(serve(secure, Some(TlsAcceptor::from(Arc::new(server)))));
        Ok(Self { http: http?, https: https?, authority })
    }
}

async fn listener() -> std::io::Result<TcpListener> {
    TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await
}

/// An authority, and a server with a certificate of it for 127.0.0.1. As DynamoDB, it speaks HTTP/1.1.
fn certified() -> Result<(String, ServerConfig), Failed> {
    let mut authority = CertificateParams::default();
    authority.distinguished_name.push(DnType::CommonName, "Measured");
    authority.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let key = KeyPair::generate()?;
    let pem = authority.self_signed(&key)?.pem();
    let issuer = Issuer::new(authority, key);
    let mut server = CertificateParams::default();
    server.subject_alt_names.push(SanType::IpAddress(IpAddr::V4(Ipv4Addr::LOCALHOST)));
    let key = KeyPair::generate()?;
    let certificate = server.signed_by(&key, &issuer)?;
    let config = ServerConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()));
    let config = config.with_safe_default_protocol_versions()?.with_no_client_auth();
    let mut config = config.with_single_cert(vec![certificate.der().clone()], PrivateKeyDer::from(key))?;
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok((pem, config))
}

async fn serve(listener: TcpListener, tls: Option<TlsAcceptor>) {
    while let Ok((stream, _)) = listener.accept().await {
        let _ = stream.set_nodelay(true);
        let tls = tls.clone();
        tokio::spawn(async move {
            let Some(tls) = tls else { return talk(stream).await };
            if let Ok(stream) = tls.accept(stream).await {
                talk(stream).await;
            }
        });
    }
}

async fn talk(stream: impl AsyncRead + AsyncWrite + Unpin) {
    let _ = http1::Builder::new().serve_connection(TokioIo::new(stream), service_fn(answer)).await;
}

async fn answer(request: Request<Incoming>) -> Result<Response<Full<Bytes>>, Infallible> {
    let target = request.headers().get("x-amz-target").and_then(|target| target.to_str().ok()).unwrap_or_default();
    let operation = target.rsplit('.').next().unwrap_or_default().to_owned();
    let asked = request.into_body().collect().await.map(http_body_util::Collected::to_bytes).unwrap_or_default();
    let answer = Response::builder()
        .header("content-type", "application/x-amz-json-1.0")
        .header("x-amzn-requestid", "9PFN0R2V7C2QGJ0HJ5G3J1B8S3VV4KQNSO5AEMVJF66Q9ASUAAJG");
    Ok(answer.body(Full::new(body(&operation, &asked))).unwrap_or_default())
}

fn body(operation: &str, asked: &[u8]) -> Bytes {
    static ITEMS: LazyLock<Vec<String>> =
        LazyLock::new(|| (0..ORDERS).map(|number| item(number).to_string()).collect());
    match operation {
        "GetItem" => format!(r#"{{"Item":{}}}"#, ITEMS[0]).into(),
        "PutItem" => Bytes::from_static(b"{}"),
        "Query" => {
            let asked: Value = serde_json::from_slice(asked).unwrap_or_default();
            let count =
                asked["Limit"].as_u64().and_then(|limit| usize::try_from(limit).ok()).unwrap_or(ORDERS).min(ORDERS);
            format!(r#"{{"Count":{count},"ScannedCount":{count},"Items":[{}]}}"#, ITEMS[..count].join(",")).into()
        }
        _ => Bytes::from_static(b"healthy: 127.0.0.1 "),
    }
}

/// An order as the functions store it.
fn item(number: usize) -> Value {
    let line = json!({ "M": {
        "sku": { "S": "ramen-01" }, "quantity": { "N": "2" }, "minor_units": { "N": "1250" }, "currency": { "S": "EUR" },
    }});
    json!({
        "pk": { "S": format!("order#01KAKV4Z8PW2R5T7Y9A1C3E{number:03}") },
        "order_id": { "S": format!("01KAKV4Z8PW2R5T7Y9A1C3E{number:03}") },
        "day_shard": { "S": "2025-11-21#0" },
        "status_day_shard": { "S": "placed#2025-11-21#0" },
        "status": { "S": "placed" },
        "customer_id": { "S": "c-1001" },
        "items": { "L": [line, line] },
    })
}
