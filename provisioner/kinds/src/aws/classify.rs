//! The one table from AWS's error codes and texts to what they mean.
//!
//! Sources: the error lists of each service's API reference; the retry mode `standard` of the AWS SDKs for the throttling
//! codes; texts as AWS sends them while IAM changes propagate. Where a code is ambiguous the operation decides.

use engine::Class;

/// Codes with one meaning everywhere.
const CODES: &[(&str, Class)] = &[
    // throttled
    ("BandwidthLimitExceeded", Class::Throttled),
    ("EC2ThrottledException", Class::Throttled),
    ("PriorRequestNotComplete", Class::Throttled),
    ("ProvisionedThroughputExceededException", Class::Throttled),
    ("RequestLimitExceeded", Class::Throttled),
    ("RequestThrottled", Class::Throttled),
    ("RequestThrottledException", Class::Throttled),
    ("SlowDown", Class::Throttled),
    ("ThrottledException", Class::Throttled),
    ("Throttling", Class::Throttled),
    ("ThrottlingException", Class::Throttled),
    ("TooManyRequestsException", Class::Throttled),
    // credentials
    ("ExpiredToken", Class::Credentials),
    ("ExpiredTokenException", Class::Credentials),
    ("InvalidClientTokenId", Class::Credentials),
    ("RequestExpired", Class::Credentials),
    ("UnrecognizedClientException", Class::Credentials),
    // denied
    ("AccessDenied", Class::Denied),
    ("AccessDeniedException", Class::Denied),
    ("AuthorizationError", Class::Denied),
    ("UnauthorizedOperation", Class::Denied),
    // busy
    ("BucketNotEmpty", Class::Busy),
    ("ConcurrentModification", Class::Busy),
    ("ConcurrentModificationException", Class::Busy),
    ("ContinuousBackupsUnavailableException", Class::Busy),
    ("DeleteConflict", Class::Busy),
    ("DependencyViolation", Class::Busy),
    ("IncorrectState", Class::Busy),
    ("InvalidIPAddress.InUse", Class::Busy),
    ("OperationAborted", Class::Busy),
    ("OperationAbortedException", Class::Busy),
    ("ResourceInUse", Class::Busy),
    // gone
    ("BucketNotFound", Class::Gone),
    ("CertificateNotFound", Class::Gone),
    ("ListenerNotFound", Class::Gone),
    ("LoadBalancerNotFound", Class::Gone),
    ("NoSuchBucket", Class::Gone),
    ("NoSuchBucketPolicy", Class::Gone),
    ("NoSuchEntity", Class::Gone),
    ("NoSuchHostedZone", Class::Gone),
    ("NoSuchTagSet", Class::Gone),
    ("NotFound", Class::Gone),
    ("NotFoundException", Class::Gone),
    ("ResourceNotFoundException", Class::Gone),
    ("RuleNotFound", Class::Gone),
    ("TargetGroupNotFound", Class::Gone),
    ("TableNotFoundException", Class::Gone),
    // exists
    ("AlreadyExistsException", Class::Exists),
    ("BucketAlreadyOwnedByYou", Class::Exists),
    ("DuplicateListener", Class::Exists),
    ("DuplicateLoadBalancerName", Class::Exists),
    ("DuplicateTargetGroupName", Class::Exists),
    ("EntityAlreadyExists", Class::Exists),
    ("FlowLogAlreadyExists", Class::Exists),
    ("InvalidGroup.Duplicate", Class::Exists),
    ("InvalidPermission.Duplicate", Class::Exists),
    ("Resource.AlreadyAssociated", Class::Exists),
    ("ResourceAlreadyExistsException", Class::Exists),
    ("ResourceExistsException", Class::Exists),
];

