//! What stands between the program and AWS in these tests, all on this machine: a proxy, and AWS's own TLS in front of the
//! emulator. Both write down what they were asked.

use std::{
    collections::BTreeSet,
    io::{self, BufRead, BufReader, Read, Write},
    net::{Shutdown, TcpListener, TcpStream},
    path::Path,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering},
    },
    thread::{self, JoinHandle},
};

use local::authority::Authority;
use rustls::{ServerConfig, ServerConnection, StreamOwned};
use rustls_pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject};
use tests::PATIENCE;

/// What was asked, in the order of its coming.
type Heard = Arc<Mutex<Vec<String>>>;

/// A port of this machine where each connection is served on a thread of its own, until the value goes.
struct Port {
    number: u16,
    over: Arc<AtomicBool>,
    accepting: Option<JoinHandle<()>>,
}

impl Port {
    /// An error of one connection ends that connection: the other side may leave at any time.
    fn serve(serve: impl Fn(TcpStream) -> io::Result<()> + Clone + Send + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let number = listener.local_addr().expect("an address").port();
        let over = Arc::new(AtomicBool::new(false));
        let is_over = over.clone();
        let accepting = thread::spawn(move || {
            for connection in listener.incoming().map_while(Result::ok).take_while(|_| !is_over.load(Ordering::SeqCst))
            {
                let serve = serve.clone();
                thread::spawn(move || connection.set_read_timeout(Some(PATIENCE)).and_then(|()| serve(connection)));
            }
        });
        Self { number, over, accepting: Some(accepting) }
    }
}

impl Drop for Port {
    fn drop(&mut self) {
        self.over.store(true, Ordering::SeqCst);
        // It waits for a connection, and this is the last one.
        let woken = TcpStream::connect(("127.0.0.1", self.number));
        if let (Ok(_), Some(accepting)) = (woken, self.accepting.take()) {
            let _ = accepting.join();
        }
    }
}

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
        format!("http://127.0.0.1:{}", self.port.number)
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
        self.port.number
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

/// One request, one answer, and the end: enough for a client that connects anew.
fn forward(client: StreamOwned<ServerConnection, TcpStream>, emulator: &str, heard: &Heard) -> io::Result<()> {
    let mut client = BufReader::new(client);
    let head = head(&mut client)?;
    heard.lock().expect("no thread panicked").push(head.clone());
    let length = head
        .lines()
        .filter_map(|line| line.split_once(':'))
        .find(|(name, _)| name.eq_ignore_ascii_case("content-length"));
    let mut body = vec![0; length.and_then(|(_, length)| length.trim().parse().ok()).unwrap_or_default()];
    client.read_exact(&mut body)?;
    let mut server = TcpStream::connect(emulator)?;
    server.write_all(head.replacen("\r\n", "\r\nconnection: close\r\n", 1).as_bytes())?;
    server.write_all(&body)?;
    let client = client.get_mut();
    io::copy(&mut server, client)?;
    client.conn.send_close_notify();
    client.flush()
}

/// A request's head, its last empty line included.
fn head(stream: &mut impl BufRead) -> io::Result<String> {
    let mut head = String::new();
    while !head.ends_with("\r\n\r\n") {
        if stream.read_line(&mut head)? == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
    }
    Ok(head)
}
