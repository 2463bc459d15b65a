//! What the engine promises, on an AWS with memory that forbids what AWS forbids.
//!
//! Each law is a loop: over every call of a run, every field of every object, every order. Time is virtual: nothing sleeps.
//! Read `world.rs` and `platform.rs` first.

mod api;
mod aws;
mod converge;
mod down;
mod drift;
mod estimates;
mod injuries;
mod kinds;
mod platform;
mod random;
mod rates;
mod replace;
mod runs;
mod scope;
mod stop;
mod together;
mod told;
mod twins;
mod world;
