//! Settings from the environment, read once at the start.

use std::str::FromStr;

/// A setting that keeps the function from starting.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    #[error("environment variable `{0}` is not set")]
    Missing(&'static str),
    #[error("environment variable `{name}` is `{value}`, expected {expected}")]
    Wrong { name: &'static str, value: String, expected: &'static str },
}

/// The variable's value; an empty one counts as missing.
#[must_use]
pub fn optional(name: &'static str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.is_empty())
}

/// The variable's value.
///
/// # Errors
/// [`ConfigError::Missing`] when it is not set or empty.
pub fn required(name: &'static str) -> Result<String, ConfigError> {
    optional(name).ok_or(ConfigError::Missing(name))
}

/// The variable's value as a `T`, or `default` when it is not set; `expected` says in words what it may be.
///
/// # Errors
/// [`ConfigError::Wrong`] when it is set to something else.
pub fn parsed<T: FromStr>(name: &'static str, default: T, expected: &'static str) -> Result<T, ConfigError> {
    let Some(value) = optional(name) else { return Ok(default) };
    value.parse().map_err(|_| ConfigError::Wrong { name, value, expected })
}
