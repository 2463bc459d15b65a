//! Secrets (`secretsmanager:*`). Found by name; one scheduled for deletion is restored instead of made again.

use model::{Calls, CreateSafety, Facts, Field, Input, KeyArn, Kind, Output, PlainText, SecretArn};
use serde::{Deserialize, Serialize};

/// A secret with one text value; who else may read it says a `SecretPolicy`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Secret {
    /// Of `[A-Za-z0-9/_+=.@-]`, not ending in a hyphen and six characters.
    pub name: String,
    pub description: String,
    /// A customer key: the default one cannot be shared with other accounts.
    pub key: Input<KeyArn>,
    pub value: Input<PlainText>,
}

impl Secret {
    /// Ends in six random characters; other accounts must use it whole.
    pub const ARN: Field<Self, SecretArn> = Field::new("arn");
}

impl Kind for Secret {
    const FACTS: Facts = Facts {
        kind: "secret",
        title: "secret",
        replace_on: &["name"],
        outputs: &[Output::created("arn")],
        secret: &["value"],
        holds_data: true,
        calls: Calls {
            create: &["secretsmanager:CreateSecret"],
            update: &["secretsmanager:UpdateSecret"],
            delete: &["secretsmanager:DeleteSecret"],
            also: &["secretsmanager:RestoreSecret"],
        },
        ..Facts::of(CreateSafety::Named)
    };
}

#[cfg(feature = "live")]
mod live {
    use aws_sdk_secretsmanager::{operation::describe_secret::DescribeSecretOutput, types::Tag};
    use engine::{CallError, Made, RESTORE, State};
    use futures::future::try_join_all;
    use model::{Address, PlainText, Tags};

    use super::Secret;
    use crate::{
        Live, Seen, Wanted,
        aws::{
            Aws, absent,
            normal::identity,
            outputs,
            owner::{foreign, owner},
            ready,
        },
    };

    impl Live for Secret {
        async fn read(aws: &Aws, wanted: &[Wanted<Self>]) -> Result<Vec<Seen<Self>>, CallError> {
            let looks = try_join_all(wanted.iter().map(|wanted| look(aws, wanted))).await?;
            Ok(looks.into_iter().flatten().collect())
        }

        async fn create(aws: &Aws, at: &Address, want: &Self) -> Result<Made, CallError> {
            let call = aws
                .secrets
                .create_secret()
                .name(&want.name)
                .description(&want.description)
                .kms_key_id(want.key.as_str())
                .secret_string(want.value.as_str())
                .client_request_token(aws.token(at, want))
                .set_tags(Some(tags(aws.tags(at))));
            let made = aws.call("secretsmanager:CreateSecret", at, call.send()).await?;
            let arn = aws.sent(at, "ARN", made.arn)?;
            Ok(ready(outputs([(Self::ARN.name, arn)])))
        }

        async fn update(aws: &Aws, seen: &Seen<Self>, want: &Self, fields: &[String]) -> Result<Made, CallError> {
            let restore = fields == [RESTORE];
            let is_named = |field: &str| restore || fields.iter().any(|name| name == field);
            if restore {
                let call = aws.secrets.restore_secret().set_secret_id(seen.output(Self::ARN)).send();
                aws.call("secretsmanager:RestoreSecret", &seen.address, call).await?;
            }
            if is_named("description") || is_named("key") || is_named("value") {
                change(aws, seen, want, is_named).await?;
            }
            Ok(ready(seen.outputs.clone()))
        }

        /// At once: the value can be made again, and a name that stays reserved for days is in the way of the next run.
        async fn delete(aws: &Aws, seen: &Seen<Self>) -> Result<(), CallError> {
            let call = aws.secrets.delete_secret().set_secret_id(seen.output(Self::ARN));
            let call = call.force_delete_without_recovery(true).send();
            absent(aws.call("secretsmanager:DeleteSecret", &seen.address, call).await).map(drop)
        }
    }

    async fn look(aws: &Aws, wanted: &Wanted<Secret>) -> Result<Option<Seen<Secret>>, CallError> {
        let call = aws.secrets.describe_secret().secret_id(&wanted.spec.name).send();
        let answer = aws.call("secretsmanager:DescribeSecret", &wanted.address, call).await;
        let Some(about) = absent(answer)? else { return Ok(None) };
        let Some(address) = owner::<Secret>(aws, &found_tags(&about)) else {
            return Ok(Some(foreign(wanted, &format!("a secret named `{}`", wanted.spec.name))));
        };
        if about.deleted_date.is_some() {
            return Ok(seen(aws, address, about, "".into()));
        }
        let value = value(aws, wanted).await?;
        Ok(seen(aws, address, about, value))
    }

    /// Empty if no version is the current one.
    async fn value(aws: &Aws, wanted: &Wanted<Secret>) -> Result<PlainText, CallError> {
        let call = aws.secrets.get_secret_value().secret_id(&wanted.spec.name).send();
        let found = absent(aws.call("secretsmanager:GetSecretValue", &wanted.address, call).await)?;
        Ok(found.and_then(|found| found.secret_string).unwrap_or_default().into())
    }

    /// One call for all three. The SDK makes a token of its own: with the create call's, a value that was wanted before
    /// would be taken for a repeat.
    async fn change(
        aws: &Aws,
        seen: &Seen<Secret>,
        want: &Secret,
        is_named: impl Fn(&str) -> bool,
    ) -> Result<(), CallError> {
        let named = |field: &str, text: &str| is_named(field).then(|| text.to_owned());
        let call = aws
            .secrets
            .update_secret()
            .set_secret_id(seen.output(Secret::ARN))
            .set_description(named("description", &want.description))
            .set_kms_key_id(named("key", want.key.as_str()))
            .set_secret_string(named("value", want.value.as_str()));
        aws.call("secretsmanager:UpdateSecret", &seen.address, call.send()).await.map(drop)
    }

    fn tags(tags: Tags) -> Vec<Tag> {
        tags.0.into_iter().map(|(key, value)| Tag::builder().key(key).value(value).build()).collect()
    }

    fn found_tags(about: &DescribeSecretOutput) -> Tags {
        about.tags().iter().filter_map(|tag| Some((tag.key()?, tag.value()?))).collect()
    }

    fn seen(aws: &Aws, address: Address, about: DescribeSecretOutput, value: PlainText) -> Option<Seen<Secret>> {
        let arn = about.arn?;
        Some(Seen {
            address,
            spec: Secret {
                name: about.name?,
                description: about.description.unwrap_or_default(),
                key: key_arn(aws, about.kms_key_id).into(),
                value: value.into(),
            },
            outputs: outputs([(Secret::ARN.name, arn.clone())]),
            state: match about.deleted_date {
                Some(_) => State::Retired("scheduled for deletion".to_owned()),
                None => State::Ready,
            },
            identity: identity(about.created_date.as_ref(), &arn),
        })
    }

    /// AWS reports the key as it was given: by ARN, by id, or not at all when it is its own.
    fn key_arn(aws: &Aws, key: Option<String>) -> String {
        match key {
            Some(id) if !id.starts_with("arn:") => aws.arn("kms", &format!("key/{id}")),
            key => key.unwrap_or_default(),
        }
    }
}
