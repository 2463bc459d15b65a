//! Resource policies of secrets (`secretsmanager:*ResourcePolicy`). Found at the secret.

use model::{Calls, CreateSafety, Facts, Field, Input, Kind, Output, Policy, SecretArn};
use serde::{Deserialize, Serialize};

/// Who else may read a secret.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SecretPolicy {
    pub secret: Input<SecretArn>,
    pub policy: Policy,
}

impl SecretPolicy {
    /// The secret's ARN, for those who may read it by this policy only.
    pub const SECRET: Field<Self, SecretArn> = Field::new("secret");
}

impl Kind for SecretPolicy {
    const FACTS: Facts = Facts {
        kind: "secret-policy",
        title: "secret policy",
        located_by: &["secret"],
        replace_on: &["secret"],
        outputs: &[Output::ready("secret")],
        calls: Calls {
            create: &["secretsmanager:PutResourcePolicy"],
            update: &["secretsmanager:PutResourcePolicy"],
            delete: &["secretsmanager:DeleteResourcePolicy"],
            ..Calls::NONE
        },
        ..Facts::of(CreateSafety::Relation)
    };
}

#[cfg(feature = "live")]
mod live {
    use engine::{CallError, Made, State};
    use futures::future::try_join_all;
    use model::{Address, Outputs, Policy};

    use super::SecretPolicy;
    use crate::{
        Live, Seen, Wanted,
        aws::{Aws, absent, outputs, ready},
    };

    impl Live for SecretPolicy {
        async fn read(aws: &Aws, wanted: &[Wanted<Self>]) -> Result<Vec<Seen<Self>>, CallError> {
            Ok(try_join_all(wanted.iter().map(|wanted| look(aws, wanted))).await?.into_iter().flatten().collect())
        }

        async fn create(aws: &Aws, at: &Address, want: &Self) -> Result<Made, CallError> {
            put(aws, at, want).await
        }

        async fn update(aws: &Aws, seen: &Seen<Self>, want: &Self, _: &[String]) -> Result<Made, CallError> {
            put(aws, &seen.address, want).await
        }

        async fn delete(aws: &Aws, seen: &Seen<Self>) -> Result<(), CallError> {
            let call = aws.secrets.delete_resource_policy().secret_id(seen.spec.secret.as_str()).send();
            absent(aws.call("secretsmanager:DeleteResourcePolicy", &seen.address, call).await).map(drop)
        }
    }

    async fn put(aws: &Aws, at: &Address, want: &SecretPolicy) -> Result<Made, CallError> {
        let call = aws.secrets.put_resource_policy().secret_id(want.secret.as_str());
        let call = call.resource_policy(want.policy.document()).block_public_policy(true).send();
        aws.call("secretsmanager:PutResourcePolicy", at, call).await?;
        Ok(ready(of(want.secret.as_str())))
    }

    fn of(secret: &str) -> Outputs {
        outputs([(SecretPolicy::SECRET.name, secret)])
    }

    async fn look(aws: &Aws, wanted: &Wanted<SecretPolicy>) -> Result<Option<Seen<SecretPolicy>>, CallError> {
        let Some(secret) = wanted.spec.secret.if_known() else { return Ok(None) };
        let call = aws.secrets.get_resource_policy().secret_id(secret.as_str()).send();
        let found = absent(aws.call("secretsmanager:GetResourcePolicy", &wanted.address, call).await)?;
        let document = found.and_then(|found| found.resource_policy);
        Ok(document.map(|document| Seen {
            address: wanted.address.clone(),
            spec: SecretPolicy {
                secret: wanted.spec.secret.clone(),
                policy: Policy::parse(&document).unwrap_or_default(),
            },
            outputs: of(secret.as_str()),
            state: State::Ready,
            identity: secret.to_string(),
        }))
    }
}
