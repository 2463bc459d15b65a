//! TLS: the greeting is read first, because the certificate depends on the name the client asks for.

use std::collections::HashMap;
use std::io::ErrorKind;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use rustls::ServerConfig;
use rustls::server::Acceptor;
use rustls_pki_types::pem::PemObject;
use rustls_pki_types::{CertificateDer, PrivateKeyDer};
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_rustls::LazyConfigAcceptor;
use tokio_rustls::server::TlsStream;

use super::{Identity, Platform};

/// For the whole handshake, the look at the platform included.
const HANDSHAKE: Duration = Duration::from_secs(20);
/// What the door speaks above TLS, the preferred first.
const PROTOCOLS: [&[u8]; 2] = [b"h2", b"http/1.1"];
/// Certificates come and go while the door runs; more than these are not worth keeping.
const KEPT: usize = 256;

/// A connection with what its greeting said.
pub(super) struct Greeted {
    pub(super) stream: TlsStream<TcpStream>,
    pub(super) server_name: Option<String>,
}

/// Shakes hands, or says why not (None: whoever came left without a word): a client that is too slow or does not speak TLS, or nobody who would answer it.
pub(super) async fn shake_hands<P: Platform>(
    platform: &P,
    configurations: &Configurations,
    stream: TcpStream,
) -> Result<Option<Greeted>, String> {
    let shaking = async {
        let start = match LazyConfigAcceptor::new(Acceptor::default(), stream).await {
            Err(error) if error.kind() == ErrorKind::UnexpectedEof => return Ok(None),
            start => start.map_err(|error| error.to_string())?,
        };
        let server_name = start.client_hello().server_name().map(str::to_owned);
        let identity = platform.certificate(server_name.as_deref()).await?;
        let configuration = configurations.of(identity)?;
        let stream = start.into_stream(configuration).await.map_err(|error| error.to_string())?;
        Ok(Some(Greeted { stream, server_name }))
    };
    timeout(HANDSHAKE, shaking).await.unwrap_or_else(|_| Err("the handshake took too long".to_owned()))
}

/// One configuration per certificate, so that clients can resume their sessions.
#[derive(Default)]
pub(super) struct Configurations {
    known: Mutex<HashMap<Identity, Arc<ServerConfig>>>,
}

impl Configurations {
    fn of(&self, identity: Identity) -> Result<Arc<ServerConfig>, String> {
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(configuration) = known.get(&identity) {
            return Ok(Arc::clone(configuration));
        }
        let configuration =
            Arc::new(configure(&identity).map_err(|why| format!("the certificate is unusable: {why}"))?);
        if known.len() >= KEPT {
            known.clear();
        }
        known.insert(identity, Arc::clone(&configuration));
        Ok(configuration)
    }
}

/// TLS 1.2 and 1.3, as the balancer's policies of the `TLS13-1-2` family allow.
fn configure(identity: &Identity) -> Result<ServerConfig, String> {
    let chain = CertificateDer::pem_slice_iter(identity.chain_pem.as_bytes()).collect::<Result<Vec<_>, _>>();
    let key = PrivateKeyDer::from_pem_slice(identity.private_key_pem.as_bytes());
    let (chain, key) = (chain.map_err(|error| error.to_string())?, key.map_err(|error| error.to_string())?);
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let builder = ServerConfig::builder_with_provider(provider).with_safe_default_protocol_versions();
    let builder = builder.map_err(|error| error.to_string())?.with_no_client_auth();
    let mut configuration = builder.with_single_cert(chain, key).map_err(|error| error.to_string())?;
    configuration.alpn_protocols = PROTOCOLS.map(<[u8]>::to_vec).to_vec();
    Ok(configuration)
}
