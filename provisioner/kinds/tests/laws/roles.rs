//! Laws of roles and their policies.

use engine::{Class, State};
use kinds::{Live, Role, RolePolicy, RolePolicyAttachment};
use model::{Address, Kind, Policy, policy::Statement};

use crate::world::World;

const PUSH_LOGS: &str = "arn:aws:iam::aws:policy/service-role/AmazonAPIGatewayPushToCloudWatchLogs";
const VPC_ACCESS: &str = "arn:aws:iam::aws:policy/service-role/AWSLambdaVPCAccessExecutionRole";

fn at<K: Kind>(name: &str) -> Address {
    Address::new("laws", K::FACTS.kind, name)
}

fn trust(service: &str) -> Policy {
    Policy::of([Statement::allow("").principal("Service", service).actions(&["sts:AssumeRole"])])
}

fn access(action: &str) -> Policy {
    Policy::of([Statement::allow("Own").actions(&[action]).on("arn:aws:logs:eu-west-1:111122223333:log-group:a%2fb:*")])
}

fn role() -> Role {
    Role {
        name: "laws-test-laws-main".to_owned(),
        description: "writes logs (its own)".to_owned(),
        trust: trust("lambda.amazonaws.com"),
        policies: vec![RolePolicy::NAME.to_owned(), PUSH_LOGS.to_owned()],
        unexpected_policies: Vec::new(),
    }
}

async fn arn(world: &World) -> String {
    world.make(&at::<Role>("main"), &role()).await.output(Role::ARN).expect("an ARN")
}

#[tokio::test]
async fn roles_keep_the_laws() {
    let want = role();
    let variations = [
        Role { description: "reads logs".to_owned(), ..want.clone() },
        Role { trust: trust("apigateway.amazonaws.com"), ..want.clone() },
        want.clone(),
    ];
    World::new().await.keeps_the_laws("main", want, variations).await;
}

#[tokio::test]
async fn role_policies_keep_the_laws() {
    let world = World::new().await;
    let want = RolePolicy { role: arn(&world).await.into(), policy: access("logs:PutLogEvents") };
    let variations = [RolePolicy { policy: access("logs:GetLogEvents"), ..want.clone() }, want.clone()];
    world.keeps_the_laws("main", want, variations).await;
}

#[tokio::test]
async fn role_policy_attachments_keep_the_laws() {
    let world = World::new().await;
    let want = RolePolicyAttachment { role: arn(&world).await.into(), policy: PUSH_LOGS.into() };
    world.keeps_the_laws("main", want, []).await;
}

/// A role that has what it is to have, and what somebody added.
async fn burdened(world: &World) {
    let (role, iam) = (arn(world).await, &world.aws.iam);
    let wanted = RolePolicy { role: role.as_str().into(), policy: access("logs:PutLogEvents") };
    world.make(&at::<RolePolicy>("main"), &wanted).await;
    let wanted = RolePolicyAttachment { role: role.into(), policy: PUSH_LOGS.into() };
    world.make(&at::<RolePolicyAttachment>("main"), &wanted).await;
    let put = iam.put_role_policy().role_name(self::role().name).policy_name("admin");
    put.policy_document(access("logs:DeleteLogGroup").document()).send().await.expect("a policy");
    let attach = iam.attach_role_policy().role_name(self::role().name).policy_arn(VPC_ACCESS);
    attach.send().await.expect("a policy");
}

#[tokio::test]
async fn policies_that_somebody_added_to_a_role_are_seen_and_removed() {
    let world = World::new().await;
    burdened(&world).await;
    let seen = world.find(&at::<Role>("main"), &role()).await.expect("the role");
    assert_eq!(seen.spec.unexpected_policies, ["admin", VPC_ACCESS]);
    let seen = world.change(seen, &role()).await;
    let arn = seen.output(Role::ARN).expect("an ARN");
    let ours = RolePolicy { role: arn.into(), policy: access("logs:PutLogEvents") };
    assert!(world.find(&at::<RolePolicy>("main"), &ours).await.is_some(), "our own is left alone");
}

#[tokio::test]
async fn a_role_that_still_has_policies_goes_the_second_time() {
    let world = World::new().await;
    burdened(&world).await;
    let seen = world.find(&at::<Role>("main"), &role()).await.expect("the role");
    let answer = Role::delete(&world.aws, &seen).await;
    assert_eq!(answer.expect_err("it has policies").class, Class::Busy);
    Role::delete(&world.aws, &seen).await.expect("a delete");
    assert!(world.find(&at::<Role>("main"), &role()).await.is_none());
}

#[tokio::test]
async fn a_role_that_nobody_wants_any_more_is_found() {
    let world = World::new().await;
    arn(&world).await;
    world.aws.forget().await;
    let found = Role::read(&world.aws, &[]).await.expect("a reading");
    assert_eq!(found.iter().map(|seen| &seen.address).collect::<Vec<_>>(), [&at::<Role>("main")]);
}

#[tokio::test]
async fn a_namesake_role_is_left_alone() {
    let (world, want) = (World::new().await, role());
    let call = world.aws.iam.create_role().role_name(&want.name);
    call.assume_role_policy_document(want.trust.document()).send().await.expect("a role");
    let seen = world.find(&at::<Role>("main"), &want).await.expect("something");
    assert!(matches!(seen.state, State::Foreign(_)), "{:?}", seen.state);
}
