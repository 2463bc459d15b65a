//! A table that always answers, in the process itself: a write succeeds, or its key was taken before; reads find an order.

use std::sync::atomic::{AtomicU32, Ordering};

use aws_credential_types::Credentials;
use aws_sdk_dynamodb::config::{BehaviorVersion, Region};
use aws_sdk_dynamodb::{Client, Config};
use aws_smithy_runtime_api::client::http::{
    HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpConnector,
};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::body::SdkBody;

const ORDER: &str = r#"{"order_id":{"S":"01ARZ3NDEKTSV4RRFFQ69G5FAV"},"status":{"S":"placed"},"customer_id":{"S":"c-1"},
    "items":{"L":[{"M":{"sku":{"S":"a"},"quantity":{"N":"1"},"minor_units":{"N":"1"},"currency":{"S":"EUR"}}}]}}"#;

pub(crate) fn client() -> Client {
    let config = Config::builder()
        .behavior_version(BehaviorVersion::v2026_01_12())
        .region(Region::new("eu-west-1"))
        .credentials_provider(Credentials::new("test", "test", None, None, "test"))
        .http_client(Table);
    Client::from_conf(config.build())
}

#[derive(Clone, Debug)]
struct Table;

impl HttpClient for Table {
    fn http_connector(&self, _: &HttpConnectorSettings, _: &RuntimeComponents) -> SharedHttpConnector {
        SharedHttpConnector::new(self.clone())
    }
}

impl HttpConnector for Table {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let operation = request.headers().get("x-amz-target").and_then(|target| target.rsplit('.').next());
        let (status, body) = match operation {
            Some("GetItem") => (200, format!("{{\"Item\":{ORDER}}}")),
            Some("Query") => (200, format!("{{\"Count\":1,\"Items\":[{ORDER}]}}")),
            _ => put(),
        };
        let status = u16::try_from(status).expect("a status").try_into().expect("a status");
        HttpConnectorFuture::ready(Ok(HttpResponse::new(status, SdkBody::from(body))))
    }
}

/// Every third key is taken, by an order with another body.
fn put() -> (i32, String) {
    static PUTS: AtomicU32 = AtomicU32::new(0);
    if PUTS.fetch_add(1, Ordering::Relaxed) % 3 > 0 {
        return (200, "{}".to_owned());
    }
    let claim = format!(r#"{{"body_hash":{{"S":"other"}},"order":{{"M":{ORDER}}}}}"#);
    let refusal = "com.amazonaws.dynamodb.v20120810#ConditionalCheckFailedException";
    (400, format!(r#"{{"__type":"{refusal}","message":"The conditional request failed","Item":{claim}}}"#))
}
