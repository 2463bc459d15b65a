//! PRIVATE REST APIs (`apigateway:* /restapis`). Found by tag; names may repeat.

use model::{ApiId, CreateSafety, Facts, Field, Kind, Output, Policy};
use serde::{Deserialize, Serialize};

/// A private API and who may call it. What it serves is its `ApiBody`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RestApi {
    pub name: String,
    pub description: String,
    /// Resources are written `execute-api:/*`; inert until the next deployment.
    pub policy: Policy,
}

impl RestApi {
    pub const ID: Field<Self, ApiId> = Field::new("id");
}

impl Kind for RestApi {
    const FACTS: Facts = Facts {
        kind: "rest-api",
        title: "REST API",
        outputs: &[Output::created("id")],
        typical_seconds: 3,
        ..Facts::of(CreateSafety::TagFirst)
    };
}
