//! The typed side of a driver, and the one adapter between it and the engine's JSON.

use std::{future::Future, marker::PhantomData, sync::Arc};

use engine::{CallError, Change, Driver, Made, State};
use futures::future::BoxFuture;
use model::{AccountId, Address, Facts, Field, Id, Kind, Outputs};
use serde_json::Value;

use crate::aws::{Accounts, Aws};

/// An object that a read looks for; references that are not known yet are still promises.
#[derive(Clone, Debug)]
pub struct Wanted<K> {
    pub address: Address,
    pub spec: K,
}

/// An object as AWS reports it.
#[derive(Clone, Debug)]
pub struct Seen<K> {
    pub address: Address,
    pub spec: K,
    pub outputs: Outputs,
    pub state: State,
    /// Creation time, then id: tells twins apart, older first.
    pub identity: String,
}

impl<K: Kind> Seen<K> {
    /// One of its outputs, if it is known.
    #[must_use]
    pub fn output<T: Id>(&self, field: Field<K, T>) -> Option<String> {
        self.outputs.get(field.name).and_then(Value::as_str).map(str::to_owned)
    }
}

/// How a kind is read and written. Each verb makes calls and nothing else: waiting and trying again is the engine's.
pub trait Live: Kind {
    /// Every object of this kind in the account that carries our tags, wanted or not, in as few calls as AWS allows;
    /// objects in the way of wanted ones that are not ours are reported as [`State::Foreign`].
    fn read(aws: &Aws, wanted: &[Wanted<Self>]) -> impl Future<Output = Result<Vec<Seen<Self>>, CallError>> + Send;

    /// Makes one object, with its tags in the same call where AWS allows it.
    fn create(aws: &Aws, at: &Address, want: &Self) -> impl Future<Output = Result<Made, CallError>> + Send;

    /// Changes the named fields. Kinds whose every field replaces never get here.
    fn update(
        aws: &Aws,
        seen: &Seen<Self>,
        _want: &Self,
        fields: &[String],
    ) -> impl Future<Output = Result<Made, CallError>> + Send {
        let error = aws.refuse(&seen.address, &format!("`{}` cannot change in place", fields.join("`, `")));
        std::future::ready(Err(error))
    }

    /// Deletes it; an answer of "not found" is success.
    fn delete(aws: &Aws, seen: &Seen<Self>) -> impl Future<Output = Result<(), CallError>> + Send;

    /// Sends several changes in one call; only kinds with [`Facts::batch_by`].
    fn batch(aws: &Aws, changes: &[BatchChange<Self>]) -> impl Future<Output = Result<Vec<Made>, CallError>> + Send {
        let error = match changes.first() {
            Some(BatchChange::Put { address, .. }) => aws.refuse(address, "this kind is not batched"),
            Some(BatchChange::Delete { seen }) => aws.refuse(&seen.address, "this kind is not batched"),
            None => return std::future::ready(Ok(Vec::new())),
        };
        std::future::ready(Err(error))
    }
}

/// One member of a batch, typed.
#[derive(Clone, Debug)]
pub enum BatchChange<K> {
    Put { address: Address, want: K, seen: Option<Seen<K>> },
    Delete { seen: Seen<K> },
}

/// Turns a typed kind into a driver.
pub(crate) struct Typed<K> {
    accounts: Arc<Accounts>,
    of: PhantomData<fn() -> K>,
}

impl<K: Live> Typed<K> {
    pub(crate) fn new(accounts: Arc<Accounts>) -> Self {
        Self { accounts, of: PhantomData }
    }

    fn typed(&self, aws: &Aws, at: &Address, spec: &Value) -> Result<K, CallError> {
        serde_json::from_value(spec.clone()).map_err(|error| aws.refuse(at, &format!("the spec is malformed: {error}")))
    }

