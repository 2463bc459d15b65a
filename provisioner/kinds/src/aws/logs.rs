//! What log groups and their retention have in common: one call lists the groups of an account, without their tags.

use std::sync::Arc;

use aws_sdk_cloudwatchlogs::types::LogGroup;
use engine::CallError;
use model::Tags;

use super::Aws;

/// As many as one page holds.
const PAGE: i32 = 50;

/// Every log group with the platform's prefix somewhere in its name.
///
/// # Errors
/// What AWS answered, classified.
pub async fn groups(aws: &Aws) -> Result<Arc<Vec<LogGroup>>, CallError> {
    let (operation, prefix) = ("logs:DescribeLogGroups", aws.names.prefix());
    aws.once(operation, async {
        let call = aws.logs.describe_log_groups().log_group_name_pattern(&prefix).limit(PAGE);
        let mut found: Vec<_> = aws.list(operation, call.into_paginator().items().send().try_collect()).await?;
        found.retain(|group| group.log_group_name().is_some_and(|name| is_prefixed(name, &prefix)));
        Ok(found)
    })
    .await
}

/// With the character after the prefix, so that another platform's name may start with this one's.
fn is_prefixed(name: &str, prefix: &str) -> bool {
    name.match_indices(prefix).any(|(at, _)| name[at + prefix.len()..].starts_with(['-', '/']))
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
    use super::{is_prefixed, name};

    #[test]
    fn a_group_is_named_in_its_arn() {
        assert_eq!(name("arn:aws:logs:eu-west-1:111122223333:log-group:/aws/lambda/a"), "/aws/lambda/a");
    }

    #[test]
    fn the_prefix_stands_for_itself_anywhere() {
        for name in ["/aws/lambda/demo-local-food-a", "/demo-local/food/flow-log", "demo-locals/demo-local-x"] {
            assert!(is_prefixed(name, "demo-local"), "{name}");
        }
        for name in ["/demo-locals/food", "/demo-local", "/demo/local"] {
            assert!(!is_prefixed(name, "demo-local"), "{name}");
        }
    }
}
