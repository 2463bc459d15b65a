//! One connection of a client, from its first byte to its last. Nothing on it may wait forever.

use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use http::Request;
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto;
use tokio::net::TcpStream;
use tokio::sync::watch;

use super::tls::{Greeted, shake_hands};
use super::{Door, Platform, exchange};

/// A load balancer's idle timeout, as it is unless changed.
const IDLE: Duration = Duration::from_secs(60);
/// How long an HTTP/2 client has to answer the ping that an idle connection gets.
const PING: Duration = Duration::from_secs(10);
/// A load balancer takes 64 KB of request line and headers.
const HEAD_LIMIT: usize = 64 * 1024;

pub(super) async fn talk<P: Platform>(
    door: Arc<Door<P>>,
    stream: TcpStream,
    client: IpAddr,
    mut closes: watch::Receiver<bool>,
) {
    let _ = stream.set_nodelay(true); // answers are small and awaited
    let Greeted { stream, server_name } = match shake_hands(&door.platform, &door.configurations, stream).await {
        Ok(Some(greeted)) => greeted,
        // Somebody looked whether anybody is here.
        Ok(None) => return,
        Err(why) => return tracing::info!(%client, why, "no connection"),
    };
    let builder = builder_for(stream.get_ref().1.alpn_protocol());
    let service = service_fn(move |request: Request<Incoming>| {
        let (door, server_name) = (Arc::clone(&door), server_name.clone());
        async move { exchange::answer(&door, request, client, server_name).await }
    });
    let mut connection = std::pin::pin!(builder.serve_connection(TokioIo::new(stream), service));
    tokio::select! {
        _ = connection.as_mut() => return,
        _ = closes.wait_for(|closes| *closes) => connection.as_mut().graceful_shutdown(),
    }
    let _ = connection.await;
}

/// The version was agreed on in the handshake, so there is nothing to detect (and to wait for).
fn builder_for(protocol: Option<&[u8]>) -> auto::Builder<TokioExecutor> {
    let builder = auto::Builder::new(TokioExecutor::new());
    let mut builder = if protocol == Some(b"h2") { builder.http2_only() } else { builder.http1_only() };
    builder.http1().timer(TokioTimer::new()).header_read_timeout(IDLE).max_buf_size(HEAD_LIMIT);
    builder.http2().timer(TokioTimer::new()).keep_alive_interval(IDLE).keep_alive_timeout(PING);
    builder.http2().max_header_list_size(HEAD_LIMIT as u32);
    builder
}
