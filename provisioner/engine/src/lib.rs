//! Plans the difference between what is wanted and what AWS reports, and makes it go away.
//!
//! No AWS SDK and no kind by name: the engine sees [`Driver`]s. Read `driver.rs`, then `reading.rs`, `plan.rs` and
//! `execute/mod.rs`. Every call of a driver passes the [`Gate`].

mod compare;
mod demand;
mod diff;
mod driver;
mod estimate;
mod execute;
mod gate;
pub mod lease;
mod pace;
mod plan;
mod questions;
mod reading;
mod report;
mod scope;
mod teardown;
mod twins;

pub use driver::{CallError, Change, Class, Driver, Made, RESTORE, Seen, State, Wanted};
pub use estimate::{Because, CALL, Estimate, Takes, estimate, estimate_by};
pub use execute::{Controls, Stop, execute};
pub use gate::{Always, AtOnce, Gate, Permission, Rates, is_read, may_send};
pub use pace::{Pace, patiently};
pub use plan::{Action, Permissions, Plan, Step, plan};
pub use reading::{Drivers, Reading, read, read_again};
pub use report::{Event, Outcome, Report, Told, Verb};
pub use scope::Scope;
pub use teardown::{DOWN, teardown};
pub use twins::Found;
