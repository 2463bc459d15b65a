//! How AWS's services say that something is wrong, each in its own protocol.

use bytes::Bytes;
use http_body_util::Full;
use hyper::{Response, StatusCode};

use super::Asked;

/// An answer as the proxy gives it.
pub(crate) type Answer = Response<Full<Bytes>>;

/// An error with this code, in the form of the service that was asked.
pub(crate) fn error(asked: &Asked, status: u16, code: &str, message: &str) -> Answer {
    match asked.service.as_str() {
        "ec2" => xml(
            status,
            &format!(
                "<Response><Errors><Error><Code>{code}</Code><Message>{message}</Message></Error></Errors>\
                 <RequestID>injured</RequestID></Response>"
            ),
        ),
        "s3" => xml(status, &format!("<Error><Code>{code}</Code><Message>{message}</Message></Error>")),
        "iam" | "elasticloadbalancing" | "route53" | "sts" => xml(
            status,
            &format!(
                "<ErrorResponse><Error><Type>Sender</Type><Code>{code}</Code><Message>{message}</Message></Error>\
                 <RequestId>injured</RequestId></ErrorResponse>"
            ),
        ),
        _ => json(status, code, message),
    }
}

/// The service's own way to say "not so fast".
pub(crate) fn throttle(asked: &Asked) -> Answer {
    let (status, code) = match asked.service.as_str() {
        "ec2" => (503, "RequestLimitExceeded"),
        "s3" => (503, "SlowDown"),
        "apigateway" | "lambda" => (429, "TooManyRequestsException"),
        "iam" | "elasticloadbalancing" | "route53" | "sts" => (400, "Throttling"),
        _ => (400, "ThrottlingException"),
    };
    error(asked, status, code, "Rate exceeded")
}

/// The service failed, and says so in its own form.
pub(crate) fn failure(asked: &Asked) -> Answer {
    let code = match asked.service.as_str() {
        "ec2" | "s3" => "InternalError",
        "lambda" => "ServiceException",
        "logs" => "ServiceUnavailableException",
        "kms" => "KMSInternalException",
        "dynamodb" => "InternalServerError",
        _ => "InternalFailure",
    };
    error(asked, 500, code, "An internal error occurred")
}

/// Whatever stands before the service has nobody to pass the call to; it speaks no protocol of AWS's.
pub(crate) fn unavailable() -> Answer {
    respond(503, "text/html", &[], "<html><body>503 Service Unavailable</body></html>")
}

fn xml(status: u16, body: &str) -> Answer {
    respond(status, "text/xml", &[], body)
}

fn json(status: u16, code: &str, message: &str) -> Answer {
    let body = format!("{{\"__type\":\"{code}\",\"message\":\"{message}\"}}");
    respond(status, "application/x-amz-json-1.1", &[("x-amzn-errortype", code)], &body)
}

fn respond(status: u16, form: &str, headers: &[(&str, &str)], body: &str) -> Answer {
    let mut answer = Response::builder().status(StatusCode::from_u16(status).unwrap_or_default());
    for (name, value) in headers.iter().chain([&("content-type", form), &("x-amzn-requestid", "injured")]) {
        answer = answer.header(*name, *value);
    }
    answer.body(Full::from(body.to_owned())).expect("constant headers")
}
