//! KMS keys (`kms:*Key*`). Found by tag; a key pending deletion is brought back instead of made again.

use model::{CreateSafety, Facts, Field, KeyArn, KeyId, Kind, Output, Policy};
use serde::{Deserialize, Serialize};

/// A symmetric customer key.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct KmsKey {
    pub description: String,
    /// Must leave the account's root in control.
    pub policy: Policy,
    /// A new key material every year.
    pub rotation: bool,
}

impl KmsKey {
    pub const ARN: Field<Self, KeyArn> = Field::new("arn");
    pub const ID: Field<Self, KeyId> = Field::new("id");
}

impl Kind for KmsKey {
    const FACTS: Facts = Facts {
        kind: "kms-key",
        title: "KMS key",
        outputs: &[Output::created("arn"), Output::created("id")],
        holds_data: true,
        ..Facts::of(CreateSafety::TagFirst)
    };
}
