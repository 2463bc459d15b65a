//! What the calls of the fake AWS do, and what they forbid.

use std::time::Duration;

use engine::{CallError, Change, Class, Made, RESTORE, Seen, Wanted};
use model::{Address, CreateSafety, Facts};
use serde_json::{Value, json};
use tokio::time::Instant;

use crate::{
    kinds::rules,
    world::{Object, State, ids, revision},
};

impl State {
    pub(crate) fn outrage(&mut self, what: String) -> CallError {
        self.outrages.push(what.clone());
        error(Class::Fatal, "", &what)
    }

    /// What every write of a spec is checked for.
    fn check(&mut self, kind: &'static str, at: &Address, spec: &Value) -> Result<(), CallError> {
        for id in ids(spec) {
            let Some(object) = self.objects.get(id).filter(|object| object.gone.is_none()) else {
                return Err(error(Class::Gone, at.as_str(), &format!("`{id}` does not exist")));
            };
            if object.retired {
                return Err(error(Class::Fatal, at.as_str(), &format!("`{id}` is scheduled for deletion")));
            }
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

    pub(crate) fn create(&mut self, facts: &Facts, place: &str, at: &Address, want: &Value) -> Result<Made, CallError> {
        let kind = facts.kind;
        if facts.create == CreateSafety::External || facts.batch_by.is_some() {
            return Err(self.outrage(format!("create {at}")));
        }
        self.check(kind, at, want)?;
        if self.same(kind, place, want).is_some() {
            return Err(error(Class::Exists, at.as_str(), "the name is taken"));
        }
        self.check_order(kind, place, at, want)?;
        let mut spec = want.clone();
        let left: Vec<String> = rules(kind).left.iter().map(|&field| field.to_owned()).collect();
        left.iter().for_each(|field| spec[field] = Value::Null);
        let id = self.make(Some(at.clone()), kind, place, spec, rules(kind).settles);
        Ok(Made { left, ..self.made(&id) })
    }

    /// What must be there first, though nothing refers to it.
    fn check_order(&mut self, kind: &str, place: &str, at: &Address, want: &Value) -> Result<(), CallError> {
        match kind {
            "function" if self.named("log", place, &want["name"]).is_none() => {
                Err(self.outrage(format!("{at} before its log")))
            }
            "alias" | "version" => match self.named("function", place, &want["function"]).cloned() {
                None => Err(error(Class::Gone, at.as_str(), "the function does not exist")),
                Some(function) if kind == "version" => self.check_frozen(&function, at, want),
                Some(_) => Ok(()),
            },
            _ => Ok(()),
        }
    }

    fn named(&self, kind: &str, place: &str, name: &Value) -> Option<&Object> {
        let mut here = self.alive().filter(|object| object.kind == kind && object.place == place);
        here.find(|object| object.spec["name"] == *name)
    }

    fn check_frozen(&mut self, function: &Object, at: &Address, want: &Value) -> Result<(), CallError> {
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
        Made { told: Some(object.spec.clone()), ..Made::new(self.outputs(object), self.standing(object)) }
    }

    /// The object that a caller has seen, if it is still there.
    fn find(&mut self, seen: &Seen) -> Result<Option<Object>, CallError> {
        let by_output = ["id", "arn"].iter().find_map(|name| seen.outputs.get(*name)?.as_str());
        let id = by_output.or_else(|| seen.identity.split(' ').next_back()).unwrap_or_default();
        let is_it = |object: &&Object| match id {
            "" => object.kind == seen.address.kind() && object.spec["name"] == seen.spec["name"],
            id => object.id == id,
        };
        let Some(object) = self.alive().find(is_it).cloned() else { return Ok(None) };
        match object.owner.as_ref() == Some(&seen.address) {
            true => Ok(Some(object)),
            false => Err(self.outrage(format!("write of {id}, which is not {}", seen.address))),
        }
    }

    pub(crate) fn update(
        &mut self,
        facts: &Facts,
        seen: &Seen,
        want: &Value,
        fields: &[String],
    ) -> Result<Made, CallError> {
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
        (changed.retired, changed.broken) = (false, changed.broken && !restores);
        changed.ready = changed.ready.max(Instant::now() + rules.updates);
        match restores {
            true => changed.spec = want.clone(),
            false => now.iter().for_each(|field| changed.spec[field] = want[field].clone()),
        }
        Ok(Made { left: later, ..self.made(&object.id) })
    }

    pub(crate) fn delete(&mut self, seen: &Seen) -> Result<(), CallError> {
        let Some(object) = self.find(seen)? else { return Ok(()) };
        if let Some(holder) = self.holder(&object.id) {
            return Err(error(Class::Busy, seen.address.as_str(), &format!("`{}` uses it", holder.id)));
        }
        let retires = rules(object.kind).retires;
        // Versions and aliases go with their function.
        let inside = self.inside(&object).filter(|_| object.kind == "function").map(|inside| inside.id.clone());
        for id in inside.chain([object.id.clone()]).collect::<Vec<_>>() {
            let object = self.objects.get_mut(&id).expect("it is alive");
            object.retired = retires;
            object.gone = (!retires).then(Instant::now);
        }
        Ok(())
    }

    /// Checks all changes, then makes all.
    pub(crate) fn batch(&mut self, place: &str, changes: &[Change]) -> Result<Vec<Made>, CallError> {
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
        let nothing = Made::new(model::Outputs::new(), engine::State::Ready);
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

    pub(crate) fn read(&self, facts: &Facts, place: &str, wanted: &[Wanted]) -> Vec<Seen> {
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
        let is_asked_for = wanted.iter().any(|want| want.address == address);
        let spec = match facts.kind {
            // Known only in the form that it is wanted in.
            "record" if !is_asked_for => json!({"zone": spec["zone"], "name": spec["name"], "target": "not asked for"}),
            _ => spec,
        };
        // Where names are unique in an account, they are the identity.
        let identity = if facts.kind == "role" { spec["name"].to_string() } else { format!("0 {}", object.id) };
        let shown = Object { spec: spec.clone(), ..object.clone() };
        let is_external = facts.create == CreateSafety::External;
        let state = if is_external { engine::State::Ready } else { self.standing(&shown) };
        Some(Seen { address, spec, outputs: self.outputs(&shown), state, identity })
    }
}

pub(crate) fn error(class: Class, address: &str, message: &str) -> CallError {
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
