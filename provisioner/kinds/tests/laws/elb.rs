//! Laws of load balancing, names and certificates.

mod balancing;
mod certificates;
mod hub;
mod names;
mod rules;