/// Codes whose meaning depends on the operation, or on a piece of the text. The first match wins.
const PARTICULAR: &[(&str, &str, &str, Class)] = &[
    // (operation starts with, code, text contains, meaning)
    ("acm:DeleteCertificate", "ResourceInUseException", "", Class::Busy),
    ("apigateway:CreateBasePathMapping", "ConflictException", "already exists", Class::Exists),
    ("apigateway:CreateDomainName", "BadRequestException", "already exists", Class::Exists),
    ("apigateway:CreateStage", "ConflictException", "already exists", Class::Exists),
    ("apigateway:", "BadRequestException", "could not successfully write to CloudWatch Logs", Class::NotYet),
    ("apigateway:", "BadRequestException", "does not have required permissions configured", Class::NotYet),
    ("apigateway:", "BadRequestException", "remove all base path mappings", Class::Busy),
    ("apigateway:", "BadRequestException", "CloudWatch Logs role ARN must be set", Class::NotYet),
    ("apigateway:", "BadRequestException", "Active stages pointing to this deployment", Class::Busy),
    ("apigateway:", "ConflictException", "", Class::Busy),
    ("apigateway:", "LimitExceededException", "", Class::Throttled),
    ("dynamodb:CreateTable", "ResourceInUseException", "", Class::Exists),
    ("dynamodb:UpdateTimeToLive", "ValidationException", "within a fixed interval", Class::Busy),
    ("dynamodb:", "LimitExceededException", "", Class::Throttled),
    ("dynamodb:", "ResourceInUseException", "", Class::Busy),
    ("dynamodb:", "TransactionCanceledException", "Throttl", Class::Throttled),
    ("dynamodb:", "TransactionCanceledException", "TransactionConflict", Class::Busy),
    ("ec2:CreateFlowLogs", "", "Access Denied for LogDestination", Class::NotYet),
    ("ec2:CreateFlowLogs", "", "Unable to assume", Class::NotYet),
    // An endpoint that is being deleted holds its private DNS name and its routes for a while.
    ("ec2:CreateVpcEndpoint", "InvalidParameter", "conflicting DNS domain", Class::Busy),
    ("ec2:CreateVpcEndpoint", "RouteAlreadyExists", "", Class::Busy),
    ("elasticloadbalancing:", "CertificateNotFound", "", Class::NotYet),
    ("elasticloadbalancing:CreateTargetGroup", "ValidationError", "not found", Class::NotYet),
    ("elasticloadbalancing:", "InvalidConfigurationRequest", "Access Denied for bucket", Class::NotYet),
    ("elasticloadbalancing:", "UnsupportedCertificate", "", Class::NotYet),
    ("elasticloadbalancing:DeregisterTargets", "InvalidTarget", "", Class::Gone),
    ("elasticloadbalancing:", "InvalidSecurityGroup", "", Class::NotYet),
    ("elasticloadbalancing:", "InvalidSubnet", "", Class::NotYet),
    ("elasticloadbalancing:", "PriorityInUse", "", Class::Busy),
    ("elasticloadbalancing:", "SubnetNotFound", "", Class::NotYet),
    ("iam:AttachRolePolicy", "NoSuchEntity", "", Class::NotYet),
    ("iam:PutRolePolicy", "NoSuchEntity", "", Class::NotYet),
    ("route53:AssociateVPCWithHostedZone", "InvalidVPCId", "", Class::NotYet),
    ("route53:CreateHostedZone", "InvalidVPCId", "", Class::NotYet),
    ("kms:EnableKeyRotation", "DisabledException", "", Class::NotYet),
    ("kms:ScheduleKeyDeletion", "KMSInvalidStateException", "pending deletion", Class::Gone),
    ("kms:", "KMSInvalidStateException", "", Class::NotYet),
    ("kms:", "MalformedPolicyDocumentException", "invalid principals", Class::NotYet),
    ("lambda:AddPermission", "ResourceConflictException", "already exists", Class::Exists),
    ("lambda:CreateFunction", "ResourceConflictException", "already exist", Class::Exists),
    ("lambda:CreateAlias", "", "already exist", Class::Exists),
    ("lambda:", "InvalidParameterValueException", "cannot be assumed by Lambda", Class::NotYet),
    ("lambda:", "InvalidParameterValueException", "does not have permissions", Class::NotYet),
    ("lambda:", "InvalidParameterValueException", "KMS key is invalid for CreateGrant", Class::NotYet),
    ("lambda:", "InvalidParameterValueException", "throttled by EC2", Class::NotYet),
    // "EC2 Error Code: InvalidSubnetID.NotFound": subnets and groups are references, so they are new, not wrong.
    ("lambda:", "InvalidParameterValueException", ".NotFound", Class::NotYet),
    ("lambda:", "ResourceConflictException", "", Class::Busy),
    ("logs:", "InvalidParameterException", "not allowed to be used with", Class::NotYet),
    ("route53:CreateHostedZone", "HostedZoneAlreadyExists", "", Class::Exists),
    ("route53:DeleteHostedZone", "HostedZoneNotEmpty", "", Class::Busy),
    ("s3:", "MalformedPolicy", "Invalid principal", Class::NotYet),
    ("secretsmanager:", "AccessDeniedException", "Access to KMS", Class::NotYet),
    ("secretsmanager:CreateSecret", "InvalidRequestException", "scheduled for deletion", Class::NotYet),
    ("secretsmanager:CreateSecret", "InvalidRequestException", "was deleted", Class::NotYet),
    ("secretsmanager:PutResourcePolicy", "MalformedPolicyDocumentException", "unsupported principal", Class::NotYet),
    ("iam:", "MalformedPolicyDocument", "Invalid principal", Class::NotYet),
    ("iam:", "InvalidInput", "has been taken", Class::Exists),
];

