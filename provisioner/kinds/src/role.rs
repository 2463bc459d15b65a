//! IAM roles (`iam:*Role*`), with one inline policy named `access`. Found by name, confirmed by tags.

use model::{Arn, CreateSafety, Facts, Field, Kind, Output, Policy, RoleArn};
use serde::{Deserialize, Serialize};

/// A role that one AWS service assumes. Never replaced in place: policies elsewhere would name the dead one.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Role {
    /// At most 64 of `[\w+=,.@-]`.
    pub name: String,
    pub description: String,
    /// Who may assume it.
    pub trust: Policy,
    /// What it may do; no statements, no inline policy.
    pub policy: Policy,
    /// Managed policies attached, ascending.
    pub managed: Vec<Arn>,
}

impl Role {
    pub const ARN: Field<Self, RoleArn> = Field::new("arn");
}

impl Kind for Role {
    const FACTS: Facts = Facts {
        kind: "role",
        title: "role",
        replace_on: &["name"],
        outputs: &[Output::ready("arn")],
        typical_seconds: 2,
        ..Facts::of(CreateSafety::Named)
    };
}
