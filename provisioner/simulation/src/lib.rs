//! How a platform of any size fares, in simulated AWS time: the real blueprints and the real engine, on a virtual clock, before
//! an AWS that takes as long as AWS does and refuses what it refuses.
//!
//! `size.rs` makes the graphs, `aws.rs` and `driver.rs` are AWS, `measure.rs` runs a size; `cargo simulate` writes the table
//! in `docs/performance.md`. No AWS SDK, and nothing sleeps.

mod aws;
mod driver;
mod limits;
pub mod measure;
mod reads;
pub mod size;
pub mod table;

pub use aws::Aws;
