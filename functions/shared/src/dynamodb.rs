//! A DynamoDB client that is ready in well under a millisecond, and connected before the first request.
//!
//! The SDK's own loader would read profiles, probe credential sources and parse every certificate of the system. Lambda hands
//! over all that is needed in the environment.

use std::str::FromStr;
use std::time::Duration;

use aws_credential_types::Credentials;
use aws_sdk_dynamodb::config::endpoint::{DefaultResolver, Params, ResolveEndpoint};
use aws_sdk_dynamodb::config::retry::RetryConfig;
use aws_sdk_dynamodb::config::timeout::TimeoutConfig;
use aws_sdk_dynamodb::config::{BehaviorVersion, Region, SharedInterceptor, StalledStreamProtectionConfig};
use aws_sdk_dynamodb::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_dynamodb::operation::RequestId;
use aws_sdk_dynamodb::{Client, Config};
use aws_smithy_runtime_api::client::http::{HttpConnector, SharedHttpConnector, http_client_fn};
use aws_smithy_runtime_api::client::orchestrator::HttpRequest;
use aws_smithy_types::byte_stream::ByteStream;
use tokio::time::timeout;

use crate::config::{ConfigError, optional, parsed, required};
use crate::trust::Trust;
use crate::xray::Segments;

/// DynamoDB answers in milliseconds; a connection that is silent for a second is dead and worth another try.
const ATTEMPT: Duration = Duration::from_secs(1);
/// All attempts of one call together. The function's own deadline may end it sooner.
const CALL: Duration = Duration::from_secs(4);
const ATTEMPTS: u32 = 4;
const FIRST_BACKOFF: Duration = Duration::from_millis(25);
/// What a connection that is opened ahead may cost a cold start. A healthy one takes a tenth of it.
const AHEAD: Duration = Duration::from_millis(200);

/// Where the table is and as whom to call it.
#[derive(Debug)]
pub struct Access {
    pub region: String,
    pub credentials: Credentials,
    /// Instead of the Region's own endpoint.
    pub endpoint: Option<String>,
    pub trust: Trust,
    pub preconnect: Preconnect,
    /// Where calls are traced.
    pub segments: Option<Segments>,
}

/// When to open the first connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Preconnect {
    /// Before the first request, while Lambda still starts the function.
    On,
    /// With the first call.
    Off,
}

impl FromStr for Preconnect {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        match text {
            "on" => Ok(Self::On),
            "off" => Ok(Self::Off),
            _ => Err(()),
        }
    }
}

impl Access {
    /// From Lambda's environment. `AWS_ENDPOINT_URL_DYNAMODB` and `AWS_ENDPOINT_URL` replace the endpoint; `TRUST_STORE` says
    /// whom to trust, and `PRECONNECT` when to connect.
    ///
    /// # Errors
    /// The variable that is missing or wrong.
    pub fn from_environment() -> Result<Self, ConfigError> {
        let (id, secret) = (required("AWS_ACCESS_KEY_ID")?, required("AWS_SECRET_ACCESS_KEY")?);
        Ok(Self {
            region: required("AWS_REGION")?,
            credentials: Credentials::new(id, secret, optional("AWS_SESSION_TOKEN"), None, "environment"),
            endpoint: optional("AWS_ENDPOINT_URL_DYNAMODB").or_else(|| optional("AWS_ENDPOINT_URL")),
            trust: parsed("TRUST_STORE", Trust::Pinned, "`pinned`, `system` or the path of a PEM file")?,
            preconnect: parsed("PRECONNECT", Preconnect::On, "`on` or `off`")?,
            segments: Segments::from_environment(),
        })
    }

    /// A client that connects with its first call.
    #[must_use]
    pub fn client(self) -> Client {
        let connector = self.trust.connector();
        self.over(connector)
    }

    /// A client that has a connection already, if it is to and the endpoint gave one in good time.
    pub async fn connected_client(self) -> Client {
        let connector = self.trust.connector();
        if self.preconnect == Preconnect::On {
            // The first call tries again, and says what is wrong.
            let _ = timeout(AHEAD, connect(&connector, &self.region, self.endpoint.as_deref())).await;
        }
        self.over(connector)
    }

