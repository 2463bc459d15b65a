//! API Gateway's account-wide log role (`apigateway:UpdateAccount`): one per account and Region, not taggable.
//!
//! A role that somebody else set serves as well: it is read as the wanted one and left alone. Ours goes to
//! another service of ours in the account, or is taken back, when it goes: a setting that names a deleted role would stop
//! everybody's logs without a word.

use model::{Calls, CreateSafety, Facts, Input, Kind, RoleArn};
use serde::{Deserialize, Serialize};

/// Set only if unset or ours.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ApiAccount {
    /// It may be assumed by API Gateway and may write logs, by AWS's own managed policy.
    pub role: Input<RoleArn>,
}

impl Kind for ApiAccount {
    const FACTS: Facts = Facts {
        kind: "api-account",
        title: "API Gateway account settings",
        located_by: &["role"],
        calls: Calls { also: &["apigateway:UpdateAccount"], ..Calls::NONE },
        typical_seconds: 10,
        ..Facts::of(CreateSafety::Relation)
    };
}

#[cfg(feature = "live")]
mod live {
    use aws_sdk_iam::types::RoleDetail;
    use engine::{CallError, Made};
    use model::{Address, Input, Outputs};

    use super::ApiAccount;
    use crate::{
        Live, RestApi, Role, Seen, Wanted,
        aws::{Aws, absent, apigateway, iam, owner, ready, tag_map, telling},
    };

    impl Live for ApiAccount {
        async fn read(aws: &Aws, wanted: &[Wanted<Self>]) -> Result<Vec<Seen<Self>>, CallError> {
            let Some(first) = wanted.first() else { return Ok(Vec::new()) };
            let role = current(aws, &first.address).await?;
            Ok(role.map_or_else(Vec::new, |role| wanted.iter().map(|wanted| seen(aws, wanted, &role)).collect()))
        }

        async fn create(aws: &Aws, at: &Address, want: &Self) -> Result<Made, CallError> {
            put(aws, at, want).await
        }

        async fn update(aws: &Aws, seen: &Seen<Self>, want: &Self, _: &[String]) -> Result<Made, CallError> {
            put(aws, &seen.address, want).await
        }

        async fn delete(aws: &Aws, seen: &Seen<Self>) -> Result<(), CallError> {
            let role = current(aws, &seen.address).await?;
            if role.as_deref() == Some(seen.spec.role.as_str()) {
                let heir = heir(aws, seen).await?;
                set(aws, &seen.address, heir.as_deref().unwrap_or_default()).await?;
            }
            Ok(())
        }
    }

    /// The same role of another target of ours whose API has a stage in the account. Of two that go at once the later one finds
    /// no stage of the earlier: stages go before this setting.
    async fn heir(aws: &Aws, seen: &Seen<ApiAccount>) -> Result<Option<String>, CallError> {
        let roles = iam::roles(aws).await?;
        let own = iam::with_arn(&roles, &seen.spec.role).and_then(|role| owner_of(aws, role));
        let Some(own) = own else { return Ok(None) };
        let apis = apigateway::rest_apis(aws).await?;
        let others = apis.iter().filter_map(|api| {
            let api_of = tag_map::owner::<RestApi>(aws, api.tags()).filter(|api| api.target() != own.target())?;
            let is_its = |role: &Address| role.target() == api_of.target() && role.name() == own.name();
            let role = roles.iter().find(|role| owner_of(aws, role).is_some_and(|address| is_its(&address)))?;
            Some((api.id()?, role.arn()?))
        });
        for (api, role) in others {
            if has_stage(aws, seen, api).await? {
                return Ok(Some(role.to_owned()));
            }
        }
        Ok(None)
    }

    fn owner_of(aws: &Aws, role: &RoleDetail) -> Option<Address> {
        owner::owner::<Role>(aws, &iam::tags(role))
    }

    async fn has_stage(aws: &Aws, seen: &Seen<ApiAccount>, api: &str) -> Result<bool, CallError> {
        let answer =
            aws.call("apigateway:GetStages", &seen.address, aws.apigateway.get_stages().rest_api_id(api).send());
        Ok(absent(answer.await)?.is_some_and(|stages| !stages.item().is_empty()))
    }

    async fn put(aws: &Aws, at: &Address, want: &ApiAccount) -> Result<Made, CallError> {
        let wanted = want.role.as_str();
        let role = match current(aws, at).await? {
            Some(role) if role == wanted || !is_ours(aws, at, &role) => Some(role),
            _ => set(aws, at, wanted).await?,
        };
        Ok(telling(ready(Outputs::new()), role.map(|role| spec(aws, at, want, &role))))
    }

    async fn current(aws: &Aws, at: &Address) -> Result<Option<String>, CallError> {
        let account = aws.call("apigateway:GetAccount", at, aws.apigateway.get_account().send()).await?;
        Ok(account.cloudwatch_role_arn.filter(|role| !role.is_empty()))
    }

    /// The role that API Gateway has now.
    async fn set(aws: &Aws, at: &Address, role: &str) -> Result<Option<String>, CallError> {
        let call = aws.apigateway.update_account().patch_operations(apigateway::replace("/cloudwatchRoleArn", role));
        Ok(aws.call("apigateway:UpdateAccount", at, call.send()).await?.cloudwatch_role_arn)
    }

    /// Services that share an account have a role each; the first one's serves the others.
    fn is_ours(aws: &Aws, at: &Address, role: &str) -> bool {
        let name = role.rsplit('/').next().unwrap_or_default();
        name.starts_with(&format!("{}-{}-", aws.names.prefix(), at.target()))
    }

    fn seen(aws: &Aws, wanted: &Wanted<ApiAccount>, role: &str) -> Seen<ApiAccount> {
        let spec = spec(aws, &wanted.address, &wanted.spec, role);
        let state = engine::State::Ready;
        Seen { address: wanted.address.clone(), spec, outputs: Outputs::new(), state, identity: role.to_owned() }
    }

    fn spec(aws: &Aws, at: &Address, want: &ApiAccount, role: &str) -> ApiAccount {
        match is_ours(aws, at, role) {
            true => ApiAccount { role: Input::from(role) },
            false => want.clone(),
        }
    }
}
