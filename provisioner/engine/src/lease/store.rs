//! Where items are kept.

use futures::future::BoxFuture;

use super::item::{Item, Record};
use crate::{CallError, pace::patiently};

/// One item's change, made only if it still is what was seen.
#[derive(Clone, Debug, PartialEq)]
pub struct Swap {
    pub target: String,
    pub seen: Item,
    pub next: Item,
    /// Written beside it.
    pub record: Option<Record>,
    /// The number of a run that is not remembered any longer.
    pub forget: Option<u64>,
}

impl Swap {
    pub(super) fn of(target: &str, seen: &Item, next: Item) -> Self {
        Self { target: target.to_owned(), seen: seen.clone(), next, record: None, forget: None }
    }
}

/// What a swap came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Swapped {
    Done,
    /// One of the items was not as it was seen; nothing was changed.
    Refused,
    /// There is no store.
    NoStore,
}

/// Keeps items. A store that does not exist says that everything is free.
pub trait Store: Send + Sync {
    /// The items of these targets in their order; none if there is no store. Sees every swap that was answered before.
    fn look<'a>(&'a self, targets: &'a [String]) -> BoxFuture<'a, Result<Option<Vec<Item>>, CallError>>;

    /// Makes all these swaps or none.
    fn swap<'a>(&'a self, swaps: &'a [Swap]) -> BoxFuture<'a, Result<Swapped, CallError>>;

    /// Makes the store; fine if it exists.
    fn make(&self) -> BoxFuture<'_, Result<(), CallError>>;

    /// Writes down what a run of a target came to, whoever holds the target.
    fn remember<'a>(&'a self, target: &'a str, record: &'a Record) -> BoxFuture<'a, Result<(), CallError>>;

    /// Removes it with all that is in it; fine if it is gone.
    fn remove(&self) -> BoxFuture<'_, Result<(), CallError>>;
}

/// Swaps, and knows afterwards whether it did: an answer that was not heard makes the repeat look like somebody else's.
pub(super) async fn swap_surely(store: &dyn Store, swaps: &[Swap]) -> Result<Swapped, CallError> {
    let swapped = patiently("lease", || store.swap(swaps)).await?;
    if swapped != Swapped::Refused {
        return Ok(swapped);
    }
    let targets: Vec<String> = swaps.iter().map(|swap| swap.target.clone()).collect();
    let found = patiently("lease", || store.look(&targets)).await?;
    let is_ours = found.is_some_and(|items| items.iter().zip(swaps).all(|(item, swap)| *item == swap.next));
    Ok(if is_ours { Swapped::Done } else { Swapped::Refused })
}
