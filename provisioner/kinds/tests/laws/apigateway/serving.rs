//! Laws of deployments and stages.

use engine::State;
use kinds::{ApiDeployment, ApiStage, Live, Wanted};

use super::{at, deployed_api};
use crate::world::World;

const OTHER_REVISION: &str = "0123456789abcdef";

#[tokio::test]
async fn deployments_keep_the_laws() {
    let world = World::new().await;
    let (api, _) = deployed_api(&world, "one").await;
    for deployment in all(&world, &api).await {
        ApiDeployment::delete(&world.aws, &deployment).await.expect("a delete");
    }
    world.keeps_the_laws("main", of(&api), []).await;
}

#[tokio::test]
async fn older_deployments_of_ours_are_seen_and_others_are_not() {
    let world = World::new().await;
    let (api, first) = deployed_api(&world, "main").await;
    ApiDeployment::create(&world.aws, &at::<ApiDeployment>("main"), &of(&api)).await.expect("a second one");
    let by_hand = world.aws.apigateway.create_deployment().rest_api_id(&api).description("by hand");
    by_hand.send().await.expect("a third one");

    let found = all(&world, &api).await;
    assert_eq!(found.len(), 2);
    assert!(found.iter().any(|seen| seen.output(ApiDeployment::ID) == Some(first.clone())));
    assert!(found.iter().any(|seen| seen.spec == of(&api)));
    assert_ne!(found[0].identity, found[1].identity);
}

fn of(api: &str) -> ApiDeployment {
    ApiDeployment { api: api.into(), revision: OTHER_REVISION.into() }
}

async fn all(world: &World, api: &str) -> Vec<kinds::Seen<ApiDeployment>> {
    let wanted = [Wanted { address: at::<ApiDeployment>("main"), spec: of(api) }];
    ApiDeployment::read(&world.aws, &wanted).await.expect("deployments")
}

fn stage(api: &str, deployment: &str) -> ApiStage {
    ApiStage {
        api: api.into(),
        name: "live".into(),
        deployment: deployment.into(),
        access_log: "arn:aws:logs:eu-west-1:111122223333:log-group:/laws/api".into(),
        access_log_format: r#"{"requestId":"$context.requestId"}"#.to_owned(),
        throttling_rate: 50,
        throttling_burst: 100,
        tracing: true,
        metrics: true,
    }
}

#[tokio::test]
async fn stages_keep_the_laws() {
    let world = World::new().await;
    let (api, deployment) = deployed_api(&world, "main").await;
    let made = ApiDeployment::create(&world.aws, &at::<ApiDeployment>("main"), &of(&api)).await.expect("another");
    let other = made.outputs["id"].as_str().expect("an id").to_owned();
    let want = stage(&api, &deployment);
    let variations = [
        ApiStage { deployment: other.into(), ..want.clone() },
        ApiStage { access_log: "arn:aws:logs:eu-west-1:111122223333:log-group:/laws/other".into(), ..want.clone() },
        ApiStage { access_log_format: r#"{"path":"$context.path"}"#.to_owned(), ..want.clone() },
        ApiStage { throttling_rate: 10, ..want.clone() },
        ApiStage { throttling_burst: 20, ..want.clone() },
        ApiStage { tracing: false, ..want.clone() },
        ApiStage { metrics: false, ..want.clone() },
        want.clone(),
    ];
    world.keeps_the_laws("live", want, variations).await;
}

/// What a crash between the two calls leaves: a stage without the settings that the first one does not take.
#[tokio::test]
async fn a_half_made_stage_is_seen_and_finished() {
    let world = World::new().await;
    let (api, deployment) = deployed_api(&world, "main").await;
    let (want, stage_at) = (stage(&api, &deployment), at::<ApiStage>("live"));
    ApiStage::create(&world.aws, &stage_at, &want).await.expect("a stage");
    let half = world.find(&stage_at, &want).await.expect("the stage");
    assert_eq!((half.spec.throttling_rate, half.spec.access_log.as_str()), (0, ""));
    world.change(half, &want).await;
}

#[tokio::test]
async fn a_stage_that_is_not_ours_is_foreign() {
    let world = World::new().await;
    let (api, deployment) = deployed_api(&world, "main").await;
    let call = world.aws.apigateway.create_stage().rest_api_id(&api).stage_name("live").deployment_id(&deployment);
    call.send().await.expect("a stage");
    let seen = world.find(&at::<ApiStage>("live"), &stage(&api, &deployment)).await.expect("the stage");
    assert_eq!(seen.state, State::Foreign("stage `live` exists and its tags are not ours".to_owned()));
}
