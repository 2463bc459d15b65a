//! `service.toml`: one service as a whole; its parts have files of their own.

use super::{
    Setting,
    account::target_account,
    certificate::{Use, certificate},
    function::functions,
    network::{Blocks, LONGEST, Subnets, VPC_RULE, network},
    openapi::openapi,
    route::routes,
    table::tables,
    text::{self, Arn, is_account_id},
};
use crate::{CONSUMER, LOCAL, PUBLIC_ZONE, Service, place::Place};

/// Names become parts of addresses, domains and AWS names; longer ones would leave no room for the rest.
const LONGEST_NAME: usize = 24;

/// Words with a meaning of their own where targets and accounts are named.
const RESERVED: [&str; 4] = [CONSUMER, PUBLIC_ZONE, "all", LOCAL];

/// A certificate's common name has at most 64 characters (RFC 5280, upper bounds).
const LONGEST_HOST: usize = 64;

pub(crate) fn service(at: &Place<'_>, service: &Service, setting: &Setting<'_>) {
    name(at, setting.target);
    host(at, setting.target, &setting.settings.domain);
    target_account(&at.key("account"), &service.account, setting);
    let private =
        Subnets { key: "private_cidrs", cidrs: &service.network.private_cidrs, longest: LONGEST, because: VPC_RULE };
    let blocks = Blocks { cidr: &service.network.cidr, zones: &service.network.zones, subnets: vec![private] };
    network(&at.key("network"), &blocks, setting);
    certificate(&at.key("certificate"), service.certificate.as_ref(), Use::ApiDomain, setting);
    if let Some(arn) = &service.hub_secret_arn {
        hub_secret(&at.key("hub_secret_arn"), arn, setting);
    }
    tables(&at.key("tables"), &service.tables);
    functions(at, service, setting);
    routes(&at.key("routes"), service);
    if let Some(document) = service.openapi.as_ref().filter(|_| at.key("routes").is_sound()) {
        openapi(&at.key("openapi"), document, service, setting);
    }
}

fn name(at: &Place<'_>, name: &str) {
    let message = format!("a service cannot be called `{name}`");
    if RESERVED.contains(&name) {
        at.wrong_file(message, "rename the folder: the platform uses this word itself");
    } else if !text::is_name(name, LONGEST_NAME) {
        at.wrong_file(message, format!("rename the folder: {}", text::name_rule(LONGEST_NAME)));
    }
}

fn host(at: &Place<'_>, name: &str, domain: &str) {
    let host = format!("{name}.{domain}");
    // A domain that is too long for the hub was reported where it is written.
    let domain_fits = domain.len() + "*.".len() <= LONGEST_HOST;
    if domain_fits && host.len() > LONGEST_HOST {
        let help = format!("a certificate names at most {LONGEST_HOST}: shorten the folder's name or the domain");
        at.wrong_file(format!("`{host}` has {} characters", host.len()), help);
    }
}

/// The full ARN, with the six characters that Secrets Manager adds: a name resolves only in one's own account.
fn hub_secret(at: &Place<'_>, arn: &str, setting: &Setting<'_>) {
    let (partition, region) = (setting.partition(), setting.region());
    let named = |name: &str| {
        let tail = name.rsplit_once('-').map(|(_, tail)| tail).unwrap_or_default();
        tail.len() == 6 && tail.bytes().all(|b| b.is_ascii_alphanumeric())
    };
    let fits = |arn: &Arn<'_>| {
        arn.partition == partition
            && arn.service == "secretsmanager"
            && setting.is_in(arn.region)
            && is_account_id(arn.account)
            && arn.resource.strip_prefix("secret:").is_some_and(named)
    };
    if !Arn::parse(arn).is_some_and(|arn| fits(&arn)) {
        let arn_form = format!("arn:{partition}:secretsmanager:{region}:<account>:secret:<name>-<6 characters>");
        let help = format!("as `outputs consumer` shows it: `{arn_form}`");
        at.wrong(format!("`{arn}` is not a secret in {region}"), help);
    }
}
