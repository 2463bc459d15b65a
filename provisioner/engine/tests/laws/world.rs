//! An AWS with memory: what exists, what was called, and what goes wrong.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use engine::{AtOnce, Class, Gate, Rates, State as Standing, Stop};
use model::{Address, Outputs, short_hash};
use serde_json::{Value, json};
use tokio::{sync::watch, time::Instant};

use crate::kinds::{self, rules};

/// Shared by all drivers of a run.
#[derive(Clone)]
pub(crate) struct World {
    state: Arc<Mutex<State>>,
    pub(crate) died: watch::Sender<bool>,
    /// What the user asks of a run.
    pub(crate) stop: watch::Sender<Stop>,
    pub(crate) gate: Arc<Gate>,
}

/// All that AWS knows.
#[derive(Clone, Default)]
pub(crate) struct State {
    pub(crate) objects: BTreeMap<String, Object>,
    made: u32,
    pub(crate) calls: Vec<Call>,
    pub(crate) in_flight: usize,
    pub(crate) most_in_flight: usize,
    pub(crate) injuries: Vec<Injury>,
    /// Of a hundred calls, how many go wrong; and the random numbers' state.
    pub(crate) chaos: (u64, u64),
    /// How long reads and references lag behind writes.
    pub(crate) lag: Duration,
    /// Zones with a batch under way.
    pub(crate) batching: BTreeSet<String>,
    /// Calls that must never be made, whatever AWS answers.
    pub(crate) outrages: Vec<String>,
}

/// One object.
#[derive(Clone, Debug)]
pub(crate) struct Object {
    pub(crate) id: String,
    pub(crate) kind: &'static str,
    pub(crate) place: String,
    /// Whose tags it has; none: somebody else's.
    pub(crate) owner: Option<Address>,
    pub(crate) spec: Value,
    pub(crate) born: Instant,
    /// From when on reads and references reach it.
    pub(crate) shows: Instant,
    pub(crate) ready: Instant,
    /// A certificate's record was there.
    pub(crate) proven: bool,
    pub(crate) broken: bool,
    pub(crate) retired: bool,
    pub(crate) gone: Option<Instant>,
    /// Until when reads show an older spec.
    pub(crate) stale: Option<(Instant, Value)>,
}

/// One call, in the order of their starts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Call {
    pub(crate) verb: &'static str,
    pub(crate) what: String,
    pub(crate) at: Instant,
}

impl Call {
    pub(crate) fn is_write(&self) -> bool {
        self.verb != "read"
    }
}

/// Something that goes wrong, once or several times.
#[derive(Clone, Debug)]
pub(crate) struct Injury {
    pub(crate) at: Nth,
    pub(crate) what: What,
    pub(crate) times: usize,
    /// The call that was hit first; the further times are its repetitions.
    pub(crate) hit: Option<(&'static str, String)>,
}

/// Which call, from 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Nth {
    Call(usize),
    Write(usize),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum What {
    CrashBefore,
    /// AWS did it; we never heard.
    CrashAfter,
    /// AWS did it; the answer was lost.
    Lost,
    Refused(Class),
    Panic,
    /// The user asks the run to stop; the call itself goes well.
    Asked(Stop),
}

impl World {
    pub(crate) fn new() -> Self {
        let world = Self::of(State::default());
        world.put(None, "prefix-list", "shop", json!({"name": "dynamodb"}));
        world
    }

    pub(crate) fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The same world, without what went wrong, and with a fresh list of calls.
    pub(crate) fn healed(&self) -> Self {
        let mut state = self.state().clone();
        state.injuries.clear();
        state.calls.clear();
        state.batching.clear();
        (state.in_flight, state.most_in_flight, state.chaos.0) = (0, 0, 0);
        Self::of(state)
    }

    fn of(state: State) -> Self {
        let gate = Gate::new(Rates::default(), Gate::AT_ONCE);
        let state = Arc::new(Mutex::new(state));
        Self { state, died: watch::Sender::new(false), stop: watch::Sender::default(), gate }
    }

    /// With so many calls at once, as often as these rates allow.
    pub(crate) fn behind(self, rates: Rates, at_once: impl Into<AtOnce>) -> Self {
        Self { gate: Gate::new(rates, at_once), ..self }
    }

