//! EC2's tags, in and out.

use aws_sdk_ec2::types::{Filter, ResourceType, Tag, TagSpecification};
use model::{Address, Tags};

use super::Aws;

/// Filters that match everything of this platform and environment.
#[must_use]
pub fn our_tags(aws: &Aws) -> Vec<Filter> {
    let filter = |key: &str, value: &str| Filter::builder().name(format!("tag:{key}")).values(value).build();
    vec![filter(Tags::PLATFORM, &aws.names.platform), filter(Tags::ENVIRONMENT, &aws.names.environment)]
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
