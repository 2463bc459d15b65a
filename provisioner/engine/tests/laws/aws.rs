//! The calls of the fake AWS: counted, slow, and perhaps unlucky. What they do is in `api.rs`.

use std::{sync::Arc, time::Duration};

use engine::{CallError, Change, Class, Driver, Drivers, Made, Seen, Wanted};
use futures::future::BoxFuture;
use model::{Address, Facts};
use serde_json::{Value, json};
use tokio::time::Instant;

use crate::{
    api::error,
    kinds,
    world::{Call, Injury, Nth, State, What, World},
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
}

impl Kind {
    /// One call, which passes the gate as a real one does.
    async fn call<T>(
        &self,
        place: &str,
        verb: &'static str,
        what: &str,
        act: impl FnOnce(&mut State) -> Result<T, CallError>,
    ) -> Result<T, CallError> {
        let operation = operation(self.facts.kind, verb);
        self.world.gate.pass(&self.account(place), &operation, self.world.call(verb, what, act)).await
    }
}

/// A call's name as AWS would spell it.
pub(crate) fn operation(kind: &str, verb: &str) -> String {
    match verb {
        "read" => format!("fake:Describe-{kind}"),
        verb => format!("fake:{verb}-{kind}"),
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
            self.call(place, "read", &what, |state| Ok(state.read(self.facts, account.as_str(), wanted))).await
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
        Box::pin(self.call(place, "create", at.as_str(), act))
    }

    fn update<'a>(
        &'a self,
        place: &'a str,
        seen: &'a Seen,
        want: &'a Value,
        fields: &'a [String],
    ) -> BoxFuture<'a, Result<Made, CallError>> {
        Box::pin(
            self.call(place, "update", seen.address.as_str(), move |state| {
                state.update(self.facts, seen, want, fields)
            }),
        )
    }

    fn delete<'a>(&'a self, place: &'a str, seen: &'a Seen) -> BoxFuture<'a, Result<(), CallError>> {
        Box::pin(self.call(place, "delete", seen.address.as_str(), move |state| state.delete(seen)))
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
            let answer = self.call(place, "batch", &what, |state| state.batch(account.as_str(), changes)).await;
            self.world.state().batching.remove(place);
            answer
        })
    }
}

/// A reference to another object's output, as specs have them.
pub(crate) fn to(address: &str, field: &str) -> Value {
    json!({"$ref": format!("{address}#{field}")})
}
