//! Whom the HTTPS client trusts.
//!
//! Parsing the system's 140 or so certificates takes longer than all the rest of a cold start. AWS's endpoints chain to five
//! roots that AWS tells clients to keep (<https://www.amazontrust.com/repository/>), so only these are parsed. Should a server
//! show a chain to another root, the system's store is read once and decides: a change of AWS's authorities costs milliseconds,
//! not an outage.

use std::error::Error;
use std::str::FromStr;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use aws_smithy_http_client::Connector;
use aws_smithy_http_client::tls::rustls_provider::CryptoMode;
use aws_smithy_http_client::tls::{Provider, TlsContext, TrustStore};
use aws_smithy_runtime_api::client::http::{
    HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpConnector,
};
use aws_smithy_runtime_api::client::orchestrator::HttpRequest;
use aws_smithy_runtime_api::client::result::ConnectorError;
use rustls::CertificateError;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;

/// Amazon Root CA 1 to 4 and the Starfield root that signs them for old clients.
const AMAZON_ROOTS: &[u8] = include_bytes!("amazon-roots.pem");

/// DynamoDB's servers take connections in milliseconds.
const CONNECT: Duration = Duration::from_millis(700);

/// Which roots verify a server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Trust {
    /// Amazon's, and the system's where they do not do.
    Pinned,
    /// The system's alone.
    System,
    /// These alone, in PEM.
    Only(Vec<u8>),
}

impl FromStr for Trust {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        match text {
            "pinned" => Ok(Self::Pinned),
            "system" => Ok(Self::System),
            path if path.starts_with('/') => std::fs::read(path).map_err(drop).and_then(Self::only),
            _ => Err(()),
        }
    }
}

impl Trust {
    /// The certificates of a PEM file: at least one, and nothing unreadable among them.
    fn only(pem: Vec<u8>) -> Result<Self, ()> {
        let certificates = CertificateDer::pem_slice_iter(&pem).collect::<Result<Vec<_>, _>>().map_err(drop)?;
        if certificates.is_empty() { Err(()) } else { Ok(Self::Only(pem)) }
    }

    /// The way to servers, over TLS for `https://` addresses. It keeps its connections.
    #[must_use]
    pub fn connector(&self) -> SharedHttpConnector {
        let system = TrustStore::empty().with_native_roots(true);
        match self {
            Self::Pinned => either(TrustStore::empty().with_pem_certificate(AMAZON_ROOTS), system),
            Self::System => https(system),
            Self::Only(pem) => https(TrustStore::empty().with_pem_certificate(pem.as_slice())),
        }
    }
}

/// A connector that trusts `first`, and `second` as soon as a server's chain does not end in `first`.
fn either(first: TrustStore, second: TrustStore) -> SharedHttpConnector {
    let second = Arc::new(Second { store: second, connector: OnceLock::new() });
    SharedHttpConnector::new(Either { first: https(first), second })
}

/// TLS is set up here, once, and not again by the SDK for the settings of each call.
fn https(store: TrustStore) -> SharedHttpConnector {
    let context = TlsContext::builder().with_trust_store(store).build().expect("no additional server names are set");
    let settings = HttpConnectorSettings::builder().connect_timeout(CONNECT).build();
    let connector = Connector::builder().connector_settings(settings);
    let connector = connector.tls_provider(Provider::Rustls(CryptoMode::Ring)).tls_context(context);
    SharedHttpConnector::new(connector.build())
}

#[derive(Debug)]
struct Either {
    first: SharedHttpConnector,
    second: Arc<Second>,
}

/// Its certificates are read with the first need of them; from then on it is used alone.
#[derive(Debug)]
struct Second {
    store: TrustStore,
    connector: OnceLock<SharedHttpConnector>,
}

impl HttpConnector for Either {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        if let Some(second) = self.second.connector.get() {
            return second.call(request);
        }
        let again = request.try_clone();
        let (first, second) = (self.first.call(request), Arc::clone(&self.second));
        HttpConnectorFuture::new(async move {
            match (first.await, again) {
                (Err(error), Some(request)) if is_unknown_issuer(&error) => {
                    second.connector.get_or_init(|| https(second.store.clone())).call(request).await
                }
                (outcome, _) => outcome,
            }
        })
    }
}

