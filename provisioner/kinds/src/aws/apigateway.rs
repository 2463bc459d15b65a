//! What API Gateway's kinds have in common: answers that several of them read from, patches, policies as it returns them.

use std::sync::Arc;

use aws_sdk_apigateway::types::{Op, PatchOperation, RestApi};
use engine::CallError;
use model::{Input, Policy};

use super::Aws;

/// The largest page that API Gateway gives.
pub const PAGE: i32 = 500;

/// Every REST API of the account and Region, with tags and policies.
///
/// # Errors
/// What AWS answered, classified.
pub async fn rest_apis(aws: &Aws) -> Result<Arc<Vec<RestApi>>, CallError> {
    let operation = "apigateway:GetRestApis";
    let pages = aws.apigateway.get_rest_apis().limit(PAGE).into_paginator().items();
    aws.once(operation, async { aws.list(operation, pages.send().try_collect()).await }).await
}

/// A patch that sets one value.
#[must_use]
pub fn replace(path: &str, value: impl ToString) -> PatchOperation {
    PatchOperation::builder().op(Op::Replace).path(path).value(value.to_string()).build()
}

/// An API's policy as it was written: API Gateway returns it with escaped quotes, and with this API's ARN where
/// `execute-api:/` stood. What cannot be read is an empty policy, and so shows as a difference.
#[must_use]
pub fn policy(aws: &Aws, api: &str, text: Option<&str>) -> Policy {
    let mut policy = text.and_then(parse).unwrap_or_default();
    let own = aws.arn("execute-api", &format!("{api}/"));
    for resource in policy.statements.iter_mut().flat_map(|statement| &mut statement.resources) {
        if let Some(rest) = resource.if_known().and_then(|arn| arn.as_str().strip_prefix(&own)) {
            *resource = Input::from(format!("execute-api:/{rest}"));
        }
    }
    policy
}

fn parse(text: &str) -> Option<Policy> {
    let unescaped = || serde_json::from_str::<String>(&format!("\"{text}\"")).ok();
    Policy::parse(text).ok().or_else(|| Policy::parse(&unescaped()?).ok())
}

#[cfg(test)]
mod tests {
    use model::policy::Statement;

    use super::parse;

    #[test]
    fn a_policy_is_read_plain_and_escaped() {
        let plain = r#"{"Statement":[{"Effect":"Allow","Principal":"*","Action":"execute-api:Invoke"}]}"#;
        let policy = parse(plain).expect("a policy");
        assert_eq!(policy.statements, [Statement::allow("").anyone().actions(&["execute-api:Invoke"])]);
        assert_eq!(parse(&plain.replace('"', "\\\"")), Some(policy));
        assert_eq!(parse("nothing of the kind"), None);
    }
}
