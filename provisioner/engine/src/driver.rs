//! What the engine knows of a kind: reads and writes on JSON-shaped specs, and errors by class.

use std::time::Duration;

use futures::future::BoxFuture;
use model::{AccountId, Address, Facts, Outputs};
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// How an object that exists is doing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", tag = "state", content = "why")]
pub enum State {
    Ready,
    /// Becoming ready; AWS's own word for it.
    Pending(String),
    /// It will not become ready by waiting: to be deleted and made again.
    Broken(String),
    /// Scheduled for deletion and restorable (keys, secrets): absent for `down`, restored by `up`.
    Retired(String),
    /// It has the name or place that ours needs, but not our tags: never touched.
    Foreign(String),
}

/// One object as AWS reports it.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Seen {
    pub address: Address,
    /// The same shape as the wanted spec, without references.
    pub spec: Value,
    pub outputs: Outputs,
    #[serde(flatten)]
    pub state: State,
    /// Tells two objects with one address apart, and says which is older: creation time, then id.
    pub identity: String,
}

/// An object that a read looks for. References that are not known yet are still in the spec.
#[derive(Clone, Debug)]
pub struct Wanted {
    pub address: Address,
    pub spec: Value,
}

/// What a create or an update left.
#[derive(Clone, Debug, PartialEq)]
pub struct Made {
    pub outputs: Outputs,
    pub state: State,
    /// Fields that the call could not set; the engine sends an update for them at once.
    pub left: Vec<String>,
    /// The whole spec as AWS's answer reports it, in the form that reads come in: as good as reading it again.
    pub told: Option<Value>,
}

impl Made {
    /// Nothing is left to be set, and the answer told nothing but these.
    #[must_use]
    pub fn new(outputs: Outputs, state: State) -> Self {
        Self { outputs, state, left: Vec::new(), told: None }
    }
}

/// One member of a batch.
#[derive(Clone, Debug)]
pub enum Change {
    Put { address: Address, want: Value, seen: Option<Seen> },
    Delete { seen: Seen },
}

/// The only field of an update that brings a retired object back, and sets all its fields.
pub const RESTORE: &str = "restore";

/// One kind of object over all accounts. Places are account aliases.
pub trait Driver: Send + Sync {
    fn facts(&self) -> &'static Facts;

    /// The account that a place is; two places may be one account, entered with two roles.
    fn account(&self, place: &str) -> AccountId {
        place.into()
    }

    /// The spec in the form that reads come in, so that equal meanings compare equal.
    ///
    /// # Errors
    /// If a resolved spec is not of this kind's shape: a mistake in a blueprint.
    fn normalize(&self, spec: &Value) -> Result<Value, serde_json::Error>;

    /// Every object of this kind in the place that carries our tags, wanted or not, and foreign ones in the way of wanted ones.
    fn read<'a>(&'a self, place: &'a str, wanted: &'a [Wanted]) -> BoxFuture<'a, Result<Vec<Seen>, CallError>>;

    /// Makes one object, with its tags in the same call where AWS allows it; never called for kinds that somebody else makes.
    fn create<'a>(&'a self, place: &'a str, at: &'a Address, want: &'a Value)
    -> BoxFuture<'a, Result<Made, CallError>>;

    /// Changes the named fields of what was seen; [`RESTORE`] alone brings it back with all fields as wanted.
    fn update<'a>(
        &'a self,
        place: &'a str,
        seen: &'a Seen,
        want: &'a Value,
        fields: &'a [String],
    ) -> BoxFuture<'a, Result<Made, CallError>>;

    /// Deletes what was seen; what is gone already counts as deleted.
    fn delete<'a>(&'a self, place: &'a str, seen: &'a Seen) -> BoxFuture<'a, Result<(), CallError>>;

    /// Sends several changes in one call, which AWS takes or refuses as a whole; one answer for each, in their order. Only for
    /// kinds with [`Facts::batch_by`].
    fn batch<'a>(&'a self, place: &'a str, changes: &'a [Change]) -> BoxFuture<'a, Result<Vec<Made>, CallError>>;
}

/// Where an IAM policy has the service, errors of our own have this.
const OWN: &str = "provisioner:";

/// What an error means for what to do next.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Class {
    /// The thing, or what it belongs to, does not exist.
    Gone,
    /// Something with that name exists.
    Exists,
    /// Another change is under way, or something still uses it: later.
    Busy,
    /// What it depends on has not arrived everywhere yet: later.
    NotYet,
    Throttled,
    /// No permission.
    Denied,
    /// No valid credentials: expired or never there.
    Credentials,
    /// No answer, or a server error: AWS may have done it.
    Unknown,
    /// Not sent: the run was interrupted before its turn came.
    Stopped,
    /// Trying again changes nothing.
    Fatal,
}

/// One AWS call that did not succeed, with what a reader needs to act on it.
#[derive(Clone, Debug, Serialize, thiserror::Error)]
#[error("{}", self.words())]
pub struct CallError {
    /// Spelled as in an IAM policy: `ec2:CreateSubnet`.
    pub operation: String,
    /// Empty for reads of a whole kind.
    pub address: String,
    pub account: AccountId,
    /// AWS's code, or `no-answer`.
    pub code: String,
    /// AWS's own words.
    pub message: String,
    pub request_id: Option<String>,
    pub class: Class,
    /// How long AWS asks to wait.
    #[serde(skip)]
    pub retry_after: Option<Duration>,
}

impl CallError {
    /// Whether this program says it, and not AWS: its operation is no call.
    #[must_use]
    pub fn is_own(&self) -> bool {
        self.operation.starts_with(OWN)
    }

    fn words(&self) -> String {
        let Self { operation, address, account, code, message, request_id, .. } = self;
        if self.is_own() {
            return format!("{address} in account {account}: {message}");
        }
        let about = if address.is_empty() { String::new() } else { format!(" for {address}") };
        let request = request_id.as_ref().map(|id| format!(" (request {id})")).unwrap_or_default();
        format!("{operation}{about} in account {account} answered {code}: {message}{request}")
    }

    /// An error that AWS did not send: what this program itself has to say of an object. Trying again changes nothing.
    #[must_use]
    pub fn own(address: &str, account: impl Into<AccountId>, code: &str, message: &str) -> Self {
        let kind = address.split('/').nth(1).unwrap_or_default();
        Self {
            operation: format!("{OWN}{kind}"),
            address: address.to_owned(),
            account: account.into(),
            code: code.to_owned(),
            message: message.to_owned(),
            request_id: None,
            class: Class::Fatal,
            retry_after: None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::CallError;

    #[test]
    fn only_aws_is_said_to_have_answered() {
        let own = CallError::own("food/vpc/main", "food", "Stopped", "it was being created");
        assert_eq!(own.to_string(), "food/vpc/main in account food: it was being created");
        let (operation, request_id) = ("ec2:CreateVpc".to_owned(), Some("7f3c".to_owned()));
        let aws = CallError { operation, request_id, ..own };
        assert_eq!(
            aws.to_string(),
            "ec2:CreateVpc for food/vpc/main in account food answered Stopped: it was being created (request 7f3c)"
        );
        let list = CallError { address: String::new(), request_id: None, ..aws };
        assert_eq!(list.to_string(), "ec2:CreateVpc in account food answered Stopped: it was being created");
    }
}
