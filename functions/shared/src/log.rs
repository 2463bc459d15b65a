//! One JSON line per request on standard output, where Lambda takes it to CloudWatch Logs. It is in CloudWatch's Embedded
//! Metric Format as well, so that each function has metrics without a call.
//!
//! Nothing of the request's content is in it: no body, no header, no parameter, no name, no id of an order.

use std::io::Write;
use std::time::{Duration, SystemTime};

use serde::Serialize;
use time::OffsetDateTime;
use time::format_description::FormatItem;
use time::macros::format_description;

const TIMESTAMP: &[FormatItem] =
    format_description!("[year]-[month]-[day]T[hour]:[minute]:[second].[subsecond digits:3]Z");

/// What is logged of a request.
#[derive(Debug, Serialize)]
pub struct Line<'a> {
    pub level: Level,
    /// RFC 3339, when the request arrived. Lambda's own log filter reads this key and `level`.
    pub timestamp: String,
    #[serde(rename = "_aws")]
    pub metrics: Metrics,
    pub request_id: &'a str,
    /// Lambda's id of the invocation.
    pub invocation_id: &'a str,
    /// The function's name, which says platform, environment and service.
    pub function: &'a str,
    /// Method and resource template.
    pub route: &'a str,
    pub status: u16,
    pub duration_ms: f64,
    /// 1 for an answer that is our fault, else 0.
    pub failures: u8,
    pub cold_start: bool,
    /// The problem's code.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub code: Option<&'a str>,
    /// Why we failed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cause: Option<&'a str>,
}

/// What CloudWatch makes of a line ("Specification: Embedded metric format"): how many requests a function had and how long they
/// took, and how many of them failed.
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct Metrics {
    /// Milliseconds since 1970.
    timestamp: u64,
    cloud_watch_metrics: [Directive; 1],
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
struct Directive {
    namespace: &'static str,
    dimensions: [[&'static str; 1]; 1],
    metrics: [Metric; 2],
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
struct Metric {
    name: &'static str,
    unit: &'static str,
}

impl Metrics {
    #[must_use]
    pub fn at(at: SystemTime) -> Self {
        let duration = Metric { name: "duration_ms", unit: "Milliseconds" };
        let failures = Metric { name: "failures", unit: "Count" };
        let since = at.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
        Self {
            timestamp: u64::try_from(since.as_millis()).unwrap_or(u64::MAX),
            cloud_watch_metrics: [Directive {
                namespace: "Functions",
                dimensions: [["function"]],
                metrics: [duration, failures],
            }],
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum Level {
    Error,
    Info,
}

#[derive(Serialize)]
struct Panic {
    level: Level,
    message: &'static str,
    location: String,
}

/// Milliseconds with microseconds behind the point.
#[must_use]
pub fn milliseconds(duration: Duration) -> f64 {
    duration.as_micros() as f64 / 1000.0
}

/// RFC 3339 in UTC, to the millisecond.
#[must_use]
pub fn timestamp(at: SystemTime) -> String {
    OffsetDateTime::from(at).format(TIMESTAMP).unwrap_or_default()
}

/// Writes a line. A log that cannot be written must not fail the request, so errors are dropped.
pub fn write(line: &impl Serialize) {
    let mut text = serde_json::to_vec(line).unwrap_or_default();
    text.push(b'\n');
    let _ = std::io::stdout().lock().write_all(&text);
}

/// Makes a panic a log line of its own: where it was, but not what it said, which may quote the request.
pub fn panics_as_json() {
    std::panic::set_hook(Box::new(|info| {
        let location = info.location().map(ToString::to_string).unwrap_or_default();
        write(&Panic { level: Level::Error, message: "panicked", location });
    }));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_says_itself_what_is_measured() {
        let line = Line {
            level: Level::Info,
            timestamp: timestamp(SystemTime::UNIX_EPOCH),
            metrics: Metrics::at(SystemTime::UNIX_EPOCH),
            request_id: "r-1",
            invocation_id: "i-1",
            function: "demo-dev-food-list-orders",
            route: "GET /orders",
            status: 200,
            duration_ms: milliseconds(Duration::from_nanos(1_234_567)),
            failures: 0,
            cold_start: true,
            code: None,
            cause: None,
        };
        let text = serde_json::to_string(&line).expect("JSON");
        let metrics = r#"{"Timestamp":0,"CloudWatchMetrics":[{"Namespace":"Functions","Dimensions":[["function"]],"Metrics":[{"Name":"duration_ms","Unit":"Milliseconds"},{"Name":"failures","Unit":"Count"}]}]}"#;
        let rest = r#""request_id":"r-1","invocation_id":"i-1","function":"demo-dev-food-list-orders","route":"GET /orders","status":200,"duration_ms":1.234,"failures":0,"cold_start":true}"#;
        assert_eq!(text, format!(r#"{{"level":"INFO","timestamp":"1970-01-01T00:00:00.000Z","_aws":{metrics},{rest}"#));
    }
}
