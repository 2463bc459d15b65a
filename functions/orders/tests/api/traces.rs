//! Calls to DynamoDB as X-Ray subsegments, at a daemon of our own.

use std::net::UdpSocket;
use std::time::Duration;

use functions_shared::answer;
use functions_shared::xray::Segments;
use orders::create;
use orders::store::Store;
use serde_json::Value;

use crate::support::{body, context, endpoint, post, store, traced_client};

/// What the daemon got: each datagram's document.
fn received(daemon: &UdpSocket) -> Vec<Value> {
    daemon.set_read_timeout(Some(Duration::from_millis(1))).expect("a timeout");
    let mut buffer = [0; 4096];
    let datagrams = std::iter::from_fn(|| daemon.recv(&mut buffer).ok().map(|length| buffer[..length].to_vec()));
    let parts = datagrams.map(|datagram| String::from_utf8(datagram).expect("text"));
    parts.map(|text| serde_json::from_str(text.split_once('\n').expect("a header line").1).expect("JSON")).collect()
}

async fn placed(header: &str) -> Vec<Value> {
    let daemon = UdpSocket::bind("127.0.0.1:0").expect("a port");
    let segments = Segments::to(daemon.local_addr().expect("an address"));
    let Store { table, shards, .. } = store(1).await;
    let store = Store { client: traced_client(endpoint(), segments), table, shards };
    let mut context = context(Duration::from_secs(30));
    context.xray_trace_id = Some(header.to_owned());
    let event = post(&body(), &[("Idempotency-Key", "k")]).to_string();
    let handle = async |request| create::handle(&store, &request).await;
    for _ in 0..2 {
        assert_eq!(answer(create::ROUTE, handle, &event, &context, false).await.status(), 201);
    }
    received(&daemon)
}

#[tokio::test]
async fn every_call_of_a_sampled_request_is_a_subsegment_of_it() {
    let segments = placed("Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=1").await;
    let said: Vec<_> = segments.iter().map(|segment| (&segment["aws"]["operation"], &segment["error"])).collect();
    // The second request repeats the first: its conditions do not hold.
    let put = Value::from("PutItem");
    assert_eq!(said, [(&put, &false.into()), (&put, &false.into()), (&put, &true.into()), (&put, &true.into())]);
    for segment in &segments {
        assert_eq!(
            (&segment["trace_id"], &segment["parent_id"]),
            (&"1-5759e988-bd862e3fe1be46a994272793".into(), &"53995c3f42cd8ad8".into())
        );
        assert_eq!((&segment["name"], &segment["fault"]), (&"DynamoDB".into(), &false.into()));
        assert_eq!(segment["id"].as_str().map(str::len), Some(16));
        assert!(segment["end_time"].as_f64() >= segment["start_time"].as_f64());
        assert!(!segment.to_string().contains("ramen"), "nothing of the order is in {segment}");
    }
}

#[tokio::test]
async fn a_request_that_is_not_sampled_sends_nothing() {
    assert!(placed("Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=0").await.is_empty());
}
