//! What only shows when all services are seen at once.

use std::collections::BTreeMap;

use super::function::TAKEN;
use crate::{
    Certificate, Config, Service,
    diagnostic::{Diagnostic, Problems},
    files,
};

/// An Application Load Balancer takes 25 certificates, one of them the listener's default.
const MOST_CERTIFICATES: usize = 24;
/// It takes 100 rules, one of them the hub's own.
const MOST_RULES: usize = 99;

pub(crate) fn together(config: &Config, problems: &Problems) {
    quota(config, problems);
    names(config, problems);
}

fn quota(config: &Config, problems: &Problems) {
    let (most, help) = match config.hub.certificate {
        Some(Certificate::Import { .. }) => {
            (MOST_RULES, "its balancer takes 100 rules, one of them its own: move services to another platform")
        }
        _ => (
            MOST_CERTIFICATES,
            "its balancer takes 25 certificates, one of them its own: import one that covers all services, or move services \
             to another platform",
        ),
    };
    let services = config.services.len();
    if services > most {
        let message = format!("{services} services, but one hub serves at most {most}");
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
