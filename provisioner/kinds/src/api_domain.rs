//! REGIONAL custom domain names (`apigateway:* /domainnames`). Unique per Region over all of AWS; confirmed by tags.

use model::{CertificateArn, CreateSafety, DomainName, Facts, Field, Input, Kind, Output};
use serde::{Deserialize, Serialize};

/// The name by which the execute-api endpoint finds the API. Always TLS 1.2 or later.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ApiDomain {
    pub name: DomainName,
    /// In the same account and Region, ISSUED.
    pub certificate: Input<CertificateArn>,
}

impl ApiDomain {
    /// Known when AVAILABLE: a mapping needs that.
    pub const NAME: Field<Self, DomainName> = Field::new("name");
}

impl Kind for ApiDomain {
    const FACTS: Facts = Facts {
        kind: "api-domain",
        title: "custom domain name",
        replace_on: &["name"],
        outputs: &[Output::ready("name")],
        typical_seconds: 60,
        deadline_seconds: 900,
        ..Facts::of(CreateSafety::Named)
    };
}