    pub(crate) fn injured(self, at: Nth, what: What) -> Self {
        self.injured_often(at, what, 1)
    }

    pub(crate) fn injured_often(self, at: Nth, what: What, times: usize) -> Self {
        self.state().injuries.push(Injury { at, what, times, hit: None });
        self
    }

    pub(crate) fn lagging(self, lag: Duration) -> Self {
        self.state().lag = lag;
        self
    }

    /// Whether everything that was to go wrong did.
    pub(crate) fn is_injured(&self) -> bool {
        self.state().injuries.iter().all(|injury| injury.times == 0)
    }

    /// An object that is there without a call.
    pub(crate) fn put(&self, owner: Option<&str>, kind: &'static str, place: &str, spec: Value) -> String {
        let owner = owner.map(|owner| owner.parse().expect("an address"));
        self.state().make(owner, kind, place, spec, Duration::ZERO)
    }

    pub(crate) fn calls(&self) -> Vec<Call> {
        self.state().calls.clone()
    }

    pub(crate) fn writes(&self) -> Vec<Call> {
        self.state().calls.iter().filter(|call| call.is_write()).cloned().collect()
    }

    /// Writes as `verb address`.
    pub(crate) fn log(&self) -> Vec<String> {
        self.writes().iter().map(|call| format!("{} {}", call.verb, call.what)).collect()
    }

    /// Our objects, and how many there are at each address.
    pub(crate) fn owned(&self) -> BTreeMap<String, usize> {
        let mut owned = BTreeMap::new();
        let state = self.state();
        for owner in state.alive().filter(|object| !object.retired).filter_map(|object| object.owner.as_ref()) {
            *owned.entry(owner.to_string()).or_default() += 1;
        }
        owned
    }

    /// Changes the object at an address behind everybody's back.
    pub(crate) fn change(&self, address: &str, change: impl FnOnce(&mut Object)) {
        change(self.state().at(address).unwrap_or_else(|| panic!("nothing at {address}")));
    }

    /// What is there, by address.
    pub(crate) fn get(&self, address: &str) -> Object {
        self.state().at(address).unwrap_or_else(|| panic!("nothing at {address}")).clone()
    }

    /// What is there in one account.
    pub(crate) fn get_in(&self, address: &str, place: &str) -> Object {
        let state = self.state();
        let mut here = state.alive().filter(|object| object.place == place);
        here.find(|object| object.owner.as_ref().is_some_and(|owner| owner.as_str() == address))
            .expect("it is there")
            .clone()
    }

    /// Makes a second object with the same tags.
    pub(crate) fn twin(&self, address: &str) -> String {
        let object = self.get(address);
        self.state().make(object.owner, object.kind, &object.place, object.spec, Duration::ZERO)
    }
}

impl State {
    pub(crate) fn make(
        &mut self,
        owner: Option<Address>,
        kind: &'static str,
        place: &str,
        spec: Value,
        settles: Duration,
    ) -> String {
        self.made += 1;
        let id = format!("{kind}~{:04}", self.made);
        let (born, place) = (Instant::now(), place.to_owned());
        let (proven, broken, retired, gone, stale) = (false, false, false, None, None);
        let (ready, shows) = (born + settles, born + self.lag);
        let object = Object {
            id: id.clone(),
            kind,
            place,
            owner,
            spec,
            born,
            shows,
            ready,
            proven,
            broken,
            retired,
            gone,
            stale,
        };
        self.objects.insert(id.clone(), object);
        if ["certificate", "record"].contains(&kind) {
            self.prove();
        }
        id
    }

    /// A certificate is issued five seconds after its record was first there.
    fn prove(&mut self) {
        let alive: Vec<Object> = self.alive().cloned().collect();
        for certificate in alive.iter().filter(|object| object.kind == "certificate" && !object.proven) {
            let name = validation_name(certificate);
            if alive.iter().any(|object| object.kind == "record" && object.spec["name"] == name) {
                let certificate = self.objects.get_mut(&certificate.id).expect("it is alive");
                (certificate.proven, certificate.ready) = (true, Instant::now() + Duration::from_secs(5));
            }
        }
    }

    /// Takes an object away, and all that was in it.
    pub(crate) fn remove(&mut self, id: &str) {
        let Some(object) = self.objects.remove(id) else { return };
        let inside: Vec<String> = self.inside(&object).map(|inside| inside.id.clone()).collect();
        inside.iter().for_each(|id| self.remove(id));
    }

