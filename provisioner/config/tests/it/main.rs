//! The crate from outside: files in, a configuration or every mistake out.

mod fixture;
mod hub;
mod load;
mod platform;
mod random;
mod rendered;
mod schemas;
mod service;
