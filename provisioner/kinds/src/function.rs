//! Lambda functions (`lambda:*Function*`) on `provided.al2023`. Found by name, confirmed by tags.

use std::collections::BTreeMap;

use model::{
    Calls, CreateSafety, Facts, Field, FunctionArn, FunctionName, FunctionRevision, Input, KeyArn, Kind, Output,
    PlainText, RoleArn, SecurityGroupId, SubnetId,
};
use serde::{Deserialize, Serialize};

use crate::unordered::unordered;

/// The zip that is shipped.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Code {
    /// Base64 of the zip's SHA-256, as AWS reports it.
    pub sha256: String,
    /// Where the zip lies on this machine. AWS does not report it: a read repeats what was asked for.
    pub zip: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Architecture {
    #[serde(rename = "arm64")]
    Arm64,
    #[serde(rename = "x86_64")]
    X86_64,
}

/// A function in private subnets, traced with X-Ray.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Function {
    /// At most 64 of `[A-Za-z0-9-_]`.
    pub name: FunctionName,
    pub description: String,
    pub role: Input<RoleArn>,
    pub code: Code,
    pub architecture: Architecture,
    pub memory_mb: u32,
    pub timeout_seconds: u32,
    pub environment: BTreeMap<String, Input<PlainText>>,
    /// Encrypts the environment.
    pub key: Input<KeyArn>,
    #[serde(deserialize_with = "unordered")]
    pub subnets: Vec<Input<SubnetId>>,
    #[serde(deserialize_with = "unordered")]
    pub security_groups: Vec<Input<SecurityGroupId>>,
    /// X-Ray tracing `Active`.
    pub tracing: bool,
    /// Name of the group that it writes to.
    pub log_group: String,
}

impl Function {
    pub const ARN: Field<Self, FunctionArn> = Field::new("arn");
    pub const NAME: Field<Self, FunctionName> = Field::new("name");
    /// Changes with the code and with every setting that a version freezes.
    pub const REVISION: Field<Self, FunctionRevision> = Field::new("revision");
}

impl Kind for Function {
    const FACTS: Facts = Facts {
        kind: "function",
        title: "function",
        replace_on: &["architecture", "name"],
        outputs: &[Output::ready("arn"), Output::ready("name"), Output::changing("revision")],
        calls: Calls {
            create: &["lambda:CreateFunction"],
            delete: &["lambda:UpdateFunctionConfiguration", "lambda:DeleteFunction"],
            also: &["lambda:UpdateFunctionCode", "lambda:UpdateFunctionConfiguration"],
            ..Calls::NONE
        },
        typical_seconds: 70,
        deadline_seconds: 600,
        ..Facts::of(CreateSafety::Named)
    };
}

#[cfg(feature = "live")]
mod live {
    use std::collections::BTreeSet;

    use aws_sdk_lambda::{
        primitives::Blob,
        types::{
            self, Environment, FunctionCode, LastUpdateStatus, LogFormat, LoggingConfig, Runtime, TracingConfig,
            TracingMode, VpcConfig,
        },
    };
    use base64::{Engine as _, prelude::BASE64_STANDARD};
    use engine::{CallError, Class, Made, State};
    use futures::future::try_join_all;
    use model::{Address, Outputs};
    use sha2::{Digest, Sha256};

    use super::{Architecture, Function};
    use crate::{
        Live, Seen, Wanted,
        aws::{
            Aws, Gap, absent, lambda,
            normal::{agrees, texts},
            outputs,
            owner::foreign,
            tag_map, telling,
        },
    };

    impl Live for Function {
        async fn read(aws: &Aws, wanted: &[Wanted<Self>]) -> Result<Vec<Seen<Self>>, CallError> {
            let listed = lambda::functions(aws).await?;
            let strays = strays(aws, &listed, wanted);
            let names = wanted.iter().map(|wanted| (wanted.spec.name.as_str(), Some(wanted)));
            let names = names.chain(strays.into_iter().map(|name| (name, None)));
            let found = try_join_all(names.map(|(name, wanted)| read_one(aws, &listed, name, wanted))).await?;
            Ok(found.into_iter().flatten().collect())
        }

