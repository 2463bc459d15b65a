//! Invoke permissions of an alias (`lambda:AddPermission`). Found in the alias's policy, by statement id.

use model::{AliasArn, Arn, Calls, CreateSafety, Facts, Input, Kind};
use serde::{Deserialize, Serialize};

/// Lets API Gateway call an alias for one method and path.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FunctionPermission {
    pub alias: Input<AliasArn>,
    /// At most 100 of `[A-Za-z0-9-_]`.
    pub statement_id: String,
    /// Such as `arn:aws:execute-api:<region>:<account>:<api>/*/GET/orders/*`.
    pub source: Input<Arn>,
}

impl Kind for FunctionPermission {
    const FACTS: Facts = Facts {
        kind: "function-permission",
        title: "function permission",
        located_by: &["alias"],
        replace_on: &["alias", "source", "statement_id"],
        calls: Calls { create: &["lambda:AddPermission"], delete: &["lambda:RemovePermission"], ..Calls::NONE },
        ..Facts::of(CreateSafety::Relation)
    };
}

#[cfg(feature = "live")]
mod live {
    use std::collections::BTreeSet;

    use engine::{CallError, Made, State};
    use futures::future::try_join_all;
    use model::{Address, AliasArn, Arn, Input, Kind as _, Outputs, Policy, policy::Statement};

    use super::FunctionPermission;
    use crate::{
        Live, Seen, Wanted,
        aws::{Aws, absent, lambda::alias_parts, ready, telling},
    };

    const GATEWAY: &str = "apigateway.amazonaws.com";
    const INVOKE: &str = "lambda:InvokeFunction";

    impl Live for FunctionPermission {
        /// Statements of wanted aliases: a statement's id is its address's name, so that one that nobody wants is found.
        async fn read(aws: &Aws, wanted: &[Wanted<Self>]) -> Result<Vec<Seen<Self>>, CallError> {
            let aliases = wanted.iter().filter_map(|wanted| wanted.spec.alias.if_known().map(AliasArn::as_str));
            let aliases: BTreeSet<&str> = aliases.collect();
            let found = try_join_all(aliases.into_iter().map(|alias| read_of(aws, alias, wanted))).await?;
            Ok(found.into_iter().flatten().collect())
        }

        async fn create(aws: &Aws, at: &Address, want: &Self) -> Result<Made, CallError> {
            let (function, alias) = parts(aws, at, want)?;
            let call = aws
                .lambda
                .add_permission()
                .function_name(function)
                .qualifier(alias)
                .statement_id(&want.statement_id)
                .action(INVOKE)
                .principal(GATEWAY)
                .source_arn(want.source.as_str());
            let made = aws.call("lambda:AddPermission", at, call.send()).await?;
            let statement = made.statement.map(|statement| format!(r#"{{"Statement":[{statement}]}}"#));
            let mut policy = statement.and_then(|text| Policy::parse(&text).ok()).unwrap_or_default();
            let alias = want.alias.as_str();
            let statement = policy.statements.pop().filter(|statement| is_on(statement, alias));
            Ok(telling(ready(Outputs::new()), statement.map(|statement| spec(alias, &statement))))
        }

        async fn delete(aws: &Aws, seen: &Seen<Self>) -> Result<(), CallError> {
            let (function, alias) = parts(aws, &seen.address, &seen.spec)?;
            let call = aws.lambda.remove_permission().function_name(function).qualifier(alias);
            let call = call.statement_id(&seen.spec.statement_id);
            absent(aws.call("lambda:RemovePermission", &seen.address, call.send()).await).map(drop)
        }
    }

    fn parts<'a>(aws: &Aws, at: &Address, of: &'a FunctionPermission) -> Result<(&'a str, &'a str), CallError> {
        let arn = of.alias.as_str();
        alias_parts(arn).ok_or_else(|| aws.refuse(at, &format!("`{arn}` is not a function's alias")))
    }

    async fn read_of(
        aws: &Aws,
        alias: &str,
        wanted: &[Wanted<FunctionPermission>],
    ) -> Result<Vec<Seen<FunctionPermission>>, CallError> {
        let Some((function, qualifier)) = alias_parts(alias) else { return Ok(Vec::new()) };
        let call = aws.lambda.get_policy().function_name(function).qualifier(qualifier);
        let found = absent(aws.list("lambda:GetPolicy", call.send()).await)?;
        let policy = found.and_then(|found| Policy::parse(&found.policy?).ok()).unwrap_or_default();
        let statements = policy.statements.into_iter().filter(|statement| is_on(statement, alias));
        Ok(statements.filter_map(|statement| seen(alias, statement, wanted)).collect())
    }

    fn is_on(statement: &Statement, alias: &str) -> bool {
        statement.resources.iter().any(|resource| resource.as_str() == alias)
    }

    fn seen(
        alias: &str,
        statement: Statement,
        wanted: &[Wanted<FunctionPermission>],
    ) -> Option<Seen<FunctionPermission>> {
        Some(Seen {
            address: address(alias, &statement, wanted)?,
            spec: spec(alias, &statement),
            outputs: Outputs::new(),
            state: State::Ready,
            identity: format!("{alias} {}", statement.sid),
        })
    }

    fn spec(alias: &str, statement: &Statement) -> FunctionPermission {
        FunctionPermission {
            alias: alias.into(),
            source: source(statement).unwrap_or_else(|| "".into()),
            statement_id: statement.sid.clone(),
        }
    }

    /// The wanted one of the alias with this id (the services of one account may have equal ids); else, for a statement of the
    /// shape of ours, the address that it must have had.
    fn address(alias: &str, statement: &Statement, wanted: &[Wanted<FunctionPermission>]) -> Option<Address> {
        let of_alias = |wanted: &&Wanted<FunctionPermission>| {
            wanted.spec.alias.if_known().is_some_and(|arn| arn.as_str() == alias)
        };
        let mut of_alias = wanted.iter().filter(of_alias);
        if let Some(wanted) = of_alias.clone().find(|wanted| wanted.spec.statement_id == statement.sid) {
            return Some(wanted.address.clone());
        }
        let target = of_alias.next()?.address.target();
        source(statement)?;
        format!("{target}/{}/{}", FunctionPermission::FACTS.kind, statement.sid).parse().ok()
    }

    /// On whose behalf API Gateway may call, if that is what the statement says.
    fn source(statement: &Statement) -> Option<Input<Arn>> {
        let services = statement.principals.get("Service")?;
        let is_ours = services.iter().any(|service| service.as_str() == GATEWAY)
            && statement.actions == [INVOKE]
            && !statement.deny;
        let keys = statement.conditions.get("ArnLike").filter(|_| is_ours)?;
        let (_, values) = keys.iter().find(|(key, _)| key.eq_ignore_ascii_case("aws:SourceArn"))?;
        values.first().cloned()
    }
}
