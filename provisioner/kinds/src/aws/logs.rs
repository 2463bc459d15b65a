//! What log groups and their retention have in common: one call lists the groups of an account, without their tags.

use std::sync::Arc;

use aws_sdk_cloudwatchlogs::types::LogGroup;
use engine::CallError;
use model::Tags;

use super::Aws;

/// As many as one page holds.
const PAGE: i32 = 50;

/// The log groups of the platform: all of their names start with its prefix, those of functions too. By prefix and not by
/// pattern: with a pattern AWS leaves the key and the retention out of its answer.
///
/// # Errors
/// What AWS answered, classified.
pub async fn groups(aws: &Aws) -> Result<Arc<Vec<LogGroup>>, CallError> {
    let operation = "logs:DescribeLogGroups";
    let call = aws.logs.describe_log_groups().log_group_name_prefix(start(&aws.names.prefix())).limit(PAGE);
    let pages = call.into_paginator().items();
    aws.once(operation, aws.list(operation, pages.send().try_collect())).await
}

/// Another platform's name may start with this one's.
fn start(prefix: &str) -> String {
    format!("/{prefix}/")
}

/// The ARN without the trailing `:*`.
#[must_use]
pub fn arn(aws: &Aws, name: &str) -> String {
    aws.arn("logs", &format!("log-group:{name}"))
}

/// The name that the ARN of a group ends in.
#[must_use]
pub fn name(arn: &str) -> &str {
    arn.split_once(":log-group:").map_or(arn, |(_, name)| name)
}

/// The tags of a group.
///
/// # Errors
/// What AWS answered, classified.
pub async fn tags(aws: &Aws, arn: &str) -> Result<Tags, CallError> {
    let call = aws.logs.list_tags_for_resource().resource_arn(arn).send();
    let found = aws.list("logs:ListTagsForResource", call).await?;
    Ok(found.tags.unwrap_or_default().into_iter().collect())
}

#[cfg(test)]
mod tests {
    use super::{name, start};

    #[test]
    fn a_group_is_named_in_its_arn() {
        assert_eq!(name("arn:aws:logs:eu-west-1:111122223333:log-group:/aws/lambda/a"), "/aws/lambda/a");
    }

    #[test]
    fn another_platforms_name_may_start_with_ours() {
        let is_listed = |name: &str| name.starts_with(&start("demo-local"));
        assert!(is_listed("/demo-local/food/flow-log"));
        assert!(!["/aws/lambda/demo-local-a", "/demo-locals/food", "/demo-local"].into_iter().any(is_listed));
    }
}
