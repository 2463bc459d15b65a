//! What EC2's kinds have in common: tags in and out, answers that several of them read from, failures inside a 200.

use std::sync::Arc;

use aws_sdk_ec2::types::{
    Filter, ResourceType, RouteTable, SecurityGroup, Subnet, Tag, TagSpecification, UnsuccessfulItem, Vpc,
};
use engine::CallError;
use model::{Address, Input, Tags, VpcId};

use super::{Aws, classify};

/// A filter for one value.
#[must_use]
pub fn filter(name: &str, value: impl Into<String>) -> Filter {
    Filter::builder().name(name).values(value).build()
}

/// Filters that match everything of this platform and environment.
#[must_use]
pub fn our_tags(aws: &Aws) -> Vec<Filter> {
    let tag = |key: &str, value: &str| filter(&format!("tag:{key}"), value);
    vec![tag(Tags::PLATFORM, &aws.names.platform), tag(Tags::ENVIRONMENT, &aws.names.environment)]
}

/// The tags of one object, for its create call.
#[must_use]
pub fn tags(aws: &Aws, at: &Address, of: ResourceType) -> TagSpecification {
    let tags = aws.tags(at).0.into_iter().map(|(key, value)| Tag::builder().key(key).value(value).build());
    TagSpecification::builder().resource_type(of).set_tags(Some(tags.collect())).build()
}

/// Whose object the tags say it is, if it is ours and of this kind.
#[must_use]
pub fn address(aws: &Aws, kind: &str, tags: Option<&[Tag]>) -> Option<Address> {
    let pairs = tags.unwrap_or_default().iter();
    let tags: Tags = pairs.filter_map(|tag| Some((tag.key.clone()?, tag.value.clone()?))).collect();
    tags.ours(&aws.names).filter(|address| address.kind() == kind)
}

/// The VPCs that carry our tags.
///
/// # Errors
/// What AWS answered, classified.
pub async fn vpcs(aws: &Aws) -> Result<Arc<Vec<Vpc>>, CallError> {
    let operation = "ec2:DescribeVpcs";
    let pages = aws.ec2.describe_vpcs().set_filters(Some(our_tags(aws))).into_paginator().items();
    aws.once(operation, async { aws.list(operation, pages.send().try_collect()).await }).await
}

/// Whether there can be anything of ours in a VPC: one of the wanted VPCs is known, or at least one of ours exists. What the
/// wanted ones of a first run are in does not, and need not be asked about.
///
/// # Errors
/// What AWS answered, classified.
pub async fn has_networks<'a>(
    aws: &Aws,
    wanted: impl IntoIterator<Item = &'a Input<VpcId>>,
) -> Result<bool, CallError> {
    let known = wanted.into_iter().any(|vpc| vpc.if_known().is_some());
    Ok(known || !vpcs(aws).await?.is_empty())
}

/// The subnets that carry our tags.
///
/// # Errors
/// What AWS answered, classified.
pub async fn subnets(aws: &Aws) -> Result<Arc<Vec<Subnet>>, CallError> {
    let operation = "ec2:DescribeSubnets";
    let pages = aws.ec2.describe_subnets().set_filters(Some(our_tags(aws))).into_paginator().items();
    aws.once(operation, async { aws.list(operation, pages.send().try_collect()).await }).await
}

/// Every route table of the account: ours are told by tag, associations of our subnets may be at any.
///
/// # Errors
/// What AWS answered, classified.
pub async fn route_tables(aws: &Aws) -> Result<Arc<Vec<RouteTable>>, CallError> {
    let operation = "ec2:DescribeRouteTables";
    let pages = aws.ec2.describe_route_tables().into_paginator().items();
    aws.once(operation, async { aws.list(operation, pages.send().try_collect()).await }).await
}

/// Every security group of the account: ours are told by tag, namesakes and the VPCs' own ones are not tagged.
///
/// # Errors
/// What AWS answered, classified.
pub async fn security_groups(aws: &Aws) -> Result<Arc<Vec<SecurityGroup>>, CallError> {
    let operation = "ec2:DescribeSecurityGroups";
    let pages = aws.ec2.describe_security_groups().into_paginator().items();
    aws.once(operation, async { aws.list(operation, pages.send().try_collect()).await }).await
}

/// Some calls answer 200 and list what failed in the body.
///
/// # Errors
/// The first failure, classified like an answer of its own.
pub fn all_done(
    aws: &Aws,
    operation: &str,
    at: &Address,
    unsuccessful: Option<Vec<UnsuccessfulItem>>,
) -> Result<(), CallError> {
    let failures = unsuccessful.unwrap_or_default().into_iter();
    let Some(failure) = failures.filter_map(|item| item.error).next() else { return Ok(()) };
    let (code, message) = (failure.code.unwrap_or_default(), failure.message.unwrap_or_default());
    let class = classify(operation, &code, &message, Some(400));
    Err(CallError { operation: operation.to_owned(), class, code, message, ..aws.refuse(at, "") })
}
