//! Published versions (`lambda:PublishVersion`). The description holds the revision that the version froze.

use model::{CreateSafety, Facts, Field, FunctionName, FunctionRevision, FunctionVersion as Number, Input, Kind, Output};
use serde::{Deserialize, Serialize};

/// An immutable copy of a function as one revision had it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FunctionVersion {
    pub function: Input<FunctionName>,
    pub revision: Input<FunctionRevision>,
}

impl FunctionVersion {
    pub const NUMBER: Field<Self, Number> = Field::new("number");
}

impl Kind for FunctionVersion {
    const FACTS: Facts = Facts {
        kind: "function-version",
        title: "function version",
        located_by: &["function"],
        replace_on: &["function", "revision"],
        create_first: true,
        outputs: &[Output::ready("number")],
        ..Facts::of(CreateSafety::Revision)
    };
}
