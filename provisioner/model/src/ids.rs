//! One type per thing AWS hands out, so that a subnet's id cannot be given where a VPC's belongs.

use std::fmt;

use serde::{Deserialize, Serialize};

/// A text newtype that may be the `T` of an [`Input`](crate::Input).
pub trait Id: Clone + fmt::Debug + PartialEq + Serialize + for<'a> Deserialize<'a> + From<String> + AsRef<str> {}

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident,)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(String);

        impl $name {
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl From<String> for $name {
            fn from(text: String) -> Self {
                Self(text)
            }
        }

        impl From<&str> for $name {
            fn from(text: &str) -> Self {
                Self(text.to_owned())
            }
        }

        impl AsRef<str> for $name {
            fn as_ref(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
                out.pad(&self.0)
            }
        }

        impl Id for $name {}
    )*};
}

ids! {
    /// Twelve digits; a string, because leading zeros count.
    AccountId,
    /// An id of a REST API, ten characters.
    ApiId,
    /// Hash of everything that the API serves: its routes and its policy.
    ApiRevision,
    /// Any ARN, where the kind of thing does not matter (a policy's resource).
    Arn,
    /// A zone id such as `euw1-az1`, the same in every account; zone names differ.
    AzId,
    BucketName,
    /// An ACM certificate.
    CertificateArn,
    /// An IPv4 block such as `10.0.0.0/16`, without host bits.
    Cidr,
    DeploymentId,
    DnsName,
    DomainName,
    FlowLogId,
    /// A function, unqualified.
    FunctionArn,
    FunctionName,
    /// A function through an alias: `…:function:<name>:<alias>`.
    AliasArn,
    /// A published version's number.
    FunctionVersion,
    /// An IPv4 address.
    Ip,
    KeyArn,
    KeyId,
    /// A hash of everything that a published version freezes: code and configuration.
    FunctionRevision,
    ListenerArn,
    LoadBalancerArn,
    LogGroupArn,
    /// Any text that is not an id: an environment variable, a secret.
    PlainText,
    PrefixListId,
    RoleArn,
    RouteTableAssociationId,
    RouteTableId,
    SecretArn,
    SecurityGroupId,
    SecurityGroupRuleId,
    StageName,
    SubnetId,
    TableArn,
    TableName,
    TargetGroupArn,
    VpcEndpointId,
    VpcId,
    /// A hosted zone's id, without `/hostedzone/`.
    ZoneId,
}
