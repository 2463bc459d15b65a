//! How often AWS takes each call, and how often it is made.
//!
//! The figures are those of "Amazon API Gateway quotas", "Throttling for Amazon Route 53 API requests", "Lambda quotas",
//! "Request throttling for the Amazon EC2 API" and "Request throttling for the Elastic Load Balancing API". Where AWS
//! publishes none, they are what others report: marked so, and to be set in `platform.toml` where an account has others.

use std::time::Duration;

use model::Rate;

/// What the network may bring closer together than it was sent.
const JITTER: Duration = Duration::from_millis(50);

/// What AWS takes in one account and Region, by operation; `service:*` is one limit for all operations of a service together.
pub const DOCUMENTED: &[(&[&str], Rate)] = &[
    // API Gateway: published, and fixed. What is not listed has only the total.
    (&["apigateway:*"], Rate::per_second(10, 40)),
    (&["apigateway:PutRestApi"], Rate::every_millis(1_000, 1)),
    (&["apigateway:CreateRestApi"], Rate::every_millis(3_000, 1)),
    (&["apigateway:CreateDeployment"], Rate::every_millis(5_000, 1)),
    (&["apigateway:GetResources"], Rate::every_millis(400, 5)),
    (&["apigateway:UpdateAccount"], Rate::every_millis(20_000, 1)),
    (
        &[
            "apigateway:CreateDomainName",
            "apigateway:DeleteDomainName",
            "apigateway:DeleteRestApi",
            "apigateway:UpdateDomainName",
        ],
        Rate::every_millis(30_000, 1),
    ),
    // Route 53: published.
    (&["route53:*"], Rate::per_second(10, 50)),
    (&["route53:CreateHostedZone"], Rate::per_second(2, 40)),
    (&["route53:AssociateVPCWithHostedZone", "route53:DisassociateVPCFromHostedZone"], Rate::per_second(5, 20)),
    // Lambda: published; calls of functions and `GetFunction` have more of their own, and are few here.
    (&["lambda:*"], Rate::per_second(15, 15)),
    // EC2: a bucket for each operation is published, its size is not. Without filters, reads have half of what they have with.
    (
        &[
            "ec2:DescribeFlowLogs",
            "ec2:DescribeManagedPrefixLists",
            "ec2:DescribeNetworkInterfaces",
            "ec2:DescribeRouteTables",
            "ec2:DescribeSecurityGroupRules",
            "ec2:DescribeSecurityGroups",
            "ec2:DescribeSubnets",
            "ec2:DescribeVpcAttribute",
            "ec2:DescribeVpcEndpoints",
            "ec2:DescribeVpcs",
        ],
        Rate::per_second(10, 50),
    ),
    (
        &[
            "ec2:AssociateRouteTable",
            "ec2:CreateFlowLogs",
            "ec2:CreateRouteTable",
            "ec2:CreateSecurityGroup",
            "ec2:CreateSubnet",
            "ec2:CreateVpc",
            "ec2:DeleteFlowLogs",
            "ec2:DeleteRouteTable",
            "ec2:DeleteSecurityGroup",
            "ec2:DeleteSubnet",
            "ec2:DeleteVpc",
            "ec2:DisassociateRouteTable",
            "ec2:ModifyVpcAttribute",
            "ec2:ReplaceRouteTableAssociation",
        ],
        Rate::per_second(5, 50),
    ),
    (
        &[
            "ec2:AuthorizeSecurityGroupEgress",
            "ec2:AuthorizeSecurityGroupIngress",
            "ec2:RevokeSecurityGroupEgress",
            "ec2:RevokeSecurityGroupIngress",
        ],
        Rate::per_second(2, 20),
    ),
    (&["ec2:CreateVpcEndpoint", "ec2:DeleteVpcEndpoints", "ec2:ModifyVpcEndpoint"], Rate::every_millis(3_333, 4)),
    // Elastic Load Balancing: 40 reads are published, how fast they come back is not, nor is what follows.
    (
        &[
            "elasticloadbalancing:DescribeListenerCertificates",
            "elasticloadbalancing:DescribeListeners",
            "elasticloadbalancing:DescribeLoadBalancerAttributes",
            "elasticloadbalancing:DescribeLoadBalancers",
            "elasticloadbalancing:DescribeRules",
            "elasticloadbalancing:DescribeTags",
            "elasticloadbalancing:DescribeTargetGroupAttributes",
            "elasticloadbalancing:DescribeTargetGroups",
            "elasticloadbalancing:DescribeTargetHealth",
        ],
        Rate::per_second(10, 40),
    ),
    (
        &[
            "elasticloadbalancing:AddListenerCertificates",
            "elasticloadbalancing:CreateListener",
            "elasticloadbalancing:CreateLoadBalancer",
            "elasticloadbalancing:CreateRule",
            "elasticloadbalancing:CreateTargetGroup",
            "elasticloadbalancing:DeleteListener",
            "elasticloadbalancing:DeleteLoadBalancer",
            "elasticloadbalancing:DeleteRule",
            "elasticloadbalancing:DeleteTargetGroup",
            "elasticloadbalancing:DeregisterTargets",
            "elasticloadbalancing:ModifyListener",
            "elasticloadbalancing:ModifyLoadBalancerAttributes",
            "elasticloadbalancing:ModifyRule",
            "elasticloadbalancing:ModifyTargetGroup",
            "elasticloadbalancing:ModifyTargetGroupAttributes",
            "elasticloadbalancing:RegisterTargets",
            "elasticloadbalancing:RemoveListenerCertificates",
            "elasticloadbalancing:SetRulePriorities",
            "elasticloadbalancing:SetSecurityGroups",
            "elasticloadbalancing:SetSubnets",
        ],
        Rate::per_second(3, 20),
    ),
    // Not published.
    (&["acm:ImportCertificate"], Rate::per_second(1, 1)),
    (&["acm:AddTagsToCertificate", "acm:RequestCertificate"], Rate::per_second(5, 5)),
    (&["acm:ListCertificates"], Rate::per_second(8, 8)),
    (&["acm:DeleteCertificate", "acm:DescribeCertificate", "acm:GetCertificate"], Rate::per_second(10, 10)),
    (
        &[
            "iam:AttachRolePolicy",
            "iam:CreateRole",
            "iam:DeleteRole",
            "iam:DeleteRolePolicy",
            "iam:DetachRolePolicy",
            "iam:GetAccountAuthorizationDetails",
            "iam:PutRolePolicy",
            "iam:TagRole",
            "iam:UpdateAssumeRolePolicy",
            "iam:UpdateRole",
        ],
        Rate::per_second(5, 20),
    ),
    (&["kms:CreateAlias", "kms:CreateKey", "kms:DeleteAlias", "kms:UpdateAlias"], Rate::per_second(5, 5)),
    (
        &["kms:CancelKeyDeletion", "kms:EnableKeyRotation", "kms:PutKeyPolicy", "kms:ScheduleKeyDeletion"],
        Rate::per_second(15, 15),
    ),
    (
        &[
            "logs:AssociateKmsKey",
            "logs:CreateLogGroup",
            "logs:DeleteLogGroup",
            "logs:DescribeLogGroups",
            "logs:PutRetentionPolicy",
        ],
        Rate::per_second(10, 10),
    ),
    (&["s3:CreateBucket", "s3:DeleteBucket"], Rate::per_second(2, 2)),
    (&["tag:GetResources"], Rate::per_second(10, 10)),
    (
        &[
            "secretsmanager:CreateSecret",
            "secretsmanager:DeleteResourcePolicy",
            "secretsmanager:DeleteSecret",
            "secretsmanager:PutResourcePolicy",
            "secretsmanager:RestoreSecret",
            "secretsmanager:UpdateSecret",
        ],
        Rate::per_second(50, 50),
    ),
];

