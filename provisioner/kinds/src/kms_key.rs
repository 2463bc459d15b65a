//! KMS keys (`kms:*Key*`). Found through their alias, confirmed by tags; a key pending deletion is brought back instead of
//! made again.
//!
//! KMS has no search by tag of its own, and asking every key for its tags is one call a key. So the alias that every key gets
//! leads to it; only for a key whose alias is missing (not made yet, or deleted by a `down`) the nameless ones are asked.

use model::{Calls, CreateSafety, Facts, Field, KeyArn, KeyId, Kind, Output, Policy};
use serde::{Deserialize, Serialize};

/// A symmetric customer key.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct KmsKey {
    pub description: String,
    /// Must leave the account's root in control.
    pub policy: Policy,
    /// It can be used; always wanted.
    pub enabled: bool,
}

impl KmsKey {
    pub const ARN: Field<Self, KeyArn> = Field::new("arn");
    pub const ID: Field<Self, KeyId> = Field::new("id");
}

impl Kind for KmsKey {
    const FACTS: Facts = Facts {
        kind: "kms-key",
        title: "KMS key",
        outputs: &[Output::created("arn"), Output::created("id")],
        holds_data: true,
        calls: Calls {
            create: &["kms:CreateKey"],
            delete: &["kms:ScheduleKeyDeletion"],
            also: &["kms:CancelKeyDeletion", "kms:EnableKey", "kms:PutKeyPolicy", "kms:UpdateKeyDescription"],
            ..Calls::NONE
        },
        ..Facts::of(CreateSafety::TagFirst)
    };
}

#[cfg(feature = "live")]
mod live {
    use std::collections::HashSet;

    use aws_sdk_kms::types::{KeyMetadata, KeyState, Tag};
    use engine::{CallError, Class, Made, RESTORE, State};
    use futures::{future::try_join_all, try_join};
    use model::{Address, Policy, Tags};

    use super::KmsKey;
    use crate::{
        Live, Seen, Wanted,
        aws::{
            Aws, absent, kms,
            normal::{agrees, identity},
            outputs,
            owner::{confirm, foreign, owner},
            ready,
        },
    };

    /// Days in which a deletion can be taken back; the fewest that AWS takes.
    const PENDING_DAYS: i32 = 7;

    /// The only name that a key's policy can have.
    const POLICY: &str = "default";

    impl Live for KmsKey {
        async fn read(aws: &Aws, wanted: &[Wanted<Self>]) -> Result<Vec<Seen<Self>>, CallError> {
            let mut found = named(aws, wanted).await?;
            let is_there = |wanted: &&Wanted<Self>| found.iter().any(|seen| seen.address == wanted.address);
            let missing: Vec<&Address> = wanted.iter().filter(|w| !is_there(w)).map(|w| &w.address).collect();
            if !missing.is_empty() {
                let nameless = nameless(aws).await?;
                found.extend(nameless.into_iter().filter(|seen| is_alive(seen) || missing.contains(&&seen.address)));
            }
            Ok(found)
        }

        async fn create(aws: &Aws, at: &Address, want: &Self) -> Result<Made, CallError> {
            let call = aws
                .kms
                .create_key()
                .description(&want.description)
                .policy(want.policy.document())
                .set_tags(Some(tags(aws.tags(at))));
            let made = aws.call("kms:CreateKey", at, call.send()).await?.key_metadata;
            let made = aws.sent(at, "KeyMetadata", made)?;
            let arn = aws.sent(at, "Arn", made.arn)?;
            Ok(ready(outputs([(Self::ARN.name, arn), (Self::ID.name, made.key_id)])))
        }

        async fn update(aws: &Aws, seen: &Seen<Self>, want: &Self, fields: &[String]) -> Result<Made, CallError> {
            let restore = fields == [RESTORE];
            let is_named = |field: &str| restore || fields.iter().any(|name| name == field);
            if restore {
                cancel_deletion(aws, seen).await?;
            }
            if is_named("policy") {
                let key = seen.output(Self::ID).unwrap_or_default();
                confirm::<Self>(aws, &seen.address, &*kms::tags(aws, &key).await?)?;
                put_policy(aws, seen, &want.policy).await?;
            }
            if is_named("enabled") && !restore {
                enable(aws, seen).await?;
            }
            if is_named("description") {
                describe(aws, seen, &want.description).await?;
            }
            Ok(ready(seen.outputs.clone()))
        }

        async fn delete(aws: &Aws, seen: &Seen<Self>) -> Result<(), CallError> {
            let key = seen.output(Self::ID).unwrap_or_default();
            if kms::key(aws, &seen.address, &key).await?.is_none() {
                return Ok(());
            }
            confirm::<Self>(aws, &seen.address, &*kms::tags(aws, &key).await?)?;
            let call = aws.kms.schedule_key_deletion().key_id(key);
            let call = call.pending_window_in_days(PENDING_DAYS).send();
            absent(aws.call("kms:ScheduleKeyDeletion", &seen.address, call).await).map(drop)
        }
    }

    /// Keys with an alias of ours.
    async fn named(aws: &Aws, wanted: &[Wanted<KmsKey>]) -> Result<Vec<Seen<KmsKey>>, CallError> {
        let aliases = wanted.iter().map(|wanted| (&wanted.address, kms::alias_name(aws, &wanted.address)));
        let named = kms::named(aws, aliases.collect()).await?;
        let looks = named.iter().map(|(alias, key)| behind(aws, alias, key, wanted));
        Ok(try_join_all(looks).await?.into_iter().flatten().collect())
    }

