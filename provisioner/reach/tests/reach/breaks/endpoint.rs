//! Between the balancer and the API.

use kinds::{SecurityGroup, TargetGroup, Targets, VpcEndpoint};
use reach::{State, Step, Verdict};
use serde_json::json;

use super::{CONSUMER, End, body, broken, end};
use crate::fixture::{healthy, orders};

#[test]
fn target_group_missing() {
    broken(Step::Rule, End::Answer(503), CONSUMER, |world| world.remove("consumer/target-group/endpoint"));
}

#[test]
fn targets_not_registered() {
    let trace = broken(Step::Targets, End::Answer(503), CONSUMER, |world| world.remove("consumer/targets/endpoint"));
    assert_eq!(body(&trace).0, "text/html");
}

#[test]
fn targets_that_are_nobody() {
    broken(Step::Targets, End::Answer(504), CONSUMER, |world| {
        world.change::<Targets>("consumer", "endpoint", |targets| targets.addresses = vec!["10.0.15.9".into()]);
    });
}

#[test]
fn one_target_that_is_nobody() {
    broken(Step::Targets, End::Function, CONSUMER, |world| {
        world.change::<Targets>("consumer", "endpoint", |targets| targets.addresses[0] = "10.0.15.9".into());
    });
}

#[test]
fn one_target_that_is_nobody_and_known_to_be_ill() {
    let mut world = healthy();
    world.change::<Targets>("consumer", "endpoint", |targets| targets.addresses[0] = "10.0.15.9".into());
    world.output("consumer/targets/endpoint", "health", json!({"10.0.15.9": "unhealthy", "10.0.15.20": "healthy"}));
    assert!(world.trace(&orders()).gets_through());
}

#[test]
fn targets_all_unhealthy() {
    let trace = broken(Step::Targets, End::Function, CONSUMER, |world| {
        let health = json!({"10.0.15.4": "unhealthy", "10.0.15.20": "unhealthy"});
        world.output("consumer/targets/endpoint", "health", health);
    });
    assert!(trace.broken().any(|hop| hop.why.contains("fail-open")));
}

#[test]
fn targets_on_another_port() {
    broken(Step::Targets, End::Answer(504), CONSUMER, |world| {
        world.change::<TargetGroup>("consumer", "endpoint", |group| group.port = 8443);
    });
}

#[test]
fn balancer_may_not_leave() {
    broken(Step::EndpointAccess, End::Answer(504), CONSUMER, |world| {
        world.remove("consumer/security-group-rule/balancer-to-endpoint");
    });
}

#[test]
fn balancer_may_not_enter() {
    broken(Step::EndpointAccess, End::Answer(504), CONSUMER, |world| {
        world.remove("consumer/security-group-rule/endpoint-from-balancer");
    });
}

#[test]
fn balancer_enters_by_an_undeclared_rule() {
    let mut world = healthy();
    world.remove("consumer/security-group-rule/endpoint-from-balancer");
    world.change::<SecurityGroup>("consumer", "endpoint", |group| {
        group.unexpected_rules = vec!["ingress tcp 443 10.0.0.0/23".to_owned()];
    });
    assert!(world.trace(&orders()).gets_through());
}

#[test]
fn endpoint_missing() {
    broken(Step::Targets, End::Answer(504), CONSUMER, |world| world.remove("consumer/vpc-endpoint/execute-api"));
}

#[test]
fn endpoint_not_ready() {
    broken(Step::Endpoint, End::Answer(504), CONSUMER, |world| {
        world.state("consumer/vpc-endpoint/execute-api", State::Pending("pending".to_owned()));
    });
}

#[test]
fn endpoint_policy_without_the_account() {
    let trace = broken(Step::EndpointPolicy, End::Answer(403), CONSUMER, |world| {
        world.change::<VpcEndpoint>("consumer", "execute-api", |endpoint| {
            endpoint.policy.statements[0].resources = vec!["arn:aws:execute-api:eu-west-1:333333333333:*".into()];
        });
    });
    let expected = "User: anonymous is not authorized to perform: execute-api:Invoke on resource: \
                    arn:aws:execute-api:eu-west-1:********2222:api-food/live/GET/orders";
    assert_eq!(body(&trace), ("application/json", json!({ "Message": expected }).to_string().as_str()));
}

#[test]
fn endpoint_policy_that_is_not_understood() {
    let mut world = healthy();
    world.change::<VpcEndpoint>("consumer", "execute-api", |endpoint| {
        let statement = endpoint.policy.statements[0].clone();
        endpoint.policy.statements = vec![statement.when("NumericLessThan", "aws:MultiFactorAuthAge", "5")];
    });
    let trace = world.trace(&orders());
    assert_eq!((end(&trace), trace.gets_through()), (End::Function, false));
    assert!(trace.hops.iter().any(|hop| (hop.step, hop.verdict) == (Step::EndpointPolicy, Verdict::CannotTell)));
}
