//! Lambda on this machine: the programs of provisioned functions, run as processes that speak the Runtime API.
//!
//! [`Functions::invoke`] finds an idle process of the function or starts one (`sandbox.rs`), hands it the event through the Runtime
//! API (`api.rs`), and waits for its answer. Each process has a Runtime API of its own, on a port of its own, so an event that
//! waits for a process can never be taken by, or be lost with, another one. What is not imitated: memory limits, freezing between
//! invocations, layers, extensions and streamed responses.

mod api;
mod environment;
mod fault;
mod function;
mod log;
mod pool;
mod sandbox;

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::time::Duration;

use bytes::Bytes;

pub use fault::Fault;
pub use function::{Credentials, Function};

use crate::ids;
use function::Fingerprint;
use pool::Pool;

/// Lambda's limit for the event of a synchronous invocation, in bytes.
pub const EVENT_LIMIT: usize = 6 * 1024 * 1024;

/// How functions are run.
#[derive(Clone, Debug)]
pub struct Options {
    /// The folder for `<function>.log`.
    pub logs: PathBuf,
    /// Where the functions find AWS: the emulator.
    pub endpoint_url: Option<String>,
    /// How many processes one function may have; further invocations wait for one of them.
    pub max_processes: usize,
    /// How long a process without work is kept.
    pub idle: Duration,
    /// How long a process may take until it first asks for an event.
    pub init: Duration,
}

impl Options {
    /// Lambda gives a new process ten seconds to initialize; the other two suit one machine.
    pub fn new(logs: impl Into<PathBuf>) -> Options {
        Options {
            logs: logs.into(),
            endpoint_url: None,
            max_processes: 8,
            idle: Duration::from_secs(300),
            init: Duration::from_secs(10),
        }
    }
}

/// One event for a function.
#[derive(Clone, Debug)]
pub(crate) struct Invocation {
    pub(crate) request_id: String,
    pub(crate) event: Bytes,
    /// The value of `X-Amzn-Trace-Id`.
    pub(crate) trace_id: String,
}

/// The host of all functions. Cheap to clone; its processes end with the last clone, and at the latest with the tokio runtime.
#[derive(Clone)]
pub struct Functions {
    host: Arc<Host>,
}

struct Host {
    options: Options,
    /// By invoked ARN: what is provisioned under it now, and its processes.
    pools: Mutex<HashMap<String, (Fingerprint, Arc<Pool>)>>,
}

impl Functions {
    /// A host without processes. Must be called within a tokio runtime.
    pub fn new(options: Options) -> Functions {
        let host = Arc::new(Host { options, pools: Mutex::default() });
        tokio::spawn(reap(Arc::downgrade(&host)));
        Functions { host }
    }

    /// Runs a function with an event and gives what it answered.
    ///
    /// Like Lambda, it lets the function finish when the caller stops waiting. If another version, code or environment is provisioned
    /// under the same ARN than last time, new processes serve from now on; busy old ones finish what they do.
    ///
    /// # Errors
    /// What Lambda reports as a function error, or refuses.
    pub async fn invoke(&self, function: &Function, event: Bytes, trace_id: &str) -> Result<Bytes, Fault> {
        if event.len() > EVENT_LIMIT {
            return Err(Fault::EventTooLarge { size: event.len() });
        }
        let pool = self.host.pool_for(function);
        let invocation = Invocation { request_id: ids::request_id(), event, trace_id: trace_id.to_owned() };
        let options = self.host.options.clone();
        let function = function.clone();
        let run = tokio::spawn(async move { pool.run(&function, &options, &invocation).await });
        run.await.unwrap_or(Err(Fault::Stopped))
    }

    /// Ends the idle processes, and the busy ones when they are done.
    pub fn stop(&self) {
        for (_, (_, pool)) in self.host.pools.lock().unwrap_or_else(PoisonError::into_inner).drain() {
            pool.retire();
        }
    }
}

impl Host {
    fn pool_for(&self, function: &Function) -> Arc<Pool> {
        let wanted = function.fingerprint();
        let mut pools = self.pools.lock().unwrap_or_else(PoisonError::into_inner);
        match pools.get(&function.invoked_arn) {
            Some((present, pool)) if *present == wanted => Arc::clone(pool),
            _ => {
                let pool = Arc::new(Pool::new(self.options.max_processes));
                if let Some((_, old)) = pools.insert(function.invoked_arn.clone(), (wanted, Arc::clone(&pool))) {
                    old.retire();
                }
                pool
            }
        }
    }
}

/// Ends processes that idle too long, and forgets those that died while idle, as long as the host lives.
async fn reap(host: Weak<Host>) {
    let Some(mut period) =
        host.upgrade().map(|host| tokio::time::interval((host.options.idle / 4).max(Duration::from_millis(1))))
    else {
        return;
    };
    loop {
        period.tick().await;
        let Some(host) = host.upgrade() else { return };
        let pools = host.pools.lock().unwrap_or_else(PoisonError::into_inner);
        pools.values().for_each(|(_, pool)| pool.reap(host.options.idle));
    }
}