/// Whether the server showed a chain to a root we do not hold. Every other flaw of a certificate stays a refusal.
fn is_unknown_issuer(error: &ConnectorError) -> bool {
    std::iter::successors(Some(error as &(dyn Error + 'static)), |error| inner(*error))
        .filter_map(|error| error.downcast_ref::<rustls::Error>())
        .any(|error| matches!(error, rustls::Error::InvalidCertificate(CertificateError::UnknownIssuer)))
}

/// The next error of a chain; the one inside an I/O error is not its `source`.
fn inner<'e>(error: &'e (dyn Error + 'static)) -> Option<&'e (dyn Error + 'static)> {
    match error.downcast_ref::<std::io::Error>().and_then(std::io::Error::get_ref) {
        Some(payload) => Some(payload),
        None => error.source(),
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use aws_credential_types::Credentials;
    use aws_sdk_dynamodb::Client;
    use aws_sdk_dynamodb::config::retry::RetryConfig;
    use aws_sdk_dynamodb::config::{BehaviorVersion, Config, Region};
    use aws_smithy_runtime_api::client::http::http_client_fn;
    use rcgen::{BasicConstraints, CertificateParams, DnType, IsCa, Issuer, KeyPair};
    use rustls::ServerConfig;
    use rustls::pki_types::PrivateKeyDer;
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    use tokio::net::TcpListener;
    use tokio_rustls::TlsAcceptor;

    use super::*;

    struct Authority {
        pem: String,
        issuer: Issuer<'static, KeyPair>,
    }

    fn authority(name: &str) -> Authority {
        let mut params = CertificateParams::default();
        params.distinguished_name.push(DnType::CommonName, name);
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let key = KeyPair::generate().expect("a key");
        let pem = params.self_signed(&key).expect("a certificate").pem();
        Authority { pem, issuer: Issuer::new(params, key) }
    }

    fn store(authority: &Authority) -> TrustStore {
        TrustStore::empty().with_pem_certificate(authority.pem.as_bytes())
    }

    /// A DynamoDB without tables, behind a certificate of `authority` for `name`; returns its port.
    async fn server(authority: &Authority, name: &str) -> u16 {
        let key = KeyPair::generate().expect("a key");
        let params = CertificateParams::new(vec![name.to_owned()]).expect("a name");
        let certificate = params.signed_by(&key, &authority.issuer).expect("a certificate");
        let config = ServerConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
            .with_safe_default_protocol_versions()
            .expect("TLS versions")
            .with_no_client_auth()
            .with_single_cert(vec![certificate.der().clone()], PrivateKeyDer::from(key))
            .expect("a server");
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let port = listener.local_addr().expect("an address").port();
        let acceptor = TlsAcceptor::from(Arc::new(config));
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let Ok(mut stream) = acceptor.accept(stream).await else { continue };
                let _ = stream.read(&mut [0; 4096]).await;
                let _ = stream
                    .write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 17\r\nconnection: close\r\n\r\n{\"TableNames\":[]}")
                    .await;
                let _ = stream.shutdown().await;
            }
        });
        port
    }

    async fn reaches(connector: SharedHttpConnector, port: u16) -> bool {
        let config = Config::builder()
            .behavior_version(BehaviorVersion::v2026_01_12())
            .region(Region::from_static("eu-west-1"))
            .credentials_provider(Credentials::new("id", "secret", None, None, "test"))
            .retry_config(RetryConfig::disabled())
            .endpoint_url(format!("https://localhost:{port}"))
            .http_client(http_client_fn(move |_, _| connector.clone()))
            .build();
        Client::from_conf(config).list_tables().send().await.is_ok()
    }

    #[tokio::test]
    async fn a_server_is_trusted_by_the_first_store_or_else_by_the_second() {
        let (ours, other) = (authority("ours"), authority("other"));
        let port = server(&ours, "localhost").await;
        assert!(reaches(either(store(&ours), store(&other)), port).await, "the first store knows it");
        assert!(reaches(either(store(&other), store(&ours)), port).await, "the second store knows it");
        assert!(!reaches(either(store(&other), store(&other)), port).await, "neither knows it");
        assert!(!reaches(Trust::Pinned.connector(), port).await, "neither Amazon's roots nor the system's know it");
    }

    #[tokio::test]
    async fn the_second_store_serves_all_calls_after_the_first_failed() {
        let (ours, other) = (authority("ours"), authority("other"));
        let port = server(&ours, "localhost").await;
        let connector = either(store(&other), store(&ours));
        for call in 1..=3 {
            assert!(reaches(connector.clone(), port).await, "call {call}");
        }
    }

    #[tokio::test]
    async fn a_file_of_certificates_is_trusted_alone() {
        let ours = authority("ours");
        let port = server(&ours, "localhost").await;
        assert!(reaches(Trust::only(ours.pem.into_bytes()).expect("PEM").connector(), port).await);
        assert!(!reaches(Trust::only(AMAZON_ROOTS.to_vec()).expect("PEM").connector(), port).await);
    }

    #[test]
    fn a_file_without_a_readable_certificate_is_a_wrong_setting() {
        let broken = b"-----BEGIN CERTIFICATE-----\n!\n-----END CERTIFICATE-----\n";
        assert_eq!([Vec::new(), broken.to_vec()].map(Trust::only), [Err(()), Err(())]);
        assert_eq!(["/nowhere/roots.pem", "roots.pem", ""].map(str::parse::<Trust>), [Err(()), Err(()), Err(())]);
    }

    #[tokio::test]
    async fn a_certificate_for_another_name_is_refused() {
        let ours = authority("ours");
        let port = server(&ours, "elsewhere.example").await;
        assert!(!reaches(either(store(&ours), store(&ours)), port).await);
    }

    #[test]
    fn the_pinned_roots_are_the_ones_they_say_they_are() {
        let text = std::str::from_utf8(AMAZON_ROOTS).expect("text");
        let said: Vec<_> = text.lines().filter_map(|line| line.strip_prefix("# SHA-256 ")).collect();
        let found: Vec<String> = CertificateDer::pem_slice_iter(AMAZON_ROOTS)
            .map(|root| ring::digest::digest(&ring::digest::SHA256, &root.expect("a certificate")))
            .map(|hash| hash.as_ref().iter().map(|byte| format!("{byte:02X}")).collect())
            .collect();
        assert_eq!((found.len(), found), (5, said.iter().map(ToString::to_string).collect()));
    }
}
