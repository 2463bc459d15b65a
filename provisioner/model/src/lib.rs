//! The vocabulary of the platform: what an object is called, what it refers to and what a whole graph of them looks like.
//!
//! Pure data and pure rules: no AWS SDK, no async, no clock, no I/O. Read `graph.rs` first, then `input.rs`.

mod address;
mod graph;
mod ids;
mod input;
mod kind;
mod names;
pub mod policy;
mod rate;
mod resolve;
mod tags;

pub use address::{Address, BadAddress};
pub use graph::{Flaw, Graph, Handle, Node, OnDown, Sealed};
pub use ids::*;
pub use input::{Field, Input, Ref, Text};
pub use kind::{Calls, CreateSafety, Facts, Kind, KnownAt, Output};
pub use names::{Names, short_hash};
pub use policy::Policy;
pub use rate::Rate;
pub use resolve::{Outputs, references, resolve};
pub use tags::Tags;
