//! The record in a public zone that proves a requested certificate's name to ACM; it stays for the renewals.

use model::{Graph, Handle};

use crate::{Certificate, RecordSet, certificate::CertificateSource, record_set::RecordTarget};

/// Where records for ACM go.
#[derive(Clone, Copy, Debug)]
pub struct PublicZone<'a> {
    pub id: &'a str,
    /// The alias of the account that holds it.
    pub account: &'a str,
}

/// Adds the certificate's validation record, if its source needs one.
pub fn record(
    zone: Option<PublicZone<'_>>,
    target: &str,
    of: &Handle<Certificate>,
    source: &CertificateSource,
    graph: &mut Graph,
) {
    let (CertificateSource::Request, Some(zone)) = (source, zone) else { return };
    let record = RecordSet {
        zone: zone.id.into(),
        name: of.get(Certificate::VALIDATION_NAME),
        target: RecordTarget::Cname(of.get(Certificate::VALIDATION_VALUE)),
    };
    graph.add(zone.account, target, &format!("validate-{}", of.address.name()), record);
}