        async fn create(aws: &Aws, at: &Address, want: &Self) -> Result<Made, CallError> {
            let code = FunctionCode::builder().zip_file(zip(aws, at, want).await?).build();
            let call = aws
                .lambda
                .create_function()
                .function_name(want.name.as_str())
                .description(&want.description)
                .runtime(Runtime::Providedal2023)
                .handler("bootstrap")
                .role(want.role.as_str())
                .code(code)
                .publish(false)
                .architectures(architecture(want))
                .memory_size(number(want.memory_mb))
                .timeout(number(want.timeout_seconds))
                .environment(environment(want))
                .kms_key_arn(want.key.as_str())
                .vpc_config(network(want))
                .tracing_config(tracing(want))
                .logging_config(logging(want))
                .set_tags(tag_map::tags(aws, at));
            let made = aws.call("lambda:CreateFunction", at, call.send()).await?;
            let state = lambda::state(made.state.as_ref(), made.state_reason.as_deref());
            let mut answered = lambda::settings(&lambda::configuration!(made));
            untold(aws, &mut answered, want);
            Ok(telling(Made::new(outputs_of(aws, want), state), Some(answered)))
        }

        /// One kind of update at a time: the code goes first and the configuration is left.
        async fn update(aws: &Aws, seen: &Seen<Self>, want: &Self, fields: &[String]) -> Result<Made, CallError> {
            if fields.iter().any(|field| UNFORESEEN.contains(&field.as_str())) {
                ours(aws, seen).await?;
            }
            let (code, configuration): (Vec<String>, Vec<String>) =
                fields.iter().cloned().partition(|field| field == "code");
            let (state, left) = match code.is_empty() {
                true => (configure(aws, &seen.address, want, &configuration).await?, Vec::new()),
                false => (ship(aws, &seen.address, want).await?, configuration),
            };
            Ok(Made { left, ..Made::new(outputs_of(aws, want), state) })
        }

        /// Its network interfaces hold subnets and security groups for as long as it is in the VPC: it leaves that first.
        /// Published versions hold them too; they are objects of their own, and gone by now.
        async fn delete(aws: &Aws, seen: &Seen<Self>) -> Result<(), CallError> {
            leave_network(aws, seen).await?;
            let call = aws.lambda.delete_function().function_name(seen.spec.name.as_str());
            absent(aws.call("lambda:DeleteFunction", &seen.address, call.send()).await).map(drop)
        }
    }

