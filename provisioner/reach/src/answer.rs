//! What the components of AWS answer when they refuse a request.

use serde::Serialize;
use serde_json::json;

/// A refusal as it goes over the wire.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Answer {
    pub status: u16,
    pub content_type: &'static str,
    /// API Gateway's `x-amzn-ErrorType`.
    pub error_type: Option<&'static str>,
    pub body: String,
}

const PLAIN: &str = "text/plain; charset=utf-8";

impl Answer {
    /// A load balancer's fixed answer.
    pub(crate) fn fixed(status: u16, body: &str) -> Self {
        Self { status, content_type: PLAIN, error_type: None, body: body.to_owned() }
    }

    /// A load balancer that has nobody to send the request to.
    pub(crate) fn no_targets() -> Self {
        Self::balancer(503, "503 Service Temporarily Unavailable")
    }

    /// A load balancer whose connection to the target timed out (after 10 s).
    pub(crate) fn target_silent() -> Self {
        Self::balancer(504, "504 Gateway Time-out")
    }

    fn balancer(status: u16, title: &str) -> Self {
        let head = format!("<html>\r\n<head><title>{title}</title></head>");
        let body = format!("{head}\r\n<body>\r\n<center><h1>{title}</h1></center>\r\n</body>\r\n</html>\r\n");
        Self { status, content_type: "text/html", error_type: None, body }
    }

    /// API Gateway knows no such host, mapping or stage.
    pub(crate) fn forbidden() -> Self {
        Self::gateway(403, "ForbiddenException", json!({"message": "Forbidden"}))
    }

    /// API Gateway knows no such path and method.
    pub(crate) fn no_route() -> Self {
        let message = json!({"message": "Missing Authentication Token"});
        Self::gateway(403, "MissingAuthenticationTokenException", message)
    }

    /// A policy refuses; of the account only the last four digits are shown.
    pub(crate) fn not_authorized(resource: &str, explicit: bool) -> Self {
        let end = if explicit { " with an explicit deny" } else { "" };
        let who = "User: anonymous is not authorized to perform: execute-api:Invoke on resource: ";
        Self::gateway(403, "AccessDeniedException", json!({"Message": format!("{who}{}{end}", masked(resource))}))
    }

    /// API Gateway cannot call the function.
    pub(crate) fn internal_error() -> Self {
        Self::gateway(500, "InternalServerErrorException", json!({"message": "Internal server error"}))
    }

    fn gateway(status: u16, error: &'static str, body: serde_json::Value) -> Self {
        Self { status, content_type: "application/json", error_type: Some(error), body: body.to_string() }
    }
}

fn masked(arn: &str) -> String {
    let mut parts: Vec<String> = arn.splitn(6, ':').map(str::to_owned).collect();
    if let Some(account) = parts.get_mut(4)
        && account.len() == 12
        && account.is_ascii()
    {
        account.replace_range(..8, "********");
    }
    parts.join(":")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refusing_policy_hides_the_account() {
        let answer = Answer::not_authorized("arn:aws:execute-api:eu-west-1:222222223333:abc/live/GET/orders", true);
        assert!(
            answer.body.contains("eu-west-1:********3333:abc/live/GET/orders with an explicit deny"),
            "{}",
            answer.body
        );
    }
}
