//! What keys and aliases have in common: aliases are the only cheap way to a key, and tags are on keys only.

use std::sync::Arc;

use aws_sdk_kms::types::{AliasListEntry, KeyMetadata};
use engine::CallError;
use model::{Address, Tags};

use super::{Aws, absent};

/// The longest alias is 256 characters, `alias/` included.
const LONGEST: usize = 250;

/// The alias of the key at this address, and of every kind's object of the same target and name.
#[must_use]
pub fn alias_name(aws: &Aws, at: &Address) -> String {
    format!("alias/{}", aws.names.name(at.target(), at.name(), LONGEST))
}

/// Whether an alias has the form of ours; the tags of its key say whether it is.
#[must_use]
pub fn looks_ours(aws: &Aws, alias: &AliasListEntry) -> bool {
    let start = format!("alias/{}-", aws.names.prefix());
    alias.alias_name().is_some_and(|name| name.starts_with(&start))
}

/// Every alias of the account and Region, AWS's own included.
///
/// # Errors
/// What AWS answered, classified.
pub async fn aliases(aws: &Aws) -> Result<Arc<Vec<AliasListEntry>>, CallError> {
    let operation = "kms:ListAliases";
    let pages = aws.kms.list_aliases().into_paginator().items();
    aws.once(operation, async { aws.list(operation, pages.send().try_collect()).await }).await
}

/// A key; none if it does not exist.
///
/// # Errors
/// What AWS answered, classified.
pub async fn key(aws: &Aws, at: &Address, key: &str) -> Result<Arc<Option<KeyMetadata>>, CallError> {
    let operation = "kms:DescribeKey";
    let call = aws.kms.describe_key().key_id(key).send();
    let ask = async { Ok(absent(aws.call(operation, at, call).await)?.and_then(|found| found.key_metadata)) };
    aws.once(&format!("{operation} {key}"), ask).await
}

/// The tags of a key; none if it does not exist.
///
/// # Errors
/// What AWS answered, classified.
pub async fn tags(aws: &Aws, key: &str) -> Result<Arc<Tags>, CallError> {
    let operation = "kms:ListResourceTags";
    let ask = async {
        let pages = aws.kms.list_resource_tags().key_id(key).into_paginator().items();
        let found = absent(aws.list(operation, pages.send().try_collect()).await)?.unwrap_or_default();
        Ok(found.into_iter().map(|tag| (tag.tag_key, tag.tag_value)).collect())
    };
    aws.once(&format!("{operation} {key}"), ask).await
}
