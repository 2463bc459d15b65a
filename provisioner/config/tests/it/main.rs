//! The crate from outside: files in, a configuration or every mistake out.

mod fixture;
mod hub;
mod load;
mod openapi;
mod platform;
mod random;
mod rendered;
mod schemas;
mod service;
