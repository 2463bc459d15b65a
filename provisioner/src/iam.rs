//! The trust and permissions that each account's role needs: derived from the kinds of object that the account holds.
//!
//! Actions are those of the service authorization reference. Describe and list actions of most services cannot be narrowed
//! to resources; what can be narrowed is narrowed to the platform's names.

use std::collections::{BTreeMap, BTreeSet};

use config::{Certificate, Config};
use platform::Materials;
use serde_json::{Value, json};

use crate::artifacts;

/// What reading and writing one kind needs.
const ACTIONS: &[(&str, &[&str])] = &[
    ("api-account", &["apigateway:GET", "apigateway:PATCH", "iam:PassRole"]),
    ("api-body", &["apigateway:GET", "apigateway:PUT", "apigateway:UpdateRestApiPolicy"]),
    ("api-deployment", &["apigateway:DELETE", "apigateway:GET", "apigateway:POST"]),
    (
        "api-domain",
        &[
            "apigateway:DELETE",
            "apigateway:GET",
            "apigateway:PATCH",
            "apigateway:POST",
            "apigateway:PUT",
            "iam:CreateServiceLinkedRole",
        ],
    ),
    ("api-stage", &["apigateway:DELETE", "apigateway:GET", "apigateway:PATCH", "apigateway:POST", "apigateway:PUT"]),
    ("base-path-mapping", &["apigateway:DELETE", "apigateway:GET", "apigateway:PATCH", "apigateway:POST"]),
    (
        "bucket",
        &[
            "s3:CreateBucket",
            "s3:DeleteBucket",
            "s3:DeleteObject",
            "s3:DeleteObjectVersion",
            "s3:GetBucketTagging",
            "s3:ListBucket",
            "s3:ListBucketVersions",
            "s3:PutBucketOwnershipControls",
            "s3:PutBucketTagging",
            "s3:TagResource",
        ],
    ),
    ("bucket-lifecycle", &["s3:GetLifecycleConfiguration", "s3:PutLifecycleConfiguration"]),
    ("bucket-policy", &["s3:DeleteBucketPolicy", "s3:GetBucketPolicy", "s3:PutBucketPolicy"]),
    ("bucket-public-access", &["s3:GetBucketPublicAccessBlock", "s3:PutBucketPublicAccessBlock"]),
    ("bucket-versioning", &["s3:GetBucketVersioning", "s3:PutBucketVersioning"]),
    (
        "certificate",
        &[
            "acm:AddTagsToCertificate",
            "acm:DeleteCertificate",
            "acm:DescribeCertificate",
            "acm:GetCertificate",
            "acm:ImportCertificate",
            "acm:ListCertificates",
            "acm:ListTagsForCertificate",
            "acm:RequestCertificate",
            "tag:GetResources",
        ],
    ),
    (
        "default-security-group",
        &[
            "ec2:DescribeSecurityGroupRules",
            "ec2:DescribeSecurityGroups",
            "ec2:RevokeSecurityGroupEgress",
            "ec2:RevokeSecurityGroupIngress",
        ],
    ),
    (
        "flow-log",
        &[
            "ec2:CreateFlowLogs",
            "ec2:CreateTags",
            "ec2:DeleteFlowLogs",
            "ec2:DescribeFlowLogs",
            "ec2:DescribeVpcs",
            "iam:PassRole",
            "logs:CreateLogDelivery",
            "logs:DeleteLogDelivery",
        ],
    ),
    (
        "function",
        &[
            "ec2:DescribeSecurityGroups",
            "ec2:DescribeSubnets",
            "ec2:DescribeVpcs",
            "iam:PassRole",
            "kms:CreateGrant",
            "kms:Decrypt",
            "kms:DescribeKey",
            "kms:Encrypt",
            "lambda:CreateFunction",
            "lambda:DeleteFunction",
            "lambda:GetFunction",
            "lambda:GetFunctionConfiguration",
            "lambda:ListFunctions",
            "lambda:ListTags",
            "lambda:TagResource",
            "lambda:UpdateFunctionCode",
            "lambda:UpdateFunctionConfiguration",
        ],
    ),
    (
        "function-alias",
        &["lambda:CreateAlias", "lambda:DeleteAlias", "lambda:GetAlias", "lambda:ListAliases", "lambda:UpdateAlias"],
    ),
    ("function-permission", &["lambda:AddPermission", "lambda:GetPolicy", "lambda:RemovePermission"]),
    ("function-version", &["lambda:DeleteFunction", "lambda:ListVersionsByFunction", "lambda:PublishVersion"]),
    (
        "hosted-zone",
        &[
            "ec2:DescribeVpcs",
            "route53:AssociateVPCWithHostedZone",
            "route53:ChangeTagsForResource",
            "route53:CreateHostedZone",
            "route53:DeleteHostedZone",
            "route53:DisassociateVPCFromHostedZone",
            "route53:GetHostedZone",
            "route53:ListHostedZones",
        ],
    ),
    ("kms-alias", &["kms:CreateAlias", "kms:DeleteAlias", "kms:DescribeKey", "kms:ListAliases", "kms:UpdateAlias"]),
    (
        "kms-key",
        &[
            "kms:CancelKeyDeletion",
            "kms:CreateKey",
            "kms:DescribeKey",
            "kms:EnableKey",
            "kms:GetKeyPolicy",
            "kms:ListKeys",
            "kms:ListResourceTags",
            "kms:PutKeyPolicy",
            "kms:ScheduleKeyDeletion",
            "kms:TagResource",
            "kms:UpdateKeyDescription",
        ],
    ),
    (
        "kms-key-rotation",
        &["kms:DescribeKey", "kms:EnableKeyRotation", "kms:GetKeyRotationStatus", "kms:ListResourceTags"],
    ),
    (
        "listener",
        &[
            "elasticloadbalancing:AddTags",
            "elasticloadbalancing:CreateListener",
            "elasticloadbalancing:DeleteListener",
            "elasticloadbalancing:DescribeListeners",
            "elasticloadbalancing:DescribeTags",
            "elasticloadbalancing:ModifyListener",
            "tag:GetResources",
        ],
    ),
    (
        "listener-certificate",
        &[
            "elasticloadbalancing:AddListenerCertificates",
            "elasticloadbalancing:DescribeListenerCertificates",
            "elasticloadbalancing:RemoveListenerCertificates",
        ],
    ),
    (
        "listener-rule",
        &[
            "elasticloadbalancing:AddTags",
            "elasticloadbalancing:CreateRule",
            "elasticloadbalancing:DeleteRule",
            "elasticloadbalancing:DescribeRules",
            "elasticloadbalancing:DescribeTags",
            "elasticloadbalancing:ModifyRule",
            "elasticloadbalancing:SetRulePriorities",
            "tag:GetResources",
        ],
    ),
    (
        "load-balancer",
        &[
            "elasticloadbalancing:AddTags",
            "elasticloadbalancing:CreateLoadBalancer",
            "elasticloadbalancing:DeleteLoadBalancer",
            "elasticloadbalancing:DescribeLoadBalancers",
            "elasticloadbalancing:DescribeTags",
            "elasticloadbalancing:ModifyLoadBalancerAttributes",
            "elasticloadbalancing:SetSecurityGroups",
            "elasticloadbalancing:SetSubnets",
            "iam:CreateServiceLinkedRole",
            "tag:GetResources",
        ],
    ),
    (
        "load-balancer-attributes",
        &["elasticloadbalancing:DescribeLoadBalancerAttributes", "elasticloadbalancing:ModifyLoadBalancerAttributes"],
    ),
    (
        "log-group",
        &[
            "logs:AssociateKmsKey",
            "logs:CreateLogGroup",
            "logs:DeleteLogGroup",
            "logs:DescribeLogGroups",
            "logs:ListTagsForResource",
            "logs:TagResource",
        ],
    ),
    ("log-retention", &["logs:DescribeLogGroups", "logs:ListTagsForResource", "logs:PutRetentionPolicy"]),
    ("prefix-list", &["ec2:DescribeManagedPrefixLists"]),
    ("record-set", &["route53:ChangeResourceRecordSets", "route53:ListResourceRecordSets"]),
    (
        "rest-api",
        &[
            "apigateway:DELETE",
            "apigateway:GET",
            "apigateway:PATCH",
            "apigateway:POST",
            "apigateway:PUT",
            "apigateway:UpdateRestApiPolicy",
        ],
    ),
    (
        "role",
        &[
            "iam:CreateRole",
            "iam:DeleteRole",
            "iam:DeleteRolePolicy",
            "iam:DetachRolePolicy",
            "iam:GetAccountAuthorizationDetails",
            "iam:TagRole",
            "iam:UpdateAssumeRolePolicy",
            "iam:UpdateRole",
        ],
    ),
    ("role-policy", &["iam:DeleteRolePolicy", "iam:GetAccountAuthorizationDetails", "iam:PutRolePolicy"]),
    ("role-policy-attachment", &["iam:AttachRolePolicy", "iam:DetachRolePolicy", "iam:GetAccountAuthorizationDetails"]),
    (
        "route-table",
        &[
            "ec2:CreateRouteTable",
            "ec2:CreateTags",
            "ec2:DeleteRouteTable",
            "ec2:DescribeRouteTables",
            "ec2:DescribeVpcs",
        ],
    ),
    (
        "route-table-association",
        &[
            "ec2:AssociateRouteTable",
            "ec2:DescribeRouteTables",
            "ec2:DisassociateRouteTable",
            "ec2:ReplaceRouteTableAssociation",
        ],
    ),
    (
        "secret",
        &[
            "kms:Decrypt",
            "kms:Encrypt",
            "kms:GenerateDataKey",
            "secretsmanager:CreateSecret",
            "secretsmanager:DeleteResourcePolicy",
            "secretsmanager:DeleteSecret",
            "secretsmanager:DescribeSecret",
            "secretsmanager:GetSecretValue",
            "secretsmanager:PutSecretValue",
            "secretsmanager:RestoreSecret",
            "secretsmanager:TagResource",
            "secretsmanager:UpdateSecret",
        ],
    ),
    (
        "secret-policy",
        &[
            "secretsmanager:DeleteResourcePolicy",
            "secretsmanager:GetResourcePolicy",
            "secretsmanager:PutResourcePolicy",
        ],
    ),
    (
        "security-group",
        &[
            "ec2:CreateSecurityGroup",
            "ec2:CreateTags",
            "ec2:DeleteSecurityGroup",
            "ec2:DescribeSecurityGroupRules",
            "ec2:DescribeSecurityGroups",
            "ec2:DescribeVpcs",
            "ec2:RevokeSecurityGroupEgress",
            "ec2:RevokeSecurityGroupIngress",
        ],
    ),
    (
        "security-group-rule",
        &[
            "ec2:AuthorizeSecurityGroupEgress",
            "ec2:AuthorizeSecurityGroupIngress",
            "ec2:CreateTags",
            "ec2:DescribeSecurityGroupRules",
            "ec2:RevokeSecurityGroupEgress",
            "ec2:RevokeSecurityGroupIngress",
        ],
    ),
    ("shared-secret", &["kms:Decrypt", "secretsmanager:DescribeSecret", "secretsmanager:GetSecretValue"]),
    ("subnet", &["ec2:CreateSubnet", "ec2:CreateTags", "ec2:DeleteSubnet", "ec2:DescribeSubnets", "ec2:DescribeVpcs"]),
    (
        "table",
        &[
            "dynamodb:CreateTable",
            "dynamodb:DeleteTable",
            "dynamodb:DescribeTable",
            "dynamodb:ListTables",
            "dynamodb:ListTagsOfResource",
            "dynamodb:TagResource",
            "dynamodb:UpdateTable",
            "kms:CreateGrant",
            "kms:Decrypt",
            "kms:DescribeKey",
            "kms:Encrypt",
            "kms:GenerateDataKey",
            "kms:GenerateDataKeyWithoutPlaintext",
            "kms:ReEncryptFrom",
            "kms:ReEncryptTo",
            "tag:GetResources",
        ],
    ),
    ("table-expiry", &["dynamodb:DescribeTimeToLive", "dynamodb:ListTagsOfResource", "dynamodb:UpdateTimeToLive"]),
    (
        "table-recovery",
        &["dynamodb:DescribeContinuousBackups", "dynamodb:ListTagsOfResource", "dynamodb:UpdateContinuousBackups"],
    ),
    (
        "target-group",
        &[
            "elasticloadbalancing:AddTags",
            "elasticloadbalancing:CreateTargetGroup",
            "elasticloadbalancing:DeleteTargetGroup",
            "elasticloadbalancing:DescribeTags",
            "elasticloadbalancing:DescribeTargetGroups",
            "elasticloadbalancing:ModifyTargetGroup",
            "tag:GetResources",
        ],
    ),
    (
        "target-group-attributes",
        &["elasticloadbalancing:DescribeTargetGroupAttributes", "elasticloadbalancing:ModifyTargetGroupAttributes"],
    ),
    (
        "targets",
        &[
            "elasticloadbalancing:DeregisterTargets",
            "elasticloadbalancing:DescribeTargetHealth",
            "elasticloadbalancing:RegisterTargets",
        ],
    ),
    (
        "vpc",
        &[
            "ec2:CreateTags",
            "ec2:CreateVpc",
            "ec2:DeleteVpc",
            "ec2:DescribeVpcAttribute",
            "ec2:DescribeVpcs",
            "ec2:ModifyVpcAttribute",
        ],
    ),
    (
        "vpc-endpoint",
        &[
            "ec2:CreateTags",
            "ec2:CreateVpcEndpoint",
            "ec2:DeleteVpcEndpoints",
            "ec2:DescribeNetworkInterfaces",
            "ec2:DescribeVpcEndpoints",
            "ec2:DescribeVpcs",
            "ec2:ModifyVpcEndpoint",
        ],
    ),
];

