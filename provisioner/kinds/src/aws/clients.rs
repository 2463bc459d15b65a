//! How AWS is reached: proxy, certificate authorities, credentials and clients of one account.

use std::time::Duration;

use aws_config::{
    BehaviorVersion, Region, SdkConfig, identity::IdentityCache, retry::RetryConfig, sts::AssumeRoleProvider,
    timeout::TimeoutConfig,
};
use aws_credential_types::{Credentials, provider::SharedCredentialsProvider};
use aws_smithy_http_client::{
    Builder, Connector,
    proxy::ProxyConfig,
    tls::{Provider, TlsContext, TrustStore, rustls_provider::CryptoMode},
};
use aws_smithy_runtime_api::client::http::SharedHttpClient;

use super::accounts::{ConnectError, Login, Settings};

/// How often STS is asked for the way into an account, with up to 1, 2, 4 and so on seconds between.
const ENTERING: u32 = 6;

/// A busy machine or a far proxy may take its time; the SDK's own 3.1 s is for calls that are made often.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(15);

/// Honours `HTTPS_PROXY`, `NO_PROXY` and, when given, the certificates of `AWS_CA_BUNDLE` instead of the system's.
/// An emulator is never behind a proxy: its calls stay on this machine.
pub(super) fn http_client(settings: &Settings) -> Result<SharedHttpClient, ConnectError> {
    let proxy = if settings.dummy_credentials { ProxyConfig::disabled() } else { ProxyConfig::from_env() };
    let trust = match &settings.ca_bundle {
        Some(pem) => TrustStore::empty().with_pem_certificate(pem.as_slice()),
        None => TrustStore::default(),
    };
    let tls =
        TlsContext::builder().with_trust_store(trust).build().map_err(|error| ConnectError::Tls(error.to_string()))?;
    Ok(Builder::new().build_with_connector_fn(move |settings, _| {
        let builder = Connector::builder().proxy_config(proxy.clone());
        let builder = match settings {
            Some(settings) => builder.connector_settings(settings.clone()),
            None => builder,
        };
        builder.tls_provider(Provider::Rustls(CryptoMode::Ring)).tls_context(tls.clone()).build()
    }))
}

/// The settings that every client of one account shares.
pub(super) async fn sdk_config(settings: &Settings, login: &Login, http: &SharedHttpClient) -> SdkConfig {
    let base = base_config(settings, login, http).await;
    let Some(role) = role_arn(settings, login) else { return base };
    let builder = AssumeRoleProvider::builder(role).session_name(&settings.session).configure(&patient(&base));
    let builder = match &login.external_id {
        Some(id) => builder.external_id(id),
        None => builder,
    };
    let provider = builder.region(Region::new(settings.region.clone())).build().await;
    base.into_builder().credentials_provider(SharedCredentialsProvider::new(provider)).build()
}

/// For entering an account: no engine waits there, so the SDK tries again.
pub(super) fn patient(sdk: &SdkConfig) -> SdkConfig {
    sdk.clone().into_builder().retry_config(RetryConfig::standard().with_max_attempts(ENTERING)).build()
}

async fn base_config(settings: &Settings, login: &Login, http: &SharedHttpClient) -> SdkConfig {
    let timeouts =
        TimeoutConfig::builder().operation_timeout(settings.call_timeout).connect_timeout(CONNECT_TIMEOUT).build();
    let loader = aws_config::defaults(BehaviorVersion::latest())
        .region(Region::new(settings.region.clone()))
        .http_client(http.clone())
        .retry_config(RetryConfig::disabled())
        .identity_cache(IdentityCache::lazy().load_timeout(settings.call_timeout).build())
        .timeout_config(timeouts);
    let loader = match &settings.endpoint {
        Some(endpoint) => loader.endpoint_url(endpoint),
        None => loader,
    };
    let loader = match &login.profile {
        Some(profile) => loader.profile_name(profile),
        None => loader,
    };
    if settings.dummy_credentials {
        let dummy = Credentials::new("provisioner", "provisioner", None, None, "local");
        return loader.credentials_provider(dummy).load().await;
    }
    loader.load().await
}

/// A role may be named or given as an ARN.
fn role_arn(settings: &Settings, login: &Login) -> Option<String> {
    let role = login.role.as_ref()?;
    if role.starts_with("arn:") {
        return Some(role.clone());
    }
    Some(format!("arn:{}:iam::{}:role/{role}", settings.partition, login.account))
}
