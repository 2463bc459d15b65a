//! What a request asks of AWS: told from its head and body, as the service itself would.

use std::fmt;

use hyper::{Method, http::request::Parts};

/// How the names of operations begin that leave everything as it is.
const READS: [&str; 8] = ["Assume", "BatchGet", "Describe", "Get", "Head", "List", "Query", "TransactGet"];
/// Words of paths; every other part of a path is somebody's name.
const WORDS: &[&str] = &[
    "account",
    "aliases",
    "basepathmappings",
    "code",
    "configuration",
    "deployments",
    "domainnames",
    "event-invoke-config",
    "functions",
    "hostedzone",
    "policy",
    "restapis",
    "rrset",
    "stages",
    "tags",
    "versions",
];

/// One request.
#[derive(Clone, Debug)]
pub struct Asked {
    /// The access key that signed it.
    pub key: String,
    /// As in the signature's scope: `ec2`, `lambda`.
    pub service: String,
    /// `CreateVpc`; where the request does not say, method and path: `POST functions/*/aliases`.
    pub operation: String,
    /// It may change something.
    pub writes: bool,
}

/// One call of a run, told from all others of that run.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Call {
    pub account: String,
    /// `ec2:CreateVpc`.
    pub operation: String,
    /// How many of these this is; the first is 1.
    pub nth: usize,
}

impl fmt::Display for Call {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{} {} #{}", self.account, self.operation, self.nth)
    }
}

impl Asked {
    #[must_use]
    pub fn of(head: &Parts, body: &[u8]) -> Self {
        let (key, service) = signer(head).unwrap_or_default();
        let named = named(head, body);
        let writes = match &named {
            Some(operation) => service != "sts" && !READS.iter().any(|read| operation.starts_with(read)),
            None => !service.is_empty() && ![Method::GET, Method::HEAD].contains(&head.method),
        };
        Self { key, operation: named.unwrap_or_else(|| shape(head, &service)), service, writes }
    }

    /// `ec2:CreateVpc`.
    #[must_use]
    pub fn name(&self) -> String {
        format!("{}:{}", self.service, self.operation)
    }
}

/// Access key and service of the signature: `Credential=KEY/DATE/REGION/SERVICE/aws4_request`.
fn signer(head: &Parts) -> Option<(String, String)> {
    let signature = head.headers.get("authorization")?.to_str().ok()?;
    let (_, scope) = signature.split_once("Credential=")?;
    let mut parts = scope.split(['/', ',']);
    Some((parts.next()?.to_owned(), parts.nth(2)?.to_owned()))
}

/// The operation of a JSON or query call.
fn named(head: &Parts, body: &[u8]) -> Option<String> {
    if let Some(target) = head.headers.get("x-amz-target") {
        return Some(target.to_str().ok()?.rsplit('.').next()?.to_owned());
    }
    let form = std::str::from_utf8(body).ok()?;
    form.split('&').find_map(|field| field.strip_prefix("Action=")).map(str::to_owned)
}

/// Method and path, without anybody's names.
fn shape(head: &Parts, service: &str) -> String {
    let keep = |part| if WORDS.contains(&part) { part } else { "*" };
    let is_date = |part: &&str| part.len() == 10 && part.starts_with("20");
    let parts: Vec<&str> = head.uri.path().split('/').filter(|part| !part.is_empty() && !is_date(part)).collect();
    let path: Vec<&str> = parts.into_iter().map(keep).collect();
    let query = head.uri.query().filter(|_| service == "s3").unwrap_or_default();
    let query = query.split('&').map(|field| field.trim_end_matches('=')).find(|field| !field.starts_with("x-id"));
    let query = query.filter(|field| !field.is_empty()).map(|field| format!("?{field}")).unwrap_or_default();
    format!("{} {}{query}", head.method, path.join("/"))
}

#[cfg(test)]
mod tests {
    use hyper::Request;

    use super::*;

    fn asked(method: &str, uri: &str, service: &str, target: Option<&str>, body: &str) -> (String, bool) {
        let signature = format!("AWS4-HMAC-SHA256 Credential=AKIA1/20260101/eu-west-1/{service}/aws4_request, Signed");
        let request = Request::builder().method(method).uri(uri).header("authorization", signature);
        let request = target.into_iter().fold(request, |request, target| request.header("x-amz-target", target));
        let (head, ()) = request.body(()).expect("a request").into_parts();
        let asked = Asked::of(&head, body.as_bytes());
        assert_eq!(asked.key, "AKIA1");
        (asked.name(), asked.writes)
    }

    #[test]
    fn every_protocol_names_its_operation() {
        let says = |name: &str, writes| (name.to_owned(), writes);
        let form = "Action=CreateVpc&CidrBlock=10.0.0.0%2F20";
        assert_eq!(asked("POST", "/", "ec2", None, form), says("ec2:CreateVpc", true));
        assert_eq!(asked("POST", "/", "kms", Some("TrentService.ListKeys"), "{}"), says("kms:ListKeys", false));
        let alias = "/2015-03-31/functions/demo-food/aliases";
        assert_eq!(asked("POST", alias, "lambda", None, "{}"), says("lambda:POST functions/*/aliases", true));
        assert_eq!(asked("PUT", "/logs?policy", "s3", None, "{}"), says("s3:PUT *?policy", true));
        assert_eq!(asked("GET", "/restapis", "apigateway", None, ""), says("apigateway:GET restapis", false));
        assert_eq!(asked("POST", "/", "sts", None, "Action=AssumeRole"), says("sts:AssumeRole", false));
    }
}
