//! Certificates: a source that may serve the place, and files that are there.

use super::{
    Setting,
    text::{Arn, is_account_id},
};
use crate::{Certificate, LOCAL, place::Place};

/// The largest key that ACM imports, in bytes.
const LARGEST_KEY: usize = 5 * 1024;

/// Top-level domains that no public zone can hold (RFC 2606, RFC 6762, ICANN's reservation of `internal`).
const NEVER_PUBLIC: [&str; 6] = ["example", "internal", "invalid", "local", "localhost", "test"];

/// Where a certificate is used.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Use {
    Listener,
    ApiDomain,
}

pub(super) fn certificate(at: &Place<'_>, certificate: Option<&Certificate>, used: Use, setting: &Setting<'_>) {
    match certificate {
        None if setting.is_local() => {}
        None => missing(at, setting),
        Some(Certificate::LocalCa) if !setting.is_local() => {
            let help = "nobody else trusts the local authority: use `request`, `import`, or `private-ca` for the hub";
            at.key("source").wrong(format!("`local-ca` serves `{LOCAL}` only, not `{}`", setting.environment), help);
        }
        Some(Certificate::LocalCa) => {}
        Some(Certificate::Request) => request(at, setting),
        Some(Certificate::PrivateCa { .. }) if used == Use::ApiDomain => {
            let help = "API Gateway takes no private certificate for a regional domain: use `request` or `import`";
            at.key("source").wrong("`private-ca` serves the hub's listener only", help);
        }
        Some(Certificate::PrivateCa { authority_arn }) => authority(&at.key("authority_arn"), authority_arn, setting),
        Some(Certificate::Import { certificate, private_key, chain }) => {
            let expect = |key: &str, path: &str, what| import(&at.key(key), path, what, setting);
            expect("certificate", certificate, Pem::Certificate);
            expect("private_key", private_key, Pem::Key);
            chain.iter().for_each(|chain| expect("chain", chain, Pem::Chain));
        }
    }
}

fn missing(at: &Place<'_>, setting: &Setting<'_>) {
    let environment = setting.environment;
    let help =
        format!("add `certificate = {{ source = \"request\" }}` or `import` under `[environments.{environment}]`");
    at.own().lacking(format!("`{}` has no certificate in `{environment}`", setting.target), help);
}

fn request(at: &Place<'_>, setting: &Setting<'_>) {
    let (environment, domain) = (setting.environment, &setting.settings.domain);
    if setting.settings.public_zone.is_none() {
        let help = format!("give `platform.toml` a table `[environments.{environment}.public_zone]`, or use `import`");
        at.key("source").lacking(format!("`request` needs a public zone, and `{environment}` has none"), help);
    }
    let top = domain.rsplit('.').next().unwrap_or_default();
    if NEVER_PUBLIC.contains(&top) && !setting.is_local() {
        let help = "choose a domain under one that you own, or use `import`";
        at.key("source").wrong(format!("`request` cannot validate `{domain}`: `.{top}` is never public"), help);
    }
}

fn authority(at: &Place<'_>, arn: &str, setting: &Setting<'_>) {
    let (partition, region) = (setting.partition(), setting.region());
    let fits = |arn: &Arn<'_>| {
        arn.partition == partition
            && arn.service == "acm-pca"
            && setting.is_in(arn.region)
            && is_account_id(arn.account)
            && arn.resource.strip_prefix("certificate-authority/").is_some_and(|id| !id.is_empty())
    };
    if !Arn::parse(arn).is_some_and(|arn| fits(&arn)) {
        let help = format!("write `arn:{partition}:acm-pca:{region}:<account>:certificate-authority/<id>`");
        at.wrong(format!("`{arn}` is not a private authority in {region}"), help);
    }
}

/// What a file to import must hold.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Pem {
    Certificate,
    Chain,
    Key,
}

fn import(at: &Place<'_>, path: &str, what: Pem, setting: &Setting<'_>) {
    let Some(text) = setting.text(at, path) else { return };
    if let Some((message, help)) = pem_flaw(&text, what) {
        at.wrong(format!("`{path}` {message}"), help);
    }
}

fn pem_flaw(text: &str, what: Pem) -> Option<(&'static str, &'static str)> {
    let certificates = text.matches("-----BEGIN CERTIFICATE-----").count();
    let key = text.contains("-----BEGIN ") && text.contains("PRIVATE KEY-----");
    let encrypted = text.contains("-----BEGIN ENCRYPTED") || text.contains("Proc-Type: 4,ENCRYPTED");
    match what {
        Pem::Key if encrypted => Some(("is an encrypted key", "ACM imports plain keys: `openssl pkey -in … -out …`")),
        Pem::Key if !key => Some(("is not a private key in PEM", "it starts with `-----BEGIN PRIVATE KEY-----`")),
        Pem::Key if text.len() > LARGEST_KEY => Some(("is larger than 5 KB", "use an RSA 2048 or EC P-256 key")),
        Pem::Key => None,
        _ if key => Some(("holds a private key", "name the key's file as `private_key`, and only there")),
        _ if certificates == 0 => Some(("is not a certificate in PEM", "it starts with `-----BEGIN CERTIFICATE-----`")),
        Pem::Certificate if certificates > 1 => {
            Some(("holds several certificates", "keep the first; name the others' file as `chain`"))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LEAF: &str = "-----BEGIN CERTIFICATE-----\nMII=\n-----END CERTIFICATE-----\n";
    const KEY: &str = "-----BEGIN PRIVATE KEY-----\nMII=\n-----END PRIVATE KEY-----\n";

    #[test]
    fn each_file_holds_what_it_should() {
        for (text, what) in [(LEAF, Pem::Certificate), (KEY, Pem::Key), (&*LEAF.repeat(2), Pem::Chain)] {
            assert_eq!(pem_flaw(text, what), None, "{text}");
        }
        let locked = KEY.replace("PRIVATE", "ENCRYPTED PRIVATE");
        let both = format!("{LEAF}{KEY}");
        for (text, what) in [
            (KEY, Pem::Certificate),
            (LEAF, Pem::Key),
            ("", Pem::Chain),
            (&*locked, Pem::Key),
            (&*both, Pem::Certificate),
            (&*LEAF.repeat(2), Pem::Certificate),
            (&*format!("{KEY}{}", "x".repeat(LARGEST_KEY)), Pem::Key),
        ] {
            assert!(pem_flaw(text, what).is_some(), "{text}");
        }
    }
}
