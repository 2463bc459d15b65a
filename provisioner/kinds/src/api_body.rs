//! What a REST API serves (`apigateway:PutRestApi`): put as one OpenAPI document, read back as routes.

use model::{AliasArn, ApiId, ApiRevision, CreateSafety, Facts, Field, Input, Kind, Output, Policy};
use serde::{Deserialize, Serialize};

/// One method, handed to one function as a proxy event. The call to Lambda is always a POST.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ApiRoute {
    /// Upper case.
    pub method: String,
    /// Such as `/orders/{orderId}`.
    pub path: String,
    pub function: Input<AliasArn>,
    /// The function's own limit; the gateway waits no longer.
    pub timeout_seconds: u32,
    /// Method with which the gateway calls Lambda: always `POST`, whatever the client's.
    pub integration_method: String,
    /// The gateway refuses requests without the declared parameters and body.
    pub validated: bool,
}

/// All routes, replaced together.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ApiBody {
    pub api: Input<ApiId>,
    /// The document's title renames the API, so it is the API's name.
    pub title: String,
    /// The API's description again: a put document without it would wipe it.
    pub description: String,
    /// In order of path, then method.
    pub routes: Vec<ApiRoute>,
    /// The API's policy again: a put document without it would wipe it.
    pub policy: Policy,
}

impl ApiBody {
    /// Changes with the routes and with the policy: exactly when a new deployment is due.
    pub const REVISION: Field<Self, ApiRevision> = Field::new("revision");
}

impl Kind for ApiBody {
    const FACTS: Facts = Facts {
        kind: "api-body",
        title: "API body",
        located_by: &["api"],
        replace_on: &["api"],
        outputs: &[Output::changing("revision")],
        ..Facts::of(CreateSafety::Relation)
    };
}
