//! The report on one request: hop by hop, and how it ends.

use std::{collections::BTreeMap, fmt};

use kinds::function::Architecture;
use model::{AccountId, Address};
use serde::Serialize;

use crate::answer::Answer;

/// The way of one request.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Trace {
    /// In the order in which the request passes them. The last one is where it ends.
    pub hops: Vec<Hop>,
    pub outcome: Outcome,
}

/// One thing that the request passes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Hop {
    pub step: Step,
    /// The object that decides; none when it is missing.
    pub object: Option<Address>,
    /// What AWS calls it: an id, an ARN or a name.
    pub id: String,
    pub verdict: Verdict,
    pub why: String,
    /// What mends it: a command without `--env`, or an edit and then the command.
    pub mend: Option<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Verdict {
    Ok,
    /// It refuses the request, or stops the function from doing its work.
    Broken,
    /// It has something that is not evaluated here; the way goes on as if it let the request pass.
    CannotTell,
}

/// How it ends.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Outcome {
    /// The function is called. It may still fail when a hop behind it is broken.
    Reaches(Box<Destination>),
    /// A component answers in the function's place.
    Refused { by: Step, answer: Answer },
    /// No answer at all: the name does not resolve, nothing listens, packets are dropped, the certificate is wrong.
    NoConnection { by: Step, why: String },
    /// It ends at something that is not known here: another owner's target group, a frozen copy never seen.
    Unknown { by: Step, why: String },
}

/// The function that is called, and everything its event and its process need.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Destination {
    pub function: Address,
    pub function_name: String,
    pub function_arn: String,
    /// The name of the alias.
    pub alias: String,
    pub alias_arn: String,
    pub version: String,
    pub account: String,
    pub account_id: AccountId,
    /// Base64 of the zip's SHA-256.
    pub code_sha256: String,
    pub log_group: String,
    /// Where the zip lies on this machine.
    pub zip: String,
    pub architecture: Architecture,
    pub environment: BTreeMap<String, String>,
    pub memory_mb: u32,
    pub timeout_seconds: u32,
    pub role_arn: String,
    pub region: String,
    pub api_id: String,
    pub stage: String,
    pub deployment_id: String,
    /// The custom domain; none when the API was named by a header.
    pub domain: Option<String>,
    /// Of the mapping, such as `food`; none for `(none)`.
    pub base_path: Option<String>,
    pub method: String,
    /// The request's path without base path (or stage), still percent-encoded.
    pub path: String,
    /// The template that matched, such as `/orders/{orderId}`.
    pub resource_path: String,
    /// Still percent-encoded.
    pub path_parameters: BTreeMap<String, String>,
    /// How long the gateway waits, at most 29.
    pub integration_timeout_seconds: u32,
    /// The gateway refuses requests without the declared parameters and body.
    pub validated: bool,
    /// The endpoint that the request came through, and its VPC.
    pub vpc_endpoint_id: String,
    pub vpc_id: String,
}

impl Trace {
    /// The function is called, and no hop is in doubt.
    #[must_use]
    pub fn gets_through(&self) -> bool {
        matches!(self.outcome, Outcome::Reaches(_)) && self.hops.iter().all(|hop| hop.verdict == Verdict::Ok)
    }

    /// The status that a component of AWS answers; none when the function answers, or nobody.
    #[must_use]
    pub fn status(&self) -> Option<u16> {
        match &self.outcome {
            Outcome::Refused { answer, .. } => Some(answer.status),
            _ => None,
        }
    }

    /// Hops that are broken, in order.
    pub fn broken(&self) -> impl Iterator<Item = &Hop> {
        self.hops.iter().filter(|hop| hop.verdict == Verdict::Broken)
    }
}

macro_rules! steps {
    ($($(#[$doc:meta])* $step:ident = $text:literal,)*) => {
        /// What a request passes, in order.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Step { $($(#[$doc])* $step,)* }

        impl Step {
            /// As people read it.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$step => $text,)* }
            }
        }
    };
}

steps! {
    Record = "record",
    LoadBalancer = "load balancer",
    /// Security groups between client and balancer.
    ClientAccess = "client access",
    Listener = "listener",
    Certificate = "certificate",
    Rule = "rule",
    Targets = "targets",
    /// Security groups between balancer and endpoint.
    EndpointAccess = "endpoint access",
    Endpoint = "endpoint",
    EndpointPolicy = "endpoint policy",
    Domain = "domain",
    Mapping = "mapping",
    Stage = "stage",
    Deployment = "deployment",
    ApiPolicy = "API policy",
    Route = "route",
    Integration = "integration",
    Alias = "alias",
    Version = "version",
    Permission = "permission",
    Function = "function",
    Role = "role",
    /// Routes and security groups between function and tables.
    TableAccess = "table access",
    GatewayEndpoint = "gateway endpoint",
    RolePolicy = "role policy",
    Table = "table",
}

impl fmt::Display for Step {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.pad(self.as_str())
    }
}

impl Serialize for Step {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}
