//! Further certificates of a listener (`elasticloadbalancing:*ListenerCertificates`), chosen by SNI. Not taggable.

use model::{CertificateArn, CreateSafety, Facts, Input, Kind, ListenerArn};
use serde::{Deserialize, Serialize};

/// Adds one certificate to a listener.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ListenerCertificate {
    pub listener: Input<ListenerArn>,
    pub certificate: Input<CertificateArn>,
}

impl Kind for ListenerCertificate {
    const FACTS: Facts = Facts {
        kind: "listener-certificate",
        title: "listener certificate",
        located_by: &["certificate", "listener"],
        replace_on: &["certificate", "listener"],
        create_first: true,
        ..Facts::of(CreateSafety::Relation)
    };
}
