//! Accounts and permissions in the words of whoever grants them.

use std::borrow::Cow;

use config::Config;

/// `food (222222222222, role platform-provisioner)`.
#[must_use]
pub(super) fn account(config: &Config, account: &str) -> String {
    let is_it = |alias: &str| alias == account || config.account_id(alias).as_str() == account;
    let found: Vec<_> = config.accounts().filter(|(alias, _)| is_it(alias)).collect();
    let Some((first, entry)) = found.first() else { return account.to_owned() };
    let names: Vec<&str> = found.iter().map(|(alias, _)| *alias).collect();
    let role = entry.role.as_ref().map(|role| format!(", role {}", name(role))).unwrap_or_default();
    format!("{} ({}{role})", names.join(", "), config.account_id(first))
}

/// The name of a role that may be given as an ARN.
fn name(role: &str) -> &str {
    role.rsplit('/').next().unwrap_or(role)
}

/// The action that a policy has to allow. API Gateway's are those of HTTP: its calls are no actions.
#[must_use]
pub(super) fn action(operation: &str) -> Cow<'_, str> {
    let Some(call) = operation.strip_prefix("apigateway:") else { return operation.into() };
    let verbs =
        [("Get", "GET"), ("Create", "POST"), ("Delete", "DELETE"), ("Put", "PUT"), ("Tag", "PUT"), ("Update", "PATCH")];
    let verb = verbs.iter().find(|(begin, _)| call.starts_with(begin));
    verb.map_or(operation.into(), |(_, verb)| format!("apigateway:{verb}").into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn actions_are_those_of_policies() {
        for (operation, wanted) in [
            ("apigateway:GetRestApis", "apigateway:GET"),
            ("apigateway:CreateDeployment", "apigateway:POST"),
            ("apigateway:UpdateStage", "apigateway:PATCH"),
            ("apigateway:PutRestApi", "apigateway:PUT"),
            ("ec2:CreateVpc", "ec2:CreateVpc"),
        ] {
            assert_eq!(action(operation), wanted);
        }
    }

    #[test]
    fn roles_are_called_by_their_names() {
        assert_eq!(name("arn:aws:iam::111111111111:role/teams/platform"), "platform");
        assert_eq!(name("platform"), "platform");
    }
}
