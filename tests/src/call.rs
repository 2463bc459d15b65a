//! An HTTPS request by name, sent to the local door: what a client in the hub's network would do.

use std::{
    fmt,
    io::{ErrorKind, Read, Write},
    net::TcpStream,
    path::Path,
    sync::Arc,
};

use rustls::{ClientConfig, ClientConnection, RootCertStore, StreamOwned};
use rustls_pki_types::{CertificateDer, ServerName, pem::PemObject};

use crate::PATIENCE;

/// One request.
#[derive(Clone, Debug)]
pub struct Call<'a> {
    pub method: &'a str,
    /// Asked for in the TLS greeting and named as host.
    pub host: &'a str,
    /// With the query.
    pub path: &'a str,
    pub headers: Vec<(&'a str, &'a str)>,
    pub body: &'a str,
}

/// What came back.
#[derive(Clone, Debug)]
pub struct Answer {
    pub status: u16,
    /// Names in lower case.
    pub headers: Vec<(String, String)>,
    pub body: String,
}

/// Why nothing came back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NoAnswer {
    /// The certificate that was shown is not for this name.
    WrongCertificate,
    /// The connection ended without an answer: what a lost packet looks like on one machine.
    Silence,
}

impl fmt::Display for NoAnswer {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(match self {
            Self::WrongCertificate => "the certificate is not for this name",
            Self::Silence => "the connection ended without an answer",
        })
    }
}

impl<'a> Call<'a> {
    #[must_use]
    pub fn get(host: &'a str, path: &'a str) -> Self {
        Self { method: "GET", host, path, headers: Vec::new(), body: "" }
    }

    /// With a JSON body.
    #[must_use]
    pub fn post(host: &'a str, path: &'a str, body: &'a str) -> Self {
        Self { method: "POST", body, ..Self::get(host, path) }.header("content-type", "application/json")
    }

    #[must_use]
    pub fn header(mut self, name: &'a str, value: &'a str) -> Self {
        self.headers.push((name, value));
        self
    }

    /// Sends it to `127.0.0.1:<port>`, trusting only this authority.
    ///
    /// # Errors
    /// The certificate is wrong, or nobody answers.
    ///
    /// # Panics
    /// If what comes back is no HTTP.
    pub fn send(&self, port: u16, authority: &Path) -> Result<Answer, NoAnswer> {
        let name = ServerName::try_from(self.host.to_owned()).expect("a host name");
        let tls = ClientConnection::new(Arc::new(trusting(authority)), name).expect("a client");
        let socket = TcpStream::connect(("127.0.0.1", port)).expect("the door listens");
        socket.set_read_timeout(Some(PATIENCE)).expect("a timeout");
        let mut stream = StreamOwned::new(tls, socket);
        stream.write_all(self.text().as_bytes()).map_err(|error| why(&error))?;
        let mut answer = Vec::new();
        match stream.read_to_end(&mut answer) {
            Err(error) if answer.is_empty() => Err(why(&error)),
            _ if answer.is_empty() => Err(NoAnswer::Silence),
            _ => Ok(Answer::parse(&String::from_utf8(answer).expect("text"))),
        }
    }

    fn text(&self) -> String {
        let Self { method, host, path, body, .. } = self;
        let headers: String = self.headers.iter().map(|(name, value)| format!("{name}: {value}\r\n")).collect();
        let length = body.len();
        format!(
            "{method} {path} HTTP/1.1\r\nhost: {host}\r\nconnection: close\r\ncontent-length: {length}\r\n{headers}\r\n{body}"
        )
    }
}

fn trusting(authority: &Path) -> ClientConfig {
    let mut roots = RootCertStore::empty();
    let pem = CertificateDer::from_pem_file(authority).expect("the local authority's certificate");
    roots.add(pem).expect("a root");
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let builder = ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions();
    builder.expect("TLS 1.2 and 1.3").with_root_certificates(roots).with_no_client_auth()
}

fn why(error: &std::io::Error) -> NoAnswer {
    let tls = error.get_ref().and_then(|inner| inner.downcast_ref::<rustls::Error>());
    match (tls, error.kind()) {
        (Some(rustls::Error::InvalidCertificate(_)), _) => NoAnswer::WrongCertificate,
        (_, ErrorKind::UnexpectedEof | ErrorKind::ConnectionReset | ErrorKind::BrokenPipe) => NoAnswer::Silence,
        _ => panic!("the client does not understand the door: {error}"),
    }
}

impl Answer {
    fn parse(text: &str) -> Self {
        let (head, body) = text.split_once("\r\n\r\n").unwrap_or_else(|| panic!("no HTTP: {text}"));
        let mut lines = head.lines();
        let status = lines.next().and_then(|line| line.split(' ').nth(1)?.parse().ok());
        let headers = lines.filter_map(|line| line.split_once(": "));
        let headers = headers.map(|(name, value)| (name.to_ascii_lowercase(), value.to_owned()));
        let status = status.unwrap_or_else(|| panic!("no status: {head}"));
        Self { status, headers: headers.collect(), body: body.to_owned() }
    }

    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(own, _)| own == name).map(|(_, value)| value.as_str())
    }

    /// # Panics
    /// If the body is no JSON.
    #[must_use]
    pub fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.body).unwrap_or_else(|error| panic!("{error} in {}", self.body))
    }
}
