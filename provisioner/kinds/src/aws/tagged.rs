//! Whose an object is that AWS lists without its tags: one search by tag (`tag:GetResources`) instead of a question for each.
//!
//! The search lags behind writes and does not know every sort of object. So it is believed only when it says "ours", the others
//! are asked, and who takes away what nobody wants, and wants to know for sure, asks all of them.

use std::{collections::HashMap, sync::Arc};

use aws_sdk_resourcegroupstagging::types::{ResourceTagMapping, TagFilter};
use engine::CallError;
use model::Tags;

use super::Aws;

/// What is searched for ("Services that support the Resource Groups Tagging API").
const TYPES: [&str; 3] = ["acm:certificate", "dynamodb:table", "elasticloadbalancing"];

/// The most that a page holds; without it a page ends at 100 tags.
const TAGS_A_PAGE: i32 = 500;

/// Tags by ARN.
pub(crate) type Tagged = HashMap<String, Tags>;

/// The tags of this platform's and environment's objects, as far as the search knows them; none in a search everywhere.
///
/// # Errors
/// What AWS answered, classified.
pub(crate) async fn ours(aws: &Aws) -> Result<Arc<Tagged>, CallError> {
    if aws.looks_everywhere().await {
        return Ok(Arc::default());
    }
    let filters = [(Tags::PLATFORM, &aws.names.platform), (Tags::ENVIRONMENT, &aws.names.environment)];
    let filters = filters.map(|(key, value)| TagFilter::builder().key(key).values(value).build());
    let call = aws.tagging.get_resources().tags_per_page(TAGS_A_PAGE);
    let call = call.set_resource_type_filters(Some(TYPES.map(str::to_owned).into()));
    let pages = call.set_tag_filters(Some(filters.into())).into_paginator().items();
    let operation = "tag:GetResources";
    let ask = async {
        let found: Vec<_> = aws.list(operation, pages.send().try_collect()).await?;
        Ok(found.into_iter().filter_map(tagged).collect())
    };
    aws.once(operation, ask).await
}

fn tagged(found: ResourceTagMapping) -> Option<(String, Tags)> {
    let tags = found.tags().iter().map(|tag| (tag.key().to_owned(), tag.value().to_owned())).collect();
    Some((found.resource_arn?, tags))
}
