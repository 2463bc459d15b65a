//! What leases promise, on a clock that only moves when everybody waits.
//!
//! Read `table.rs` first: a table with memory, reached over connections that can be cut, slow or deaf.

mod contention;
mod faults;
mod holding;
mod table;
