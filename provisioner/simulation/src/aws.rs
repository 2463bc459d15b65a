//! An AWS that takes as long as AWS does: calls, objects, and when those are ready. Virtual time.

use std::{
    collections::{BTreeMap, HashMap},
    hash::{DefaultHasher, Hasher as _},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use engine::{CallError, Class, Gate, Seen, State};
use model::{AccountId, Address, Facts, KnownAt, Outputs};
use serde_json::{Value, json};
use tokio::time::Instant;

use crate::limits::Limits;

/// From a call's start until AWS acts, and again until the answer is there: 50 to 100 ms, so that calls take 150 ms on average.
const LATENCY: (u64, u64) = (50, 100);

/// Objects become ready a tenth earlier or later than is typical.
const SPREAD: (u64, u64) = (90, 110);

/// Everything that the drivers of a simulation share.
pub struct Aws {
    gate: Arc<Gate>,
    state: Mutex<World>,
}

pub(crate) struct World {
    pub(crate) objects: HashMap<(&'static str, String), BTreeMap<Address, Object>>,
    limits: Limits,
    tally: Tally,
}

/// One object.
pub(crate) struct Object {
    /// As JSON: what AWS keeps is none of this machine's memory.
    spec: String,
    ready: Instant,
}

/// What was called.
#[derive(Clone, Copy, Debug, Default)]
pub struct Tally {
    pub calls: usize,
    pub throttled: usize,
}

impl Aws {
    /// An empty one, behind this gate.
    #[must_use]
    pub fn new(gate: Arc<Gate>) -> Arc<Self> {
        let (objects, tally) = (HashMap::new(), Tally::default());
        Arc::new(Self { gate, state: Mutex::new(World { objects, limits: Limits::documented(), tally }) })
    }

    #[must_use]
    pub fn tally(&self) -> Tally {
        self.world().tally
    }

    pub(crate) fn world(&self) -> MutexGuard<'_, World> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// One call, through the gate and over the network; when it was sent.
    pub(crate) async fn call(&self, account: &AccountId, operation: &str) -> Result<Instant, CallError> {
        self.gate.pass(account, operation, self.sent(account, operation)).await
    }

    async fn sent(&self, account: &AccountId, operation: &str) -> Result<Instant, CallError> {
        let sent = Instant::now();
        let (there, back) = self.world().latencies();
        tokio::time::sleep(there).await;
        let is_taken = self.world().takes(account, operation);
        tokio::time::sleep(back).await;
        if is_taken { Ok(sent) } else { Err(throttled(account, operation)) }
    }
}

impl World {
    fn latencies(&mut self) -> (Duration, Duration) {
        self.tally.calls += 1;
        let one = |way: &str| Duration::from_millis(between(LATENCY, &(way, self.tally.calls)));
        (one("there"), one("back"))
    }

    fn takes(&mut self, account: &AccountId, operation: &str) -> bool {
        let is_taken = self.limits.admit(account, operation);
        self.tally.throttled += usize::from(!is_taken);
        is_taken
    }
}

impl Object {
    pub(crate) fn new(spec: &Value, ready: Instant) -> Self {
        Self { spec: spec.to_string(), ready }
    }

    pub(crate) fn seen(&self, address: &Address, facts: &Facts) -> Seen {
        let state = self.state();
        Seen {
            outputs: outputs(address, facts, state == State::Ready),
            address: address.clone(),
            spec: serde_json::from_str(&self.spec).expect("it was written as JSON"),
            state,
            identity: address.to_string(),
        }
    }

    pub(crate) fn state(&self) -> State {
        if self.ready <= Instant::now() { State::Ready } else { State::Pending("pending".to_owned()) }
    }
}

/// From its first call until an object is ready.
pub(crate) fn readiness(address: &Address, facts: &Facts) -> Duration {
    let typical = u64::from(facts.typical_seconds);
    // A second is what a kind says that is ready when its call returns.
    let millis = if typical > 1 { typical * 10 * between(SPREAD, &address) } else { 0 };
    Duration::from_millis(millis)
}

/// The outputs of an object, as far as they are known.
pub(crate) fn outputs(address: &Address, facts: &Facts, is_ready: bool) -> Outputs {
    let known = facts.outputs.iter().filter(|output| is_ready || output.known_at == KnownAt::Created);
    known.map(|output| (output.name.to_owned(), output_of(address, output.name))).collect()
}

fn output_of(address: &Address, name: &str) -> Value {
    let text = format!("{address}.{name}");
    // The only output that is a list.
    if name == "addresses" { json!([text]) } else { text.into() }
}

/// The same for the same, and evenly spread over all.
fn between((least, most): (u64, u64), what: &impl std::hash::Hash) -> u64 {
    let mut hasher = DefaultHasher::new();
    what.hash(&mut hasher);
    least + hasher.finish() % (most - least + 1)
}

fn throttled(account: &AccountId, operation: &str) -> CallError {
    let error = CallError::own("", account.clone(), "ThrottlingException", "Rate exceeded");
    CallError { operation: operation.to_owned(), class: Class::Throttled, ..error }
}
