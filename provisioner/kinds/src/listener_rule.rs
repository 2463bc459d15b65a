//! Listener rules (`elasticloadbalancing:*Rule*`). Found at the listener, by tag.

use model::{CreateSafety, Facts, Input, Kind, ListenerArn, TargetGroupArn};
use serde::{Deserialize, Serialize};

/// What a request must look like.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum RuleCondition {
    /// A header by name with any of the values; `*` is any value at all.
    Header { name: String, values: Vec<String> },
    /// Any of the hosts.
    Host(Vec<String>),
}

/// What happens to a request that does.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum RuleAction {
    Forward(Input<TargetGroupArn>),
    /// A fixed answer with this status and a plain-text body.
    Refuse { status: u16, body: String },
}

/// One rule of a listener.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ListenerRule {
    pub listener: Input<ListenerArn>,
    /// 1 to 50000, lowest first. None: any free one, chosen from a hash of the address (host rules exclude each other).
    pub priority: Option<u16>,
    pub condition: RuleCondition,
    pub action: RuleAction,
}

impl Kind for ListenerRule {
    const FACTS: Facts = Facts {
        kind: "listener-rule",
        title: "listener rule",
        located_by: &["listener"],
        replace_on: &["listener"],
        ..Facts::of(CreateSafety::Named)
    };
}
