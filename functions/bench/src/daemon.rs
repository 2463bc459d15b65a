//! How long our own code takes: the duration in a request's log line, less that of its calls to AWS, which the function reports
//! to X-Ray's daemon. The daemon is ours.

use std::net::UdpSocket;
use std::process::Stdio;

use serde_json::Value;
use tokio::io::{AsyncBufReadExt, BufReader, Lines};
use tokio::process::ChildStdout;

use crate::Failed;
use crate::instance::Instance;
use crate::programs::Program;
use crate::setups::{Door, Setups};

/// Microseconds of each request.
pub(crate) async fn own_code(
    program: &Program,
    setups: &Setups,
    uncounted: usize,
    counted: usize,
) -> Result<Vec<f64>, Failed> {
    let daemon = UdpSocket::bind("127.0.0.1:0")?;
    daemon.set_nonblocking(true)?;
    let mut setup = setups.of(Some(Door::Preconnected));
    setup.variables.push(("AWS_XRAY_DAEMON_ADDRESS", daemon.local_addr()?.to_string()));
    let mut instance = Instance::start(program, &setup, Stdio::piped(), program.event.clone()).await?;
    let mut log = BufReader::new(instance.output().ok_or("no output")?).lines();
    let mut times = Vec::with_capacity(uncounted + counted);
    while times.len() < uncounted + counted {
        instance.api.answered().await?;
        times.push(duration(&mut log).await? - calls(&daemon));
        instance.api.offer(program.event.clone());
    }
    instance.end().await?;
    Ok(times.split_off(uncounted))
}

/// The next log line's.
async fn duration(log: &mut Lines<BufReader<ChildStdout>>) -> Result<f64, Failed> {
    let line: Value = serde_json::from_str(&log.next_line().await?.ok_or("it ended")?)?;
    Ok(line["duration_ms"].as_f64().ok_or("no duration in the log")? * 1000.0)
}

/// All segments that came: sent before the answer, they are here before it.
fn calls(daemon: &UdpSocket) -> f64 {
    let mut datagram = [0; 8192];
    std::iter::from_fn(|| daemon.recv(&mut datagram).ok().map(|length| microseconds(&datagram[..length]))).sum()
}

/// The time between the ends of a segment, which comes behind a line of its own.
fn microseconds(datagram: &[u8]) -> f64 {
    let segment = datagram.splitn(2, |byte| *byte == b'\n').nth(1).unwrap_or_default();
    let segment: Value = serde_json::from_slice(segment).unwrap_or_default();
    let at = |name: &str| segment[name].as_f64().unwrap_or_default();
    (at("end_time") - at("start_time")) * 1e6
}
