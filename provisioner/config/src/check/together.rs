//! What only shows when all services are seen at once.

use std::collections::BTreeMap;

use super::function::TAKEN;
use crate::{
    Config, Service,
    diagnostic::{Diagnostic, Problems},
    files,
};

/// 25 certificates for an Application Load Balancer, one of them the listener's default; rules (100) run out later.
const MOST_SERVICES: usize = 24;

pub(crate) fn together(config: &Config, problems: &Problems) {
    quota(config.services.len(), problems);
    names(config, problems);
}

fn quota(services: usize, problems: &Problems) {
    if services > MOST_SERVICES {
        let message = format!("{services} services, but one hub serves at most {MOST_SERVICES}");
        let help = "its balancer takes 25 certificates, one of them its own: move services to another platform";
        problems.add(Diagnostic::of_file(files::SERVICES, message, help));
    }
}

/// Names are joined with hyphens, so `food` with `a-b` and `food-a` with `b` would meet in a shared account.
fn names(config: &Config, problems: &Problems) {
    let mut first = BTreeMap::new();
    for (service, settings) in &config.services {
        for (what, name) in named(settings) {
            let joined = format!("{service}-{name}");
            let other = first.insert((config.account_id(service), what, joined.clone()), service);
            if let Some(other) = other.filter(|other| *other != service) {
                let message = format!("a {what} of `{service}` and one of `{other}` are both called `{joined}`");
                let help =
                    "the two services share an account: rename one of the two, or give the services an account each";
                problems.add(Diagnostic::of_file(&files::service_file(service), message, help));
            }
        }
    }
}

/// Everything whose name starts with the service's and ends in a word of the user's, or could look as if it did.
fn named(service: &Service) -> impl Iterator<Item = (&'static str, &str)> {
    let functions = service.functions.keys().map(String::as_str).chain(TAKEN);
    functions.map(|name| ("function", name)).chain(service.tables.keys().map(|name| ("table", name.as_str())))
}
