//! API Gateway's account-wide log role (`apigateway:UpdateAccount`): one per account and Region, never deleted.

use model::{CreateSafety, Facts, Input, Kind, RoleArn};
use serde::{Deserialize, Serialize};

/// Set only if unset or ours: a role that somebody else set serves as well and is left alone.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ApiAccount {
    pub role: Input<RoleArn>,
}

impl Kind for ApiAccount {
    const FACTS: Facts = Facts {
        kind: "api-account",
        title: "API Gateway account settings",
        located_by: &["role"],
        typical_seconds: 10,
        ..Facts::of(CreateSafety::Relation)
    };
}
