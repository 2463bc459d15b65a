//! What stands between the program and AWS in these tests, all on this machine: a proxy, and AWS's own TLS in front of the
//! emulator. Both write down what they were asked.

use std::{
    collections::BTreeSet,
    io::{self, BufReader, Write},
    net::{Shutdown, TcpStream},
    path::Path,
    sync::{Arc, Mutex},
    thread,
};

use local::authority::Authority;
use rustls::{ServerConfig, ServerConnection, StreamOwned};
use rustls_pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject};
use tests::relay::{Port, Request, head};

/// What was asked, in the order of its coming.
type Heard = Arc<Mutex<Vec<String>>>;

/// An HTTP proxy that leads everywhere to one port, or refuses.
pub(crate) struct Proxy {
    port: Port,
    heard: Heard,
}

impl Proxy {
    pub(crate) fn to(port: u16) -> Self {
        Self::new(Some(port))
    }

    pub(crate) fn refusing() -> Self {
        Self::new(None)
    }

    fn new(to: Option<u16>) -> Self {
        let heard = Heard::default();
        let asked = heard.clone();
        Self { port: Port::serve(move |client| tunnel(client, to, &asked)), heard }
    }

    pub(crate) fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port.number())
    }

    /// The first lines of all requests, each once.
    pub(crate) fn asked(&self) -> BTreeSet<String> {
        self.heard.lock().expect("no thread panicked").iter().cloned().collect()
    }
}

fn tunnel(mut client: TcpStream, to: Option<u16>, heard: &Heard) -> io::Result<()> {
    let head = head(&mut BufReader::new(client.try_clone()?))?;
    let line = head.lines().next().unwrap_or_default();
    heard.lock().expect("no thread panicked").push(line.to_owned());
    let Some(port) = to.filter(|_| line.starts_with("CONNECT ")) else {
        return client.write_all(b"HTTP/1.1 502 Bad Gateway\r\ncontent-length: 0\r\n\r\n");
    };
    let mut server = TcpStream::connect(("127.0.0.1", port))?;
    client.write_all(b"HTTP/1.1 200 OK\r\n\r\n")?;
    let (mut from, mut into) = (server.try_clone()?, client.try_clone()?);
    let back = thread::spawn(move || io::copy(&mut from, &mut into).and_then(|_| into.shutdown(Shutdown::Both)));
    io::copy(&mut client, &mut server).and_then(|_| server.shutdown(Shutdown::Both))?;
    let _ = back.join();
    Ok(())
}

/// HTTPS on this machine, with a certificate for these names, in front of the emulator.
pub(crate) struct Front {
    port: Port,
    heard: Heard,
}

impl Front {
    /// `folder` gets the authority that issues the certificate.
    pub(crate) fn new(folder: &Path, names: &[&str], emulator: &str) -> Self {
        let tls = Arc::new(identity(folder, names));
        let emulator = emulator.trim_start_matches("http://").to_owned();
        let heard = Heard::default();
        let asked = heard.clone();
        let serve = move |client| forward(StreamOwned::new(session(&tls)?, client), &emulator, &asked);
        Self { port: Port::serve(serve), heard }
    }

    pub(crate) fn port(&self) -> u16 {
        self.port.number()
    }

    pub(crate) fn url(&self) -> String {
        format!("https://localhost:{}", self.port())
    }

    /// The AWS services that were called, by the names in the requests' signatures.
    pub(crate) fn services(&self) -> BTreeSet<String> {
        let heard = self.heard.lock().expect("no thread panicked");
        let scopes = heard.iter().filter_map(|head| head.split_once("/aws4_request").map(|(scope, _)| scope));
        scopes.filter_map(|scope| scope.rsplit('/').next()).map(str::to_owned).collect()
    }
}

fn identity(folder: &Path, names: &[&str]) -> ServerConfig {
    let names: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
    let issued = Authority::open(folder).and_then(|authority| authority.issue(&names)).expect("a certificate");
    let certificate = CertificateDer::from_pem_slice(issued.certificate_pem.as_bytes()).expect("PEM");
    let key = PrivateKeyDer::from_pem_slice(issued.private_key_pem.as_bytes()).expect("PEM");
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let builder = ServerConfig::builder_with_provider(provider).with_safe_default_protocol_versions();
    let builder = builder.expect("TLS 1.2 and 1.3").with_no_client_auth();
    builder.with_single_cert(vec![certificate], key).expect("a certificate with its key")
}

fn session(tls: &Arc<ServerConfig>) -> io::Result<ServerConnection> {
    ServerConnection::new(tls.clone()).map_err(io::Error::other)
}

fn forward(client: StreamOwned<ServerConnection, TcpStream>, emulator: &str, heard: &Heard) -> io::Result<()> {
    let mut client = BufReader::new(client);
    let request = Request::read(&mut client)?;
    heard.lock().expect("no thread panicked").push(request.head.clone());
    let client = client.get_mut();
    request.pass_on(emulator, client)?;
    client.conn.send_close_notify();
    client.flush()
}
