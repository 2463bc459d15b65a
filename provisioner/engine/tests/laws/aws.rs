//! The calls of the fake AWS: what they do, and what they forbid.

use std::{sync::Arc, time::Duration};

use engine::{CallError, Change, Class, Driver, Drivers, Made, RESTORE, Seen, Wanted};
use futures::future::BoxFuture;
use model::{Address, CreateSafety, Facts};
use serde_json::{Value, json};
use tokio::time::Instant;

use crate::{
    kinds::{self, rules},
    world::{Call, Injury, Nth, Object, State, What, World, ids, revision},
};

/// From a call's start until AWS acts, and again until the answer is there.
const LATENCY: Duration = Duration::from_millis(40);

/// One kind in a world.
struct Kind {
    facts: &'static Facts,
    world: World,
}

impl World {
    pub(crate) fn drivers(&self) -> Drivers {
        let kind = |facts: &&'static Facts| Arc::new(Kind { facts, world: self.clone() }) as Arc<dyn Driver>;
        kinds::ALL.iter().map(kind).collect()
    }

    /// One call: counted, slow, and perhaps unlucky.
    async fn call<T>(
        &self,
        verb: &'static str,
        what: &str,
        act: impl FnOnce(&mut State) -> Result<T, CallError>,
    ) -> Result<T, CallError> {
        if *self.died.borrow() {
            std::future::pending::<()>().await;
        }
        let unlucky = self.state().begin(verb, what);
        tokio::time::sleep(LATENCY).await;
        let answer = match unlucky {
            Some(What::CrashBefore) => self.die().await,
            Some(What::Refused(class)) => Err(error(class, what, "injected")),
            Some(What::CrashAfter) => {
                drop(act(&mut self.state()));
                self.die().await
            }
            Some(What::Lost) => match act(&mut self.state()) {
                Ok(_) => Err(error(Class::Unknown, what, "connection reset")),
                Err(error) => Err(error),
            },
            Some(What::Panic) => panic!("injected"),
            Some(What::Asked(stop)) => {
                self.stop.send_replace(stop);
                act(&mut self.state())
            }
            None => act(&mut self.state()),
        };
        tokio::time::sleep(LATENCY).await;
        self.state().in_flight -= 1;
        answer
    }

    async fn die<T>(&self) -> T {
        self.died.send_replace(true);
        std::future::pending().await
    }
}

impl State {
    /// Counts the call, and says what happens to it.
    fn begin(&mut self, verb: &'static str, what: &str) -> Option<What> {
        self.calls.push(Call { verb, what: what.to_owned(), at: Instant::now() });
        self.in_flight += 1;
        self.most_in_flight = self.most_in_flight.max(self.in_flight);
        let calls = self.calls.len();
        let writes = self.calls.iter().filter(|call| call.is_write()).count();
        let is_due = |injury: &Injury| match (&injury.hit, injury.at) {
            (Some(hit), _) => *hit == (verb, what.to_owned()),
            (None, Nth::Call(n)) => n == calls,
            (None, Nth::Write(n)) => n == writes && verb != "read",
        };
        if let Some(injury) = self.injuries.iter_mut().find(|injury| injury.times > 0 && is_due(injury)) {
            injury.times -= 1;
            injury.hit = Some((verb, what.to_owned()));
            return Some(injury.what);
        }
        self.chance()
    }

    fn chance(&mut self) -> Option<What> {
        let (percent, seed) = self.chaos;
        self.chaos.1 = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        let dice = self.chaos.1 >> 33;
        let ways =
            [What::Lost, What::Refused(Class::Unknown), What::Refused(Class::Throttled), What::Refused(Class::NotYet)];
        (dice % 100 < percent).then(|| ways[usize::try_from(dice / 100 % 4).expect("below four")])
    }

    fn outrage(&mut self, what: String) -> CallError {
        self.outrages.push(what.clone());
        error(Class::Fatal, "", &what)
    }