    /// Its tags are asked for unless it is as wanted already: then it will not be written to, and whose it is makes no
    /// difference yet.
    async fn behind(
        aws: &Aws,
        alias: &str,
        key: &str,
        wanted: &[Wanted<KmsKey>],
    ) -> Result<Option<Seen<KmsKey>>, CallError> {
        let wanted = wanted.iter().find(|wanted| kms::alias_name(aws, &wanted.address) == alias);
        let seen = match wanted {
            Some(wanted) => look(aws, wanted.address.clone(), key).await?,
            None => None,
        };
        if let (Some(seen), Some(wanted)) = (&seen, wanted)
            && seen.state == State::Ready
            && agrees(&seen.spec, &wanted.spec)
        {
            return Ok(Some(seen.clone()));
        }
        let tags = kms::tags(aws, key).await?;
        match (owner::<KmsKey>(aws, &tags), seen) {
            (Some(address), Some(seen)) => Ok(Some(Seen { address, ..seen })),
            (Some(address), None) => look(aws, address, key).await,
            (None, _) => Ok(wanted.map(|wanted| foreign(wanted, &format!("a key with the alias `{alias}`")))),
        }
    }

    /// Our keys without any alias.
    async fn nameless(aws: &Aws) -> Result<Vec<Seen<KmsKey>>, CallError> {
        let aliases = kms::aliases(aws).await?;
        let aliased: HashSet<&str> = aliases.iter().filter_map(|alias| alias.target_key_id()).collect();
        let pages = aws.kms.list_keys().into_paginator().items();
        let keys = aws.list("kms:ListKeys", pages.send().try_collect()).await?;
        let keys = keys.into_iter().filter_map(|key| key.key_id).filter(|key| !aliased.contains(key.as_str()));
        let looks = keys.map(|key| async move {
            match owner_if_told(aws, &key).await? {
                Some(address) => look(aws, address, &key).await,
                None => Ok(None),
            }
        });
        Ok(try_join_all(looks).await?.into_iter().flatten().collect())
    }

    /// A key whose policy keeps us out is not ours.
    async fn owner_if_told(aws: &Aws, key: &str) -> Result<Option<Address>, CallError> {
        match kms::tags(aws, key).await {
            Ok(tags) => Ok(owner::<KmsKey>(aws, &tags)),
            Err(error) if error.class == Class::Denied => Ok(None),
            Err(error) => Err(error),
        }
    }

    async fn look(aws: &Aws, address: Address, key: &str) -> Result<Option<Seen<KmsKey>>, CallError> {
        let policy = aws.kms.get_key_policy().key_id(key).policy_name(POLICY).send();
        let policy = aws.call("kms:GetKeyPolicy", &address, policy);
        let (about, policy) = try_join!(kms::key(aws, &address, key), policy)?;
        Ok(Option::clone(&about).and_then(|about| seen(address, about, policy.policy?)))
    }

    async fn put_policy(aws: &Aws, seen: &Seen<KmsKey>, policy: &Policy) -> Result<(), CallError> {
        let call = aws.kms.put_key_policy().set_key_id(seen.output(KmsKey::ID)).policy_name(POLICY);
        let call = call.policy(policy.document());
        aws.call("kms:PutKeyPolicy", &seen.address, call.send()).await.map(drop)
    }

    async fn describe(aws: &Aws, seen: &Seen<KmsKey>, description: &str) -> Result<(), CallError> {
        let call = aws.kms.update_key_description().set_key_id(seen.output(KmsKey::ID)).description(description);
        aws.call("kms:UpdateKeyDescription", &seen.address, call.send()).await.map(drop)
    }

    /// Of a repeat after a lost answer AWS says that the key is in another state: then it is not pending any more.
    async fn cancel_deletion(aws: &Aws, seen: &Seen<KmsKey>) -> Result<(), CallError> {
        let call = aws.kms.cancel_key_deletion().set_key_id(seen.output(KmsKey::ID)).send();
        match aws.call("kms:CancelKeyDeletion", &seen.address, call).await {
            Err(error) if error.code != "KMSInvalidStateException" => Err(error),
            _ => enable(aws, seen).await,
        }
    }

    async fn enable(aws: &Aws, seen: &Seen<KmsKey>) -> Result<(), CallError> {
        let call = aws.kms.enable_key().set_key_id(seen.output(KmsKey::ID)).send();
        aws.call("kms:EnableKey", &seen.address, call).await.map(drop)
    }

    fn tags(tags: Tags) -> Vec<Tag> {
        let tag = |(key, value)| Tag::builder().tag_key(key).tag_value(value).build();
        tags.0.into_iter().map(|pair| tag(pair).expect("a tag has a key and a value")).collect()
    }

    fn is_alive(seen: &Seen<KmsKey>) -> bool {
        !matches!(seen.state, State::Retired(_))
    }

    fn seen(address: Address, key: KeyMetadata, policy: String) -> Option<Seen<KmsKey>> {
        Some(Seen {
            address,
            spec: KmsKey {
                description: key.description.unwrap_or_default(),
                policy: Policy::parse(&policy).unwrap_or_default(),
                enabled: key.enabled,
            },
            identity: identity(key.creation_date.as_ref(), &key.key_id),
            state: state(key.key_state.as_ref()),
            outputs: outputs([(KmsKey::ARN.name, key.arn?), (KmsKey::ID.name, key.key_id)]),
        })
    }

    fn state(state: Option<&KeyState>) -> State {
        match state {
            Some(KeyState::PendingDeletion) => State::Retired("pending deletion".to_owned()),
            Some(state @ (KeyState::Creating | KeyState::Updating | KeyState::Unavailable)) => {
                State::Pending(state.as_str().to_owned())
            }
            _ => State::Ready,
        }
    }
}
