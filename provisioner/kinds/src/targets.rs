//! The targets of a group (`elasticloadbalancing:RegisterTargets`). Found at the group; the whole list is one object.

use model::{CreateSafety, Facts, Input, Ip, Kind, TargetGroupArn};
use serde::{Deserialize, Serialize};

/// Exactly these addresses, on the group's port. Ready when every one of them is healthy.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Targets {
    pub target_group: Input<TargetGroupArn>,
    /// In ascending order.
    pub addresses: Vec<Input<Ip>>,
}

impl Kind for Targets {
    const FACTS: Facts = Facts {
        kind: "targets",
        title: "targets",
        located_by: &["target_group"],
        replace_on: &["target_group"],
        create_first: true,
        typical_seconds: 40,
        deadline_seconds: 600,
        ..Facts::of(CreateSafety::Relation)
    };
}
