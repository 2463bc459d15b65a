//! HTTPS listeners (`elasticloadbalancing:*Listener`). Found at the load balancer, by port; confirmed by tags.

use model::{CertificateArn, CreateSafety, Facts, Field, Input, Kind, ListenerArn, LoadBalancerArn, Output};
use serde::{Deserialize, Serialize};

/// Takes HTTPS and answers 404 unless a rule says otherwise.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Listener {
    pub load_balancer: Input<LoadBalancerArn>,
    pub port: u16,
    /// Such as `ELBSecurityPolicy-TLS13-1-2-2021-06`.
    pub tls_policy: String,
    /// The one shown to clients that ask for no name, or for one without a certificate of its own.
    pub certificate: Input<CertificateArn>,
    /// The fixed answer for requests that no rule matches.
    pub default_status: u16,
}

impl Listener {
    pub const ARN: Field<Self, ListenerArn> = Field::new("arn");
}

impl Kind for Listener {
    const FACTS: Facts = Facts {
        kind: "listener",
        title: "listener",
        located_by: &["load_balancer"],
        replace_on: &["load_balancer"],
        outputs: &[Output::created("arn")],
        ..Facts::of(CreateSafety::Named)
    };
}
