//! The last look before a call goes out.

use aws_smithy_runtime_api::client::{
    http::{
        HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpClient, SharedHttpConnector,
    },
    orchestrator::HttpRequest,
    result::ConnectorError,
    runtime_components::RuntimeComponents,
};

/// Sends nothing for a run whose lease ended while the call was made ready.
#[derive(Debug)]
pub(super) struct Guarded(pub(super) SharedHttpClient);

impl HttpClient for Guarded {
    fn http_connector(&self, settings: &HttpConnectorSettings, parts: &RuntimeComponents) -> SharedHttpConnector {
        SharedHttpConnector::new(Sender(self.0.http_connector(settings, parts)))
    }
}

#[derive(Debug)]
struct Sender(SharedHttpConnector);

impl HttpConnector for Sender {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        match engine::may_send() {
            true => self.0.call(request),
            false => HttpConnectorFuture::ready(Err(ConnectorError::user("not sent: the lease ended".into()))),
        }
    }
}
