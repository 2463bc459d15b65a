//! What keys and aliases have in common: aliases are the only cheap way to a key, and tags are on keys only.

use std::sync::Arc;

use aws_sdk_kms::types::{AliasListEntry, KeyMetadata};
use engine::CallError;
use futures::future::try_join_all;
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
fn looks_ours(aws: &Aws, alias: &str) -> bool {
    alias.starts_with(&format!("alias/{}-", aws.names.prefix()))
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

/// A key by its id, ARN or alias; none if it does not exist.
///
/// # Errors
/// What AWS answered, classified.
pub async fn key(aws: &Aws, at: &Address, key: &str) -> Result<Arc<Option<KeyMetadata>>, CallError> {
    let call = aws.kms.describe_key().key_id(key).send();
    let ask = async { Ok(absent(aws.call("kms:DescribeKey", at, call).await)?.and_then(|found| found.key_metadata)) };
    aws.once(&described(key), ask).await
}

fn described(key: &str) -> String {
    format!("kms:DescribeKey {key}")
}

/// The aliases with the form of ours that are looked for, and the keys that they lead to: these, or all in a search everywhere.
///
/// # Errors
/// What AWS answered, classified.
pub async fn named(aws: &Aws, wanted: Vec<(&Address, String)>) -> Result<Vec<(String, String)>, CallError> {
    if aws.looks_everywhere().await {
        let is_wanted = |name: &str| wanted.iter().any(|(_, wanted)| wanted == name);
        let pair = |alias: &AliasListEntry| Some((alias.alias_name.clone()?, alias.target_key_id.clone()?));
        let aliases = aliases(aws).await?;
        let ours = aliases.iter().filter_map(pair).filter(|(name, _)| looks_ours(aws, name) || is_wanted(name));
        return Ok(ours.collect());
    }
    let looks =
        wanted.into_iter().map(|(at, alias)| async move { Ok(behind(aws, at, &alias).await?.map(|key| (alias, key))) });
    Ok(try_join_all(looks).await?.into_iter().flatten().collect())
}

/// The key behind an alias. What AWS tells of it is the answer to who asks by the key's own id, too.
async fn behind(aws: &Aws, at: &Address, alias: &str) -> Result<Option<String>, CallError> {
    let found = key(aws, at, alias).await?;
    let Some(about) = &*found else { return Ok(None) };
    aws.once(&described(&about.key_id), async { Ok(Some(about.clone())) }).await?;
    Ok(Some(about.key_id.clone()))
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
