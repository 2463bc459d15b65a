//! One kind of object in the simulated AWS, with the calls that its facts declare.

use std::{collections::BTreeSet, sync::Arc};

use engine::{CallError, Change, Driver, Drivers, Made, Seen, State, Wanted};
use futures::future::{BoxFuture, try_join_all};
use model::{AccountId, Address, CreateSafety, Facts, Sealed, resolve};
use serde_json::Value;
use tokio::time::Instant;

use crate::{
    aws::{Aws, Object, outputs, readiness},
    reads,
};

struct Kind {
    facts: &'static Facts,
    aws: Arc<Aws>,
}

impl Aws {
    /// A driver for every kind.
    #[must_use]
    pub fn drivers(self: &Arc<Self>) -> Drivers {
        let kind = |facts: &&'static Facts| Arc::new(Kind { facts, aws: self.clone() }) as Arc<dyn Driver>;
        kinds::ALL.iter().map(kind).collect()
    }

    /// Makes all of a graph without a call.
    ///
    /// # Panics
    /// If a spec is malformed: a mistake in a blueprint.
    pub fn fill(&self, graph: &Sealed) {
        let output = |address: &Address, field: &str| outputs(address, graph.get(address)?.facts, true).remove(field);
        for node in graph.nodes().filter(|node| node.facts.create != CreateSafety::External) {
            let spec = kinds::normalize(node.facts.kind, &resolve(&node.spec, &output)).expect("a sound blueprint");
            let place = (node.facts.kind, node.account.clone());
            let object = Object::new(&spec, Instant::now());
            self.world().objects.entry(place).or_default().insert(node.address.clone(), object);
        }
    }
}

impl Kind {
    /// Calls one after the other; when the first one was sent.
    async fn calls(&self, place: &str, operations: &[&str]) -> Result<Instant, CallError> {
        let account = self.account(place);
        let mut sent = None;
        for operation in operations {
            let at = self.aws.call(&account, operation).await?;
            sent.get_or_insert(at);
        }
        Ok(sent.unwrap_or_else(Instant::now))
    }

    /// The declared calls of a verb, or one of those that are made depending on fields.
    async fn verb(&self, place: &str, operations: &[&str]) -> Result<Instant, CallError> {
        let also = &self.facts.calls.also[..self.facts.calls.also.len().min(1)];
        self.calls(place, if operations.is_empty() { also } else { operations }).await
    }

    fn put(&self, place: &str, address: &Address, spec: &Value, ready: Instant) -> Made {
        let object = Object::new(spec, ready);
        let state = object.state();
        let outputs = outputs(address, self.facts, state == State::Ready);
        self.aws.world().objects.entry(self.place(place)).or_default().insert(address.clone(), object);
        Made::new(outputs, state)
    }

    fn remove(&self, place: &str, address: &Address) {
        self.aws.world().objects.entry(self.place(place)).or_default().remove(address);
    }

    fn place(&self, place: &str) -> (&'static str, String) {
        (self.facts.kind, place.to_owned())
    }

    fn found(&self, place: &str) -> Vec<Seen> {
        let world = self.aws.world();
        let objects = world.objects.get(&self.place(place)).into_iter().flatten();
        objects.map(|(address, object)| object.seen(address, self.facts)).collect()
    }

    /// What somebody else makes is always there.
    fn external(&self, wanted: &Wanted) -> Seen {
        Seen {
            address: wanted.address.clone(),
            spec: wanted.spec.clone(),
            outputs: outputs(&wanted.address, self.facts, true),
            state: State::Ready,
            identity: wanted.address.to_string(),
        }
    }
}

impl Driver for Kind {
    fn facts(&self) -> &'static Facts {
        self.facts
    }

    fn account(&self, place: &str) -> AccountId {
        place.into()
    }

    fn normalize(&self, spec: &Value) -> Result<Value, serde_json::Error> {
        kinds::normalize(self.facts.kind, spec)
    }

    fn read<'a>(&'a self, place: &'a str, wanted: &'a [Wanted]) -> BoxFuture<'a, Result<Vec<Seen>, CallError>> {
        Box::pin(async move {
            let reads = reads::of(self.facts.kind);
            self.calls(place, reads.all).await?;
            let seen: Vec<Seen> = match self.facts.create {
                CreateSafety::External => wanted.iter().map(|wanted| self.external(wanted)).collect(),
                _ => self.found(place),
            };
            let sought: BTreeSet<&Address> = wanted.iter().map(|wanted| &wanted.address).collect();
            let found = seen.iter().filter(|seen| sought.contains(&seen.address));
            try_join_all(found.map(|_| self.calls(place, reads.each))).await?;
            Ok(seen)
        })
    }

    fn create<'a>(
        &'a self,
        place: &'a str,
        at: &'a Address,
        want: &'a Value,
    ) -> BoxFuture<'a, Result<Made, CallError>> {
        Box::pin(async move {
            let sent = self.calls(place, self.facts.calls.create).await?;
            Ok(self.put(place, at, want, sent + readiness(at, self.facts)))
        })
    }

    fn update<'a>(
        &'a self,
        place: &'a str,
        seen: &'a Seen,
        want: &'a Value,
        _fields: &'a [String],
    ) -> BoxFuture<'a, Result<Made, CallError>> {
        Box::pin(async move {
            let sent = self.verb(place, self.facts.calls.update).await?;
            Ok(self.put(place, &seen.address, want, sent))
        })
    }

    fn delete<'a>(&'a self, place: &'a str, seen: &'a Seen) -> BoxFuture<'a, Result<(), CallError>> {
        Box::pin(async move {
            self.verb(place, self.facts.calls.delete).await?;
            self.remove(place, &seen.address);
            Ok(())
        })
    }

    fn batch<'a>(&'a self, place: &'a str, changes: &'a [Change]) -> BoxFuture<'a, Result<Vec<Made>, CallError>> {
        Box::pin(async move {
            let sent = self.verb(place, self.facts.calls.create).await?;
            let change = |change: &Change| match change {
                Change::Put { address, want, .. } => {
                    self.put(place, address, want, sent + readiness(address, self.facts))
                }
                Change::Delete { seen } => {
                    self.remove(place, &seen.address);
                    Made::new(model::Outputs::new(), State::Ready)
                }
            };
            Ok(changes.iter().map(change).collect())
        })
    }
}