    /// What every write of a spec is checked for.
    fn check(&mut self, kind: &'static str, at: &Address, spec: &Value) -> Result<(), CallError> {
        for id in ids(spec) {
            let Some(object) = self.objects.get(id).filter(|object| object.gone.is_none()) else {
                return Err(error(Class::Gone, at.as_str(), &format!("`{id}` does not exist")));
            };
            if !self.is_visible(object) {
                return Err(error(Class::Gone, at.as_str(), &format!("`{id}` is not known yet")));
            }
            if kind == "listener" && object.kind == "certificate" && !self.is_issued(object) {
                return Err(error(Class::Fatal, at.as_str(), "the certificate is not issued"));
            }
        }
        Ok(())
    }

    /// Something that has what must be unique.
    fn same(&self, kind: &str, place: &str, spec: &Value) -> Option<&Object> {
        let unique = rules(kind).unique;
        let is_same = |object: &Object| unique.iter().all(|field| object.spec.get(*field) == spec.get(*field));
        let mut others = self.alive().filter(|object| object.kind == kind && object.place == place);
        others.find(|object| !unique.is_empty() && is_same(object))
    }

    fn create(&mut self, facts: &Facts, place: &str, at: &Address, want: &Value) -> Result<Made, CallError> {
        let kind = facts.kind;
        if facts.create == CreateSafety::External || facts.batch_by.is_some() {
            return Err(self.outrage(format!("create {at}")));
        }
        self.check(kind, at, want)?;
        if self.same(kind, place, want).is_some() {
            return Err(error(Class::Exists, at.as_str(), "the name is taken"));
        }
        self.check_order(kind, at, want)?;
        let mut spec = want.clone();
        let left: Vec<String> = rules(kind).left.iter().map(|&field| field.to_owned()).collect();
        left.iter().for_each(|field| spec[field] = Value::Null);
        let id = self.make(Some(at.clone()), kind, place, spec, rules(kind).settles);
        Ok(Made { left, ..self.made(&id) })
    }

    /// What must be there first, though nothing refers to it.
    fn check_order(&mut self, kind: &str, at: &Address, want: &Value) -> Result<(), CallError> {
        if kind == "function" && !self.alive().any(|object| object.kind == "log" && object.spec["name"] == want["name"])
        {
            return Err(self.outrage(format!("{at} before its log")));
        }
        let function = want["function"].as_str().and_then(|id| self.objects.get(id)).filter(|_| kind == "version");
        let Some(function) = function else { return Ok(()) };
        if Instant::now() < function.ready {
            return Err(error(Class::Busy, at.as_str(), "the function is being updated"));
        }
        if revision(&function.spec) != want["revision"] {
            return Err(self.outrage(format!("{at} freezes a revision that the function does not have")));
        }
        Ok(())
    }

    fn made(&self, id: &str) -> Made {
        let object = &self.objects[id];
        Made { outputs: self.outputs(object), state: self.standing(object), left: Vec::new() }
    }

    /// The object that a caller has seen, if it is still there.
    fn find(&mut self, seen: &Seen) -> Result<Option<Object>, CallError> {
        let by_identity = seen.identity.split(' ').next_back().filter(|id| !id.is_empty()).map(str::to_owned);
        let by_output = || ["id", "arn"].iter().find_map(|name| seen.outputs.get(*name)?.as_str()).map(str::to_owned);
        let id = by_identity.or_else(by_output).unwrap_or_default();
        let Some(object) = self.objects.get(&id).filter(|object| object.gone.is_none()).cloned() else {
            return Ok(None);
        };
        match object.owner.as_ref() == Some(&seen.address) {
            true => Ok(Some(object)),
            false => Err(self.outrage(format!("write of {id}, which is not {}", seen.address))),
        }
    }

