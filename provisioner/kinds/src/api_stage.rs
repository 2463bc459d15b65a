//! API stages (`apigateway:*Stage`). Unique by API and name, confirmed by tags.

use model::{ApiId, CreateSafety, DeploymentId, Facts, Field, Input, Kind, LogGroupArn, Output, StageName};
use serde::{Deserialize, Serialize};

/// A name under which one deployment is served.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ApiStage {
    pub api: Input<ApiId>,
    pub name: StageName,
    pub deployment: Input<DeploymentId>,
    /// Where access logs go, one JSON line a request; needs the account's log role.
    pub access_log: Input<LogGroupArn>,
    /// `$context` variables in JSON.
    pub access_log_format: String,
    /// Requests per second, steady.
    pub throttling_rate: u32,
    /// Requests at once.
    pub throttling_burst: u32,
    /// X-Ray.
    pub tracing: bool,
    pub metrics: bool,
}

impl ApiStage {
    pub const NAME: Field<Self, StageName> = Field::new("name");
}

impl Kind for ApiStage {
    const FACTS: Facts = Facts {
        kind: "api-stage",
        title: "API stage",
        located_by: &["api"],
        replace_on: &["api", "name"],
        outputs: &[Output::created("name")],
        ..Facts::of(CreateSafety::Named)
    };
}