    fn over(self, connector: SharedHttpConnector) -> Client {
        let timeouts = TimeoutConfig::builder().operation_attempt_timeout(ATTEMPT).operation_timeout(CALL).build();
        let mut config = Config::builder()
            .behavior_version(BehaviorVersion::v2026_01_12())
            .region(Region::new(self.region))
            .credentials_provider(self.credentials)
            .http_client(http_client_fn(move |_, _| connector.clone()))
            .retry_config(RetryConfig::standard().with_max_attempts(ATTEMPTS).with_initial_backoff(FIRST_BACKOFF))
            .stalled_stream_protection(StalledStreamProtectionConfig::disabled())
            .timeout_config(timeouts);
        config.set_endpoint_url(self.endpoint);
        if let Some(segments) = self.segments {
            config.push_interceptor(SharedInterceptor::new(segments));
        }
        Client::from_conf(config.build())
    }
}

/// Opens the connection that the first call then uses, by a request that DynamoDB answers without credentials (`healthy: …`).
async fn connect(connector: &SharedHttpConnector, region: &str, endpoint: Option<&str>) -> Option<()> {
    let params = Params::builder().region(region).set_endpoint(endpoint.map(str::to_owned)).build().ok()?;
    let endpoint = DefaultResolver::new().resolve_endpoint(&params).await.ok()?;
    let answer = connector.call(HttpRequest::get(endpoint.url()).ok()?).await.ok()?;
    // Only a connection whose answer was read to its end is kept.
    ByteStream::new(answer.into_body()).collect().await.ok().map(drop)
}

/// What the log should know of a failed call: the error's code and AWS's request id, or what kept it from being answered.
///
/// AWS's message is left out, for it may quote the item.
pub fn cause<E, R>(operation: &str, error: &SdkError<E, R>) -> String
where
    SdkError<E, R>: ProvideErrorMetadata + RequestId,
{
    let what = match error {
        SdkError::TimeoutError(_) => "timed out",
        SdkError::DispatchFailure(failure) if failure.is_timeout() => "timed out",
        SdkError::DispatchFailure(_) => "could not connect",
        _ => error.code().unwrap_or("answered something unreadable"),
    };
    format!("{operation}: {what} (request {})", error.request_id().unwrap_or("unknown"))
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicUsize, Ordering};

    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    use tokio::net::{TcpListener, TcpStream};

    use super::*;

    const ANSWER: &[u8] = b"HTTP/1.1 200 OK\r\ncontent-length: 17\r\n\r\n{\"TableNames\":[]}";

    /// A DynamoDB without tables.
    struct Server {
        port: u16,
        connections: Arc<AtomicUsize>,
    }

    /// One that leaves its first connections without an answer.
    async fn server(silent: usize) -> Server {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let port = listener.local_addr().expect("an address").port();
        let connections = Arc::new(AtomicUsize::new(0));
        let counted = Arc::clone(&connections);
        tokio::spawn(async move {
            let mut held = Vec::new();
            while let Ok((stream, _)) = listener.accept().await {
                match counted.fetch_add(1, Ordering::Relaxed) < silent {
                    true => held.push(stream),
                    false => drop(tokio::spawn(answer(stream))),
                }
            }
        });
        Server { port, connections }
    }

    /// Answers as many requests as come.
    async fn answer(mut stream: TcpStream) {
        let mut request = Vec::new();
        while stream.read_buf(&mut request).await.is_ok_and(|length| length > 0) {
            if request.windows(4).any(|end| end == b"\r\n\r\n") {
                request.clear();
                let _ = stream.write_all(ANSWER).await;
            }
        }
    }

    async fn calls(server: &Server, preconnect: Preconnect) -> (usize, usize) {
        let access = Access {
            region: "eu-west-1".to_owned(),
            credentials: Credentials::new("id", "secret", None, None, "test"),
            endpoint: Some(format!("http://127.0.0.1:{}", server.port)),
            trust: Trust::Pinned,
            preconnect,
            segments: None,
        };
        let client = access.connected_client().await;
        let ahead = server.connections.load(Ordering::Relaxed);
        client.list_tables().send().await.expect("an answer");
        (ahead, server.connections.load(Ordering::Relaxed))
    }

    #[tokio::test]
    async fn the_first_call_takes_the_connection_that_was_opened_ahead() {
        assert_eq!(calls(&server(0).await, Preconnect::On).await, (1, 1));
        assert_eq!(calls(&server(0).await, Preconnect::Off).await, (0, 1));
    }

    #[tokio::test]
    async fn an_endpoint_that_is_silent_at_first_is_called_all_the_same() {
        assert_eq!(calls(&server(1).await, Preconnect::On).await, (1, 2));
    }

    #[test]
    fn a_switch_is_on_or_off() {
        assert_eq!(
            ["on", "off", "no", ""].map(str::parse),
            [Ok(Preconnect::On), Ok(Preconnect::Off), Err(()), Err(())]
        );
    }
}
