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

use super::{
    accounts::{ConnectError, Login, Settings},
    credentials::Renewed,
    guard::Guarded,
};

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
    let client = Builder::new().build_with_connector_fn(move |settings, _| {
        let builder = Connector::builder().proxy_config(proxy.clone());
        let builder = match settings {
            Some(settings) => builder.connector_settings(settings.clone()),
            None => builder,
        };
        builder.tls_provider(Provider::Rustls(CryptoMode::Ring)).tls_context(tls.clone()).build()
    });
    Ok(SharedHttpClient::new(Guarded(client)))
}

/// The settings that every client of one account shares, and its credentials.
pub(super) async fn sdk_config(settings: &Settings, login: &Login, http: &SharedHttpClient) -> (SdkConfig, Renewed) {
    let (base, credentials) = base_config(settings, login, http).await;
    let Some(role) = role_arn(settings, login) else { return (base, credentials) };
    let builder = AssumeRoleProvider::builder(role).session_name(&settings.session).configure(&patient(&base));
    let builder = match &login.external_id {
        Some(id) => builder.external_id(id),
        None => builder,
    };
    let provider = builder.region(Region::new(settings.region.clone())).build().await;
    let credentials = Renewed::by_way_of(credentials, SharedCredentialsProvider::new(provider));
    (signed(base, &credentials), credentials)
}

fn signed(sdk: SdkConfig, credentials: &Renewed) -> SdkConfig {
    sdk.into_builder().credentials_provider(SharedCredentialsProvider::new(credentials.clone())).build()
}

/// For entering an account: no engine waits there, so the SDK tries again.
pub(super) fn patient(sdk: &SdkConfig) -> SdkConfig {
    sdk.clone().into_builder().retry_config(RetryConfig::standard().with_max_attempts(ENTERING)).build()
}

async fn base_config(settings: &Settings, login: &Login, http: &SharedHttpClient) -> (SdkConfig, Renewed) {
    let timeouts =
        TimeoutConfig::builder().operation_timeout(settings.call_timeout).connect_timeout(CONNECT_TIMEOUT).build();
    let loader = aws_config::defaults(BehaviorVersion::latest())
        .region(Region::new(settings.region.clone()))
        .http_client(http.clone())
        .retry_config(RetryConfig::disabled())
        // They are kept by `Renewed`.
        .identity_cache(IdentityCache::no_cache())
        .timeout_config(timeouts);
    let loader = match &settings.endpoint {
        Some(endpoint) => loader.endpoint_url(endpoint),
        None => loader,
    };
    let loader = match &login.profile {
        Some(profile) => loader.profile_name(profile),
        None => loader,
    };
    let loader = match settings.dummy_credentials {
        true => loader.credentials_provider(Credentials::new("provisioner", "provisioner", None, None, "local")),
        false => loader,
    };
    let sdk = loader.load().await;
    let credentials = Renewed::from(sdk.credentials_provider().expect("the SDK's defaults have a provider"));
    (signed(sdk, &credentials), credentials)
}

/// A role may be named or given as an ARN.
fn role_arn(settings: &Settings, login: &Login) -> Option<String> {
    let role = login.role.as_ref()?;
    if role.starts_with("arn:") {
        return Some(role.clone());
    }
    Some(format!("arn:{}:iam::{}:role/{role}", settings.partition, login.account))
}
