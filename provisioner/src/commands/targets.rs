//! `targets`: what can be named on the command line. Makes no call.

use crate::{
    cli::Global,
    environment::Surroundings,
    failure::{Exit, Failure},
    report::Printer,
    session,
};
use serde::Serialize;

/// One target, for people and for pipelines.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Target {
    pub target: String,
    pub account: String,
    pub region: String,
    /// What it answers to: the hub's zone, or the service's host.
    pub domain: String,
}

pub(crate) fn targets(global: &Global, surroundings: &Surroundings) -> Result<Exit, Failure> {
    let config = session::configuration(global)?;
    let one = |target: &str, domain: String| Target {
        target: target.to_owned(),
        account: config.account_id(target).to_string(),
        region: config.region.clone(),
        domain,
    };
    let services = config.services.keys().map(|name| one(name, config.host(name)));
    let targets: Vec<Target> = [one(config::CONSUMER, config.domain.clone())].into_iter().chain(services).collect();
    Printer::new(global, surroundings).targets(&targets);
    Ok(Exit::Good)
}
