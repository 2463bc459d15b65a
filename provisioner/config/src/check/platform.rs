//! `platform.toml`: environments that can stand side by side.

use std::collections::BTreeMap;

use super::{account::account, text};
use crate::{Environment, LOCAL, Lease, Limit, Platform, config::partition, place::Place, words};

/// 50 tags on an object, less the platform's own and some room for what AWS services add.
const MOST_TAGS: usize = 40;

/// Environments are part of every name, which AWS cuts at 32 characters at the shortest.
const LONGEST_ENVIRONMENT: usize = 12;

/// A certificate's common name has at most 64 characters (RFC 5280, upper bounds); the hub's is `*.<domain>`.
const LONGEST_DOMAIN: usize = 62;

/// Names that start with these are AWS's own: of balancers (`internal-`), security groups (`sg-`) and buckets (the others).
const RESERVED: [&str; 5] = ["amzn-s3-demo", "internal", "sg", "sthree", "xn-"];

pub(crate) fn platform(at: &Place<'_>, platform: &Platform) {
    let name = &platform.name;
    let is_reserved = |word: &&&str| name == **word || name.starts_with(&format!("{word}-"));
    if let Some(word) = RESERVED.iter().find(is_reserved) {
        let help = format!("another name: AWS refuses balancers, security groups or buckets called `{word}-…`");
        at.key("name").wrong(format!("`{name}` cannot name a platform"), help);
    }
    let environments = at.key("environments");
    for (name, environment) in &platform.environments {
        text::name(&environments.key(name), "an environment", name, LONGEST_ENVIRONMENT);
        self::environment(&environments.key(name), name, environment);
    }
    default_environment(at, platform);
    shared_domains(&environments, &platform.environments);
}

fn environment(at: &Place<'_>, name: &str, environment: &Environment) {
    domain(&at.key("domain"), &environment.domain);
    tags(&at.key("tags"), &environment.tags);
    for (operation, limit) in &environment.rates {
        rate(&at.key("rates").key(operation), operation, *limit);
    }
    lease(&at.key("lease"), &environment.lease);
    if let Some(zone) = &environment.public_zone {
        let at = at.key("public_zone").key("account");
        account(&at, &zone.account, partition(&environment.region));
        if zone.account.id.is_none() && name != LOCAL {
            at.key("id").wrong("the public zone's account has no `id`", "add the twelve digits: `id = \"…\"`");
        }
    }
    if name == LOCAL && environment.protected == Some(true) {
        at.key("protected").wrong("`local` cannot be protected", "it is built anew at any time: remove the line");
    }
}

fn domain(at: &Place<'_>, domain: &str) {
    if let Some(help) = text::domain_flaw(domain) {
        at.wrong(format!("`{domain}` is not a domain"), help);
    } else if domain.len() > LONGEST_DOMAIN {
        let help = format!("at most {LONGEST_DOMAIN}: a certificate names `*.{domain}` in 64 characters");
        at.wrong(format!("`{domain}` has {} characters", domain.len()), help);
    }
}

/// A call is only sent while the lease outlasts it, so a lease must outlast a call and the time until it is renewed.
fn lease(at: &Place<'_>, lease: &Lease) {
    let Lease { duration_seconds: duration, call_timeout_seconds: call, .. } = lease;
    if *duration < 2 * call {
        let message = format!("a lease of {duration} s does not outlast calls of up to {call} s");
        at.key("duration_seconds").wrong(message, format!("{} or more: twice `call_timeout_seconds`", 2 * call));
    }
}

fn tags(at: &Place<'_>, tags: &BTreeMap<String, String>) {
    if tags.len() > MOST_TAGS {
        let message = format!("{} tags, but an object takes {MOST_TAGS} beside the platform's own", tags.len());
        at.wrong(message, "remove some");
    }
    for (key, value) in tags {
        tag_key(&at.key(key), key);
        if value.is_empty() || value.len() > 256 || !text::is_tag_text(value) {
            let help = "1 to 256 letters, digits and `+-=._:/`: API Gateway takes no others";
            at.key(key).wrong(format!("`{value}` cannot be a tag's value"), help);
        }
    }
}

fn tag_key(at: &Place<'_>, key: &str) {
    let lower = key.to_ascii_lowercase();
    let help = if lower.starts_with("aws:") {
        "AWS keeps the prefix `aws:` to itself"
    } else if lower.starts_with("provisioner:") || key == "Name" {
        "the platform writes this tag itself; choose another key"
    } else if key.is_empty() || key.len() > 128 || !text::is_tag_text(key) {
        "1 to 128 letters, digits and `+-=._:/`: API Gateway takes no others"
    } else {
        return;
    };
    at.wrong_key(format!("`{key}` cannot be a tag's key"), help);
}

fn rate(at: &Place<'_>, operation: &str, limit: Limit) {
    if !is_operation(operation) {
        let help = "a service and one of its calls as in an IAM policy, such as `apigateway:CreateDomainName`, or \
                    `apigateway:*` for all of them together";
        at.wrong_key(format!("`{operation}` is not an AWS call"), help);
    }
    if limit.per_second.is_some() == limit.every_seconds.is_some() {
        at.wrong(
            format!("`{operation}` has {} rates", if limit.per_second.is_some() { "two" } else { "no" }),
            "give either `per_second` or `every_seconds`",
        );
    }
}

fn is_operation(text: &str) -> bool {
    let Some((service, call)) = text.split_once(':') else { return false };
    let is_call = call.starts_with(|c: char| c.is_ascii_uppercase()) && call.bytes().all(|b| b.is_ascii_alphanumeric());
    let is_service = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-';
    !service.is_empty() && service.bytes().all(is_service) && (call == "*" || is_call)
}

fn default_environment(at: &Place<'_>, platform: &Platform) {
    let Some(name) = &platform.default_environment else { return };
    let at = at.key("default_environment");
    match platform.environments.get(name) {
        None => {
            let known = platform.environments.keys().map(String::as_str);
            at.wrong(format!("there is no environment `{name}`"), words::did_you_mean(name, known, "there are"));
        }
        Some(environment) if environment.protected == Some(true) => {
            let help = "choose one that may be changed by accident, such as `local`; name this one with `--env`";
            at.wrong(format!("`{name}` is protected and cannot be the default"), help);
        }
        Some(_) => {}
    }
}

fn shared_domains(at: &Place<'_>, environments: &BTreeMap<String, Environment>) {
    let mut first = BTreeMap::new();
    // The built-in environment comes first: its domain may be written nowhere, so the other one is pointed at.
    let (local, others): (Vec<_>, Vec<_>) = environments.iter().partition(|(name, _)| *name == LOCAL);
    for (name, environment) in local.into_iter().chain(others) {
        let Environment { region, domain, .. } = environment;
        if let Some(other) = first.insert((region, domain), name) {
            let message = format!("`{other}` and `{name}` share the domain `{domain}` in {region}");
            let help = "give each its own: regional domain names are unique in a Region over all of AWS";
            at.key(name).key("domain").clash(message, &at.key(other).key("domain"), "also here", help);
        }
    }
}
