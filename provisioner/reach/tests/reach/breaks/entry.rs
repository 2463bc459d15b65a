//! The name and the balancer.

use kinds::{
    HostedZone, Listener, ListenerRule, RecordSet,
    listener_rule::{RuleAction, RuleCondition},
    record_set::RecordTarget,
};
use reach::{Outcome, Request, State, Step, Verdict};
use serde_json::json;

use super::{CONSUMER, End, FOOD, body, broken, broken_for, end};
use crate::fixture::{Fixture, HUB, healthy, orders};

#[test]
fn record_missing() {
    broken(Step::Record, End::NoConnection, FOOD, |world| world.remove("food/record-set/host"));
}

#[test]
fn record_to_nowhere() {
    broken(Step::Record, End::NoConnection, FOOD, |world| {
        world.change::<RecordSet>("food", "host", |record| record.target = RecordTarget::Cname("gone.example".into()));
    });
}

#[test]
fn record_in_a_closer_zone_that_lacks_it() {
    broken(Step::Record, End::NoConnection, FOOD, |world| {
        let zone = HostedZone { name: "food.internal.example".into(), vpc: "vpc-hub".into() };
        world.put(HUB, "consumer", "closer", zone, &[("id", json!("Z9"))]);
    });
}

#[test]
fn records_in_a_loop() {
    let mut world = healthy();
    world.change::<RecordSet>("food", "host", |record| {
        record.target = RecordTarget::Cname("food.internal.example".into());
    });
    assert_eq!(end(&world.trace(&orders())), End::NoConnection);
}

#[test]
fn records_that_answer_for_others() {
    let mut world = healthy();
    world.change::<RecordSet>("food", "host", |record| record.name = "*.internal.example".into());
    assert!(world.trace(&orders()).gets_through());
    let meals = RecordTarget::Cname("meals.internal.example".into());
    let record = RecordSet { zone: "Z1".into(), name: "food.internal.example".into(), target: meals };
    world.put(HUB, "food", "second", record, &[]);
    let trace = world.trace(&orders());
    assert!(trace.gets_through() && trace.hops[0].why.contains("`meals.internal.example`"), "{trace:#?}");
}

#[test]
fn zone_of_another_network() {
    broken(Step::Record, End::NoConnection, CONSUMER, |world| {
        world.change::<HostedZone>("consumer", "internal", |zone| zone.vpc = "vpc-other".into());
    });
}

#[test]
fn balancer_not_ready() {
    broken(Step::LoadBalancer, End::NoConnection, CONSUMER, |world| {
        world.state("consumer/load-balancer/main", State::Pending("provisioning".to_owned()));
    });
}

#[test]
fn clients_locked_out() {
    broken(Step::ClientAccess, End::NoConnection, CONSUMER, |world| {
        world.remove("consumer/security-group-rule/clients-1");
    });
}

#[test]
fn listener_missing() {
    broken(Step::Listener, End::NoConnection, CONSUMER, |world| world.remove("consumer/listener/https"));
}

#[test]
fn listener_on_another_port() {
    broken(Step::Listener, End::NoConnection, CONSUMER, |world| {
        world.change::<Listener>("consumer", "https", |listener| listener.port = 8443);
    });
}

#[test]
fn certificate_taken_off_the_listener() {
    let trace = broken(Step::Certificate, End::NoConnection, FOOD, |world| {
        world.remove("food/listener-certificate/host");
    });
    assert!(trace.hops.last().is_some_and(|hop| hop.why.contains("does not cover `food.internal.example`")));
}

#[test]
fn certificate_of_another_name() {
    broken(Step::Certificate, End::NoConnection, FOOD, |world| {
        world.output("food/certificate/listener", "names", json!(["*.other.example", "internal.example"]));
    });
}

#[test]
fn certificate_of_another_name_and_a_client_that_does_not_check() {
    let request = Request { insecure: true, ..orders() };
    broken_for(&request, Step::Certificate, End::Function, FOOD, |world| {
        world.remove("food/listener-certificate/host");
    });
}

