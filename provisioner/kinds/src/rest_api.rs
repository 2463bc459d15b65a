//! PRIVATE REST APIs (`apigateway:* /restapis`). Found by tag; names may repeat.

use model::{ApiId, Calls, CreateSafety, Facts, Field, Kind, Output, Policy};
use serde::{Deserialize, Serialize};

/// A private API and who may call it. What it serves is its `ApiBody`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RestApi {
    pub name: String,
    pub description: String,
    /// Resources are written `execute-api:/*`; inert until the next deployment.
    pub policy: Policy,
}

impl RestApi {
    pub const ID: Field<Self, ApiId> = Field::new("id");
}

impl Kind for RestApi {
    const FACTS: Facts = Facts {
        kind: "rest-api",
        title: "REST API",
        outputs: &[Output::created("id")],
        calls: Calls {
            create: &["apigateway:CreateRestApi"],
            update: &["apigateway:UpdateRestApi"],
            delete: &["apigateway:DeleteRestApi"],
            ..Calls::NONE
        },
        typical_seconds: 3,
        ..Facts::of(CreateSafety::TagFirst)
    };
}

#[cfg(feature = "live")]
mod live {
    use aws_sdk_apigateway::types::{self, ApiStatus, EndpointConfiguration, EndpointType, PatchOperation};
    use engine::{CallError, Class, Made, State};
    use model::Address;

    use super::RestApi;
    use crate::{
        Live, Seen, Wanted,
        aws::{Aws, absent, apigateway, normal, outputs, ready, tag_map},
    };

    impl Live for RestApi {
        async fn read(aws: &Aws, _wanted: &[Wanted<Self>]) -> Result<Vec<Seen<Self>>, CallError> {
            Ok(apigateway::rest_apis(aws).await?.iter().filter_map(|api| seen(aws, api)).collect())
        }

        async fn create(aws: &Aws, at: &Address, want: &Self) -> Result<Made, CallError> {
            let call = aws
                .apigateway
                .create_rest_api()
                .name(&want.name)
                .description(&want.description)
                .policy(want.policy.document())
                .endpoint_configuration(EndpointConfiguration::builder().types(EndpointType::Private).build())
                .set_tags(tag_map::tags(aws, at));
            let made = aws.call("apigateway:CreateRestApi", at, call.send()).await?;
            Ok(ready(outputs([(Self::ID.name, aws.sent(at, "id", made.id)?)])))
        }

        async fn update(aws: &Aws, seen: &Seen<Self>, want: &Self, fields: &[String]) -> Result<Made, CallError> {
            let patch: Vec<PatchOperation> = fields.iter().filter_map(|field| operation(want, field)).collect();
            let call = aws.apigateway.update_rest_api().set_rest_api_id(seen.output(Self::ID));
            let call = call.set_patch_operations(Some(patch));
            aws.call("apigateway:UpdateRestApi", &seen.address, call.send()).await?;
            Ok(ready(seen.outputs.clone()))
        }

        /// A delete whose answer was not heard, or not understood, has done its work if the API is gone.
        async fn delete(aws: &Aws, seen: &Seen<Self>) -> Result<(), CallError> {
            let call = aws.apigateway.delete_rest_api().set_rest_api_id(seen.output(Self::ID));
            match absent(aws.call("apigateway:DeleteRestApi", &seen.address, call.send()).await) {
                Err(error) if error.class == Class::Unknown && is_gone(aws, seen).await? => Ok(()),
                answer => answer.map(drop),
            }
        }
    }

    fn operation(want: &RestApi, field: &str) -> Option<PatchOperation> {
        match field {
            "name" => Some(apigateway::replace("/name", &want.name)),
            "description" => Some(apigateway::replace("/description", &want.description)),
            "policy" => Some(apigateway::replace("/policy", want.policy.document())),
            _ => None,
        }
    }

    async fn is_gone(aws: &Aws, seen: &Seen<RestApi>) -> Result<bool, CallError> {
        let call = aws.apigateway.get_rest_api().set_rest_api_id(seen.output(RestApi::ID));
        Ok(absent(aws.call("apigateway:GetRestApi", &seen.address, call.send()).await)?.is_none())
    }

    fn seen(aws: &Aws, api: &types::RestApi) -> Option<Seen<RestApi>> {
        let id = api.id()?;
        Some(Seen {
            address: tag_map::owner::<RestApi>(aws, api.tags())?,
            spec: RestApi {
                name: api.name().unwrap_or_default().to_owned(),
                description: api.description().unwrap_or_default().to_owned(),
                policy: apigateway::policy(aws, id, api.policy()),
            },
            outputs: outputs([(RestApi::ID.name, id)]),
            state: state(api),
            identity: normal::identity(api.created_date(), id),
        })
    }

    fn state(api: &types::RestApi) -> State {
        let why = api.api_status_message().unwrap_or_default();
        match api.api_status() {
            Some(status @ (ApiStatus::Pending | ApiStatus::Updating)) => State::Pending(format!("{status} {why}")),
            Some(ApiStatus::Failed) => State::Broken(why.to_owned()),
            _ => State::Ready,
        }
    }
}
