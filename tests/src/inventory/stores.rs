//! What holds data: keys, secrets, buckets, tables and log groups.

use aws_sdk_kms::types::{KeyManagerType, KeyMetadata, KeyState};
use futures::future::join_all;

use super::lines;
use crate::Account;

pub(super) async fn look(account: &Account) -> Vec<String> {
    let (secrets, buckets, tables, logs) = tokio::join!(
        account.secrets.list_secrets().include_planned_deletion(true).send(),
        account.s3.list_buckets().send(),
        account.dynamodb.list_tables().send(),
        account.logs.describe_log_groups().send(),
    );
    let mut found = keys(account).await;
    found.extend(lines("secret", secrets.expect("secrets").secret_list(), |it| it.name()));
    found.extend(lines("bucket", buckets.expect("buckets").buckets(), |it| it.name()));
    found.extend(lines("table", tables.expect("tables").table_names(), |it| Some(it)));
    found.extend(lines("log-group", logs.expect("log groups").log_groups(), |it| it.log_group_name()));
    found
}

async fn keys(account: &Account) -> Vec<String> {
    let keys = account.kms.list_keys().send().await.expect("keys").keys.unwrap_or_default();
    let described =
        join_all(keys.iter().map(|key| account.kms.describe_key().set_key_id(key.key_id.clone()).send())).await;
    let described = described.into_iter().filter_map(|answer| answer.expect("a key").key_metadata);
    let made = described.filter(|key| key.key_manager() != Some(&KeyManagerType::Aws));
    let line = |key: KeyMetadata| match key.key_state() {
        Some(KeyState::PendingDeletion) => format!("key [{}] pending deletion", key.key_id()),
        _ => format!("key [{}]", key.key_id()),
    };
    let mut found: Vec<String> = made.map(line).collect();
    let aliases = account.kms.list_aliases().send().await.expect("aliases").aliases.unwrap_or_default();
    let made = aliases.into_iter().filter(|it| it.alias_name().is_some_and(|name| !name.starts_with("alias/aws/")));
    found.extend(lines("key-alias", &made.collect::<Vec<_>>(), |it| it.alias_name()));
    found
}
