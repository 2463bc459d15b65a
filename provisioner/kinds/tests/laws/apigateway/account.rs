//! Laws of API Gateway's account settings.

use kinds::{ApiAccount, Live, Role, aws::apigateway::replace};
use model::{Address, Policy};

use super::{at, deployed_api};
use crate::world::World;

fn role(world: &World, name: &str) -> ApiAccount {
    ApiAccount { role: format!("arn:aws:iam::{}:role/{name}", world.aws.account).into() }
}

async fn current(world: &World) -> String {
    let found = world.aws.apigateway.get_account().send().await.expect("the account");
    found.cloudwatch_role_arn.unwrap_or_default()
}

async fn set(world: &World, role: &ApiAccount) {
    let patch = replace("/cloudwatchRoleArn", role.role.as_str());
    world.aws.apigateway.update_account().patch_operations(patch).send().await.expect("a patch");
}

#[tokio::test]
async fn account_settings_keep_the_laws() {
    let world = World::new().await;
    let (want, other) = (role(&world, "laws-test-laws-api-logs"), role(&world, "laws-test-laws-logs"));
    world.keeps_the_laws("main", want.clone(), [other, want]).await;
    assert_eq!(current(&world).await, "", "our role is taken back");
}

#[tokio::test]
async fn a_role_that_somebody_else_set_is_left_alone() {
    let world = World::new().await;
    let (want, theirs) = (role(&world, "laws-test-laws-api-logs"), role(&world, "theirs"));
    set(&world, &theirs).await;
    let seen = world.find(&at::<ApiAccount>("main"), &want).await.expect("the setting");
    assert_eq!(seen.spec, want, "it serves as well");
    ApiAccount::create(&world.aws, &seen.address, &want).await.expect("nothing to do");
    ApiAccount::delete(&world.aws, &seen).await.expect("nothing to do");
    assert_eq!(current(&world).await, theirs.role.as_str());
}

#[tokio::test]
async fn services_that_share_an_account_do_not_take_turns() {
    let world = World::new().await;
    let (want, first) = (role(&world, "laws-test-laws-api-logs"), role(&world, "laws-test-food-api-logs"));
    set(&world, &first).await;
    assert_eq!(world.find(&at::<ApiAccount>("main"), &want).await.expect("the setting").spec, want);
}

/// The log role of a target, as a service has it.
async fn log_role(world: &World, target: &str) -> ApiAccount {
    let role = Role {
        name: format!("laws-test-{target}-api-logs"),
        description: String::new(),
        trust: Policy::default(),
        policies: Vec::new(),
        unexpected_policies: Vec::new(),
    };
    let role = world.make(&Address::new(target, "role", "api-logs"), &role).await;
    ApiAccount { role: role.output(Role::ARN).expect("an ARN").as_str().into() }
}

#[tokio::test]
async fn a_service_that_stays_takes_over() {
    let world = World::new().await;
    let (going, staying) = (log_role(&world, "food").await, log_role(&world, "laws").await);
    let want = world.make(&Address::new("food", "api-account", "main"), &going).await;
    let (api, deployment) = deployed_api(&world, "main").await;
    ApiAccount::delete(&world.aws, &want).await.expect("a delete");
    assert_eq!(current(&world).await, "", "nobody has a stage");

    set(&world, &going).await;
    let stage = world.aws.apigateway.create_stage().rest_api_id(&api).deployment_id(deployment).stage_name("live");
    stage.send().await.expect("a stage");
    ApiAccount::delete(&world.aws, &want).await.expect("a delete");
    assert_eq!(current(&world).await, staying.role.as_str());
    ApiAccount::delete(&world.aws, &want).await.expect("nothing to do");
    assert_eq!(current(&world).await, staying.role.as_str());
}
