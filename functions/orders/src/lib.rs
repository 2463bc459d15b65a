//! Orders: three functions over one table.
//!
//! Each has a `ROUTE` and a `handle` in a module of its own ([`create`], [`list`], [`get`]) and a binary that wires them to
//! the front door of `functions_shared`. Which items the table holds is told in `item.rs`, how it is asked in [`store`].
//! Nothing here reads the environment or the clock while it serves a request.

pub mod create;
pub mod cursor;
pub mod day;
pub mod get;
pub mod id;
mod item;
pub mod list;
pub mod order;
mod representation;
pub mod store;

/// The OpenAPI 3.0 document of the three functions, which `openapi.json` holds.
#[must_use]
pub fn openapi() -> serde_json::Value {
    let operations = vec![create::operation(), list::operation(), get::operation()];
    functions_shared::openapi::document("Orders", env!("CARGO_PKG_VERSION"), operations)
}
