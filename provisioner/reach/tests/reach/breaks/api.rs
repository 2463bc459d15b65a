//! Domain, mapping, stage, and what the API decides.

use kinds::{ApiBody, ApiDeployment};
use model::{Policy, policy::Statement};
use reach::{Request, State, Step};
use serde_json::json;

use super::{End, FOOD, body, broken, broken_for, says};
use crate::fixture::Fixture;

#[test]
fn domain_missing() {
    let trace = broken(Step::Domain, End::Answer(403), FOOD, |world| world.remove("food/api-domain/main"));
    says(&trace, "Forbidden");
}

#[test]
fn domain_not_ready() {
    broken(Step::Domain, End::Answer(403), FOOD, |world| {
        world.state("food/api-domain/main", State::Pending("UPDATING".to_owned()));
    });
}

#[test]
fn mapping_missing() {
    let trace = broken(Step::Mapping, End::Answer(403), FOOD, |world| world.remove("food/base-path-mapping/main"));
    says(&trace, "Forbidden");
}

#[test]
fn api_missing() {
    broken(Step::Mapping, End::Answer(403), FOOD, |world| world.remove("food/rest-api/main"));
}

#[test]
fn stage_missing() {
    let trace = broken(Step::Stage, End::Answer(403), FOOD, |world| world.remove("food/api-stage/live"));
    says(&trace, "Forbidden");
}

/// Changes what the API serves, and deploys it.
fn deployed(world: &mut Fixture, change: impl FnOnce(&mut ApiBody)) {
    world.change::<ApiBody>("food", "main", change);
    world.output("food/api-body/main", "revision", json!("body-2"));
    world.change::<ApiDeployment>("food", "main", |deployment| deployment.revision = "body-2".into());
}

#[test]
fn api_policy_of_another_endpoint() {
    let trace = broken(Step::ApiPolicy, End::Answer(403), FOOD, |world| {
        deployed(world, |body| {
            let any = |statement: Statement| statement.anyone().actions(&["execute-api:Invoke"]).on("execute-api:/*");
            let fence = any(Statement::deny("")).when("StringNotEquals", "aws:SourceVpce", "vpce-old");
            body.policy = Policy::of([any(Statement::allow("")), fence]);
        });
    });
    assert!(body(&trace).1.ends_with(r#"api-food/live/GET/orders with an explicit deny"}"#), "{}", body(&trace).1);
}

#[test]
fn api_policy_that_allows_nothing() {
    broken(Step::ApiPolicy, End::Answer(403), FOOD, |world| {
        deployed(world, |body| body.policy.statements.truncate(0));
    });
}

#[test]
fn path_missing() {
    let request = Request::new("GET", "food.internal.example", "/meals");
    let trace = broken_for(&request, Step::Route, End::Answer(403), FOOD, |_| {});
    says(&trace, "Missing Authentication Token");
}

#[test]
fn method_missing() {
    let trace = broken(Step::Route, End::Answer(403), FOOD, |world| {
        deployed(world, |body| body.routes.retain(|route| (&*route.method, &*route.path) != ("GET", "/orders")));
    });
    says(&trace, "Missing Authentication Token");
}

#[test]
fn integration_with_get() {
    let trace = broken(Step::Integration, End::Answer(500), FOOD, |world| {
        deployed(world, |body| body.routes[1].integration_method = "GET".to_owned());
    });
    says(&trace, "Internal server error");
}
