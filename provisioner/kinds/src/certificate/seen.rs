//! Certificates as AWS reports them, in our words.

use aws_sdk_acm::types::{CertificateDetail, CertificateStatus, CertificateSummary};
use engine::State;
use model::{Address, DnsName, Outputs};
use serde_json::{Value, json};

use super::{Certificate, CertificateSource, NAMES, NOT_AFTER};
use crate::{
    Seen,
    aws::{normal::identity, outputs, pem::Leaf, route53},
};

pub(super) fn import_outputs(arn: String, leaf: &Leaf) -> Outputs {
    outputs([(Certificate::ARN.name, Value::from(arn)), (NAMES, json!(leaf.names)), (NOT_AFTER, json!(leaf.not_after))])
}

/// Name and files are as wanted: what AWS has of them is the fingerprint.
pub(super) fn of_import(
    address: Address,
    summary: &CertificateSummary,
    leaf: Leaf,
    want: Option<&Certificate>,
) -> Seen<Certificate> {
    let arn = summary.certificate_arn().unwrap_or_default();
    let outputs = import_outputs(arn.to_owned(), &leaf);
    let (domain, certificate, private_key, chain) = match want.map(|want| (&want.domain, &want.source)) {
        Some((domain, CertificateSource::Import { certificate, private_key, chain, .. })) => {
            (domain.clone(), certificate.clone(), private_key.clone(), chain.clone())
        }
        _ => (summary.domain_name().unwrap_or_default().into(), String::new(), String::new(), None),
    };
    let source = CertificateSource::Import { fingerprint: leaf.fingerprint, certificate, private_key, chain };
    let is_new_file = want.is_some_and(|want| want.source != source);
    Seen {
        address,
        spec: Certificate { domain, names: Vec::new(), source },
        outputs,
        // An expired one whose file is new is mended by the new file, under the same ARN.
        state: if is_new_file { State::Ready } else { state(summary.status.as_ref(), None) },
        identity: identity(summary.created_at(), arn),
    }
}

pub(super) fn of_request(
    address: Address,
    summary: &CertificateSummary,
    detail: &CertificateDetail,
    want: Option<&Certificate>,
) -> Seen<Certificate> {
    let domain = detail.domain_name().unwrap_or_default();
    let mut names: Vec<String> = detail.subject_alternative_names().to_vec();
    names.sort();
    let source = match detail.certificate_authority_arn() {
        Some(authority) => CertificateSource::PrivateCa { authority: authority.to_owned() },
        None => CertificateSource::Request,
    };
    // Another source cannot take its place: with other names, which cannot change either, it is replaced.
    let is_replaced = want.is_some_and(|want| want.source != source && !want.names.is_empty());
    let arn = summary.certificate_arn().unwrap_or_default();
    let told = request_outputs(arn, detail, &names);
    let names: Vec<DnsName> = names.into_iter().map(DnsName::from).filter(|_| !is_replaced).collect();
    let failure = detail.failure_reason.as_ref().map(|reason| reason.as_str());
    Seen {
        address,
        spec: Certificate { domain: domain.into(), names, source },
        outputs: told,
        state: state(detail.status.as_ref(), failure),
        identity: identity(detail.created_at(), arn),
    }
}

/// The ARN is withheld until AWS issued it: nobody takes it before.
fn request_outputs(arn: &str, detail: &CertificateDetail, names: &[String]) -> Outputs {
    let is_issued = detail.status == Some(CertificateStatus::Issued);
    let validation = detail.domain_validation_options().iter();
    let mut records =
        validation.filter(|option| option.domain_name == detail.domain_name.as_deref().unwrap_or_default());
    let record = records.find_map(|option| option.resource_record());
    let pairs = [
        (NAMES, Some(json!(names))),
        (Certificate::ARN.name, is_issued.then(|| json!(arn))),
        (NOT_AFTER, detail.not_after().filter(|_| is_issued).map(|time| json!(time.secs()))),
        (Certificate::VALIDATION_NAME.name, record.map(|record| json!(route53::name(&record.name)))),
        (Certificate::VALIDATION_VALUE.name, record.map(|record| json!(route53::name(&record.value)))),
    ];
    outputs(pairs.into_iter().filter_map(|(name, value)| Some((name, value?))))
}

fn state(status: Option<&CertificateStatus>, failure: Option<&str>) -> State {
    let word = status.map_or("unknown", CertificateStatus::as_str);
    match status {
        Some(CertificateStatus::Issued) => State::Ready,
        Some(CertificateStatus::PendingValidation) => State::Pending(word.to_owned()),
        _ => State::Broken(failure.map_or_else(|| word.to_owned(), |failure| format!("{word}: {failure}"))),
    }
}
