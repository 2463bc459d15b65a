//! Changes without effect: AWS goes on serving the deployed copy, and running the published one.

use kinds::{ApiBody, ApiStage, Function};
use reach::{Outcome, Request, Step, Verdict};
use serde_json::json;

use crate::fixture::{Fixture, healthy, orders};

/// Takes `GET /orders` away and adds `GET /meals`, without deploying either.
fn change_routes(world: &mut Fixture) {
    world.change::<ApiBody>("food", "main", |body| body.routes[1].path = "/meals".to_owned());
    world.output("food/api-body/main", "revision", json!("body-2"));
}

fn lock_out(world: &mut Fixture) {
    world.change::<ApiBody>("food", "main", |body| body.policy.statements.truncate(0));
    world.output("food/api-body/main", "revision", json!("body-2"));
}

fn meals() -> Request {
    Request::new("GET", "food.internal.example", "/meals")
}

fn broken_steps(world: &Fixture, request: &Request) -> Vec<Step> {
    world.trace(request).broken().map(|hop| hop.step).collect()
}

#[test]
fn a_remembered_copy_answers_as_before_the_change() {
    let mut world = healthy();
    world.remember();
    change_routes(&mut world);
    assert!(matches!(world.trace(&orders()).outcome, Outcome::Reaches(_)));
    assert_eq!(broken_steps(&world, &orders()), [Step::Deployment]);
    assert_eq!(world.trace(&meals()).status(), Some(403), "a new route is not there before it is deployed");
}

#[test]
fn a_remembered_copy_keeps_its_policy() {
    let mut world = healthy();
    world.remember();
    lock_out(&mut world);
    let trace = world.trace(&orders());
    assert!(matches!(trace.outcome, Outcome::Reaches(_)), "{trace:#?}");
    let hop = trace.broken().next().expect("the change is reported");
    assert_eq!((hop.step, hop.mend.as_deref()), (Step::Deployment, Some("provisioner up food")));
    assert!(hop.why.contains("changed, not deployed"), "{}", hop.why);
}

#[test]
fn memory_lasts_from_world_to_world_until_the_copy_is_gone() {
    let mut world = healthy();
    world.remember();
    change_routes(&mut world);
    world.remember();
    assert_eq!(world.trace(&meals()).status(), Some(403));
    let before = world.world.snapshots.clone();
    world.remove("food/api-deployment/main");
    world.remember();
    assert_ne!(world.world.snapshots, before);
}

#[test]
fn without_memory_a_refusal_by_the_change_is_not_certain() {
    let mut world = healthy();
    change_routes(&mut world);
    let trace = world.trace(&orders());
    assert!(matches!(trace.outcome, Outcome::Unknown { by: Step::Route, .. }), "{trace:#?}");
    assert_eq!(broken_steps(&world, &orders()), [Step::Deployment]);
}

#[test]
fn without_memory_a_policy_that_would_refuse_may_not_be_the_one_served() {
    let mut world = healthy();
    lock_out(&mut world);
    let trace = world.trace(&orders());
    assert!(matches!(trace.outcome, Outcome::Reaches(_)), "{trace:#?}");
    assert!(trace.hops.iter().any(|hop| (hop.step, hop.verdict) == (Step::ApiPolicy, Verdict::CannotTell)));
}

#[test]
fn a_deployment_by_hand_is_judged_by_what_the_api_is() {
    let mut world = healthy();
    change_routes(&mut world);
    world.change::<ApiStage>("food", "live", |stage| stage.deployment = "by-hand".into());
    assert_eq!(broken_steps(&world, &orders()), [Step::Deployment, Step::Route]);
    assert_eq!(world.trace(&orders()).status(), Some(403));
}

#[test]
fn an_unpublished_change_leaves_the_old_version_running() {
    let change = |world: &mut Fixture| {
        world.change::<Function>("food", "list-orders", |function| function.memory_mb = 1024);
        world.output("food/function/list-orders", "revision", json!("code-2"));
    };
    let mut world = healthy();
    world.remember();
    change(&mut world);
    let trace = world.trace(&orders());
    let Outcome::Reaches(found) = &trace.outcome else { panic!("{trace:#?}") };
    assert_eq!(found.memory_mb, 256);
    assert_eq!(broken_steps(&world, &orders()), [Step::Version]);
}