/// What the hub's table for leases needs: it is in no graph.
const LEASES: &[&str] = &[
    "dynamodb:BatchGetItem",
    "dynamodb:CreateTable",
    "dynamodb:DeleteItem",
    "dynamodb:DeleteTable",
    "dynamodb:DescribeTable",
    "dynamodb:PutItem",
    "dynamodb:PutResourcePolicy",
    "dynamodb:Query",
    "dynamodb:TagResource",
];

/// What a service's account needs of them, where the table lets it in.
const GUEST_LEASES: &[&str] = &["dynamodb:BatchGetItem", "dynamodb:DeleteItem", "dynamodb:PutItem", "dynamodb:Query"];

/// Actions that take resources, and the resources of the platform they are narrowed to; `{name}` is the platform's prefix.
const NARROWED: &[(&str, &[&str])] = &[
    ("dynamodb:", &["arn:{partition}:dynamodb:{region}:{account}:table/{name}-*"]),
    ("lambda:", &["arn:{partition}:lambda:{region}:{account}:function:{name}-*"]),
    ("s3:", &["arn:{partition}:s3:::{name}-*", "arn:{partition}:s3:::{name}-*/*"]),
    ("iam:", &["arn:{partition}:iam::{account}:role/{name}-*"]),
    ("apigateway:", &["arn:{partition}:apigateway:{region}::/*"]),
];

