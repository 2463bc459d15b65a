//! Does a request get through, and if not, who refuses it? Answered from what exists, as AWS would answer it.
//!
//! [`World`] is everything the platform has, as AWS reports it; [`Model`] is the same with indexes, built once;
//! [`Model::trace`] follows one [`Request`] hop by hop. Pure and fast, so the same rules print a `trace` and decide the
//! requests at the local door. No AWS SDK, no async, no I/O, and no judgement by what the configuration wants: that
//! ([`Wanted`]) only chooses the words that mend.
//! Read `trace.rs` first, then `walk.rs`, then `hops/` in the order of the request.

mod answer;
mod hops;
mod mend;
mod model;
mod network;
mod pattern;
mod policy;
mod request;
mod template;
mod trace;
mod walk;
mod world;

pub use answer::Answer;
pub use mend::Wanted;
pub use model::Model;
pub use request::Request;
pub use trace::{Destination, Hop, Outcome, Step, Trace, Verdict};
pub use walk::Greeting;
pub use world::{Object, Snapshots, State, World};

/// One request over one world. With more than one request, build a [`Model`] and keep it.
#[must_use]
pub fn trace(world: &World, request: &Request) -> Trace {
    Model::new(world).trace(request)
}
