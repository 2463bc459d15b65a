//! The platform on one machine: what stands in for AWS when the environment is `local`.
//!
//! | Module | Stands in for |
//! |---|---|
//! | [`emulator`] | the AWS API (the moto server, run in the background) |
//! | [`authority`] | the certificate authority whose certificates are imported |
//! | [`artifacts`] | the code store of Lambda |
//! | [`runtime`] | Lambda itself: processes that speak the Runtime API |
//! | [`event`] | API Gateway's translation between HTTP and Lambda events |
//! | [`door`] | the load balancer's HTTPS listener |
//! | [`daemon`] | nothing in AWS: background processes, found again by later commands |
//! | [`venv`] | nothing in AWS: what is written in Python, installed |
//!
//! Nothing here knows what is provisioned: the door asks a [`door::Platform`], which its user implements. There is no AWS
//! SDK in this crate, and everything listens on the loopback address only. All files live under one state folder.

pub mod artifacts;
pub mod authority;
pub mod daemon;
pub mod door;
pub mod emulator;
mod error;
pub mod event;
pub mod files;
mod ids;
pub mod runtime;
pub mod venv;

pub use error::LocalError;
