//! KMS aliases (`kms:*Alias`). Unique by name; not taggable, so the key it names says whose it is.

use model::{CreateSafety, Facts, Input, KeyId, Kind};
use serde::{Deserialize, Serialize};

/// A readable name of a key.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct KmsAlias {
    /// `alias/…`, of `[A-Za-z0-9/_-]`.
    pub name: String,
    pub key: Input<KeyId>,
}

impl Kind for KmsAlias {
    const FACTS: Facts = Facts {
        kind: "kms-alias",
        title: "KMS alias",
        replace_on: &["name"],
        ..Facts::of(CreateSafety::Named)
    };
}
