//! Security groups (`ec2:*SecurityGroup`). Found by tag; the name is unique per VPC as well.

use model::{CreateSafety, Facts, Field, Input, Kind, Output, SecurityGroupId, VpcId};
use serde::{Deserialize, Serialize};

/// A group without rules; each rule is an object of its own, so that two groups may name each other.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SecurityGroup {
    pub vpc: Input<VpcId>,
    /// At most 255 characters, not starting with `sg-`.
    pub name: String,
    /// At most 255 of `a-zA-Z0-9. _-:/()#,@[]+=&;{}!$*`; cannot change.
    pub description: String,
    /// Rules that nobody declared, AWS's own allow-all egress among them, as `<direction> <protocol> <ports> <peer>`;
    /// always wanted empty.
    pub unexpected_rules: Vec<String>,
}

impl SecurityGroup {
    pub const ID: Field<Self, SecurityGroupId> = Field::new("id");
}

impl Kind for SecurityGroup {
    const FACTS: Facts = Facts {
        kind: "security-group",
        title: "security group",
        replace_on: &["description", "name", "vpc"],
        outputs: &[Output::created("id")],
        ..Facts::of(CreateSafety::Named)
    };
}
