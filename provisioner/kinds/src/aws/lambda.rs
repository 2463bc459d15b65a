//! What Lambda's kinds have in common: answers that several of them read from, what a version freezes, the parts of an ARN.

use std::sync::Arc;

use aws_sdk_lambda::types::{
    self, AliasConfiguration, FunctionConfiguration, FunctionVersion, LastUpdateStatus, TracingMode,
};
use engine::{CallError, Class, State};
use model::{Address, Input};
use serde_json::{Value, json};

use super::{Aws, Gap, absent};
use crate::{
    Function,
    function::{Architecture, Code},
    revision::{is_revision, revision},
    unordered::in_order,
};

/// Not a published version: what the next one is made of.
pub const UNPUBLISHED: &str = "$LATEST";

/// What AWS answered to a write, as a listing has it: the same fields, in a type for each operation.
macro_rules! configuration {
    ($answer:expr) => {
        aws_sdk_lambda::types::FunctionConfiguration::builder()
            .set_architectures($answer.architectures.clone())
            .set_code_sha256($answer.code_sha256.clone())
            .set_description($answer.description.clone())
            .set_environment($answer.environment.clone())
            .set_function_name($answer.function_name.clone())
            .set_kms_key_arn($answer.kms_key_arn.clone())
            .set_logging_config($answer.logging_config.clone())
            .set_memory_size($answer.memory_size)
            .set_role($answer.role.clone())
            .set_timeout($answer.timeout)
            .set_tracing_config($answer.tracing_config.clone())
            .set_vpc_config($answer.vpc_config.clone())
            .build()
    };
}
pub(crate) use configuration;

/// Every function of the account and Region, and every published version; without states and tags.
///
/// # Errors
/// What AWS answered, classified.
pub async fn functions(aws: &Aws) -> Result<Arc<Vec<FunctionConfiguration>>, CallError> {
    let operation = "lambda:ListFunctions";
    let pages = aws.lambda.list_functions().function_version(FunctionVersion::All).into_paginator().items();
    aws.once(operation, async { aws.list(operation, pages.send().try_collect()).await }).await
}

/// The aliases of a function; none if it does not exist.
///
/// # Errors
/// What AWS answered, classified.
pub async fn aliases(aws: &Aws, function: &str) -> Result<Arc<Vec<AliasConfiguration>>, CallError> {
    let operation = "lambda:ListAliases";
    let pages = aws.lambda.list_aliases().function_name(function).into_paginator().items();
    let ask = async { Ok(absent(aws.list(operation, pages.send().try_collect()).await)?.unwrap_or_default()) };
    aws.once(&format!("{operation} {function}"), ask).await
}

/// A function's settings as AWS has them. Where its zip lay is not among them.
#[must_use]
pub fn settings(found: &FunctionConfiguration) -> Function {
    let variables = found.environment().and_then(|environment| environment.variables());
    let variables = variables.into_iter().flatten().map(|(name, value)| (name.clone(), Input::from(value.as_str())));
    let network = found.vpc_config();
    let code = Code { sha256: text(found.code_sha256()), zip: String::new() };
    Function {
        name: text(found.function_name()).into(),
        description: text(found.description()),
        role: text(found.role()).into(),
        code,
        architecture: match found.architectures() {
            [types::Architecture::Arm64, ..] => Architecture::Arm64,
            _ => Architecture::X86_64,
        },
        memory_mb: found.memory_size().unwrap_or_default().unsigned_abs(),
        timeout_seconds: found.timeout().unwrap_or_default().unsigned_abs(),
        environment: variables.collect(),
        key: text(found.kms_key_arn()).into(),
        subnets: in_order(ids(network.map(|network| network.subnet_ids()))),
        security_groups: in_order(ids(network.map(|network| network.security_group_ids()))),
        tracing: found.tracing_config().and_then(|tracing| tracing.mode()) == Some(&TracingMode::Active),
        log_group: text(found.logging_config().and_then(|logging| logging.log_group())),
    }
}

fn text(found: Option<&str>) -> String {
    found.unwrap_or_default().to_owned()
}

fn ids<T: model::Id>(found: Option<&[String]>) -> impl Iterator<Item = Input<T>> + '_ {
    found.unwrap_or_default().iter().map(|id| Input::from(id.as_str()))
}

/// The hash of everything that a version freezes: all settings but the name, the description (a version has its own)
/// and where the zip lay; nor is the log group, where it is not told.
#[must_use]
pub fn revision_of(aws: &Aws, function: &Function) -> String {
    frozen(function, !aws.may_have(Gap::LogGroupsOfFunctions))
}

fn frozen(function: &Function, with_log_group: bool) -> String {
    let mut frozen = serde_json::to_value(function).expect("specs are plain data");
    frozen["code"] = json!(function.code.sha256);
    let left_out = ["name", "description"].into_iter().chain((!with_log_group).then_some("log_group"));
    left_out.for_each(|field| frozen[field] = Value::Null);
    revision(&frozen)
}