    fn update(&mut self, facts: &Facts, seen: &Seen, want: &Value, fields: &[String]) -> Result<Made, CallError> {
        let at = &seen.address;
        let Some(object) = self.find(seen)? else { return Err(error(Class::Gone, at.as_str(), "it is not there")) };
        let restores = fields == [RESTORE];
        if object.retired != restores || fields.iter().any(|field| facts.replace_on.contains(&field.as_str())) {
            return Err(self.outrage(format!("update of {at}: {fields:?}")));
        }
        let rules = rules(object.kind);
        if Instant::now() < object.ready && rules.updates > Duration::ZERO {
            return Err(error(Class::Busy, at.as_str(), "it is being changed"));
        }
        self.check(object.kind, at, want)?;
        let (now, later): (Vec<String>, Vec<String>) = match fields.iter().any(|field| field == "code") {
            true => fields.iter().cloned().partition(|field| field == "code"),
            false => (fields.to_vec(), Vec::new()),
        };
        let lag = self.lag;
        let changed = self.objects.get_mut(&object.id).expect("it was just found");
        changed.stale = (lag > Duration::ZERO).then(|| (Instant::now() + lag, changed.spec.clone()));
        changed.retired = false;
        changed.ready = changed.ready.max(Instant::now() + rules.updates);
        match restores {
            true => changed.spec = want.clone(),
            false => now.iter().for_each(|field| changed.spec[field] = want[field].clone()),
        }
        Ok(Made { left: later, ..self.made(&object.id) })
    }

    fn delete(&mut self, seen: &Seen) -> Result<(), CallError> {
        let Some(object) = self.find(seen)? else { return Ok(()) };
        if let Some(holder) = self.holder(&object.id) {
            return Err(error(Class::Busy, seen.address.as_str(), &format!("`{}` uses it", holder.id)));
        }
        let retires = rules(object.kind).retires;
        // Versions and aliases go with their function.
        let inside =
            self.alive().filter(|other| other.spec["function"] == object.id.as_str()).map(|other| other.id.clone());
        for id in inside.chain([object.id.clone()]).collect::<Vec<_>>() {
            let object = self.objects.get_mut(&id).expect("it is alive");
            object.retired = retires;
            object.gone = (!retires).then(Instant::now);
        }
        Ok(())
    }

    /// Checks all changes, then makes all.
    fn batch(&mut self, place: &str, changes: &[Change]) -> Result<Vec<Made>, CallError> {
        for change in changes {
            if let Change::Put { address, want, .. } = change {
                self.check("record", address, want)?;
                if self.same("record", place, want).is_some_and(|object| object.owner.as_ref() != Some(address)) {
                    return Err(self.outrage(format!("{address} overwrites another's")));
                }
                if want["name"] == "refused" {
                    return Err(error(Class::Fatal, address.as_str(), "an illegal name"));
                }
            }
        }
        changes.iter().map(|change| self.change(place, change)).collect()
    }

    fn change(&mut self, place: &str, change: &Change) -> Result<Made, CallError> {
        let nothing = Made { outputs: model::Outputs::new(), state: engine::State::Ready, left: Vec::new() };
        match change {
            Change::Delete { seen } => self.delete(seen)?,
            Change::Put { address, want, .. } => match self.same("record", place, want).map(|object| object.id.clone())
            {
                Some(id) => self.objects.get_mut(&id).expect("it was just found").spec = want.clone(),
                None => drop(self.make(Some(address.clone()), "record", place, want.clone(), Duration::ZERO)),
            },
        }
        Ok(nothing)
    }

    fn read(&self, facts: &Facts, place: &str, wanted: &[Wanted]) -> Vec<Seen> {
        let here = self.objects.values().filter(|object| object.kind == facts.kind && object.place == place);
        here.filter(|object| self.is_visible(object)).filter_map(|object| self.seen(facts, object, wanted)).collect()
    }

