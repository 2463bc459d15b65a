//! Injuries: the real binary on the real emulator, with a proxy between them that hurts one call, and a look at what is left.
//!
//! [`Proxy`] knows every call by account, operation and how many of those came before ([`Call`]), so that a list of the calls
//! of an unhurt run names each place where the next one can be hurt, whatever order they come in. [`World`] is one emulator
//! and one folder, and puts one [`Injury`] after the other into them; [`campaign`] runs many worlds at once and writes what
//! came out to a file, where the next campaign finds it; [`report`] makes a page of it.

mod answers;
mod asked;
mod campaign;
mod fate;
mod proxy;
pub mod report;
mod results;
mod trial;
mod world;
mod youth;

pub use asked::{Asked, Call};
pub use campaign::{Campaign, campaign};
pub use fate::Trouble;
pub use proxy::Proxy;
pub use results::{Found, Results};
pub use trial::{Injury, Mode, Scenario, Trial};
pub use world::World;
