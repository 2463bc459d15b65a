//! Invoke permissions of an alias (`lambda:AddPermission`). Found in the alias's policy, by statement id.

use model::{AliasArn, Arn, CreateSafety, Facts, Input, Kind};
use serde::{Deserialize, Serialize};

/// Lets API Gateway call an alias for one method and path.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FunctionPermission {
    pub alias: Input<AliasArn>,
    /// At most 100 of `[A-Za-z0-9-_]`.
    pub statement_id: String,
    /// Such as `arn:aws:execute-api:<region>:<account>:<api>/*/GET/orders/*`.
    pub source: Input<Arn>,
}

impl Kind for FunctionPermission {
    const FACTS: Facts = Facts {
        kind: "function-permission",
        title: "function permission",
        located_by: &["alias"],
        replace_on: &["alias", "source", "statement_id"],
        ..Facts::of(CreateSafety::Relation)
    };
}
