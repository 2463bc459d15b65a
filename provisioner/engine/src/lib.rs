//! Plans the difference between what is wanted and what AWS reports, and makes it go away.
//!
//! No AWS SDK and no kind by name: the engine sees [`Driver`]s. Read `driver.rs`, then `reading.rs`, `plan.rs`, `execute.rs`.

mod diff;
mod driver;
mod execute;
mod jobs;
mod plan;
mod reading;
mod report;
mod teardown;
mod twins;
mod work;

pub use driver::{CallError, Change, Class, Driver, Made, Seen, State, Wanted};
pub use execute::{Pace, Stop, execute};
pub use plan::{Action, Permissions, Plan, Step, plan};
pub use reading::{Drivers, Reading, Scope, read};
pub use report::{Event, Outcome, Report, Verb};
pub use teardown::teardown;
