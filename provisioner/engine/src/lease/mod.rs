//! A lease on the targets that a run changes: a lock that ends by itself, without trusting anybody's clock.
//!
//! Each target has one [`Item`] in a [`Store`] that swaps it only for exactly what was seen. Its holder proves to be alive by
//! a counter that grows (`held.rs`); whoever wants it meanwhile watches that counter by its own clock (`contend.rs`). A holder
//! starts no call that could outlast its lease, and a takeover waits until the last of its calls has ended and shows.

mod contend;
mod drivers;
mod held;
mod item;
mod notice;
mod store;
mod take;
mod until;
mod watch;

pub use contend::{Contender, IsDead, Refusal, Standing};
pub use drivers::{Section, borrowing};
pub use held::{Grip, Lease};
pub use item::{Ending, Holder, Item, Process, Record, Terms};
pub use notice::Notice;
pub use store::{Store, Swap, Swapped};
