//! New network objects and roles, as services see them that have not heard of them.

use percent_encoding::percent_decode_str;

use super::{
    Asked,
    answers::{Answer, error},
};

/// How a service says that it does not know something, by the start of its name; roles have names of all sorts. Texts as AWS
/// sends them.
const UNKNOWN: &[(&str, &str, u16, &str, &str)] = &[
    // (service, name starts with, status, code, text)
    ("ec2", "fl-", 400, "InvalidFlowLogId.NotFound", "The flow log does not exist"),
    ("ec2", "rtb-", 400, "InvalidRouteTableID.NotFound", "The routeTable ID does not exist"),
    ("ec2", "sg-", 400, "InvalidGroup.NotFound", "The security group does not exist"),
    ("ec2", "subnet-", 400, "InvalidSubnetID.NotFound", "The subnet ID does not exist"),
    ("ec2", "vpc-", 400, "InvalidVpcID.NotFound", "The vpc ID does not exist"),
    ("ec2", "vpce-", 400, "InvalidVpcEndpointId.NotFound", "The Vpc Endpoint Id does not exist"),
    ("ec2", "", 400, "InvalidParameter", "Unable to assume given IAM role"),
    ("elasticloadbalancing", "sg-", 400, "InvalidSecurityGroup", "The security group does not exist"),
    ("elasticloadbalancing", "subnet-", 400, "SubnetNotFound", "The subnet does not exist"),
    ("elasticloadbalancing", "vpc-", 400, "ValidationError", "The VPC ID is not found"),
    ("iam", "", 404, "NoSuchEntity", "The role cannot be found."),
    (
        "kms",
        "",
        400,
        "MalformedPolicyDocumentException",
        "Policy contains a statement with one or more invalid principals.",
    ),
    ("lambda", "sg-", 400, "InvalidParameterValueException", GROUP),
    ("lambda", "subnet-", 400, "InvalidParameterValueException", SUBNET),
    (
        "lambda",
        "",
        400,
        "InvalidParameterValueException",
        "The role defined for the function cannot be assumed by Lambda.",
    ),
    ("route53", "vpc-", 400, "InvalidVPCId", "The VPC does not exist"),
    ("s3", "", 400, "MalformedPolicy", "Invalid principal in policy"),
    (
        "secretsmanager",
        "",
        400,
        "MalformedPolicyDocumentException",
        "This resource policy contains an unsupported principal.",
    ),
];

const GROUP: &str = "Error occurred while DescribeSecurityGroups. EC2 Error Code: InvalidGroup.NotFound. \
                     EC2 Error Message: The security group does not exist";
const SUBNET: &str = "Error occurred while DescribeSubnets. EC2 Error Code: InvalidSubnetID.NotFound. \
                      EC2 Error Message: The subnet ID does not exist";

/// The name of what this answer says was made.
pub(crate) fn born(asked: &Asked, body: &str, answer: &str) -> Option<String> {
    if !asked.operation.starts_with("Create") {
        return None;
    }
    match asked.service.as_str() {
        "ec2" => answer.split(['<', '>']).find(|word| is_id(word) && !body.contains(word)).map(str::to_owned),
        "iam" => body.split('&').find_map(|field| field.strip_prefix("RoleName=")).map(str::to_owned),
        _ => None,
    }
}

fn is_id(word: &str) -> bool {
    let mut starts = UNKNOWN.iter().map(|(_, start, ..)| start).filter(|start| !start.is_empty());
    starts.any(|start| word.starts_with(start))
}

/// The answer to a request that names this, from a service that does not know it; none if it is not named.
pub(crate) fn unknown(asked: &Asked, body: &str, name: &str) -> Option<Answer> {
    // STS checks nothing, and nothing else than these is told of networks or roles.
    let fits = |service: &str, start: &str| {
        asked.service == service && name.starts_with(start) && is_id(name) != start.is_empty()
    };
    let (.., status, code, text) = UNKNOWN.iter().find(|(service, start, ..)| fits(service, start))?;
    names(body, name).then(|| error(asked, *status, code, text))
}

/// Whether a request has this very name, not as a part of a longer one.
fn names(body: &str, name: &str) -> bool {
    let body = percent_decode_str(body).decode_utf8_lossy();
    let ends = |next: Option<char>| next.is_none_or(|next| !next.is_ascii_alphanumeric() && next != '-');
    let mut places = body.match_indices(name);
    places.any(|(at, _)| ends(body[..at].chars().next_back()) && ends(body[at + name.len()..].chars().next()))
}

#[cfg(test)]
mod tests {
    use super::names;

    #[test]
    fn a_name_is_not_a_part_of_another() {
        assert!(names("Action=DescribeVpcs&VpcId.1=vpc-1&X=y", "vpc-1"));
        assert!(names(r#"{"Role":"arn:aws:iam::1:role/demo-food"}"#, "demo-food"));
        assert!(names("Arn=arn%3Aaws%3Aiam%3A%3A1%3Arole%2Fdemo-food", "demo-food"));
        assert!(!names("VpcId=vpc-12&Name=demo-food-api", "vpc-1") && !names("Name=demo-food-api", "demo-food"));
    }
}