    /// Functions whose names start like ours and that are not wanted; only their tags say whether they are ours.
    fn strays<'a>(
        aws: &Aws,
        listed: &'a [types::FunctionConfiguration],
        wanted: &[Wanted<Function>],
    ) -> BTreeSet<&'a str> {
        let start = format!("{}-", aws.names.prefix());
        let names = listed.iter().filter_map(|function| function.function_name());
        let is_wanted = |name: &str| wanted.iter().any(|wanted| wanted.spec.name.as_str() == name);
        names.filter(|name| name.starts_with(&start) && !is_wanted(name)).collect()
    }

    /// State and tags are one call a function. They are asked for if they matter: what is published as it is has settled, and
    /// what is as wanted will not be written to. What is not listed may have been made a moment ago, once its role is known.
    async fn read_one(
        aws: &Aws,
        listed: &[types::FunctionConfiguration],
        name: &str,
        wanted: Option<&Wanted<Function>>,
    ) -> Result<Option<Seen<Function>>, CallError> {
        let is_latest = |found: &&types::FunctionConfiguration| {
            found.function_name() == Some(name) && found.version() == Some(lambda::UNPUBLISHED)
        };
        match (listed.iter().find(is_latest), wanted) {
            (None, Some(wanted)) if wanted.spec.role.if_known().is_none() => return Ok(None),
            (Some(latest), Some(wanted)) if lambda::is_published(aws, latest, listed) => {
                let seen = seen(aws, wanted.address.clone(), latest, Some(wanted));
                if agrees(&seen.spec, &wanted.spec) {
                    return Ok(Some(seen));
                }
            }
            _ => {}
        }
        let call = aws.lambda.get_function().function_name(name);
        let Some(found) = absent(aws.list("lambda:GetFunction", call.send()).await)? else { return Ok(None) };
        let Some(address) = tag_map::owner::<Function>(aws, found.tags()) else {
            return Ok(wanted.map(|wanted| foreign(wanted, &format!("function `{name}`"))));
        };
        let configuration = aws.sent(&address, "Configuration", found.configuration)?;
        lambda::readable(aws, &address, &configuration)?;
        Ok(Some(seen(aws, address, &configuration, wanted)))
    }

    /// An update that failed is sent again: AWS shows what it was to be and runs what was there before.
    fn seen(
        aws: &Aws,
        address: Address,
        found: &types::FunctionConfiguration,
        wanted: Option<&Wanted<Function>>,
    ) -> Seen<Function> {
        let mut spec = lambda::settings(found);
        if let Some(wanted) = wanted {
            untold(aws, &mut spec, &wanted.spec);
        }
        if found.last_update_status() == Some(&LastUpdateStatus::Failed) {
            spec.code.sha256.clear();
        }
        let state = lambda::updated(
            lambda::state(found.state(), found.state_reason()),
            found.last_update_status(),
            found.last_update_status_reason(),
        );
        Seen { address, outputs: outputs_of(aws, &spec), state, identity: spec.name.to_string(), spec }
    }

    /// Where the zip lay AWS does not tell; which log group it is, only a bare emulator does not.
    fn untold(aws: &Aws, told: &mut Function, want: &Function) {
        told.code.zip.clone_from(&want.code.zip);
        if told.log_group.is_empty() && aws.may_have(Gap::LogGroupsOfFunctions) {
            told.log_group.clone_from(&want.log_group);
        }
    }

    fn outputs_of(aws: &Aws, function: &Function) -> Outputs {
        let (name, revision) = (function.name.to_string(), lambda::revision_of(aws, function));
        let arn = aws.arn("lambda", &format!("function:{name}"));
        outputs([(Function::ARN.name, arn), (Function::NAME.name, name), (Function::REVISION.name, revision)])
    }

    async fn ship(aws: &Aws, at: &Address, want: &Function) -> Result<State, CallError> {
        let call = aws
            .lambda
            .update_function_code()
            .function_name(want.name.as_str())
            .zip_file(zip(aws, at, want).await?)
            .publish(false);
        let made = aws.call("lambda:UpdateFunctionCode", at, call.send()).await?;
        let state = lambda::state(made.state(), made.state_reason());
        Ok(lambda::updated(state, made.last_update_status(), made.last_update_status_reason()))
    }

    /// Sets the named fields and no others.
    async fn configure(aws: &Aws, at: &Address, want: &Function, fields: &[String]) -> Result<State, CallError> {
        let named = |field: &str| fields.iter().any(|named| named == field);
        let call = aws
            .lambda
            .update_function_configuration()
            .function_name(want.name.as_str())
            .set_description(named("description").then(|| want.description.clone()))
            .set_role(named("role").then(|| want.role.as_str().to_owned()))
            .set_memory_size(named("memory_mb").then(|| number(want.memory_mb)))
            .set_timeout(named("timeout_seconds").then(|| number(want.timeout_seconds)))
            .set_environment(named("environment").then(|| environment(want)))
            .set_kms_key_arn(named("key").then(|| want.key.as_str().to_owned()))
            .set_vpc_config((named("subnets") || named("security_groups")).then(|| network(want)))
            .set_tracing_config(named("tracing").then(|| tracing(want)))
            .set_logging_config(named("log_group").then(|| logging(want)));
        let made = aws.call("lambda:UpdateFunctionConfiguration", at, call.send()).await?;
        let state = lambda::state(made.state(), made.state_reason());
        Ok(lambda::updated(state, made.last_update_status(), made.last_update_status_reason()))
    }

    /// What the reading could not foresee to be written, because it refers to others: asked again whose it is.
    const UNFORESEEN: &[&str] = &["environment", "key", "role", "security_groups", "subnets"];

    /// The function as it is now, if it is there.
    async fn ours(aws: &Aws, seen: &Seen<Function>) -> Result<Option<types::FunctionConfiguration>, CallError> {
        let call = aws.lambda.get_function().function_name(seen.spec.name.as_str());
        let found = absent(aws.call("lambda:GetFunction", &seen.address, call.send()).await)?;
        match found {
            Some(found) if tag_map::owner::<Function>(aws, found.tags()).is_none() => {
                Err(aws.refuse(&seen.address, "it exists and its tags are not ours"))
            }
            found => Ok(found.and_then(|found| found.configuration)),
        }
    }

    /// Asks first, because each such update keeps the function busy for a while. One that cannot be updated (it failed,
    /// its role is gone) can still be deleted.
    async fn leave_network(aws: &Aws, seen: &Seen<Function>) -> Result<(), CallError> {
        let name = seen.spec.name.as_str();
        let settings = ours(aws, seen).await?.map(|found| lambda::settings(&found));
        if settings.is_none_or(|settings| settings.subnets.is_empty()) {
            return Ok(());
        }
        let nowhere = VpcConfig::builder().set_subnet_ids(Some(Vec::new())).set_security_group_ids(Some(Vec::new()));
        let call = aws.lambda.update_function_configuration().function_name(name).vpc_config(nowhere.build());
        match aws.call("lambda:UpdateFunctionConfiguration", &seen.address, call.send()).await {
            Err(error) if matches!(error.class, Class::Fatal | Class::Gone | Class::NotYet) => Ok(()),
            answer => answer.map(drop),
        }
    }

    /// The zip's bytes, if they are still those that were planned with.
    async fn zip(aws: &Aws, at: &Address, want: &Function) -> Result<Blob, CallError> {
        let path = &want.code.zip;
        let bytes = tokio::fs::read(path).await;
        let bytes = bytes.map_err(|error| aws.refuse(at, &format!("`{path}` cannot be read: {error}")))?;
        if BASE64_STANDARD.encode(Sha256::digest(&bytes)) != want.code.sha256 {
            return Err(aws.refuse(at, &format!("`{path}` has changed since it was looked at: run again")));
        }
        Ok(Blob::new(bytes))
    }

    fn architecture(want: &Function) -> types::Architecture {
        match want.architecture {
            Architecture::Arm64 => types::Architecture::Arm64,
            Architecture::X86_64 => types::Architecture::X8664,
        }
    }

    fn environment(want: &Function) -> Environment {
        let variables = want.environment.iter().map(|(name, value)| (name.clone(), value.as_str().to_owned()));
        Environment::builder().set_variables(Some(variables.collect())).build()
    }

    fn network(want: &Function) -> VpcConfig {
        let (subnets, groups) = (texts(&want.subnets), texts(&want.security_groups));
        VpcConfig::builder().set_subnet_ids(subnets).set_security_group_ids(groups).build()
    }

    fn tracing(want: &Function) -> TracingConfig {
        let mode = if want.tracing { TracingMode::Active } else { TracingMode::PassThrough };
        TracingConfig::builder().mode(mode).build()
    }

    /// The format is the default one: what a function writes is kept as it is.
    fn logging(want: &Function) -> LoggingConfig {
        LoggingConfig::builder().log_format(LogFormat::Text).log_group(&want.log_group).build()
    }

    /// Limits of memory and time are far below what either type holds.
    fn number(value: u32) -> i32 {
        i32::try_from(value).unwrap_or(i32::MAX)
    }
}
