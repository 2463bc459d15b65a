//! What exists, as AWS reports it.

use std::collections::BTreeMap;

use kinds::{ApiBody, Function};
use model::{AccountId, Address, Outputs};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::mend::Wanted;

/// How an object is doing.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", tag = "state", content = "why")]
pub enum State {
    #[default]
    Ready,
    /// Becoming ready; AWS's own word for it.
    Pending(String),
    /// It will not become ready by waiting.
    Broken(String),
    /// Scheduled for deletion: as good as gone.
    Retired(String),
    /// It exists, but is not ours.
    Foreign(String),
}

/// One object.
#[derive(Clone, Debug, PartialEq)]
pub struct Object {
    pub address: Address,
    /// Alias of the account that holds it.
    pub account: String,
    pub account_id: AccountId,
    /// The kind's spec as JSON, without references.
    pub spec: Value,
    pub outputs: Outputs,
    pub state: State,
}

/// Everything that was read. Objects of other people that take part are listed too, such as listener rules.
///
/// Beyond a kind's own outputs these are understood: `priority` (a number) of every listener rule, `names` (a list) of
/// certificates, `health` (address to state) of targets.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct World {
    pub objects: Vec<Object>,
    /// What is known of frozen copies; empty when nothing was remembered.
    pub snapshots: Snapshots,
    /// What it should be; empty when nobody says.
    pub wanted: Wanted,
}

/// What deployments and published versions hold.
///
/// AWS freezes both and reports only which revision they froze, so their content is remembered from a reading in which
/// they were current: hand what [`Model::snapshots`](crate::Model::snapshots) gives to the next world.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Snapshots {
    /// By deployment id.
    pub(crate) deployments: BTreeMap<String, ApiBody>,
    /// By `<account id>/<function>:<version>`.
    pub(crate) versions: BTreeMap<String, Function>,
}
