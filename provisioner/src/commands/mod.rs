//! One file per command: accept, call, print.

pub(crate) mod change;
pub(crate) mod down;
pub(crate) mod history;
pub(crate) mod lease;
pub(crate) mod local;
pub(crate) mod outputs;
pub(crate) mod status;
pub(crate) mod targets;
pub(crate) mod trace;
pub(crate) mod validate;