/// Actions of narrowed services that take no resource.
const UNNARROWED: &[&str] = &["dynamodb:ListTables", "iam:GetAccountAuthorizationDetails", "lambda:ListFunctions"];

const SERVICE_LINKED: &str = "iam:CreateServiceLinkedRole";

/// For every account: whom its role should trust, and what it must be allowed.
#[must_use]
pub(crate) fn documents(config: &Config) -> Value {
    let kinds = kinds_by_account(config);
    let account = |(alias, kinds): (String, BTreeSet<&'static str>)| {
        let id = config.account_id(&alias);
        let document = json!({
            "account": id,
            "role": config.account(&alias).role,
            "trust": trust(config, &alias),
            "permissions": permissions(config, id.as_str(), &kinds),
        });
        (alias, document)
    };
    Value::Object(kinds.into_iter().map(account).collect())
}

/// Which kinds each account holds, from the graph itself; no call is made.
fn kinds_by_account(config: &Config) -> BTreeMap<String, BTreeSet<&'static str>> {
    let stand_in = kinds::certificate::CertificateSource::Request;
    let imported = platform::imports(config).into_iter().map(|(host, _)| (host, stand_in.clone())).collect();
    let materials = Materials { artifacts: artifacts::unknown(config), imported, ..Materials::default() };
    let graph = platform::join(config, &materials, true).map(|platform| platform.graph).unwrap_or_default();
    let mut kinds: BTreeMap<String, BTreeSet<&'static str>> = BTreeMap::new();
    for node in graph.nodes() {
        kinds.entry(node.account.clone()).or_default().insert(node.facts.kind);
    }
    kinds
}

