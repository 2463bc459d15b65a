//! API deployments (`apigateway:CreateDeployment`). The description holds the revision that was deployed.

use model::{ApiId, ApiRevision, Calls, CreateSafety, DeploymentId, Facts, Field, Input, Kind, Output};
use serde::{Deserialize, Serialize};

/// A snapshot of an API, as one revision of its body and policy had it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ApiDeployment {
    pub api: Input<ApiId>,
    pub revision: Input<ApiRevision>,
}

impl ApiDeployment {
    pub const ID: Field<Self, DeploymentId> = Field::new("id");
}

impl Kind for ApiDeployment {
    const FACTS: Facts = Facts {
        kind: "api-deployment",
        title: "API deployment",
        located_by: &["api"],
        replace_on: &["api", "revision"],
        create_first: true,
        outputs: &[Output::created("id")],
        calls: Calls {
            create: &["apigateway:CreateDeployment"],
            delete: &["apigateway:DeleteDeployment"],
            ..Calls::NONE
        },
        typical_seconds: 5,
        ..Facts::of(CreateSafety::Revision)
    };
}

#[cfg(feature = "live")]
mod live {
    use aws_sdk_apigateway::types::Deployment;
    use engine::{CallError, Made, State};
    use futures::future::try_join_all;
    use model::{Address, Input};

    use super::ApiDeployment;
    use crate::{
        Live, Seen, Wanted,
        aws::{Aws, absent, apigateway, normal::identity, outputs, ready, telling},
        revision::is_revision,
    };

    impl Live for ApiDeployment {
        /// Every deployment that we made of a wanted API, the one that is due and the older ones.
        async fn read(aws: &Aws, wanted: &[Wanted<Self>]) -> Result<Vec<Seen<Self>>, CallError> {
            let found = try_join_all(wanted.iter().map(|wanted| read_of(aws, wanted))).await?;
            Ok(found.into_iter().flatten().collect())
        }

        async fn create(aws: &Aws, at: &Address, want: &Self) -> Result<Made, CallError> {
            let call =
                aws.apigateway.create_deployment().rest_api_id(want.api.as_str()).description(want.revision.as_str());
            let made = aws.call("apigateway:CreateDeployment", at, call.send()).await?;
            let answered = made.description.map(|revision| Self { revision: Input::from(revision), ..want.clone() });
            Ok(telling(ready(outputs([(Self::ID.name, aws.sent(at, "id", made.id)?)])), answered))
        }

        async fn delete(aws: &Aws, seen: &Seen<Self>) -> Result<(), CallError> {
            let call = aws
                .apigateway
                .delete_deployment()
                .rest_api_id(seen.spec.api.as_str())
                .set_deployment_id(seen.output(Self::ID));
            absent(aws.call("apigateway:DeleteDeployment", &seen.address, call.send()).await).map(drop)
        }
    }

    async fn read_of(aws: &Aws, wanted: &Wanted<ApiDeployment>) -> Result<Vec<Seen<ApiDeployment>>, CallError> {
        let Some(api) = wanted.spec.api.if_known() else { return Ok(Vec::new()) };
        let call = aws.apigateway.get_deployments().rest_api_id(api.as_str()).limit(apigateway::PAGE);
        let call =
            aws.call("apigateway:GetDeployments", &wanted.address, call.into_paginator().items().send().try_collect());
        let found: Vec<Deployment> = absent(call.await)?.unwrap_or_default();
        Ok(found.into_iter().filter_map(|deployment| seen(wanted, deployment)).collect())
    }

    fn seen(wanted: &Wanted<ApiDeployment>, deployment: Deployment) -> Option<Seen<ApiDeployment>> {
        let revision = deployment.description.filter(|text| is_revision(text))?;
        let id = deployment.id?;
        Some(Seen {
            address: wanted.address.clone(),
            spec: ApiDeployment { api: wanted.spec.api.clone(), revision: Input::from(revision) },
            identity: identity(deployment.created_date.as_ref(), &id),
            outputs: outputs([(ApiDeployment::ID.name, id)]),
            state: State::Ready,
        })
    }
}
