//! Published versions (`lambda:PublishVersion`). The description holds the revision that the version froze.

use model::{
    Calls, CreateSafety, Facts, Field, FunctionName, FunctionRevision, FunctionVersion as Number, Input, Kind, Output,
};
use serde::{Deserialize, Serialize};

/// An immutable copy of a function as one revision had it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FunctionVersion {
    pub function: Input<FunctionName>,
    pub revision: Input<FunctionRevision>,
}

impl FunctionVersion {
    pub const NUMBER: Field<Self, Number> = Field::new("number");
}

impl Kind for FunctionVersion {
    const FACTS: Facts = Facts {
        kind: "function-version",
        title: "function version",
        located_by: &["function"],
        replace_on: &["function", "revision"],
        create_first: true,
        outputs: &[Output::ready("number")],
        calls: Calls { create: &["lambda:PublishVersion"], delete: &["lambda:DeleteFunction"], ..Calls::NONE },
        ..Facts::of(CreateSafety::Revision)
    };
}

#[cfg(feature = "live")]
mod live {
    use aws_sdk_lambda::types::FunctionConfiguration;
    use engine::{CallError, Made, State};
    use futures::future::try_join_all;
    use model::{Address, Input};

    use super::FunctionVersion;
    use crate::{
        Live, Seen, Wanted,
        aws::{Aws, absent, lambda, outputs, telling},
        revision::is_revision,
    };

    impl Live for FunctionVersion {
        /// Every version that we published of a wanted function, the one that is due and the older ones.
        async fn read(aws: &Aws, wanted: &[Wanted<Self>]) -> Result<Vec<Seen<Self>>, CallError> {
            if wanted.is_empty() {
                return Ok(Vec::new());
            }
            let versions = lambda::functions(aws).await?;
            let pairs = wanted.iter().flat_map(|wanted| versions.iter().map(move |version| (wanted, version)));
            let ours = pairs.filter(|(wanted, version)| is_ours(aws, &wanted.spec, version));
            try_join_all(ours.map(|(wanted, version)| seen(aws, wanted, version))).await
        }

        /// When nothing changed since the last version, AWS answers with that one, whatever its description says.
        async fn create(aws: &Aws, at: &Address, want: &Self) -> Result<Made, CallError> {
            let call =
                aws.lambda.publish_version().function_name(want.function.as_str()).description(want.revision.as_str());
            let made = aws.call("lambda:PublishVersion", at, call.send()).await?;
            let state = lambda::state(made.state(), made.state_reason());
            let answered = Self { revision: frozen(aws, &lambda::configuration!(made)).into(), ..want.clone() };
            let number = aws.sent(at, "Version", made.version)?;
            Ok(telling(Made::new(outputs([(Self::NUMBER.name, number)]), state), Some(answered)))
        }

        async fn delete(aws: &Aws, seen: &Seen<Self>) -> Result<(), CallError> {
            let number = aws.sent(&seen.address, Self::NUMBER.name, seen.output(Self::NUMBER))?;
            let call = aws.lambda.delete_function().function_name(seen.spec.function.as_str()).qualifier(number);
            absent(aws.call("lambda:DeleteFunction", &seen.address, call.send()).await).map(drop)
        }
    }

    /// Published by us, or by somebody else from exactly what is wanted.
    fn is_ours(aws: &Aws, want: &FunctionVersion, version: &FunctionConfiguration) -> bool {
        let of_function = version.function_name() == want.function.if_known().map(|name| name.as_str());
        let ours = version.description().is_some_and(is_revision);
        let as_wanted = || want.revision.if_known().is_some_and(|revision| revision.as_str() == frozen(aws, version));
        of_function && version.version() != Some(lambda::UNPUBLISHED) && (ours || as_wanted())
    }

    /// The revision of its content; of one whose environment cannot be decrypted, the one it was published as.
    fn frozen(aws: &Aws, version: &FunctionConfiguration) -> String {
        let unreadable = version.environment().is_some_and(|environment| environment.error().is_some());
        match version.description() {
            Some(published_as) if unreadable => published_as.to_owned(),
            _ => lambda::revision_of(aws, &lambda::settings(version)),
        }
    }

    async fn seen(
        aws: &Aws,
        wanted: &Wanted<FunctionVersion>,
        version: &FunctionConfiguration,
    ) -> Result<Seen<FunctionVersion>, CallError> {
        let number = version.version().unwrap_or_default();
        Ok(Seen {
            address: wanted.address.clone(),
            spec: FunctionVersion {
                function: wanted.spec.function.clone(),
                revision: Input::from(frozen(aws, version)),
            },
            outputs: outputs([(FunctionVersion::NUMBER.name, number)]),
            state: state(aws, wanted, number).await?,
            identity: format!("{} {number:0>10}", version.last_modified().unwrap_or_default()),
        })
    }

    /// Listings have no states. A version behind an alias was active when the alias moved there; others are asked for.
    async fn state(aws: &Aws, wanted: &Wanted<FunctionVersion>, number: &str) -> Result<State, CallError> {
        let function = wanted.spec.function.as_str();
        let aliases = lambda::aliases(aws, function).await?;
        if aliases.iter().any(|alias| alias.function_version() == Some(number)) {
            return Ok(State::Ready);
        }
        let call = aws.lambda.get_function().function_name(function).qualifier(number);
        let found = absent(aws.call("lambda:GetFunction", &wanted.address, call.send()).await)?;
        let configuration = found.and_then(|found| found.configuration);
        Ok(configuration.map_or(State::Ready, |found| lambda::state(found.state(), found.state_reason())))
    }
}
