//! Lambda's functions with versions, aliases and permissions; IAM's roles with their policies.

use aws_sdk_iam::types::PolicyScopeType;
use futures::future::join_all;
use serde_json::Value;

use super::lines;
use crate::Account;

pub(super) async fn look(account: &Account) -> Vec<String> {
    let (functions, roles, policies) = tokio::join!(
        account.lambda.list_functions().send(),
        account.iam.list_roles().send(),
        account.iam.list_policies().scope(PolicyScopeType::Local).send()
    );
    let functions = functions.expect("functions").functions.unwrap_or_default();
    let roles = roles.expect("roles").roles;
    let mut found = lines("function", &functions, |it| it.function_name());
    found.extend(lines("role", &roles, |it| Some(it.role_name())));
    found.extend(lines("policy", policies.expect("policies").policies(), |it| it.policy_name()));
    let names = functions.iter().filter_map(|it| it.function_name());
    found.extend(join_all(names.map(|name| function(account, name))).await.concat());
    found.extend(join_all(roles.iter().map(|it| role(account, it.role_name()))).await.concat());
    found
}

async fn function(account: &Account, name: &str) -> Vec<String> {
    let (versions, aliases) = tokio::join!(
        account.lambda.list_versions_by_function().function_name(name).send(),
        account.lambda.list_aliases().function_name(name).send()
    );
    let aliases = aliases.expect("aliases").aliases.unwrap_or_default();
    let numbers = versions.expect("versions").versions.unwrap_or_default();
    let numbers = numbers.iter().filter_map(|it| it.version()).filter(|number| *number != "$LATEST");
    let mut found: Vec<String> = numbers.map(|number| format!("function-version of {name} [{number}]")).collect();
    for alias in aliases.iter().filter_map(|it| it.name()) {
        found.push(format!("function-alias of {name}: {alias}"));
        found.extend(permissions(account, name, Some(alias)).await);
    }
    found.extend(permissions(account, name, None).await);
    found
}

/// None if nobody has any.
async fn permissions(account: &Account, name: &str, alias: Option<&str>) -> Vec<String> {
    let call = account.lambda.get_policy().function_name(name).set_qualifier(alias.map(str::to_owned));
    let policy = call.send().await.ok().and_then(|answer| answer.policy).unwrap_or_default();
    let policy: Value = serde_json::from_str(&policy).unwrap_or_default();
    let statements = policy["Statement"].as_array().cloned().unwrap_or_default();
    let of = alias.unwrap_or("no alias");
    statements
        .iter()
        .map(|it| format!("permission of {name}, {of}: {}", it["Sid"].as_str().unwrap_or_default()))
        .collect()
}

async fn role(account: &Account, name: &str) -> Vec<String> {
    let (own, attached) = tokio::join!(
        account.iam.list_role_policies().role_name(name).send(),
        account.iam.list_attached_role_policies().role_name(name).send()
    );
    let own = own.expect("policies").policy_names;
    let attached = attached.expect("policies").attached_policies.unwrap_or_default();
    let own = own.iter().map(|policy| format!("role-policy of {name}: {policy}"));
    let attached = attached.iter().filter_map(|it| it.policy_arn()).map(|arn| format!("policy at {name}: {arn}"));
    own.chain(attached).collect()
}