#[test]
fn certificate_that_was_not_read() {
    let mut world = healthy();
    world.remove("food/certificate/listener");
    let trace = world.trace(&orders());
    assert_eq!((end(&trace), trace.gets_through()), (End::Function, false));
    assert!(trace.hops.iter().any(|hop| (hop.step, hop.verdict) == (Step::Certificate, Verdict::CannotTell)));
}

#[test]
fn rule_missing() {
    let trace = broken(Step::Rule, End::Answer(404), FOOD, |world| world.remove("food/listener-rule/host"));
    assert_eq!(body(&trace), ("text/plain; charset=utf-8", ""));
}

#[test]
fn rule_of_another_host() {
    broken(Step::Rule, End::Answer(404), FOOD, |world| {
        world.change::<ListenerRule>("food", "host", |rule| {
            rule.condition = RuleCondition::Host(vec!["meals.*".to_owned()]);
        });
    });
}

fn shadow(world: &mut Fixture, priority: u16, action: RuleAction) {
    let condition = RuleCondition::Host(vec!["*.INTERNAL.example".to_owned()]);
    let listener = "arn:aws:elasticloadbalancing:eu-west-1:111111111111:listener/app/main/1/2".into();
    let rule = ListenerRule { listener, priority: Some(priority), condition, action };
    world.put(HUB, "foreign", &priority.to_string(), rule, &[("priority", json!(priority))]);
    world.state(&format!("foreign/listener-rule/{priority}"), State::Foreign("not ours".to_owned()));
}

#[test]
fn rule_behind_somebody_elses() {
    let trace = broken(Step::Rule, End::Answer(418), None, |world| {
        shadow(world, 50, RuleAction::Refuse { status: 418, body: "teapot".to_owned() });
    });
    assert_eq!(body(&trace), ("text/plain; charset=utf-8", "teapot"));
}

#[test]
fn rule_before_somebody_elses() {
    let mut world = healthy();
    shadow(&mut world, 500, RuleAction::Refuse { status: 418, body: String::new() });
    assert!(world.trace(&orders()).gets_through());
}

#[test]
fn rule_behind_one_whose_targets_are_not_known() {
    let mut world = healthy();
    shadow(&mut world, 50, RuleAction::Forward("arn:somebody-elses".into()));
    let trace = world.trace(&orders());
    assert_eq!(end(&trace), End::Unknown);
    assert_eq!(trace.hops.last().map(|hop| (hop.step, hop.verdict)), Some((Step::Rule, Verdict::CannotTell)));
}

#[test]
fn a_request_that_names_the_api_itself() {
    let request = orders().header("X-ApiGw-Api-Id", "api-food");
    let mend = Some("send the request without header `x-apigw-api-id`");
    let trace = broken_for(&request, Step::Rule, End::Answer(403), mend, |_| {});
    assert_eq!(body(&trace), ("text/plain; charset=utf-8", "Forbidden"));
}

#[test]
fn a_request_that_names_the_api_itself_when_nothing_refuses_it() {
    let mut world = healthy();
    world.remove("consumer/listener-rule/refuse-api-id");
    let request = Request::new("GET", "food.internal.example", "/live/orders").header("x-apigw-api-id", "api-beverage");
    let Outcome::Reaches(found) = world.trace(&request).outcome else { panic!("the hole is there") };
    assert_eq!((found.account.as_str(), found.path.as_str(), found.domain), ("beverage", "/orders", None));
}

#[test]
fn an_empty_world_resolves_no_name() {
    let trace = reach::trace(&reach::World::default(), &orders());
    assert_eq!((end(&trace), trace.hops.len()), (End::NoConnection, 1));
    assert_eq!(trace.hops[0].mend, None);
}

#[test]
fn what_belongs_to_another_service_does_not_matter() {
    let mut world = healthy();
    world.world.objects.retain(|object| object.address.target() != "beverage");
    assert!(world.trace(&orders()).gets_through());
    let beverage = world.trace(&Request::new("GET", "beverage.internal.example", "/orders"));
    assert_eq!(end(&beverage), End::NoConnection);
}
