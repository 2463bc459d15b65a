//! The private zone and the listener's own certificate.

use config::Config;
use kinds::{
    Certificate, HostedZone, Vpc,
    certificate::CertificateSource,
    validation::{self, PublicZone},
};
use model::{Graph, Handle};

use crate::{Handles, Imports, TARGET};

pub(crate) fn define(config: &Config, own: &Handles, imports: &Imports, graph: &mut Graph) {
    let zone = HostedZone { name: config.domain.as_str().into(), vpc: own.vpc.get(Vpc::ID) };
    graph.define(TARGET, &own.zone, zone);
    let certificate = Certificate {
        domain: config.domain.as_str().into(),
        names: names(&imports.certificate, &config.domain),
        source: imports.certificate.clone(),
    };
    graph.define(TARGET, &own.certificate, certificate);
    validated(config, TARGET, &own.certificate, &imports.certificate, graph);
}

/// An imported certificate says itself what it covers.
pub(crate) fn names(source: &CertificateSource, domain: &str) -> Vec<model::DnsName> {
    match source {
        CertificateSource::Import { .. } => Vec::new(),
        CertificateSource::PrivateCa { .. } | CertificateSource::Request => vec![domain.into()],
    }
}

/// Adds the certificate's validation record to the public zone, if its source needs one.
pub(crate) fn validated(
    config: &Config,
    target: &str,
    of: &Handle<Certificate>,
    source: &CertificateSource,
    graph: &mut Graph,
) {
    let zone = config.public_zone.as_ref().map(|zone| PublicZone { id: &zone.id, account: config::PUBLIC_ZONE });
    validation::record(zone, target, of, source, graph);
}
