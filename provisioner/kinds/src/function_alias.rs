//! Function aliases (`lambda:*Alias`). Unique by function and name; not taggable.

use model::{AliasArn, Calls, CreateSafety, Facts, Field, FunctionName, FunctionVersion, Input, Kind, Output};
use serde::{Deserialize, Serialize};

/// A name that callers use, and the version behind it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FunctionAlias {
    pub function: Input<FunctionName>,
    pub name: String,
    pub version: Input<FunctionVersion>,
}

impl FunctionAlias {
    pub const ARN: Field<Self, AliasArn> = Field::new("arn");
}

impl Kind for FunctionAlias {
    const FACTS: Facts = Facts {
        kind: "function-alias",
        title: "function alias",
        located_by: &["function"],
        replace_on: &["function", "name"],
        outputs: &[Output::created("arn")],
        calls: Calls {
            create: &["lambda:CreateAlias"],
            update: &["lambda:UpdateAlias"],
            delete: &["lambda:DeleteAlias"],
            ..Calls::NONE
        },
        ..Facts::of(CreateSafety::Named)
    };
}

#[cfg(feature = "live")]
mod live {
    use aws_sdk_lambda::types::AliasConfiguration;
    use engine::{CallError, Made, State};
    use futures::future::try_join_all;
    use model::Address;

    use super::FunctionAlias;
    use crate::{
        Live, Seen, Wanted,
        aws::{Aws, absent, lambda, outputs, ready, telling},
    };

    impl Live for FunctionAlias {
        async fn read(aws: &Aws, wanted: &[Wanted<Self>]) -> Result<Vec<Seen<Self>>, CallError> {
            let found = try_join_all(wanted.iter().map(|wanted| read_one(aws, wanted))).await?;
            Ok(found.into_iter().flatten().collect())
        }

        async fn create(aws: &Aws, at: &Address, want: &Self) -> Result<Made, CallError> {
            let call = aws
                .lambda
                .create_alias()
                .function_name(want.function.as_str())
                .name(&want.name)
                .function_version(want.version.as_str());
            let made = aws.call("lambda:CreateAlias", at, call.send()).await?;
            let answered = made.name.zip(made.function_version);
            let answered = answered.map(|(name, version)| Self { name, version: version.into(), ..want.clone() });
            Ok(telling(ready(outputs([(Self::ARN.name, aws.sent(at, "AliasArn", made.alias_arn)?)])), answered))
        }

        async fn update(aws: &Aws, seen: &Seen<Self>, want: &Self, _: &[String]) -> Result<Made, CallError> {
            let call = aws
                .lambda
                .update_alias()
                .function_name(want.function.as_str())
                .name(&want.name)
                .function_version(want.version.as_str());
            aws.call("lambda:UpdateAlias", &seen.address, call.send()).await?;
            Ok(ready(seen.outputs.clone()))
        }

        async fn delete(aws: &Aws, seen: &Seen<Self>) -> Result<(), CallError> {
            let call = aws.lambda.delete_alias().function_name(seen.spec.function.as_str()).name(&seen.spec.name);
            absent(aws.call("lambda:DeleteAlias", &seen.address, call.send()).await).map(drop)
        }
    }

    async fn read_one(aws: &Aws, wanted: &Wanted<FunctionAlias>) -> Result<Option<Seen<FunctionAlias>>, CallError> {
        let Some(function) = wanted.spec.function.if_known() else { return Ok(None) };
        let aliases = lambda::aliases(aws, function.as_str()).await?;
        Ok(aliases.iter().find(|alias| alias.name() == Some(&wanted.spec.name)).map(|alias| seen(wanted, alias)))
    }

    fn seen(wanted: &Wanted<FunctionAlias>, alias: &AliasConfiguration) -> Seen<FunctionAlias> {
        let arn = alias.alias_arn().unwrap_or_default();
        Seen {
            address: wanted.address.clone(),
            spec: FunctionAlias { version: alias.function_version().unwrap_or_default().into(), ..wanted.spec.clone() },
            outputs: outputs([(FunctionAlias::ARN.name, arn)]),
            state: State::Ready,
            identity: arn.to_owned(),
        }
    }
}
