//! Yearly rotation of keys (`kms:EnableKeyRotation`). Found at the key, if it is on.

use model::{Calls, CreateSafety, Facts, Input, KeyId, Kind};
use serde::{Deserialize, Serialize};

/// AWS makes new key material every year. It goes with the key, and not before.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct KmsKeyRotation {
    pub key: Input<KeyId>,
}

impl Kind for KmsKeyRotation {
    const FACTS: Facts = Facts {
        kind: "kms-key-rotation",
        title: "KMS key rotation",
        located_by: &["key"],
        replace_on: &["key"],
        calls: Calls { create: &["kms:EnableKeyRotation"], ..Calls::NONE },
        ..Facts::of(CreateSafety::Relation)
    };
}

#[cfg(feature = "live")]
mod live {
    use aws_sdk_kms::types::KeyState;
    use engine::{CallError, Made, State};
    use futures::future::try_join_all;
    use model::{Address, Outputs};

    use super::KmsKeyRotation;
    use crate::{
        KmsKey, Live, Seen, Wanted,
        aws::{
            Aws, absent, kms,
            owner::{foreign, owner},
            ready,
        },
    };

    impl Live for KmsKeyRotation {
        async fn read(aws: &Aws, wanted: &[Wanted<Self>]) -> Result<Vec<Seen<Self>>, CallError> {
            Ok(try_join_all(wanted.iter().map(|wanted| look(aws, wanted))).await?.into_iter().flatten().collect())
        }

        async fn create(aws: &Aws, at: &Address, want: &Self) -> Result<Made, CallError> {
            let call = aws.kms.enable_key_rotation().key_id(want.key.as_str()).send();
            aws.call("kms:EnableKeyRotation", at, call).await?;
            Ok(ready(Outputs::new()))
        }

        async fn delete(_: &Aws, _: &Seen<Self>) -> Result<(), CallError> {
            Ok(())
        }
    }

    /// A key that does not rotate will, so it is asked whose it is. One that is pending deletion does not, whatever AWS says.
    async fn look(aws: &Aws, wanted: &Wanted<KmsKeyRotation>) -> Result<Option<Seen<KmsKeyRotation>>, CallError> {
        let Some(key) = wanted.spec.key.if_known() else { return Ok(None) };
        let about = kms::key(aws, &wanted.address, key.as_str()).await?;
        if about.as_ref().as_ref().is_none_or(|about| about.key_state == Some(KeyState::PendingDeletion)) {
            return Ok(None);
        }
        let call = aws.kms.get_key_rotation_status().key_id(key.as_str()).send();
        let Some(found) = absent(aws.call("kms:GetKeyRotationStatus", &wanted.address, call).await)? else {
            return Ok(None);
        };
        if !found.key_rotation_enabled {
            let is_ours = owner::<KmsKey>(aws, &*kms::tags(aws, key.as_str()).await?).is_some();
            return Ok((!is_ours).then(|| foreign(wanted, &format!("the key `{key}`"))));
        }
        Ok(Some(Seen {
            address: wanted.address.clone(),
            spec: wanted.spec.clone(),
            outputs: Outputs::new(),
            state: State::Ready,
            identity: key.to_string(),
        }))
    }
}
