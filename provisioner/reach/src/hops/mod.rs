//! The way of a request, one file per stretch.

mod api;
mod balancer;
mod certificate;
mod data;
mod endpoint;
mod function;
mod record;
mod rule;
mod stage;
mod targets;

use crate::{
    trace::Outcome,
    walk::{Next, Walk},
};

/// From the name to the table.
///
/// What is broken behind the function does not keep the request from it: it is reported, and the function is reached.
pub(crate) fn follow(walk: &mut Walk<'_>) -> Next<Outcome> {
    let balancer = record::follow(walk)?;
    balancer::let_in(walk, balancer)?;
    let listener = balancer::listener(walk, balancer)?;
    certificate::follow(walk, listener)?;
    let group = rule::follow(walk, listener)?;
    let entrance = targets::follow(walk, balancer, group)?;
    let aim = endpoint::follow(walk, entrance)?;
    let served = stage::follow(walk, &aim)?;
    let call = api::follow(walk, entrance, &aim, &served)?;
    let destination = function::follow(walk, entrance, &aim, &served, &call)?;
    Ok(Outcome::Reaches(Box::new(destination)))
}

/// From the name to the certificate: its ARN.
pub(crate) fn greet<'a>(walk: &mut Walk<'a>) -> Next<&'a str> {
    let balancer = record::follow(walk)?;
    balancer::let_in(walk, balancer)?;
    let listener = balancer::listener(walk, balancer)?;
    certificate::follow(walk, listener)
}
