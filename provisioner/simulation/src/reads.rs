//! The calls that a read makes, by kind, as the kinds' own files make them: what an account is asked once, and what each of
//! the objects looked for. Answers that one reading uses for several kinds are asked for each time here.

/// What one kind is read with.
pub(crate) struct Reads {
    pub(crate) all: &'static [&'static str],
    pub(crate) each: &'static [&'static str],
}

type Entry = (&'static str, &'static [&'static str], &'static [&'static str]);

const READS: &[Entry] = &[
    ("api-account", &["apigateway:GetAccount"], &[]),
    ("api-body", &[], &["apigateway:GetResources"]),
    ("api-deployment", &[], &["apigateway:GetDeployments"]),
    ("api-domain", &["apigateway:GetDomainNames"], &[]),
    ("api-stage", &[], &["apigateway:GetStages"]),
    ("base-path-mapping", &[], &["apigateway:GetBasePathMappings"]),
    ("bucket", &[], &["s3:GetBucketTagging"]),
    ("bucket-lifecycle", &[], &["s3:GetLifecycleConfiguration"]),
    ("bucket-policy", &[], &["s3:GetBucketPolicy"]),
    ("bucket-public-access", &[], &["s3:GetBucketPublicAccessBlock"]),
    ("bucket-versioning", &[], &["s3:GetBucketVersioning"]),
    ("certificate", &["acm:ListCertificates", "tag:GetResources"], &["acm:DescribeCertificate"]),
    ("default-security-group", &["ec2:DescribeSecurityGroups", "ec2:DescribeSecurityGroupRules"], &[]),
    ("flow-log", &["ec2:DescribeFlowLogs"], &[]),
    ("function", &["lambda:ListFunctions"], &["lambda:GetFunction"]),
    ("function-alias", &[], &["lambda:ListAliases"]),
    ("function-permission", &[], &["lambda:GetPolicy"]),
    ("function-version", &["lambda:ListFunctions"], &["lambda:GetFunction"]),
    ("hosted-zone", &["route53:ListHostedZones"], &["route53:GetHostedZone"]),
    ("kms-alias", &[], &["kms:DescribeKey"]),
    ("kms-key", &[], &["kms:DescribeKey", "kms:ListResourceTags", "kms:GetKeyPolicy"]),
    ("kms-key-rotation", &[], &["kms:GetKeyRotationStatus"]),
    ("listener", &["elasticloadbalancing:DescribeListeners", "tag:GetResources"], &[]),
    ("listener-certificate", &["elasticloadbalancing:DescribeListenerCertificates"], &[]),
    ("listener-rule", &["elasticloadbalancing:DescribeRules", "tag:GetResources"], &[]),
    ("load-balancer", &["elasticloadbalancing:DescribeLoadBalancers", "tag:GetResources"], &[]),
    ("load-balancer-attributes", &[], &["elasticloadbalancing:DescribeLoadBalancerAttributes"]),
    ("log-group", &["logs:DescribeLogGroups"], &["logs:ListTagsForResource"]),
    ("log-retention", &["logs:DescribeLogGroups"], &[]),
    ("prefix-list", &["ec2:DescribeManagedPrefixLists"], &[]),
    ("record-set", &["route53:ListResourceRecordSets"], &[]),
    ("rest-api", &["apigateway:GetRestApis"], &[]),
    ("role", &["iam:GetAccountAuthorizationDetails"], &[]),
    ("role-policy", &["iam:GetAccountAuthorizationDetails"], &[]),
    ("role-policy-attachment", &["iam:GetAccountAuthorizationDetails"], &[]),
    ("route-table", &["ec2:DescribeRouteTables"], &[]),
    ("route-table-association", &["ec2:DescribeRouteTables"], &[]),
    ("secret", &[], &["secretsmanager:DescribeSecret", "secretsmanager:GetSecretValue"]),
    ("secret-policy", &[], &["secretsmanager:GetResourcePolicy"]),
    ("security-group", &["ec2:DescribeSecurityGroups"], &[]),
    ("security-group-rule", &["ec2:DescribeSecurityGroupRules"], &[]),
    ("shared-secret", &[], &["secretsmanager:GetSecretValue"]),
    ("subnet", &["ec2:DescribeSubnets"], &[]),
    ("table", &["tag:GetResources"], &["dynamodb:DescribeTable", "dynamodb:ListTagsOfResource"]),
    ("table-expiry", &[], &["dynamodb:DescribeTimeToLive"]),
    ("table-recovery", &[], &["dynamodb:DescribeContinuousBackups"]),
    ("target-group", &["elasticloadbalancing:DescribeTargetGroups", "tag:GetResources"], &[]),
    ("target-group-attributes", &[], &["elasticloadbalancing:DescribeTargetGroupAttributes"]),
    ("targets", &[], &["elasticloadbalancing:DescribeTargetHealth"]),
    ("vpc", &["ec2:DescribeVpcs"], &["ec2:DescribeVpcAttribute", "ec2:DescribeVpcAttribute"]),
    ("vpc-endpoint", &["ec2:DescribeVpcEndpoints", "ec2:DescribeNetworkInterfaces"], &[]),
];

/// # Panics
/// If the kind is not in the table.
pub(crate) fn of(kind: &str) -> Reads {
    let found = READS.iter().find(|(of, ..)| *of == kind);
    found.map(|(_, all, each)| Reads { all, each }).unwrap_or_else(|| panic!("how is `{kind}` read?"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_is_read_somehow() {
        let kinds: Vec<&str> = kinds::ALL.iter().map(|facts| facts.kind).collect();
        assert_eq!(READS.iter().map(|(kind, ..)| *kind).collect::<Vec<_>>(), kinds);
        assert!(READS.iter().flat_map(|(_, all, each)| all.iter().chain(*each)).all(|call| engine::is_read(call)));
    }
}
