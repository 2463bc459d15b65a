//! Drivers that change nothing without a lease.

use std::{collections::BTreeSet, fmt, sync::Arc};

use futures::future::BoxFuture;
use model::{AccountId, Address, Facts};
use serde_json::Value;
use tokio::sync::Mutex;

use super::{
    contend::{Contender, Glance},
    held::{Grip, Lease},
    item::Item,
};
use crate::{CallError, Change, Class, Driver, Drivers, Made, Seen, Wanted, diff::differing};

/// Objects of a target that this run does not hold and still changes in place: each change borrows the target's lease.
pub struct Section {
    contender: Contender,
    addresses: BTreeSet<Address>,
    /// One at a time, so that a run does not meet itself.
    turn: Mutex<()>,
}

impl Section {
    #[must_use]
    pub fn new(contender: Contender, addresses: BTreeSet<Address>) -> Self {
        Self { contender, addresses, turn: Mutex::new(()) }
    }

    /// The lease, or that it is busy: whoever asked comes again.
    async fn enter(&self, at: &Address, account: &AccountId) -> Result<Lease, CallError> {
        let busy = |words: String| CallError {
            class: Class::Busy,
            ..CallError::own(at.as_str(), account.clone(), "Held", &words)
        };
        let standing = match self.contender.glance().await? {
            Glance::Takeable(standing) => standing,
            Glance::Alive(target, item) | Glance::Silent(_, target, item) => return Err(busy(held(&target, &item))),
        };
        let lease = self.contender.borrow(&standing).await?;
        lease.ok_or_else(|| busy("another run was faster".to_owned()))
    }
}

fn held(target: &str, item: &Item) -> String {
    match &item.holder {
        Some(holder) => format!("`{target}` is held by {} (`{}`, run {})", holder.who, holder.command, item.run),
        None => format!("`{target}` was held a moment ago"),
    }
}

/// The same drivers, which send a change only while the lease outlasts it.
#[must_use]
pub fn leased(drivers: &Drivers, grip: &Grip, section: Option<Section>) -> Drivers {
    let section = section.map(Arc::new);
    let leased = |inner: &Arc<dyn Driver>| -> Arc<dyn Driver> {
        Arc::new(Leased { inner: inner.clone(), grip: grip.clone(), section: section.clone() })
    };
    drivers.all().map(leased).collect()
}

struct Leased {
    inner: Arc<dyn Driver>,
    grip: Grip,
    section: Option<Arc<Section>>,
}

impl Leased {
    async fn may_call(&self, grip: &Grip, place: &str, at: &str) -> Result<(), CallError> {
        let lost = |why: String| CallError::own(at, self.account(place), "LeaseLost", &format!("the lease is lost: {why}"));
        grip.may_call().await.map_err(lost)
    }

    /// Changes what may have changed since it was read: it is looked at again while nobody else may change it.
    async fn borrowed(&self, section: &Section, place: &str, seen: &Seen, want: &Value) -> Result<Made, CallError> {
        let _turn = section.turn.lock().await;
        let lease = section.enter(&seen.address, &self.account(place)).await?;
        let changed = match self.may_call(&lease.grip(), place, seen.address.as_str()).await {
            Ok(()) => self.look_and_change(place, seen, want).await,
            Err(error) => Err(error),
        };
        // What cannot be given back ends by itself.
        if let Err(error) = lease.release(None).await {
            tracing::debug!(%error, "a borrowed lease was not given back");
        }
        changed
    }

    async fn look_and_change(&self, place: &str, seen: &Seen, want: &Value) -> Result<Made, CallError> {
        let wanted = [Wanted { address: seen.address.clone(), spec: want.clone() }];
        let found = self.inner.read(place, &wanted).await?;
        let seen = found.iter().find(|found| found.identity == seen.identity).unwrap_or(seen);
        match differing(want, &seen.spec) {
            fields if fields.is_empty() => {
                Ok(Made { outputs: seen.outputs.clone(), state: seen.state.clone(), left: Vec::new() })
            }
            fields => self.inner.update(place, seen, want, &fields).await,
        }
    }
}

impl Driver for Leased {
    fn facts(&self) -> &'static Facts {
        self.inner.facts()
    }

    fn account(&self, place: &str) -> AccountId {
        self.inner.account(place)
    }

    fn normalize(&self, spec: &Value) -> Result<Value, serde_json::Error> {
        self.inner.normalize(spec)
    }

    fn read<'a>(&'a self, place: &'a str, wanted: &'a [Wanted]) -> BoxFuture<'a, Result<Vec<Seen>, CallError>> {
        self.inner.read(place, wanted)
    }

    fn create<'a>(
        &'a self,
        place: &'a str,
        at: &'a Address,
        want: &'a Value,
    ) -> BoxFuture<'a, Result<Made, CallError>> {
        Box::pin(async move {
            self.may_call(&self.grip, place, at.as_str()).await?;
            self.inner.create(place, at, want).await
        })
    }

    fn update<'a>(
        &'a self,
        place: &'a str,
        seen: &'a Seen,
        want: &'a Value,
        fields: &'a [String],
    ) -> BoxFuture<'a, Result<Made, CallError>> {
        Box::pin(async move {
            self.may_call(&self.grip, place, seen.address.as_str()).await?;
            match self.section.as_ref().filter(|section| section.addresses.contains(&seen.address)) {
                Some(section) => self.borrowed(section, place, seen, want).await,
                None => self.inner.update(place, seen, want, fields).await,
            }
        })
    }

    fn delete<'a>(&'a self, place: &'a str, seen: &'a Seen) -> BoxFuture<'a, Result<(), CallError>> {
        Box::pin(async move {
            self.may_call(&self.grip, place, seen.address.as_str()).await?;
            self.inner.delete(place, seen).await
        })
    }

    fn batch<'a>(&'a self, place: &'a str, changes: &'a [Change]) -> BoxFuture<'a, Result<Vec<Made>, CallError>> {
        Box::pin(async move {
            let first = changes.first().map_or("", |change| match change {
                Change::Put { address, .. } => address.as_str(),
                Change::Delete { seen } => seen.address.as_str(),
            });
            self.may_call(&self.grip, place, first).await?;
            self.inner.batch(place, changes).await
        })
    }
}

impl fmt::Debug for Section {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("Section").field("addresses", &self.addresses).finish_non_exhaustive()
    }
}
