//! API deployments (`apigateway:CreateDeployment`). The description holds the revision that was deployed.

use model::{ApiId, ApiRevision, CreateSafety, DeploymentId, Facts, Field, Input, Kind, Output};
use serde::{Deserialize, Serialize};

/// A snapshot of an API, as one revision of its body and policy had it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ApiDeployment {
    pub api: Input<ApiId>,
    pub revision: Input<ApiRevision>,
}

impl ApiDeployment {
    pub const ID: Field<Self, DeploymentId> = Field::new("id");
}

impl Kind for ApiDeployment {
    const FACTS: Facts = Facts {
        kind: "api-deployment",
        title: "API deployment",
        located_by: &["api"],
        replace_on: &["api", "revision"],
        create_first: true,
        outputs: &[Output::created("id")],
        typical_seconds: 5,
        ..Facts::of(CreateSafety::Revision)
    };
}
