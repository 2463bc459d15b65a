//! What the user wrote: typed, checked as a whole, every mistake reported with its place.
//!
//! [`load`] is the only entry. The types in `platform.rs`, `account.rs`, `service.rs` and `shared.rs` are both the
//! file format (their JSON Schemas are checked in under `schemas/`) and what the blueprints read.
//! Depends on no AWS SDK and makes no call.

mod account;
mod platform;
mod service;
mod shared;

pub use account::{Hub, HubNetwork};
pub use platform::{Environment, Platform, PublicZone};
pub use service::{Function, Index, Key, KeyType, Method, Network, Route, Service, Table};
pub use shared::{Account, Certificate, OnDown, Throttling};
