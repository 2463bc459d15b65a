//! The request whose way is looked for.

use ipnet::Ipv4Net;
use serde::{Deserialize, Serialize};

/// One HTTPS request to port 443.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Request {
    /// Upper case.
    pub method: String,
    /// The `Host` header, with or without a port.
    pub host: String,
    /// As sent, still percent-encoded; a query is ignored.
    pub path: String,
    pub headers: Vec<(String, String)>,
    /// The name that was resolved and asked for by SNI, when it is not the `Host`.
    pub server_name: Option<String>,
    /// Where the client is; somewhere in the balancer's VPC when not said.
    pub from: Option<Ipv4Net>,
    /// The client does not check the certificate, or made up its mind about it already.
    pub insecure: bool,
}

impl Request {
    #[must_use]
    pub fn new(method: &str, host: &str, path: &str) -> Self {
        let (method, host, path) = (method.to_ascii_uppercase(), host.to_owned(), path.to_owned());
        Self { method, host, path, ..Self::default() }
    }

    #[must_use]
    pub fn header(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    /// Every value of a header.
    pub(crate) fn values<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.headers.iter().filter(move |(have, _)| have.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
    }

    /// The host's name: lower case, without port.
    pub(crate) fn host_name(&self) -> String {
        plain_name(&self.host)
    }

    /// The name that leads to the balancer.
    pub(crate) fn dialed(&self) -> String {
        plain_name(self.server_name.as_deref().unwrap_or(&self.host))
    }

    pub(crate) fn bare_path(&self) -> &str {
        self.path.split(['?', '#']).next().unwrap_or_default()
    }
}

/// Lower case, without port and trailing dot.
pub(crate) fn plain_name(name: &str) -> String {
    let name =
        name.rsplit_once(':').filter(|(_, port)| port.bytes().all(|b| b.is_ascii_digit())).map_or(name, |it| it.0);
    name.trim_end_matches('.').to_ascii_lowercase()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_lose_port_case_and_trailing_dot() {
        for given in ["food.example", "FOOD.example:443", "food.example."] {
            assert_eq!(Request::new("GET", given, "/").host_name(), "food.example");
        }
    }
}
