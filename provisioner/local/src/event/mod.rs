//! API Gateway's translation between HTTP and a Lambda proxy integration of a private REST API (payload format 1.0).
//!
//! Pure: [`request::proxy_event`] makes the event of a request, [`response::proxy_response`] the HTTP answer of what a function
//! gave back. Facts that are not obvious stand beside the line that follows them.

pub mod request;
pub mod response;

use std::collections::BTreeMap;
use std::net::IpAddr;

use http::{HeaderMap, Method};

pub use request::{Stamp, proxy_event};
pub use response::{Malformed, proxy_response};

/// A request without its body, as it came in.
#[derive(Clone, Debug)]
pub struct Head {
    pub method: Method,
    /// The `Host` header, or the authority of HTTP/2: with a port if the client gave one.
    pub host: String,
    /// As sent, still percent-encoded, without the query.
    pub path: String,
    /// As sent, without the question mark.
    pub query: Option<String>,
    /// In order, repeated ones repeated; what the balancer adds is there already.
    pub headers: HeaderMap,
    /// The client's address.
    pub source_ip: IpAddr,
    /// What the client asked for in its TLS greeting.
    pub server_name: Option<String>,
}

impl Head {
    /// The host without port, in lower case.
    pub fn host_name(&self) -> String {
        let name = match self.host.rsplit_once(':') {
            Some((name, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => name,
            _ => &self.host,
        };
        name.to_ascii_lowercase()
    }

    /// A header's only or last value, if it is text.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get_all(name).iter().next_back()?.to_str().ok()
    }
}

/// What the gateway knows of the API that a request reached.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Context {
    pub account_id: String,
    pub api_id: String,
    pub stage: String,
    pub deployment_id: String,
    /// API Gateway's id of the resource; any steady text if it is not known.
    pub resource_id: String,
    /// The template that matched, such as `/orders/{orderId}`.
    pub resource_path: String,
    /// Still percent-encoded: a REST API does not decode them.
    pub path_parameters: BTreeMap<String, String>,
    pub stage_variables: BTreeMap<String, String>,
    /// The path begins with the stage, because the API was named by a header or by its default host.
    pub stage_in_path: bool,
    /// The endpoint that the request came through, and its VPC.
    pub vpc_endpoint_id: String,
    pub vpc_id: String,
    /// Of the API: which content is bytes rather than text.
    pub binary_media_types: Vec<String>,
}

impl Context {
    /// Whether content of this type (a header's value) counts as binary.
    fn is_binary(&self, content_type: Option<&str>) -> bool {
        let essence = content_type.unwrap_or("application/json").split([';', ',']).next().unwrap_or("").trim();
        self.binary_media_types.iter().any(|binary| binary == "*/*" || binary.eq_ignore_ascii_case(essence))
    }
}

#[cfg(test)]
mod tests;
