//! Why a function gave no answer, told as Lambda tells it.

use std::time::Duration;

use bytes::Bytes;
use serde_json::{Value, json};

/// Lambda's limit for a buffered response, in bytes, as it stands in its own error message.
pub(super) const RESPONSE_LIMIT: usize = 6 * 1024 * 1024 + 100;

/// An invocation that did not end with the function's response.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    /// The function reported an error itself; this is its JSON.
    #[error("the function reported an error: {}", String::from_utf8_lossy(report))]
    Reported { report: Bytes },

    /// The function was still at it when its time was up, and was ended.
    #[error("the function timed out after {:.2} seconds", after.as_secs_f64())]
    TimedOut { request_id: String, after: Duration },

    /// The process ended without answering. `how` is as in Lambda: `exit status 1`, `signal: killed`.
    #[error("the function's process ended: {how}")]
    Exited { request_id: String, how: String },

    /// The process did not ask for an event in time after it was started.
    #[error("the function did not initialize within {:.2} seconds", after.as_secs_f64())]
    InitTimedOut { request_id: String, after: Duration },

    /// The program could not be started at all.
    #[error("the function's program cannot be started: {why}")]
    Unstartable { request_id: String, why: String },

    /// The response is larger than Lambda passes on.
    #[error("the function's response is larger than {RESPONSE_LIMIT} bytes")]
    ResponseTooLarge,

    /// The event is larger than Lambda takes; nothing was run.
    #[error("the event has {size} bytes, more than Lambda takes")]
    EventTooLarge { size: usize },

    /// All processes the function may have were busy for as long as it may run; nothing was run.
    #[error("all processes of the function are busy")]
    Throttled,

    /// The host of functions was ended.
    #[error("the local host of functions was stopped")]
    Stopped,
}

impl Fault {
    /// The payload Lambda answers with beside `X-Amz-Function-Error`.
    pub fn payload(&self) -> Bytes {
        match self {
            Fault::Reported { report } => report.clone(),
            other => Bytes::from(other.as_error().to_string()),
        }
    }

    fn as_error(&self) -> Value {
        let of = |kind: &str, request_id: &str, what: String| json!({"errorType": kind, "errorMessage": format!("RequestId: {request_id} Error: {what}")});
        match self {
            Fault::TimedOut { request_id, after } | Fault::InitTimedOut { request_id, after } => {
                of("Sandbox.Timedout", request_id, format!("Task timed out after {:.2} seconds", after.as_secs_f64()))
            }
            Fault::Exited { request_id, how } if how == "exit status 0" => {
                of("Runtime.ExitError", request_id, "Runtime exited without providing a reason".to_owned())
            }
            Fault::Exited { request_id, how } => {
                of("Runtime.ExitError", request_id, format!("Runtime exited with error: {how}"))
            }
            Fault::Unstartable { request_id, why } => of("Runtime.InvalidEntrypoint", request_id, why.clone()),
            Fault::ResponseTooLarge => json!({
                "errorType": "Function.ResponseSizeTooLarge",
                "errorMessage": format!("Response payload size exceeded maximum allowed payload size ({RESPONSE_LIMIT} bytes)."),
            }),
            other => json!({"errorType": "Service.Unavailable", "errorMessage": other.to_string()}),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn faults_are_worded_as_lambda_words_them() {
        let text = |fault: Fault| String::from_utf8(fault.payload().to_vec()).expect("text");
        let request_id = || "r".to_owned();
        let timed_out = text(Fault::TimedOut { request_id: request_id(), after: Duration::from_millis(3000) });
        assert!(timed_out.contains("RequestId: r Error: Task timed out after 3.00 seconds"), "{timed_out}");
        let exited = text(Fault::Exited { request_id: request_id(), how: "exit status 1".to_owned() });
        assert!(exited.contains("Runtime exited with error: exit status 1"), "{exited}");
        let left = text(Fault::Exited { request_id: request_id(), how: "exit status 0".to_owned() });
        assert!(left.contains("Runtime exited without providing a reason"), "{left}");
        let own = Bytes::from_static(br#"{"errorType":"Mine"}"#);
        assert_eq!(Fault::Reported { report: own.clone() }.payload(), own);
    }
}