/// What an answer means.
#[must_use]
pub fn classify(operation: &str, code: &str, message: &str, status: Option<u16>) -> Class {
    let particular = PARTICULAR.iter().find(|(prefix, of, text, _)| {
        operation.starts_with(prefix) && (of.is_empty() || *of == code) && message.contains(text)
    });
    if let Some((.., class)) = particular {
        return *class;
    }
    if let Some((_, class)) = CODES.iter().find(|(of, _)| *of == code) {
        return *class;
    }
    by_shape(code, message, status)
}

/// EC2 has a `…NotFound` code per type; everything else is told by status.
fn by_shape(code: &str, message: &str, status: Option<u16>) -> Class {
    if code.ends_with(".NotFound") || code.ends_with("NotFound") {
        return Class::Gone;
    }
    if message.contains("Rate exceeded") {
        return Class::Throttled;
    }
    match status {
        None | Some(500..) => Class::Unknown,
        Some(404) => Class::Gone,
        Some(429) => Class::Throttled,
        Some(_) => Class::Fatal,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_ambiguous_code_is_told_by_its_operation() {
        let class = |operation| classify(operation, "ResourceInUseException", "", Some(400));
        assert_eq!(class("dynamodb:CreateTable"), Class::Exists);
        assert_eq!(class("dynamodb:DeleteTable"), Class::Busy);
    }

    #[test]
    fn a_name_that_is_taken_is_told_from_a_change_under_way() {
        let class = |operation, code, message| classify(operation, code, message, Some(400));
        let taken = "The domain name you provided already exists.";
        assert_eq!(class("apigateway:CreateDomainName", "BadRequestException", taken), Class::Exists);
        assert_eq!(class("apigateway:CreateStage", "ConflictException", "Stage already exists"), Class::Exists);
        assert_eq!(class("apigateway:UpdateStage", "ConflictException", "Unable to complete operation"), Class::Busy);
        let function = "ResourceConflictException";
        assert_eq!(class("lambda:CreateFunction", function, "Function already exist: orders"), Class::Exists);
        assert_eq!(class("lambda:CreateFunction", function, "An update is in progress"), Class::Busy);
    }

    #[test]
    fn a_role_that_has_not_arrived_is_waited_for() {
        let message = "The role defined for the function cannot be assumed by Lambda.";
        let class = classify("lambda:CreateFunction", "InvalidParameterValueException", message, Some(400));
        assert_eq!(class, Class::NotYet);
        let other = classify("lambda:CreateFunction", "InvalidParameterValueException", "memory size", Some(400));
        assert_eq!(other, Class::Fatal);
    }

    #[test]
    fn a_network_that_lambda_has_not_heard_of_is_waited_for() {
        let message = "Error occurred while DescribeSubnets. EC2 Error Code: InvalidSubnetID.NotFound. EC2 Error Message: \
                       The subnet ID 'subnet-1' does not exist";
        let class = classify("lambda:CreateFunction", "InvalidParameterValueException", message, Some(400));
        assert_eq!(class, Class::NotYet);
    }

    #[test]
    fn ec2_codes_and_silence_are_told_by_shape() {
        assert_eq!(classify("ec2:DeleteSubnet", "InvalidSubnetID.NotFound", "", Some(400)), Class::Gone);
        assert_eq!(classify("ec2:CreateVpc", "no-answer", "connection reset", None), Class::Unknown);
        assert_eq!(classify("apigateway:CreateRestApi", "X", "", Some(503)), Class::Unknown);
    }
}
