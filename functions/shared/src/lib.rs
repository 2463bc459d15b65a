//! What every function shares: the front door from an API Gateway event to an answer, problem details, strict JSON,
//! the log line, and a DynamoDB client that starts fast.
//!
//! It knows nothing of orders. Read [`serve`] first: it is the whole life of a request.

pub mod check;
pub mod config;
pub mod dynamodb;
pub mod json;
pub mod log;
pub mod openapi;
pub mod problem;
pub mod request;
pub mod serve;
pub mod trust;
pub mod xray;

pub use problem::{Mistake, Problem, Where};
pub use request::Request;
pub use serve::{Route, answer, serve};

/// What a handler answers; the front door adds the request's id.
pub type Reply = lambda_http::Response<String>;
