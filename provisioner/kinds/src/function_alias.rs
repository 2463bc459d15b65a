//! Function aliases (`lambda:*Alias`). Unique by function and name; not taggable.

use model::{AliasArn, CreateSafety, Facts, Field, FunctionName, FunctionVersion, Input, Kind, Output};
use serde::{Deserialize, Serialize};

/// A name that callers use, and the version behind it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FunctionAlias {
    pub function: Input<FunctionName>,
    pub name: String,
    pub version: Input<FunctionVersion>,
}

impl FunctionAlias {
    pub const ARN: Field<Self, AliasArn> = Field::new("arn");
}

impl Kind for FunctionAlias {
    const FACTS: Facts = Facts {
        kind: "function-alias",
        title: "function alias",
        located_by: &["function"],
        replace_on: &["function", "name"],
        outputs: &[Output::created("arn")],
        ..Facts::of(CreateSafety::Named)
    };
}