/// Whether the environment could be decrypted: one that was not would look empty.
///
/// # Errors
/// AWS's reason why not.
pub fn readable(aws: &Aws, at: &Address, found: &FunctionConfiguration) -> Result<(), CallError> {
    let Some(error) = found.environment().and_then(|environment| environment.error()) else { return Ok(()) };
    Err(CallError {
        operation: "lambda:GetFunction".to_owned(),
        code: text(error.error_code()),
        message: text(error.message()),
        class: Class::Denied,
        ..aws.refuse(at, "")
    })
}

/// Whether a version of ours froze exactly what the function is now: AWS publishes only what is active and completely updated.
#[must_use]
pub fn is_published(aws: &Aws, latest: &FunctionConfiguration, listed: &[FunctionConfiguration]) -> bool {
    let is_readable = |found: &FunctionConfiguration| found.environment().is_none_or(|it| it.error().is_none());
    let revision = revision_of(aws, &settings(latest));
    is_readable(latest)
        && listed.iter().any(|version| {
            version.function_name() == latest.function_name()
                && version.version() != Some(UNPUBLISHED)
                && version.description().is_some_and(is_revision)
                && is_readable(version)
                && revision_of(aws, &settings(version)) == revision
        })
}

/// How a function or a version is doing.
#[must_use]
pub fn state(state: Option<&types::State>, why: Option<&str>) -> State {
    match state {
        Some(types::State::Pending) => State::Pending(format!("pending {}", text(why)).trim_end().to_owned()),
        Some(types::State::Failed) => State::Broken(text(why)),
        _ => State::Ready,
    }
}

/// The same, with the last update taken into account.
#[must_use]
pub fn updated(state: State, last_update: Option<&LastUpdateStatus>, why: Option<&str>) -> State {
    match (state, last_update) {
        (State::Ready, Some(LastUpdateStatus::InProgress)) => State::Pending("an update is in progress".to_owned()),
        (State::Ready, Some(LastUpdateStatus::Failed)) => {
            State::Pending(format!("the last update failed: {}", text(why)))
        }
        (state, _) => state,
    }
}

/// Function and alias of `arn:<partition>:lambda:<region>:<account>:function:<function>:<alias>`.
#[must_use]
pub fn alias_parts(arn: &str) -> Option<(&str, &str)> {
    let mut parts = arn.splitn(6, ':').skip(2);
    let (service, rest) = (parts.next()?, parts.nth(2)?);
    let qualified = rest.strip_prefix("function:").filter(|_| service == "lambda")?;
    qualified.split_once(':').filter(|(function, alias)| !function.is_empty() && !alias.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(memory: i32, subnets: [&str; 2]) -> FunctionConfiguration {
        let network = types::VpcConfigResponse::builder().set_subnet_ids(Some(subnets.map(str::to_owned).to_vec()));
        FunctionConfiguration::builder()
            .function_name("demo-orders")
            .description("one")
            .memory_size(memory)
            .vpc_config(network.build())
            .build()
    }

    #[test]
    fn a_revision_is_of_what_a_version_freezes_and_of_nothing_else() {
        let one = settings(&found(128, ["subnet-a", "subnet-b"]));
        let mut same = settings(&found(128, ["subnet-b", "subnet-a"]));
        (same.name, same.description, same.code.zip) = ("other".into(), "two".to_owned(), "elsewhere".to_owned());
        let revision = |of: &Function| frozen(of, true);
        assert_eq!(revision(&one), revision(&same));
        assert_ne!(revision(&one), revision(&settings(&found(256, ["subnet-a", "subnet-b"]))));
        same.log_group = "/other".to_owned();
        assert_ne!(revision(&one), revision(&same));
        assert_eq!(frozen(&one, false), frozen(&same, false));
    }

    #[test]
    fn a_function_is_ready_when_its_last_update_is() {
        let of = |last| updated(state(Some(&types::State::Active), None), Some(&last), Some("no addresses"));
        assert_eq!(of(LastUpdateStatus::Successful), State::Ready);
        assert_eq!(of(LastUpdateStatus::InProgress), State::Pending("an update is in progress".to_owned()));
        assert_eq!(of(LastUpdateStatus::Failed), State::Pending("the last update failed: no addresses".to_owned()));
        assert_eq!(state(Some(&types::State::Failed), Some("no role")), State::Broken("no role".to_owned()));
    }

    #[test]
    fn an_alias_is_told_from_its_function() {
        let parts = alias_parts("arn:aws-cn:lambda:cn-north-1:111122223333:function:demo-orders:live");
        assert_eq!(parts, Some(("demo-orders", "live")));
        assert_eq!(alias_parts("arn:aws:lambda:eu-west-1:111122223333:function:demo-orders"), None);
        assert_eq!(alias_parts("arn:aws:lambda:eu-west-1:111122223333:layer:demo-orders:live"), None);
        assert_eq!(alias_parts("demo-orders:live"), None);
    }
}
