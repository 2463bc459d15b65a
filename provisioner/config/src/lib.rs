//! What the user wrote: typed, checked as a whole, every mistake reported with its place and the way out.
//!
//! [`load`] is the entry. The types in `platform.rs`, `account.rs`, `service.rs` and `shared.rs` are both the file format
//! (their JSON Schemas are checked in under `docs/schemas/`) and what the blueprints read, through a [`Config`].
//! A file passes `document.rs` (is it TOML, and where is what), `overrides.rs` (what an environment sees), `shape.rs`
//! (does it fit the types) and `check/` (does it mean something that AWS takes); `diagnostic.rs` shows what did not.
//! Depends on no AWS SDK and makes no call.

mod account;
mod check;
mod config;
mod diagnostic;
mod document;
mod files;
mod load;
mod overrides;
mod place;
mod platform;
mod pointer;
pub mod schema;
mod service;
mod shape;
mod shared;
mod target;
mod words;

pub use account::{Hub, HubNetwork};
pub use config::{CONSUMER, Config, LOCAL, PUBLIC_ZONE};
pub use diagnostic::{Diagnostic, Diagnostics};
pub use load::{load, load_all};
pub use platform::{Environment, Lease, Limit, Platform, PublicZone};
pub use service::{Function, Index, Key, KeyType, Method, Network, Route, Service, Table};
pub use shared::{Account, Certificate, OnDown, Throttling};
