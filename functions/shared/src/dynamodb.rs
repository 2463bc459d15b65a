//! A DynamoDB client that is ready in well under a millisecond.
//!
//! The SDK's own loader would read profiles, probe credential sources and parse every certificate of the system. Lambda hands
//! over all that is needed in the environment.

use std::time::Duration;

use aws_credential_types::Credentials;
use aws_sdk_dynamodb::config::retry::RetryConfig;
use aws_sdk_dynamodb::config::timeout::TimeoutConfig;
use aws_sdk_dynamodb::config::{BehaviorVersion, Region, SharedInterceptor, StalledStreamProtectionConfig};
use aws_sdk_dynamodb::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_dynamodb::operation::RequestId;
use aws_sdk_dynamodb::{Client, Config};

use crate::config::{ConfigError, optional, parsed, required};
use crate::trust::{self, Trust};
use crate::xray::Segments;

/// DynamoDB answers in milliseconds; a connection that is silent for a second is dead and worth another try.
const ATTEMPT: Duration = Duration::from_secs(1);
const CONNECT: Duration = Duration::from_millis(700);
/// All attempts of one call together. The function's own deadline may end it sooner.
const CALL: Duration = Duration::from_secs(4);
const ATTEMPTS: u32 = 4;
const FIRST_BACKOFF: Duration = Duration::from_millis(25);

/// Where the table is and as whom to call it.
#[derive(Debug)]
pub struct Access {
    pub region: String,
    pub credentials: Credentials,
    /// Instead of the Region's own endpoint.
    pub endpoint: Option<String>,
    pub trust: Trust,
    /// Where calls are traced.
    pub segments: Option<Segments>,
}

impl Access {
    /// From Lambda's environment. `AWS_ENDPOINT_URL_DYNAMODB` and `AWS_ENDPOINT_URL` replace the endpoint; `TRUST_STORE=system`
    /// asks for the system's certificates.
    ///
    /// # Errors
    /// The variable that is missing or wrong.
    pub fn from_environment() -> Result<Self, ConfigError> {
        let (id, secret) = (required("AWS_ACCESS_KEY_ID")?, required("AWS_SECRET_ACCESS_KEY")?);
        Ok(Self {
            region: required("AWS_REGION")?,
            credentials: Credentials::new(id, secret, optional("AWS_SESSION_TOKEN"), None, "environment"),
            endpoint: optional("AWS_ENDPOINT_URL_DYNAMODB").or_else(|| optional("AWS_ENDPOINT_URL")),
            trust: parsed("TRUST_STORE", Trust::Pinned, "`pinned` or `system`")?,
            segments: Segments::from_environment(),
        })
    }

    /// A client; it connects with its first call.
    #[must_use]
    pub fn client(self) -> Client {
        let plain = self.endpoint.as_ref().is_some_and(|url| url.starts_with("http://"));
        let timeouts = TimeoutConfig::builder()
            .connect_timeout(CONNECT)
            .operation_attempt_timeout(ATTEMPT)
            .operation_timeout(CALL)
            .build();
        let mut config = Config::builder()
            .behavior_version(BehaviorVersion::v2026_01_12())
            .region(Region::new(self.region))
            .credentials_provider(self.credentials)
            .http_client(if plain { trust::plain_client() } else { self.trust.client() })
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