/// How often the calls are made: a little less often than AWS takes them, so that none is refused.
pub fn paced() -> impl Iterator<Item = (String, Rate)> {
    documented().map(|(operation, rate)| (operation, slower(rate)))
}

/// [`DOCUMENTED`], one operation at a time.
pub fn documented() -> impl Iterator<Item = (String, Rate)> {
    DOCUMENTED.iter().flat_map(|(operations, rate)| operations.iter().map(|&operation| (operation.to_owned(), *rate)))
}

/// A thirtieth slower (31 s for 30 s), and by the network's jitter where no token is kept back for that.
fn slower(Rate { every, burst }: Rate) -> Rate {
    let kept = burst.div_ceil(10).min(burst - 1);
    let longer = if kept == 0 { (every / 30).max(JITTER) } else { every / 30 };
    Rate { every: every + longer, burst: burst - kept }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn calls_are_made_a_little_less_often_than_aws_takes_them() {
        assert_eq!(slower(Rate::every_millis(30_000, 1)), Rate::every_millis(31_000, 1));
        assert_eq!(slower(Rate::every_millis(1_000, 1)), Rate::every_millis(1_050, 1));
        assert_eq!(slower(Rate::every_millis(300, 40)), Rate::every_millis(310, 36));
    }

    #[test]
    fn no_operation_has_two_limits() {
        let mut names = BTreeSet::new();
        for (operation, _) in documented() {
            assert!(names.insert(operation.clone()), "{operation}");
        }
    }
}
