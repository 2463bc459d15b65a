//! What mends a hop when the configuration is known: `up` where it changes something, an edit where it does not.

use kinds::{ApiBody, ApiDeployment};
use reach::{Request, Step, Wanted};
use serde_json::json;

use crate::fixture::{Fixture, healthy, orders};

/// The healthy world, as configured but for these objects.
fn compared(differing: &[&str]) -> Fixture {
    let mut world = healthy();
    let differing = differing.iter().map(|address| address.parse().expect("an address")).collect();
    let hosts = ["food", "beverage"].map(|service| (format!("{service}.internal.example"), service.to_owned()));
    world.world.wanted = Wanted { hosts: hosts.into(), differing: Some(differing) };
    world
}

fn mends(world: &Fixture, request: &Request, step: Step) -> String {
    let trace = world.trace(request);
    let hop = trace.broken().next().unwrap_or_else(|| panic!("nothing is broken: {trace:#?}"));
    assert_eq!(hop.step, step, "{trace:#?}");
    hop.mend.clone().unwrap_or_default()
}

fn asked(method: &str, path: &str) -> Request {
    Request::new(method, "food.internal.example", path)
}

fn from(block: &str) -> Request {
    Request { from: Some(block.parse().expect("a block")), ..orders() }
}

#[test]
fn a_service_that_is_down() {
    let mut world = compared(&[]);
    world.world.objects.retain(|object| object.address.target() != "food");
    assert_eq!(mends(&world, &orders(), Step::Record), "provisioner up food");
}

#[test]
fn a_platform_that_is_down() {
    let mut world = compared(&[]);
    world.world.objects.clear();
    assert_eq!(mends(&world, &orders(), Step::Record), "provisioner up consumer food");
}

#[test]
fn a_record_that_outlived_the_balancer() {
    let mut world = compared(&[]);
    world.remove("consumer/load-balancer/main");
    assert_eq!(mends(&world, &orders(), Step::Record), "provisioner up consumer food");
}

#[test]
fn a_host_of_no_service() {
    let request = Request::new("GET", "drinks.internal.example", "/");
    assert!(mends(&compared(&[]), &request, Step::Record).contains("`provisioner outputs`"));
}

#[test]
fn a_route_that_is_not_configured() {
    let add = "add the route to microservice-accounts/food/service.toml, then `provisioner up food`";
    for request in [asked("GET", "/nothing"), asked("DELETE", "/orders")] {
        assert_eq!(mends(&compared(&["food/function/list-orders"]), &request, Step::Route), add);
    }
}

#[test]
fn a_route_that_is_configured_and_not_there() {
    let mut world = compared(&["food/api-body/main"]);
    world.change::<ApiBody>("food", "main", |body| body.routes.retain(|route| route.path != "/orders"));
    world.output("food/api-body/main", "revision", json!("body-2"));
    world.change::<ApiDeployment>("food", "main", |deployment| deployment.revision = "body-2".into());
    assert_eq!(mends(&world, &orders(), Step::Route), "provisioner up food");
}

#[test]
fn clients_that_nobody_lets_in() {
    let mend = mends(&compared(&[]), &from("203.0.113.0/24"), Step::ClientAccess);
    assert_eq!(
        mend,
        "add 203.0.113.0/24 to `client_cidrs` in consumer-account/account.toml (when that is empty it means \
         10.0.0.0/20), then `provisioner up consumer`"
    );
}

#[test]
fn clients_that_should_be_let_in() {
    let rule = "consumer/security-group-rule/clients-1";
    let mut world = compared(&[rule]);
    world.remove(rule);
    assert_eq!(mends(&world, &orders(), Step::ClientAccess), "provisioner up consumer");
}
