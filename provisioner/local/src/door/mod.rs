//! The HTTPS door: the load balancer, the gateway and the way between them, on one loopback address.
//!
//! The door does what happens on the wire: TLS with the certificate that is shown for a name (`tls.rs`), connections and their
//! limits (`connection.rs`), headers as a load balancer passes them on (`headers.rs`), and one request from head to answer
//! (`exchange.rs`), which the gateway may look at itself (`document.rs`). Which certificate, and where a request leads, it asks
//! a [`Platform`].

mod connection;
mod document;
mod exchange;
mod headers;
mod tls;

use std::future::Future;
use std::net::Ipv4Addr;
use std::sync::Arc;
use std::time::Duration;

use tokio::net::TcpListener;
use tokio::sync::{Semaphore, watch};
use tokio::task::JoinSet;
use tokio::time::{sleep, timeout};

pub use crate::event::{Context, Head};
use crate::runtime::{Function, Functions};
pub use document::Document;

/// More connections than this wait; a laptop has a few hundred file descriptors to spare.
const CONNECTIONS: usize = 256;
/// How long requests underway may take to end after the door was told to close.
const CLOSING: Duration = Duration::from_secs(10);
/// After a connection could not be accepted, because file descriptors ran out.
const BREATH: Duration = Duration::from_millis(50);

/// What is provisioned, as the door needs to know it. Implement the methods as `async fn`.
pub trait Platform: Send + Sync + 'static {
    /// What the balancer shows to a client that asked for this name (or none), or why nobody answers.
    fn certificate(&self, server_name: Option<&str>) -> impl Future<Output = Result<Identity, String>> + Send;

    /// Where a request leads.
    fn route(&self, head: &Head) -> impl Future<Output = Routed> + Send;
}

/// A certificate chain with its key.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Identity {
    /// The certificate first, then its issuers.
    pub chain_pem: String,
    pub private_key_pem: String,
}

/// Where a request leads.
#[derive(Clone, Debug)]
pub enum Routed {
    /// To a function.
    Invoke(Box<Destination>),
    /// To somebody who answers in the function's place.
    Refuse(Refusal),
    /// To nobody: the connection is closed without an answer. The reason is for the log.
    NoAnswer { reason: String },
}

/// A function, and the API that calls it.
#[derive(Clone, Debug)]
pub struct Destination {
    pub function: Function,
    pub context: Context,
    /// What the gateway checks, and how it answers itself.
    pub document: Arc<Document>,
    /// How long the gateway waits for the function.
    pub integration_timeout: Duration,
}

/// An answer of the balancer or the gateway.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    pub status: u16,
    pub content_type: String,
    /// The gateway's `x-amzn-ErrorType`; without it, the balancer is taken to have answered.
    pub error_type: Option<String>,
    pub body: String,
    /// Why, for the log and for the header `x-local-reason`.
    pub reason: String,
}

/// A loopback port for the door: `preferred` (that of the last time, so that addresses stay the same) if it is free, else any.
pub async fn listen(preferred: Option<u16>) -> std::io::Result<TcpListener> {
    match TcpListener::bind((Ipv4Addr::LOCALHOST, preferred.unwrap_or(0))).await {
        Err(_) if preferred.is_some() => TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await,
        bound => bound,
    }
}

/// What all connections share.
struct Door<P> {
    platform: P,
    functions: Functions,
    configurations: tls::Configurations,
}

/// Serves until `shutdown` is done; then lets requests underway end, for a while.
pub async fn serve<P: Platform>(
    platform: P,
    functions: Functions,
    listener: TcpListener,
    shutdown: impl Future<Output = ()>,
) {
    let door = Arc::new(Door { platform, functions, configurations: tls::Configurations::default() });
    let seats = Arc::new(Semaphore::new(CONNECTIONS));
    let (closing, closes) = watch::channel(false);
    let mut connections = JoinSet::new();
    let mut shutdown = std::pin::pin!(shutdown);
    loop {
        let next = async {
            let seat = Arc::clone(&seats).acquire_owned().await;
            (seat, listener.accept().await)
        };
        tokio::select! {
            () = &mut shutdown => break,
            Some(_) = connections.join_next() => {}
            (seat, accepted) = next => match accepted {
                Ok((stream, client)) => {
                    let talk = connection::talk(Arc::clone(&door), stream, client.ip(), closes.clone());
                    connections.spawn(async move { talk.await; drop(seat) });
                }
                Err(error) => {
                    tracing::warn!(%error, "cannot accept a connection");
                    sleep(BREATH).await;
                }
            },
        }
    }
    drop(listener);
    let _ = closing.send(true);
    let _ = timeout(CLOSING, async { while connections.join_next().await.is_some() {} }).await;
    door.functions.stop();
}
