//! S3 buckets for logs (`s3:*Bucket*`). Globally unique by name, confirmed by tags.

use model::{BucketName, CreateSafety, Facts, Field, Kind, Output, Policy};
use serde::{Deserialize, Serialize};

/// A private, encrypted (SSE-S3, the only kind that access logs take), versioned bucket whose objects expire.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Bucket {
    /// 3 to 63 of `[a-z0-9-]`.
    pub name: BucketName,
    pub policy: Policy,
    /// Objects are deleted after this many days.
    pub expire_days: u32,
    pub versioning: bool,
    /// All four public access blocks.
    pub block_public_access: bool,
}

impl Bucket {
    /// Known when its policy is in place.
    pub const NAME: Field<Self, BucketName> = Field::new("name");
}

impl Kind for Bucket {
    const FACTS: Facts = Facts {
        kind: "bucket",
        title: "bucket",
        replace_on: &["name"],
        outputs: &[Output::ready("name")],
        holds_data: true,
        ..Facts::of(CreateSafety::Named)
    };
}