fn trust(config: &Config, alias: &str) -> Value {
    let mut statement = json!({
        "Effect": "Allow",
        "Principal": {"AWS": format!("arn:{}:iam::<account of whoever runs the provisioner>:root", config.partition)},
        "Action": "sts:AssumeRole",
        "Condition": {"ArnLike": {"aws:PrincipalArn": format!("arn:{}:iam::<that account>:role/<their role>", config.partition)}},
    });
    if let Some(external) = &config.account(alias).external_id {
        statement["Condition"]["StringEquals"] = json!({"sts:ExternalId": external});
    }
    json!({"Version": "2012-10-17", "Statement": [statement]})
}

fn permissions(config: &Config, account: &str, kinds: &BTreeSet<&'static str>) -> Value {
    let mut actions: BTreeSet<&str> =
        ACTIONS.iter().filter(|(kind, _)| kinds.contains(kind)).flat_map(|(_, actions)| *actions).copied().collect();
    let is_hub = config.account_id(config::CONSUMER).as_str() == account;
    actions.extend(LEASES.iter().filter(|_| is_hub));
    let (conditional, actions): (BTreeSet<&str>, BTreeSet<&str>) =
        actions.into_iter().partition(|action| ["iam:PassRole", SERVICE_LINKED].contains(action));
    let narrowed =
        |action: &str| NARROWED.iter().find(|(prefix, _)| action.starts_with(prefix) && !UNNARROWED.contains(&action));
    let mut statements: Vec<Value> = Vec::new();
    for (prefix, resources) in NARROWED {
        let mine: Vec<&&str> =
            actions.iter().filter(|action| narrowed(action).is_some_and(|(of, _)| of == prefix)).collect();
        if !mine.is_empty() {
            let resources: Vec<String> = resources.iter().map(|resource| filled(config, account, resource)).collect();
            statements.push(json!({"Effect": "Allow", "Action": mine, "Resource": resources}));
        }
    }
    let rest: Vec<&&str> = actions.iter().filter(|action| narrowed(action).is_none()).collect();
    statements.push(json!({"Effect": "Allow", "Action": rest, "Resource": "*"}));
    if conditional.contains("iam:PassRole") {
        statements.push(pass_role(config, account));
    }
    if conditional.contains(SERVICE_LINKED) {
        statements.push(service_linked_role());
    }
    let holds_service = config.services.keys().any(|service| config.account_id(service).as_str() == account);
    statements.extend((holds_service && !is_hub).then(|| guest_leases(config)));
    statements.extend(kinds.contains("certificate").then(|| private_authority(config)).flatten());
    json!({"Version": "2012-10-17", "Statement": statements})
}