    fn typed_seen(&self, aws: &Aws, seen: &engine::Seen) -> Result<Seen<K>, CallError> {
        Ok(Seen {
            address: seen.address.clone(),
            spec: self.typed(aws, &seen.address, &seen.spec)?,
            outputs: seen.outputs.clone(),
            state: seen.state.clone(),
            identity: seen.identity.clone(),
        })
    }

    fn typed_change(&self, aws: &Aws, change: &Change) -> Result<BatchChange<K>, CallError> {
        Ok(match change {
            Change::Put { address, want, seen } => BatchChange::Put {
                address: address.clone(),
                want: self.typed(aws, address, want)?,
                seen: seen.as_ref().map(|seen| self.typed_seen(aws, seen)).transpose()?,
            },
            Change::Delete { seen } => BatchChange::Delete { seen: self.typed_seen(aws, seen)? },
        })
    }
}

/// After a write, whatever was answered before may be wrong; also when the answer is an error.
async fn written<T>(aws: &Aws, write: impl Future<Output = Result<T, CallError>>) -> Result<T, CallError> {
    let answer = write.await;
    aws.forget().await;
    answer
}

fn erased<K: Kind>(seen: Seen<K>) -> engine::Seen {
    engine::Seen {
        address: seen.address,
        spec: serde_json::to_value(&seen.spec).expect("specs are plain data"),
        outputs: seen.outputs,
        state: seen.state,
        identity: seen.identity,
    }
}

impl<K: Live> Driver for Typed<K> {
    fn facts(&self) -> &'static Facts {
        &K::FACTS
    }

    fn account(&self, place: &str) -> AccountId {
        self.accounts.at(place).account.clone()
    }

    fn normalize(&self, spec: &Value) -> Result<Value, serde_json::Error> {
        crate::normal::<K>(spec)
    }

    fn read<'a>(
        &'a self,
        place: &'a str,
        wanted: &'a [engine::Wanted],
    ) -> BoxFuture<'a, Result<Vec<engine::Seen>, CallError>> {
        Box::pin(async move {
            let aws = self.accounts.at(place);
            let typed = |wanted: &engine::Wanted| {
                let spec = self.typed(aws, &wanted.address, &wanted.spec)?;
                Ok(Wanted { address: wanted.address.clone(), spec })
            };
            let wanted = wanted.iter().map(typed).collect::<Result<Vec<_>, CallError>>()?;
            aws.reads(K::FACTS.kind).await;
            Ok(K::read(aws, &wanted).await?.into_iter().map(erased).collect())
        })
    }

    fn create<'a>(
        &'a self,
        place: &'a str,
        at: &'a Address,
        want: &'a Value,
    ) -> BoxFuture<'a, Result<Made, CallError>> {
        Box::pin(async move {
            let aws = self.accounts.at(place);
            written(aws, K::create(aws, at, &self.typed(aws, at, want)?)).await
        })
    }

    fn update<'a>(
        &'a self,
        place: &'a str,
        seen: &'a engine::Seen,
        want: &'a Value,
        fields: &'a [String],
    ) -> BoxFuture<'a, Result<Made, CallError>> {
        Box::pin(async move {
            let aws = self.accounts.at(place);
            let want = self.typed(aws, &seen.address, want)?;
            written(aws, K::update(aws, &self.typed_seen(aws, seen)?, &want, fields)).await
        })
    }

    fn delete<'a>(&'a self, place: &'a str, seen: &'a engine::Seen) -> BoxFuture<'a, Result<(), CallError>> {
        Box::pin(async move {
            let aws = self.accounts.at(place);
            written(aws, K::delete(aws, &self.typed_seen(aws, seen)?)).await
        })
    }

    fn batch<'a>(&'a self, place: &'a str, changes: &'a [Change]) -> BoxFuture<'a, Result<Vec<Made>, CallError>> {
        Box::pin(async move {
            let aws = self.accounts.at(place);
            let changes = changes.iter().map(|change| self.typed_change(aws, change)).collect::<Result<Vec<_>, _>>()?;
            written(aws, K::batch(aws, &changes)).await
        })
    }
}
