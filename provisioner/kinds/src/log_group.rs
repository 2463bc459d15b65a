//! Log groups (`logs:*LogGroup*`). Found by name, confirmed by tags.

use model::{CreateSafety, Facts, Field, Input, KeyArn, Kind, LogGroupArn, Output};
use serde::{Deserialize, Serialize};

/// A log group made before its writer, which would make one without retention.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LogGroup {
    pub name: String,
    /// One of the values that CloudWatch Logs takes.
    pub retention_days: u32,
    /// Its policy must let `logs.<region>.amazonaws.com` in.
    pub key: Input<KeyArn>,
}

impl LogGroup {
    /// Without the trailing `:*`.
    pub const ARN: Field<Self, LogGroupArn> = Field::new("arn");
}

impl Kind for LogGroup {
    const FACTS: Facts = Facts {
        kind: "log-group",
        title: "log group",
        replace_on: &["name"],
        outputs: &[Output::created("arn")],
        holds_data: true,
        ..Facts::of(CreateSafety::Named)
    };
}
