//! Lambda functions (`lambda:*Function*`) on `provided.al2023`. Found by name, confirmed by tags.

use std::collections::BTreeMap;

use model::{
    CreateSafety, Facts, Field, FunctionArn, FunctionName, FunctionRevision, Input, KeyArn, Kind, Output, PlainText, RoleArn,
    SecurityGroupId, SubnetId,
};
use serde::{Deserialize, Serialize};

/// The zip that is shipped.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Code {
    /// Base64 of the zip's SHA-256, as AWS reports it.
    pub sha256: String,
    /// Where the zip lies on this machine. AWS does not report it: a read repeats what was asked for.
    pub zip: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Architecture {
    #[serde(rename = "arm64")]
    Arm64,
    #[serde(rename = "x86_64")]
    X86_64,
}

/// A function in private subnets, traced with X-Ray.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Function {
    /// At most 64 of `[A-Za-z0-9-_]`.
    pub name: FunctionName,
    pub description: String,
    pub role: Input<RoleArn>,
    pub code: Code,
    pub architecture: Architecture,
    pub memory_mb: u32,
    pub timeout_seconds: u32,
    pub environment: BTreeMap<String, Input<PlainText>>,
    /// Encrypts the environment.
    pub key: Input<KeyArn>,
    pub subnets: Vec<Input<SubnetId>>,
    pub security_groups: Vec<Input<SecurityGroupId>>,
    /// X-Ray tracing `Active`.
    pub tracing: bool,
}

impl Function {
    pub const ARN: Field<Self, FunctionArn> = Field::new("arn");
    pub const NAME: Field<Self, FunctionName> = Field::new("name");
    /// Changes with the code and with every setting that a version freezes.
    pub const REVISION: Field<Self, FunctionRevision> = Field::new("revision");
}

impl Kind for Function {
    const FACTS: Facts = Facts {
        kind: "function",
        title: "function",
        replace_on: &["architecture", "name"],
        outputs: &[Output::ready("arn"), Output::ready("name"), Output::changing("revision")],
        typical_seconds: 70,
        deadline_seconds: 600,
        ..Facts::of(CreateSafety::Named)
    };
}
