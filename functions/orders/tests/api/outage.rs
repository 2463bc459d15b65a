//! A DynamoDB that is down, silent, busy or confused: always a 503, never a panic or the gateway's 502.

use std::time::Duration;

use orders::store::Store;
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

use crate::support::{body, client, header, one, page, post, problem, send_within};

/// What the gateway may wait, and with it what Lambda gives the function.
const LEFT: Duration = Duration::from_millis(900);

fn requests() -> [Value; 4] {
    let id = "01ARZ3NDEKTSV4RRFFQ69G5FAV";
    [post(&body(), &[]), post(&body(), &[("Idempotency-Key", "k-1")]), page(&[]), one(id, json!({}))]
}

fn store(port: u16) -> Store {
    Store { client: client(&format!("http://127.0.0.1:{port}")), table: "orders".to_owned(), shards: 1 }
}

/// A server that answers every connection's first request with `answer`, or holds it in silence.
async fn server(answer: Option<&'static str>) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let port = listener.local_addr().expect("an address").port();
    tokio::spawn(async move {
        let mut silent = Vec::new();
        while let Ok((mut stream, _)) = listener.accept().await {
            let Some(answer) = answer else {
                silent.push(stream);
                continue;
            };
            let _ = stream.read(&mut [0; 8192]).await;
            let _ = stream.write_all(answer.as_bytes()).await;
            let _ = stream.shutdown().await;
        }
    });
    port
}

async fn all_unavailable(port: u16) {
    let store = store(port);
    for event in requests() {
        let reply = send_within(LEFT, &store, &event).await;
        assert_eq!(problem(&reply), (503, "unavailable".to_owned()));
        assert_eq!(header(&reply, "retry-after"), "1");
    }
}

#[tokio::test]
async fn a_closed_port_is_unavailable() {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let port = listener.local_addr().expect("an address").port();
    drop(listener);
    all_unavailable(port).await;
}

#[tokio::test]
async fn silence_is_unavailable() {
    all_unavailable(server(None).await).await;
}

#[tokio::test]
async fn throttling_is_unavailable() {
    let answer = "HTTP/1.1 400 Bad Request\r\nconnection: close\r\ncontent-type: application/x-amz-json-1.0\r\n\
        content-length: 99\r\n\r\n\
        {\"__type\":\"com.amazonaws.dynamodb.v20120810#ProvisionedThroughputExceededException\",\"message\":\"no\"}";
    all_unavailable(server(Some(answer)).await).await;
}

#[tokio::test]
async fn nonsense_and_a_broken_connection_are_unavailable() {
    let nonsense = "HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: 9\r\n\r\n<nonsense";
    for answer in ["", nonsense, "HTTP/1.1 500 Oops\r\nconnection: close\r\ncontent-length: 0\r\n\r\n"] {
        all_unavailable(server(Some(answer)).await).await;
    }
}
