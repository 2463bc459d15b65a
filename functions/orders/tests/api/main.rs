//! The three functions against a DynamoDB emulator, called with proxy events as a private REST API sends them.

mod busy;
mod contract;
mod create;
mod events;
mod get;
mod list;
mod outage;
mod support;
mod traces;
