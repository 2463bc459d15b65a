//! What the kinds of IAM have in common: one call reports all roles of an account with their policies and tags.

use std::sync::Arc;

use aws_sdk_iam::types::{EntityType, RoleDetail};
use engine::CallError;
use model::{Input, Policy, RoleArn, Tags};
use percent_encoding::percent_decode_str;

use super::Aws;

/// As many as one page holds.
const PAGE: i32 = 1000;

/// Every role of the account.
///
/// # Errors
/// What AWS answered, classified.
pub async fn roles(aws: &Aws) -> Result<Arc<Vec<RoleDetail>>, CallError> {
    let operation = "iam:GetAccountAuthorizationDetails";
    aws.once(operation, async {
        let call = aws.iam.get_account_authorization_details().filter(EntityType::Role).max_items(PAGE);
        let pages: Vec<_> = aws.list(operation, call.into_paginator().send().try_collect()).await?;
        Ok(pages.into_iter().flat_map(|page| page.role_detail_list.unwrap_or_default()).collect())
    })
    .await
}

/// A role's tags.
#[must_use]
pub fn tags(role: &RoleDetail) -> Tags {
    role.tags().iter().map(|tag| (tag.key.clone(), tag.value.clone())).collect()
}

/// The role of this ARN, if it is among them.
#[must_use]
pub fn with_arn<'a>(roles: &'a [RoleDetail], arn: &Input<RoleArn>) -> Option<&'a RoleDetail> {
    let arn = arn.if_known()?.as_str();
    roles.iter().find(|role| role.arn() == Some(arn))
}

/// A role's name is what its ARN ends in, after its path.
#[must_use]
pub fn name(arn: &Input<RoleArn>) -> &str {
    arn.as_str().rsplit('/').next().unwrap_or_default()
}

/// IAM escapes documents as in a URL; a document that is not escaped starts with a brace.
#[must_use]
pub fn policy(document: Option<&str>) -> Policy {
    let document = document.unwrap_or_default();
    if document.starts_with('{') {
        return Policy::parse(document).unwrap_or_default();
    }
    Policy::parse(&percent_decode_str(document).decode_utf8_lossy()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn documents_read_alike_escaped_and_plain() {
        let plain = r#"{"Statement":[{"Effect":"Allow","Action":"s3:GetObject","Resource":"arn:aws:s3:::a%20b/*"}]}"#;
        let escaped = percent_encoding::utf8_percent_encode(plain, percent_encoding::NON_ALPHANUMERIC).to_string();
        assert!(!policy(Some(plain)).statements.is_empty());
        assert_eq!(policy(Some(&escaped)), policy(Some(plain)));
    }

    #[test]
    fn a_role_is_named_after_its_path() {
        assert_eq!(name(&"arn:aws:iam::111122223333:role/a/b/main".into()), "main");
    }
}
