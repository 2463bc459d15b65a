//! ACM certificates (`acm:*Certificate`): requested, imported or issued by a private CA. Found by tag.

use model::{CertificateArn, CreateSafety, DnsName, Facts, Field, Kind, Output};
use serde::{Deserialize, Serialize};

/// Where it comes from.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum CertificateSource {
    /// PEM files; the fingerprint is the leaf's SHA-256 in lower-case hexadecimal and stands for all of them.
    Import { fingerprint: String, certificate: String, private_key: String, chain: Option<String> },
    /// Issued by the AWS Private CA with this ARN.
    PrivateCa { authority: String },
    /// Issued by ACM once the validation record is in the public zone.
    Request,
}

/// A certificate for a name.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Certificate {
    /// The common name, at most 64 characters.
    pub domain: DnsName,
    /// All names, `domain` among them, in ascending order. Empty for imported ones: their file says.
    pub names: Vec<DnsName>,
    pub source: CertificateSource,
}

impl Certificate {
    /// Known when ISSUED: neither a listener nor a domain takes it before.
    pub const ARN: Field<Self, CertificateArn> = Field::new("arn");
    /// The record that proves the name; of requested ones only, seconds after the request.
    pub const VALIDATION_NAME: Field<Self, DnsName> = Field::new("validation_name");
    pub const VALIDATION_VALUE: Field<Self, DnsName> = Field::new("validation_value");
}

impl Kind for Certificate {
    const FACTS: Facts = Facts {
        kind: "certificate",
        title: "certificate",
        replace_on: &["domain", "names"],
        create_first: true,
        outputs: &[Output::ready("arn"), Output::created("validation_name"), Output::created("validation_value")],
        typical_seconds: 180,
        deadline_seconds: 2700,
        ..Facts::of(CreateSafety::TagFirst)
    };
}
