//! KMS aliases (`kms:*Alias`). Unique by name; not taggable, so the key it names says whose it is.

use model::{Calls, CreateSafety, Facts, Input, KeyId, Kind};
use serde::{Deserialize, Serialize};

/// A readable name of a key.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct KmsAlias {
    /// `alias/…`, of `[A-Za-z0-9/_-]`.
    pub name: String,
    pub key: Input<KeyId>,
}

impl Kind for KmsAlias {
    const FACTS: Facts = Facts {
        kind: "kms-alias",
        title: "KMS alias",
        replace_on: &["name"],
        calls: Calls {
            create: &["kms:CreateAlias"],
            update: &["kms:UpdateAlias"],
            delete: &["kms:DeleteAlias"],
            ..Calls::NONE
        },
        ..Facts::of(CreateSafety::Named)
    };
}

#[cfg(feature = "live")]
mod live {
    use engine::{CallError, Made, State};
    use futures::future::try_join_all;
    use model::{Address, Kind as _, Outputs};

    use super::KmsAlias;
    use crate::{
        KmsKey, Live, Seen, Wanted,
        aws::{
            Aws, absent, kms,
            owner::{confirm, foreign, owner},
            ready,
        },
    };

    impl Live for KmsAlias {
        async fn read(aws: &Aws, wanted: &[Wanted<Self>]) -> Result<Vec<Seen<Self>>, CallError> {
            let aliases = wanted.iter().map(|wanted| (&wanted.address, wanted.spec.name.clone()));
            let named = kms::named(aws, aliases.collect()).await?;
            let seen = try_join_all(named.iter().map(|(name, key)| look(aws, name, key, wanted))).await?;
            Ok(seen.into_iter().flatten().collect())
        }

        async fn create(aws: &Aws, at: &Address, want: &Self) -> Result<Made, CallError> {
            let call = aws.kms.create_alias().alias_name(&want.name).target_key_id(want.key.as_str());
            aws.call("kms:CreateAlias", at, call.send()).await?;
            Ok(ready(Outputs::new()))
        }

        async fn update(aws: &Aws, seen: &Seen<Self>, want: &Self, _fields: &[String]) -> Result<Made, CallError> {
            confirm::<KmsKey>(aws, &seen.address, &*kms::tags(aws, seen.spec.key.as_str()).await?)?;
            let call = aws.kms.update_alias().alias_name(&want.name).target_key_id(want.key.as_str());
            aws.call("kms:UpdateAlias", &seen.address, call.send()).await?;
            Ok(ready(Outputs::new()))
        }

        async fn delete(aws: &Aws, seen: &Seen<Self>) -> Result<(), CallError> {
            confirm::<KmsKey>(aws, &seen.address, &*kms::tags(aws, seen.spec.key.as_str()).await?)?;
            let call = aws.kms.delete_alias().alias_name(&seen.spec.name);
            absent(aws.call("kms:DeleteAlias", &seen.address, call.send()).await).map(drop)
        }
    }

    /// An alias is ours if its key is. The key's tags are asked for unless it is the wanted one, as far as that is known: then
    /// nothing will be written.
    async fn look(
        aws: &Aws,
        name: &str,
        key: &str,
        wanted: &[Wanted<KmsAlias>],
    ) -> Result<Option<Seen<KmsAlias>>, CallError> {
        let wanted = wanted.iter().find(|wanted| wanted.spec.name == name);
        let is_as_wanted = |wanted: &KmsAlias| wanted.key.if_known().is_none_or(|id| id.as_str() == key);
        if let Some(wanted) = wanted.filter(|wanted| is_as_wanted(&wanted.spec)) {
            return Ok(Some(seen(wanted.address.clone(), name, key)));
        }
        let tags = kms::tags(aws, key).await?;
        let of_key = owner::<KmsKey>(aws, &tags);
        Ok(match (of_key, wanted) {
            (None, None) => None,
            (None, Some(wanted)) => Some(foreign(wanted, &format!("the alias `{name}`"))),
            (Some(_), Some(wanted)) => Some(seen(wanted.address.clone(), name, key)),
            (Some(at), None) if name == kms::alias_name(aws, &at) => {
                Some(seen(Address::new(at.target(), KmsAlias::FACTS.kind, at.name()), name, key))
            }
            (Some(_), None) => None,
        })
    }

    fn seen(address: Address, name: &str, key: &str) -> Seen<KmsAlias> {
        Seen {
            address,
            spec: KmsAlias { name: name.to_owned(), key: key.into() },
            outputs: Outputs::new(),
            state: State::Ready,
            identity: name.to_owned(),
        }
    }
}