/// The hub's table, which a service's own account uses when the hub's role may not be assumed.
fn guest_leases(config: &Config) -> Value {
    let hub = config.account_id(config::CONSUMER);
    let table =
        filled(config, hub.as_str(), "arn:{partition}:dynamodb:{region}:{account}:table/{name}-consumer-leases");
    json!({"Effect": "Allow", "Action": GUEST_LEASES, "Resource": [table]})
}

/// Roles are handed to exactly the services that use them.
fn pass_role(config: &Config, account: &str) -> Value {
    json!({
        "Effect": "Allow",
        "Action": ["iam:PassRole"],
        "Resource": [filled(config, account, "arn:{partition}:iam::{account}:role/{name}-*")],
        "Condition": {"StringEquals": {"iam:PassedToService": ["apigateway.amazonaws.com", "lambda.amazonaws.com", "vpc-flow-logs.amazonaws.com"]}},
    })
}

/// The services that make a role of their own in an account that they work in for the first time.
fn service_linked_role() -> Value {
    json!({
        "Effect": "Allow",
        "Action": [SERVICE_LINKED],
        "Resource": "*",
        "Condition": {"StringEquals": {"iam:AWSServiceName": ["elasticloadbalancing.amazonaws.com", "ops.apigateway.amazonaws.com"]}},
    })
}

/// A certificate of a private authority is asked for in the caller's name.
fn private_authority(config: &Config) -> Option<Value> {
    let Certificate::PrivateCa { authority_arn } = config.certificate(config::CONSUMER) else { return None };
    let actions = ["acm-pca:DescribeCertificateAuthority", "acm-pca:GetCertificate", "acm-pca:IssueCertificate"];
    Some(json!({"Effect": "Allow", "Action": actions, "Resource": [authority_arn]}))
}

fn filled(config: &Config, account: &str, resource: &str) -> String {
    let name = config.names().prefix();
    let pairs = [
        ("{partition}", config.partition.as_str()),
        ("{region}", &config.region),
        ("{account}", account),
        ("{name}", &name),
    ];
    pairs.iter().fold(resource.to_owned(), |text, (key, value)| text.replace(key, value))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_has_its_actions() {
        let listed: Vec<&str> = ACTIONS.iter().map(|(kind, _)| *kind).collect();
        let kinds: Vec<&str> = kinds::ALL.iter().map(|facts| facts.kind).collect();
        let mut sorted = kinds.clone();
        sorted.sort_unstable();
        assert_eq!(listed, sorted);
    }

    #[test]
    fn no_action_is_a_wildcard() {
        assert!(ACTIONS.iter().flat_map(|(_, actions)| *actions).all(|action| !action.contains('*')));
    }
}
