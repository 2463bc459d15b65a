//! The hub's secret, seen from a service's account (`secretsmanager:GetSecretValue`): read, never made.
//!
//! Reading it proves that both policies and the key let this account in.

use model::{CreateSafety, Facts, Field, Input, Kind, Output, SecretArn, VpcEndpointId};
use serde::{Deserialize, Serialize};

/// Another account's secret, by its whole ARN.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SharedSecret {
    pub arn: Input<SecretArn>,
}

impl SharedSecret {
    /// The `vpc_endpoint_id` of the secret's JSON value.
    pub const ENDPOINT: Field<Self, VpcEndpointId> = Field::new("vpc_endpoint_id");
}

impl Kind for SharedSecret {
    const FACTS: Facts = Facts {
        kind: "shared-secret",
        title: "shared secret",
        located_by: &["arn"],
        outputs: &[Output::created("vpc_endpoint_id")],
        deadline_seconds: 120,
        ..Facts::of(CreateSafety::External)
    };
}
