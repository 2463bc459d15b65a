//! What somebody who waits for a lease is told.

use std::time::Duration;

use super::item::Item;

/// Said while a lease is waited for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Notice {
    /// Somebody holds it: watching whether they go on.
    Held { target: String, item: Item },
    /// Nothing was heard of its holder for too long: it is taken over after this time.
    Silent { target: String, item: Item, left: Duration },
}
