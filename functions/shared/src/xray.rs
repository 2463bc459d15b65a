//! X-Ray: each call to AWS becomes a subsegment of the invocation's trace, sent to the daemon that Lambda runs beside us.
//!
//! Format and transport: "Sending trace data to AWS X-Ray", segment documents over UDP. What gets lost on the way is lost;
//! no request waits or fails for it. Nothing of the request's content is in it.

use std::net::{SocketAddr, UdpSocket};
use std::time::SystemTime;

use aws_sdk_dynamodb::config::{ConfigBag, Intercept, RuntimeComponents};
use aws_sdk_dynamodb::error::BoxError;
use aws_smithy_runtime_api::client::interceptors::context::{
    BeforeSerializationInterceptorContextRef, FinalizerInterceptorContextRef,
};
use aws_smithy_runtime_api::client::orchestrator::Metadata;
use aws_smithy_types::config_bag::{Storable, StoreReplace};
use ring::rand::{SecureRandom, SystemRandom};
use serde::Serialize;

use crate::config::optional;

const HEADER: &[u8] = b"{\"format\": \"json\", \"version\": 1}\n";

tokio::task_local! {
    /// The trace of the request that is being served.
    static TRACE: Option<Trace>;
}

/// A trace that is sampled, and the segment that ours belong under.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Trace {
    root: String,
    parent: String,
}

impl Trace {
    /// Reads a tracing header (`Root=1-…;Parent=…;Sampled=1`); none for a trace that nobody keeps.
    #[must_use]
    pub fn read(header: &str) -> Option<Self> {
        let field = |name: &str| header.split(';').find_map(|field| field.trim().strip_prefix(name)?.strip_prefix('='));
        let is_kept = field("Sampled") == Some("1");
        Some(Self { root: field("Root")?.to_owned(), parent: field("Parent")?.to_owned() }).filter(|_| is_kept)
    }

    /// Runs `work` as part of the trace.
    pub async fn of<T>(trace: Option<Self>, work: impl Future<Output = T>) -> T {
        TRACE.scope(trace, work).await
    }
}

/// Sends a subsegment for each call of a client.
#[derive(Debug)]
pub struct Segments {
    daemon: UdpSocket,
}

impl Segments {
    /// To the daemon that `AWS_XRAY_DAEMON_ADDRESS` names; none without it, as where tracing is off.
    #[must_use]
    pub fn from_environment() -> Option<Self> {
        Self::to(optional("AWS_XRAY_DAEMON_ADDRESS")?.parse().ok()?)
    }

    /// To the daemon at this address.
    #[must_use]
    pub fn to(address: SocketAddr) -> Option<Self> {
        let any = if address.is_ipv4() { "0.0.0.0:0" } else { "[::]:0" };
        let daemon = UdpSocket::bind(any).ok()?;
        daemon.set_nonblocking(true).and_then(|()| daemon.connect(address)).ok()?;
        Some(Self { daemon })
    }

    fn send(&self, segment: &Segment<'_>) {
        let mut datagram = HEADER.to_vec();
        if serde_json::to_writer(&mut datagram, segment).is_ok() {
            // Traces are worth no failed request.
            let _ = self.daemon.send(&datagram);
        }
    }
}

/// A subsegment document.
#[derive(Serialize)]
struct Segment<'a> {
    name: &'a str,
    /// 16 hexadecimal digits.
    id: String,
    trace_id: &'a str,
    parent_id: &'a str,
    r#type: &'static str,
    namespace: &'static str,
    /// Seconds since 1970.
    start_time: f64,
    end_time: f64,
    aws: Operation<'a>,
    /// The caller's mistake: a condition that did not hold.
    error: bool,
    throttle: bool,
    /// No answer, or the service's own mistake.
    fault: bool,
}

#[derive(Serialize)]
struct Operation<'a> {
    operation: &'a str,
}

/// When the call began.
#[derive(Debug)]
struct Began(SystemTime);

impl Storable for Began {
    type Storer = StoreReplace<Self>;
}

impl Intercept for Segments {
    fn name(&self) -> &'static str {
        "XRaySegments"
    }

    fn read_before_execution(
        &self,
        _: &BeforeSerializationInterceptorContextRef<'_>,
        state: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        state.interceptor_state().store_put(Began(SystemTime::now()));
        Ok(())
    }

    fn read_after_execution(
        &self,
        context: &FinalizerInterceptorContextRef<'_>,
        _: &RuntimeComponents,
        state: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let Some((trace, began)) = TRACE.try_with(Clone::clone).ok().flatten().zip(state.load::<Began>()) else {
            return Ok(());
        };
        let status = context.response().map_or(500, |response| response.status().as_u16());
        let call = state.load::<Metadata>();
        self.send(&Segment {
            name: call.map_or("AWS", Metadata::service),
            id: id(),
            trace_id: &trace.root,
            parent_id: &trace.parent,
            r#type: "subsegment",
            namespace: "aws",
            start_time: seconds(began.0),
            end_time: seconds(SystemTime::now()),
            aws: Operation { operation: call.map_or("", Metadata::name) },
            error: (400..500).contains(&status),
            throttle: status == 429,
            fault: status >= 500,
        });
        Ok(())
    }
}

fn id() -> String {
    let mut bytes = [0; 8];
    // Without randomness two segments may look like one.
    let _ = SystemRandom::new().fill(&mut bytes);
    format!("{:016x}", u64::from_be_bytes(bytes))
}

fn seconds(at: SystemTime) -> f64 {
    at.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default().as_secs_f64()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_sampled_trace_counts() {
        let read = Trace::read("Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=1;Lineage=a");
        let trace = read.expect("it is sampled");
        assert_eq!(
            (trace.root.as_str(), trace.parent.as_str()),
            ("1-5759e988-bd862e3fe1be46a994272793", "53995c3f42cd8ad8")
        );
        for header in ["", "Root=1;Parent=2;Sampled=0", "Root=1;Parent=2", "Parent=2;Sampled=1", "Root=1;Sampled=1"] {
            assert_eq!(Trace::read(header), None, "{header}");
        }
    }
}
