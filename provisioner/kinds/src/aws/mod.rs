//! One account as the kinds see it: its clients, its names, and the one way to make a call.

mod accounts;
pub(crate) mod acm;
pub mod apigateway;
mod calls;
mod classify;
mod clients;
mod credentials;
pub mod dynamodb;
pub mod ec2;
pub(crate) mod elb;
mod emulator;
mod guard;
pub mod iam;
pub mod kms;
pub mod lambda;
pub mod lease;
pub mod logs;
pub mod normal;
mod once;
pub mod owner;
pub mod pem;
pub(crate) mod route53;
pub mod rules;
mod runs;
pub mod s3;
pub mod tag_map;
pub(crate) mod tagged;

pub use accounts::{Accounts, ConnectError, Login, Settings};
pub use calls::{Tally, absent};
use std::{any::Any, collections::BTreeMap, sync::Arc};

pub use classify::classify;
pub use emulator::Gap;
use engine::{CallError, Gate, Made, State};
use model::{AccountId, Address, Kind, Names, Outputs, Tags};
use serde_json::Value;

/// Everything a kind file needs to talk to one account.
pub struct Aws {
    pub account: AccountId,
    pub region: String,
    /// `aws`, `aws-cn` or `aws-us-gov`.
    pub partition: &'static str,
    pub names: Names,
    /// The user's tags, put on everything beside ours.
    pub own_tags: BTreeMap<String, String>,
    pub(crate) runs: Arc<runs::Runs>,
    /// The other side is an emulator that we did not start.
    pub(crate) emulated: bool,
    pub acm: aws_sdk_acm::Client,
    pub apigateway: aws_sdk_apigateway::Client,
    pub dynamodb: aws_sdk_dynamodb::Client,
    pub ec2: aws_sdk_ec2::Client,
    pub elb: aws_sdk_elasticloadbalancingv2::Client,
    pub iam: aws_sdk_iam::Client,
    pub kms: aws_sdk_kms::Client,
    pub lambda: aws_sdk_lambda::Client,
    pub logs: aws_sdk_cloudwatchlogs::Client,
    pub route53: aws_sdk_route53::Client,
    pub s3: aws_sdk_s3::Client,
    pub secrets: aws_sdk_secretsmanager::Client,
    pub sts: aws_sdk_sts::Client,
    pub tagging: aws_sdk_resourcegroupstagging::Client,
    pub(crate) once: once::Once,
    pub(crate) lasting: Arc<once::Lasting>,
    pub(crate) credentials: credentials::Renewed,
    pub(crate) gate: Arc<Gate>,
    pub(crate) tally: Arc<Tally>,
}

impl Aws {
    /// The tags of the object at this address.
    #[must_use]
    pub fn tags(&self, at: &Address) -> Tags {
        Tags::of(&self.names, at, &self.own_tags)
    }

    /// A client token of at most 32 characters: the same for a repeat within a run, another one in the next run.
    #[must_use]
    pub fn token(&self, at: &Address, spec: &impl serde::Serialize) -> String {
        use sha2::{Digest, Sha256};
        let spec = serde_json::to_string(spec).expect("specs are plain data");
        let digest = Sha256::digest(format!("{}/{at}/{}/{spec}", self.names.prefix(), self.run(at)));
        digest.iter().take(16).map(|byte| format!("{byte:02x}")).collect()
    }

    /// Changes with every run of the object's target: part of tokens and references.
    #[must_use]
    pub fn run(&self, at: &Address) -> String {
        self.runs.at(at)
    }

    /// `arn:<partition>:<service>:<region>:<account>:<rest>`.
    #[must_use]
    pub fn arn(&self, service: &str, rest: &str) -> String {
        format!("arn:{}:{service}:{}:{}:{rest}", self.partition, self.region, self.account)
    }

    /// An error of our own making, before any call.
    #[must_use]
    pub fn refuse(&self, at: &Address, message: &str) -> CallError {
        CallError::own(at.as_str(), self.account.clone(), "Refused", message)
    }

    /// An answer's field that AWS always sends, or an error that says which one was missing.
    ///
    /// # Errors
    /// If it is not there.
    pub fn sent<T>(&self, at: &Address, field: &str, value: Option<T>) -> Result<T, CallError> {
        value.ok_or_else(|| self.refuse(at, &format!("AWS answered without `{field}`")))
    }
}

/// Outputs from pairs: `outputs([("id", id)])`.
pub fn outputs<V: Into<Value>>(pairs: impl IntoIterator<Item = (&'static str, V)>) -> Outputs {
    pairs.into_iter().map(|(name, value)| (name.to_owned(), value.into())).collect()
}

/// Made and ready, nothing left to set.
#[must_use]
pub fn ready(outputs: Outputs) -> Made {
    Made::new(outputs, State::Ready)
}

/// Made, becoming ready.
#[must_use]
pub fn pending(outputs: Outputs, why: &str) -> Made {
    Made::new(outputs, State::Pending(why.to_owned()))
}

/// The same, with the whole object as AWS's answer to the write reports it; none: the answer does not tell all of it.
#[must_use]
pub fn telling<K: Kind>(made: Made, answered: Option<K>) -> Made {
    let told = answered.map(|answered| serde_json::to_value(answered).expect("specs are plain data"));
    Made { told, ..made }
}

/// A type-erased answer that several kinds read from.
pub(crate) type Shared = Arc<dyn Any + Send + Sync>;
