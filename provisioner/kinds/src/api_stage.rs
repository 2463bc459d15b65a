//! API stages (`apigateway:*Stage`). Unique by API and name, confirmed by tags.

use model::{ApiId, Calls, CreateSafety, DeploymentId, Facts, Field, Input, Kind, LogGroupArn, Output, StageName};
use serde::{Deserialize, Serialize};

/// A name under which one deployment is served.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ApiStage {
    pub api: Input<ApiId>,
    pub name: StageName,
    pub deployment: Input<DeploymentId>,
    /// Where access logs go, one JSON line a request; needs the account's log role.
    pub access_log: Input<LogGroupArn>,
    /// `$context` variables in JSON.
    pub access_log_format: String,
    /// Requests per second, steady.
    pub throttling_rate: u32,
    /// Requests at once.
    pub throttling_burst: u32,
    /// X-Ray.
    pub tracing: bool,
    pub metrics: bool,
}

impl ApiStage {
    pub const NAME: Field<Self, StageName> = Field::new("name");
}

impl Kind for ApiStage {
    const FACTS: Facts = Facts {
        kind: "api-stage",
        title: "API stage",
        located_by: &["api"],
        replace_on: &["api", "name"],
        outputs: &[Output::created("name")],
        calls: Calls {
            create: &["apigateway:CreateStage", "apigateway:UpdateStage"],
            update: &["apigateway:UpdateStage"],
            delete: &["apigateway:DeleteStage"],
            ..Calls::NONE
        },
        ..Facts::of(CreateSafety::Named)
    };
}

#[cfg(feature = "live")]
mod live {
    use aws_sdk_apigateway::types::{PatchOperation, Stage};
    use engine::{CallError, Made, State};
    use futures::future::try_join_all;
    use model::Address;

    use super::ApiStage;
    use crate::{
        Live, Seen, Wanted,
        aws::{Aws, absent, apigateway, outputs, owner::foreign, ready, tag_map, telling},
    };

    /// Settings of all methods of all resources.
    const ALL_METHODS: &str = "*/*";
    /// What a create call does not take.
    const LATER: [&str; 5] = ["access_log", "access_log_format", "metrics", "throttling_burst", "throttling_rate"];

    impl Live for ApiStage {
        async fn read(aws: &Aws, wanted: &[Wanted<Self>]) -> Result<Vec<Seen<Self>>, CallError> {
            let found = try_join_all(wanted.iter().map(|wanted| read_of(aws, wanted))).await?;
            Ok(found.into_iter().flatten().collect())
        }

        async fn create(aws: &Aws, at: &Address, want: &Self) -> Result<Made, CallError> {
            let call = aws
                .apigateway
                .create_stage()
                .rest_api_id(want.api.as_str())
                .stage_name(want.name.as_str())
                .deployment_id(want.deployment.as_str())
                .tracing_enabled(want.tracing)
                .set_tags(tag_map::tags(aws, at));
            aws.call("apigateway:CreateStage", at, call.send()).await?;
            let made = ready(outputs([(Self::NAME.name, want.name.as_str())]));
            Ok(Made { left: LATER.map(str::to_owned).to_vec(), ..made })
        }

        async fn update(aws: &Aws, seen: &Seen<Self>, want: &Self, fields: &[String]) -> Result<Made, CallError> {
            let patch: Vec<PatchOperation> = fields.iter().filter_map(|field| operation(want, field)).collect();
            let call = aws
                .apigateway
                .update_stage()
                .rest_api_id(want.api.as_str())
                .stage_name(want.name.as_str())
                .set_patch_operations(Some(patch));
            let made = aws.call("apigateway:UpdateStage", &seen.address, call.send()).await?;
            let stage = Stage::builder()
                .set_access_log_settings(made.access_log_settings)
                .set_deployment_id(made.deployment_id)
                .set_method_settings(made.method_settings)
                .tracing_enabled(made.tracing_enabled);
            let answered = made.stage_name.map(|name| spec(want, &name, stage.build()));
            Ok(telling(ready(seen.outputs.clone()), answered))
        }

        async fn delete(aws: &Aws, seen: &Seen<Self>) -> Result<(), CallError> {
            let (api, name) = (seen.spec.api.as_str(), seen.spec.name.as_str());
            let call = aws.apigateway.delete_stage().rest_api_id(api).stage_name(name);
            absent(aws.call("apigateway:DeleteStage", &seen.address, call.send()).await).map(drop)
        }
    }

    fn operation(want: &ApiStage, field: &str) -> Option<PatchOperation> {
        let method = |setting: &str, value: String| apigateway::replace(&format!("/{ALL_METHODS}/{setting}"), value);
        Some(match field {
            "access_log" => apigateway::replace("/accessLogSettings/destinationArn", want.access_log.as_str()),
            "access_log_format" => apigateway::replace("/accessLogSettings/format", &want.access_log_format),
            "deployment" => apigateway::replace("/deploymentId", want.deployment.as_str()),
            "metrics" => method("metrics/enabled", want.metrics.to_string()),
            "throttling_burst" => method("throttling/burstLimit", want.throttling_burst.to_string()),
            "throttling_rate" => method("throttling/rateLimit", want.throttling_rate.to_string()),
            "tracing" => apigateway::replace("/tracingEnabled", want.tracing),
            _ => return None,
        })
    }

    /// One API's stages: ours, and one that has a wanted name and is not ours.
    async fn read_of(aws: &Aws, wanted: &Wanted<ApiStage>) -> Result<Vec<Seen<ApiStage>>, CallError> {
        let Some(api) = wanted.spec.api.if_known() else { return Ok(Vec::new()) };
        let call = aws.apigateway.get_stages().rest_api_id(api.as_str());
        let found = absent(aws.call("apigateway:GetStages", &wanted.address, call.send()).await)?;
        let stages = found.and_then(|found| found.item).unwrap_or_default();
        Ok(stages.into_iter().filter_map(|stage| seen(aws, wanted, stage)).collect())
    }

    fn seen(aws: &Aws, wanted: &Wanted<ApiStage>, stage: Stage) -> Option<Seen<ApiStage>> {
        let name = stage.stage_name()?.to_owned();
        let Some(address) = tag_map::owner::<ApiStage>(aws, stage.tags()) else {
            return (name == wanted.spec.name.as_str()).then(|| foreign(wanted, &format!("stage `{name}`")));
        };
        Some(Seen {
            address,
            spec: spec(&wanted.spec, &name, stage),
            outputs: outputs([(ApiStage::NAME.name, name.as_str())]),
            state: State::Ready,
            identity: name,
        })
    }

    /// What is not set reads as nothing, 0 and `false`.
    fn spec(want: &ApiStage, name: &str, stage: Stage) -> ApiStage {
        let logs = stage.access_log_settings.as_ref();
        let methods = stage.method_settings.as_ref().and_then(|settings| settings.get(ALL_METHODS));
        ApiStage {
            api: want.api.clone(),
            name: name.into(),
            access_log: logs.and_then(|logs| logs.destination_arn()).unwrap_or_default().into(),
            access_log_format: logs.and_then(|logs| logs.format()).unwrap_or_default().to_owned(),
            throttling_rate: methods.map_or(0, |methods| methods.throttling_rate_limit as u32),
            throttling_burst: methods.map_or(0, |methods| methods.throttling_burst_limit.unsigned_abs()),
            tracing: stage.tracing_enabled,
            metrics: methods.is_some_and(|methods| methods.metrics_enabled),
            deployment: stage.deployment_id.unwrap_or_default().into(),
        }
    }
}
