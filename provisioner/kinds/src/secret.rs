//! Secrets (`secretsmanager:*`). Found by name; one scheduled for deletion is restored instead of made again.

use model::{CreateSafety, Facts, Field, Input, KeyArn, Kind, Output, PlainText, Policy, SecretArn};
use serde::{Deserialize, Serialize};

/// A secret with one text value, readable by whom its policy names.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Secret {
    /// Of `[A-Za-z0-9/_+=.@-]`, not ending in a hyphen and six characters.
    pub name: String,
    pub description: String,
    /// A customer key: the default one cannot be shared with other accounts.
    pub key: Input<KeyArn>,
    pub value: Input<PlainText>,
    pub policy: Policy,
}

impl Secret {
    /// Ends in six random characters; other accounts must use it whole.
    pub const ARN: Field<Self, SecretArn> = Field::new("arn");
}

impl Kind for Secret {
    const FACTS: Facts = Facts {
        kind: "secret",
        title: "secret",
        replace_on: &["name"],
        outputs: &[Output::ready("arn")],
        secret: &["value"],
        holds_data: true,
        ..Facts::of(CreateSafety::Named)
    };
}
