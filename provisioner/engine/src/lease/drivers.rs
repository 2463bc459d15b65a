//! Changing what another target has, for a moment.

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
use crate::{CallError, Change, Class, Driver, Drivers, Made, Permission, Seen, Wanted, diff::differing};

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

/// The same drivers, which borrow the lease of what is not held before they change it.
#[must_use]
pub fn borrowing(drivers: &Drivers, section: Section) -> Drivers {
    let section = Arc::new(section);
    let borrowing = |inner: &Arc<dyn Driver>| -> Arc<dyn Driver> {
        Arc::new(Borrowing { inner: inner.clone(), section: section.clone() })
    };
    drivers.all().map(borrowing).collect()
}

struct Borrowing {
    inner: Arc<dyn Driver>,
    section: Arc<Section>,
}

impl Borrowing {
    /// Changes what may have changed since it was read: it is looked at again while nobody else may change it.
    async fn borrowed(&self, place: &str, seen: &Seen, want: &Value) -> Result<Made, CallError> {
        let _turn = self.section.turn.lock().await;
        let lease = self.section.enter(&seen.address, &self.account(place)).await?;
        let changed = self.look_and_change(&lease.grip(), place, seen, want).await;
        // What cannot be given back ends by itself.
        if let Err(error) = lease.release(None).await {
            tracing::debug!(%error, "a borrowed lease was not given back");
        }
        changed
    }

    async fn look_and_change(&self, grip: &Grip, place: &str, seen: &Seen, want: &Value) -> Result<Made, CallError> {
        let wanted = [Wanted { address: seen.address.clone(), spec: want.clone() }];
        let found = self.inner.read(place, &wanted).await?;
        let seen = found.iter().find(|found| found.identity == seen.identity).unwrap_or(seen);
        let fields = differing(want, &seen.spec);
        if fields.is_empty() {
            return Ok(Made::new(seen.outputs.clone(), seen.state.clone()));
        }
        grip.may_call(&self.account(place), self.facts().kind).await?;
        self.inner.update(place, seen, want, &fields).await
    }
}

impl Driver for Borrowing {
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
        self.inner.create(place, at, want)
    }

    fn update<'a>(
        &'a self,
        place: &'a str,
        seen: &'a Seen,
        want: &'a Value,
        fields: &'a [String],
    ) -> BoxFuture<'a, Result<Made, CallError>> {
        match self.section.addresses.contains(&seen.address) {
            true => Box::pin(self.borrowed(place, seen, want)),
            false => self.inner.update(place, seen, want, fields),
        }
    }

    fn delete<'a>(&'a self, place: &'a str, seen: &'a Seen) -> BoxFuture<'a, Result<(), CallError>> {
        self.inner.delete(place, seen)
    }

    fn batch<'a>(&'a self, place: &'a str, changes: &'a [Change]) -> BoxFuture<'a, Result<Vec<Made>, CallError>> {
        self.inner.batch(place, changes)
    }
}

impl fmt::Debug for Section {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("Section").field("addresses", &self.addresses).finish_non_exhaustive()
    }
}