    fn seen(&self, facts: &Facts, object: &Object, wanted: &[Wanted]) -> Option<Seen> {
        let same = |fields: &[&str], want: &Wanted| {
            fields.iter().all(|field| want.spec.get(*field) == object.spec.get(*field))
        };
        let unique = rules(facts.kind).unique;
        let in_place =
            || wanted.iter().find(|want| !unique.is_empty() && same(unique, want)).map(|want| want.address.clone());
        let named = || wanted.iter().find(|want| same(&["name"], want)).map(|want| want.address.clone());
        let address = match &object.owner {
            // Found through its parent only.
            Some(owner) if ["alias", "record", "version"].contains(&facts.kind) => wanted
                .iter()
                .any(|want| same(&facts.located_by[facts.located_by.len() - 1..], want))
                .then(|| owner.clone()),
            Some(owner) => Some(owner.clone()),
            None if facts.create == CreateSafety::External => named(),
            None => in_place(),
        }?;
        let spec = match &object.stale {
            Some((until, old)) if Instant::now() < *until => old.clone(),
            _ => object.spec.clone(),
        };
        let shown = Object { spec: spec.clone(), ..object.clone() };
        let is_external = facts.create == CreateSafety::External;
        let state = if is_external { engine::State::Ready } else { self.standing(&shown) };
        Some(Seen { address, spec, outputs: self.outputs(&shown), state, identity: format!("0 {}", object.id) })
    }
}

impl Driver for Kind {
    fn facts(&self) -> &'static Facts {
        self.facts
    }

    fn normalize(&self, spec: &Value) -> Result<Value, serde_json::Error> {
        Ok(spec.clone())
    }

    fn account(&self, place: &str) -> model::AccountId {
        // One account under two roles.
        place.trim_end_matches("-dns").into()
    }

    fn read<'a>(&'a self, place: &'a str, wanted: &'a [Wanted]) -> BoxFuture<'a, Result<Vec<Seen>, CallError>> {
        let what = format!("{place}/{}", self.facts.kind);
        let account = self.account(place);
        Box::pin(async move {
            self.world.call("read", &what, |state| Ok(state.read(self.facts, account.as_str(), wanted))).await
        })
    }

    fn create<'a>(
        &'a self,
        place: &'a str,
        at: &'a Address,
        want: &'a Value,
    ) -> BoxFuture<'a, Result<Made, CallError>> {
        let account = self.account(place);
        let act = move |state: &mut State| state.create(self.facts, account.as_str(), at, want);
        Box::pin(self.world.call("create", at.as_str(), act))
    }

    fn update<'a>(
        &'a self,
        _place: &'a str,
        seen: &'a Seen,
        want: &'a Value,
        fields: &'a [String],
    ) -> BoxFuture<'a, Result<Made, CallError>> {
        Box::pin(
            self.world.call("update", seen.address.as_str(), move |state| state.update(self.facts, seen, want, fields)),
        )
    }

    fn delete<'a>(&'a self, _place: &'a str, seen: &'a Seen) -> BoxFuture<'a, Result<(), CallError>> {
        Box::pin(self.world.call("delete", seen.address.as_str(), move |state| state.delete(seen)))
    }

    fn batch<'a>(&'a self, place: &'a str, changes: &'a [Change]) -> BoxFuture<'a, Result<Vec<Made>, CallError>> {
        let names = changes.iter().map(|change| match change {
            Change::Put { address, .. } => format!("+{address}"),
            Change::Delete { seen } => format!("-{}", seen.address),
        });
        let what = names.collect::<Vec<_>>().join(" ");
        let account = self.account(place);
        Box::pin(async move {
            if !self.world.state().batching.insert(place.to_owned()) {
                self.world.state().outrage(format!("two batches at once: {what}"));
            }
            let answer = self.world.call("batch", &what, |state| state.batch(account.as_str(), changes)).await;
            self.world.state().batching.remove(place);
            answer
        })
    }
}

fn error(class: Class, address: &str, message: &str) -> CallError {
    CallError {
        operation: "fake:Call".to_owned(),
        address: address.to_owned(),
        account: "1".into(),
        code: format!("{class:?}"),
        message: message.to_owned(),
        request_id: None,
        class,
        retry_after: None,
    }
}

/// A reference to another object's output, as specs have them.
pub(crate) fn to(address: &str, field: &str) -> Value {
    json!({"$ref": format!("{address}#{field}")})
}