    /// What is found only through an object.
    pub(crate) fn inside<'a>(&'a self, object: &'a Object) -> impl Iterator<Item = &'a Object> {
        let name = if object.kind == "function" { object.spec["name"].clone() } else { json!(object.id) };
        self.alive().filter(move |other| {
            let mut fields = kinds::facts(other.kind).located_by.iter();
            other.place == object.place && fields.any(|field| other.spec[field] == name)
        })
    }

    /// What exists.
    pub(crate) fn alive(&self) -> impl Iterator<Item = &Object> {
        self.objects.values().filter(|object| object.gone.is_none())
    }

    fn at(&mut self, address: &str) -> Option<&mut Object> {
        let alive = self.objects.values_mut().filter(|object| object.gone.is_none());
        let ours = alive.filter(|object| object.owner.as_ref().is_some_and(|owner| owner.as_str() == address));
        ours.min_by_key(|object| object.retired)
    }

    /// Whether reads and references reach it by now.
    pub(crate) fn is_visible(&self, object: &Object) -> bool {
        match object.gone {
            Some(gone) => gone.elapsed() < self.lag,
            None => Instant::now() >= object.shows,
        }
    }

    pub(crate) fn standing(&self, object: &Object) -> Standing {
        let settling = || Standing::Pending("settling".to_owned());
        match object {
            Object { owner: None, .. } => Standing::Foreign(format!("`{}` is not ours", object.id)),
            Object { retired: true, .. } => Standing::Retired("scheduled for deletion".to_owned()),
            Object { broken: true, .. } => Standing::Broken("failed".to_owned()),
            Object { kind: "certificate", .. } if !self.is_issued(object) => settling(),
            _ if Instant::now() < object.ready => settling(),
            _ => Standing::Ready,
        }
    }

    pub(crate) fn is_issued(&self, certificate: &Object) -> bool {
        certificate.proven && Instant::now() >= certificate.ready
    }

    pub(crate) fn outputs(&self, object: &Object) -> Outputs {
        let id = json!(object.id);
        let is_ready = self.standing(object) == Standing::Ready;
        let pairs = match object.kind {
            "certificate" => {
                let is_told = object.born.elapsed() >= Duration::from_secs(2);
                vec![("arn", is_ready.then_some(id)), ("record", is_told.then(|| validation_name(object)))]
            }
            "function" => {
                vec![("name", Some(object.spec["name"].clone())), ("revision", Some(revision(&object.spec)))]
            }
            "hard" | "soft" => vec![("ready", is_ready.then(|| json!(format!("{}!", object.id)))), ("id", Some(id))],
            "log" | "record" | "stamp" => Vec::new(),
            _ => vec![("id", Some(id))],
        };
        pairs.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?))).collect()
    }

    /// Who holds an object, so that it cannot be deleted.
    pub(crate) fn holder(&self, id: &str) -> Option<&Object> {
        self.alive().filter(|object| !object.retired && object.id != id).find(|object| {
            let fields = object.spec.as_object().into_iter().flatten();
            let holding = fields.filter(|(name, _)| !rules(object.kind).lets_go.contains(&name.as_str()));
            holding.flat_map(|(_, value)| ids(value)).any(|held| held == id)
        })
    }
}

/// The name of the record that proves the domain to be ours.
pub(crate) fn validation_name(certificate: &Object) -> Value {
    json!(format!("_validate.{}", certificate.spec["domain"].as_str().unwrap_or_default()))
}

/// Follows from a function's whole content.
pub(crate) fn revision(spec: &Value) -> Value {
    json!(short_hash(&spec.to_string()))
}

/// Every id in a spec.
pub(crate) fn ids(value: &Value) -> Vec<&str> {
    match value {
        Value::String(text) => text
            .split_once('~')
            .filter(|(kind, _)| is_kind(kind))
            .map(|_| text.trim_end_matches('!'))
            .into_iter()
            .collect(),
        Value::Array(items) => items.iter().flat_map(ids).collect(),
        Value::Object(map) => map.values().flat_map(ids).collect(),
        _ => Vec::new(),
    }
}

fn is_kind(kind: &str) -> bool {
    kinds::ALL.iter().any(|facts| facts.kind == kind)
}
