//! Requests that get through, and where they end.

use crate::fixture::{healthy, orders};
use reach::{Destination, Outcome, Request, Step, Trace, Verdict};

fn reached(trace: &Trace) -> &Destination {
    assert!(trace.gets_through(), "{trace:#?}");
    let Outcome::Reaches(destination) = &trace.outcome else { panic!("{trace:#?}") };
    destination
}

#[test]
fn every_hop_is_passed_once_and_in_order() {
    let trace = healthy().trace(&orders());
    reached(&trace);
    let steps: Vec<Step> = trace.hops.iter().map(|hop| hop.step).collect();
    assert!(steps.is_sorted_by(|a, b| a < b), "{steps:?}");
    assert_eq!((steps.first(), steps.last(), steps.len()), (Some(&Step::Record), Some(&Step::Table), 26));
    assert!(trace.hops.iter().all(|hop| hop.verdict == Verdict::Ok && hop.mend.is_none() && !hop.why.is_empty()));
}

#[test]
fn the_destination_says_what_to_run_and_what_to_tell_it() {
    let trace = healthy().trace(&Request::new("get", "FOOD.internal.example:443", "/orders/a%2Fb?x=1"));
    let found = reached(&trace);
    assert_eq!(found.function.as_str(), "food/function/get-order");
    assert_eq!(found.function_arn, "arn:aws:lambda:eu-west-1:222222222222:function:demo-food-get-order");
    assert_eq!((found.alias.as_str(), found.version.as_str(), found.account.as_str()), ("live", "1", "food"));
    assert_eq!((found.resource_path.as_str(), found.path.as_str()), ("/orders/{orderId}", "/orders/a%2Fb"));
    assert_eq!(found.path_parameters["orderId"], "a%2Fb");
    assert_eq!(found.environment["ORDERS_TABLE"], "demo-food-orders");
    assert_eq!((found.api_id.as_str(), found.stage.as_str(), found.base_path.as_deref()), ("api-food", "live", None));
    assert_eq!((found.domain.as_deref(), found.region.as_str()), (Some("food.internal.example"), "eu-west-1"));
    assert_eq!((found.vpc_endpoint_id.as_str(), found.vpc_id.as_str()), ("vpce-hub", "vpc-hub"));
    assert_eq!((found.memory_mb, found.timeout_seconds, found.integration_timeout_seconds), (256, 10, 10));
}

#[test]
fn host_method_and_path_choose_the_function() {
    let world = healthy();
    for (method, host, path, function) in [
        ("GET", "food", "/orders", "food/function/list-orders"),
        ("POST", "food", "/orders/", "food/function/create-order"),
        ("GET", "beverage", "/orders/1", "beverage/function/get-order"),
    ] {
        let trace = world.trace(&Request::new(method, &format!("{host}.internal.example"), path));
        assert_eq!(reached(&trace).function.as_str(), function);
    }
}

#[test]
fn clients_are_let_in_by_where_they_are() {
    let world = healthy();
    let from = |block: &str| Request { from: Some(block.parse().expect("a block")), ..orders() };
    reached(&world.trace(&from("10.0.3.0/24")));
    let outside = world.trace(&from("192.168.0.0/16"));
    assert!(matches!(outside.outcome, Outcome::NoConnection { by: Step::ClientAccess, .. }), "{outside:#?}");
}

#[test]
fn a_mapping_of_one_segment_takes_it_away() {
    let mut world = healthy();
    world.change::<kinds::BasePathMapping>("food", "main", |mapping| mapping.path = "v1".to_owned());
    let trace = world.trace(&Request::new("GET", "food.internal.example", "/v1/orders/7"));
    let found = reached(&trace);
    assert_eq!((found.base_path.as_deref(), found.path.as_str()), (Some("v1"), "/orders/7"));
    assert_eq!(world.trace(&orders()).status(), Some(403));
}

#[test]
fn the_most_specific_path_wins_whatever_its_methods() {
    let mut world = healthy();
    world.change::<kinds::ApiBody>("food", "main", |body| {
        let mut more = body.routes[0].clone();
        (more.method, more.path) = ("ANY".to_owned(), "/{proxy+}".to_owned());
        body.routes.push(more.clone());
        (more.method, more.path) = ("POST".to_owned(), "/orders/{orderId}/lines".to_owned());
        body.routes.push(more);
    });
    world.change::<kinds::FunctionPermission>("food", "create-order", |permission| {
        permission.source = "arn:aws:execute-api:eu-west-1:222222222222:api-food/*".into();
    });
    let asked = |method: &str, path: &str| world.trace(&Request::new(method, "food.internal.example", path));
    assert_eq!(reached(&asked("PATCH", "/a/b")).path_parameters["proxy"], "a/b");
    assert_eq!(reached(&asked("GET", "/orders/7")).resource_path, "/orders/{orderId}");
    assert_eq!(asked("DELETE", "/orders/7").status(), Some(403), "the greedy path is not tried");
    assert_eq!(reached(&asked("GET", "/orders/7/other")).resource_path, "/{proxy+}");
}

#[test]
fn a_greeting_shows_the_certificate_of_the_name() {
    let world = healthy();
    let model = reach::Model::new(&world.world);
    let shown = |name: &str| model.greet(name, None).map(|greeting| greeting.certificate);
    assert_eq!(shown("food.internal.example").as_deref(), Ok("arn:aws:acm:eu-west-1:111111111111:certificate/food"));
    assert!(shown("drinks.internal.example").is_err_and(|why| why.contains("NXDOMAIN")));
}

#[test]
fn a_trace_is_written_as_json() {
    let json = serde_json::to_value(healthy().trace(&orders())).expect("plain data");
    assert_eq!(json["hops"][0]["step"], "record");
    assert_eq!(json["hops"][0]["object"], "food/record-set/host");
    assert_eq!(json["outcome"]["reaches"]["function"], "food/function/list-orders");
}
