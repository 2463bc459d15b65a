//! Policy documents that more than one blueprint writes.

use model::{Arn, Policy, policy::Statement};

/// Everything an account's administrators do with a key, one by one: no wildcard actions.
const KEY_ADMINISTRATION: &[&str] = &[
    "kms:CancelKeyDeletion",
    "kms:CreateAlias",
    "kms:CreateGrant",
    "kms:Decrypt",
    "kms:DeleteAlias",
    "kms:DescribeKey",
    "kms:DisableKey",
    "kms:DisableKeyRotation",
    "kms:EnableKey",
    "kms:EnableKeyRotation",
    "kms:Encrypt",
    "kms:GenerateDataKey",
    "kms:GenerateDataKeyWithoutPlaintext",
    "kms:GetKeyPolicy",
    "kms:GetKeyRotationStatus",
    "kms:ListGrants",
    "kms:ListKeyPolicies",
    "kms:ListResourceTags",
    "kms:PutKeyPolicy",
    "kms:ReEncryptFrom",
    "kms:ReEncryptTo",
    "kms:RevokeGrant",
    "kms:ScheduleKeyDeletion",
    "kms:TagResource",
    "kms:UntagResource",
    "kms:UpdateAlias",
    "kms:UpdateKeyDescription",
];

/// What CloudWatch Logs needs of the key of its groups ("Encrypt log data in CloudWatch Logs using AWS KMS").
const LOGS_USE: &[&str] = &[
    "kms:Decrypt",
    "kms:DescribeKey",
    "kms:Encrypt",
    "kms:GenerateDataKey",
    "kms:GenerateDataKeyWithoutPlaintext",
    "kms:ReEncryptFrom",
    "kms:ReEncryptTo",
];

/// Where a policy applies.
#[derive(Clone, Copy, Debug)]
pub struct Site<'a> {
    pub partition: &'a str,
    pub region: &'a str,
    pub account: &'a str,
}

impl Site<'_> {
    /// `arn:<partition>:<service>:<region>:<account>:<rest>`.
    #[must_use]
    pub fn arn(&self, service: &str, rest: &str) -> Arn {
        format!("arn:{}:{service}:{}:{}:{rest}", self.partition, self.region, self.account).into()
    }

    /// The ARN of a policy of AWS's own for the roles of its services.
    #[must_use]
    pub fn managed_policy(&self, name: &str) -> String {
        format!("arn:{}:iam::aws:policy/service-role/{name}", self.partition)
    }

    /// An ARN of IAM, which has no Region.
    #[must_use]
    pub fn iam(&self, rest: &str) -> Arn {
        format!("arn:{}:iam::{}:{rest}", self.partition, self.account).into()
    }
}

/// Lets the account itself administer the key (its IAM policies say who) and CloudWatch Logs use it for this account's groups.
#[must_use]
pub fn key_policy(site: &Site<'_>) -> Policy {
    let administration =
        Statement::allow("Administration").principal("AWS", site.iam("root")).actions(KEY_ADMINISTRATION).on("*");
    let logs = Statement::allow("Logs")
        .principal("Service", format!("logs.{}.amazonaws.com", site.region))
        .actions(LOGS_USE)
        .on("*")
        .when("ArnLike", "kms:EncryptionContext:aws:logs:arn", site.arn("logs", "log-group:*"));
    Policy::of([administration, logs])
}

/// Who may assume a role: one AWS service, for this account's own objects.
#[must_use]
pub fn service_trust(service: &str) -> Policy {
    Policy::of([Statement::allow("").principal("Service", service).actions(&["sts:AssumeRole"])])
}

/// Like [`service_trust`], against the confused deputy: only on behalf of this account.
#[must_use]
pub fn service_trust_for(service: &str, site: &Site<'_>) -> Policy {
    let statement = Statement::allow("").principal("Service", service).actions(&["sts:AssumeRole"]);
    Policy::of([statement.when("StringEquals", "aws:SourceAccount", site.account)])
}

/// What VPC flow logs do in their log group; describing groups cannot be narrowed.
#[must_use]
pub fn flow_log_delivery(group: model::Input<Arn>, everything_in_it: model::Input<Arn>) -> Policy {
    let write =
        Statement::allow("Write").actions(&["logs:CreateLogStream", "logs:DescribeLogStreams", "logs:PutLogEvents"]);
    let find = Statement::allow("Find").actions(&["logs:DescribeLogGroups"]).on("*");
    Policy::of([write.on(group).on(everything_in_it), find])
}
