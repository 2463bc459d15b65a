//! Plans the difference between what is wanted and what AWS reports, and makes it go away.
//!
//! No AWS SDK and no kind by name: the engine sees [`Driver`]s. Read `driver.rs`, then `plan.rs`, then `execute.rs`.

mod driver;

pub use driver::{CallError, Change, Class, Driver, Made, Seen, State, Wanted};
