//! Listener rules.

use aws_sdk_elasticloadbalancingv2::types::{
    Action, ActionTypeEnum, RedirectActionConfig, RuleCondition as Condition, RulePriorityPair,
};
use engine::{Class, State};
use kinds::{
    Listener, ListenerRule, Live, Wanted,
    listener_rule::{RuleAction, RuleCondition},
};
use model::Address;
use serde_json::json;

use super::hub::{Hub, at};

fn refuse(status: u16) -> RuleAction {
    RuleAction::Refuse { status, body: "not here".to_owned() }
}

fn header(values: &[&str]) -> RuleCondition {
    let values = values.iter().map(|&value| value.to_owned()).collect();
    RuleCondition::Header { name: "x-apigw-api-id".to_owned(), values }
}

#[tokio::test]
async fn listener_rules_keep_the_laws() {
    let hub = Hub::new("rule").await;
    let want = hub.rule().await;
    let variations = [
        ListenerRule { condition: RuleCondition::Host(vec!["drinks.internal.example".to_owned()]), ..want.clone() },
        ListenerRule { condition: header(&["*"]), ..want.clone() },
        ListenerRule { action: refuse(403), ..want.clone() },
        ListenerRule { priority: Some(7), ..want.clone() },
        want.clone(),
    ];
    hub.world.keeps_the_laws("rule", want, variations).await;
}

#[tokio::test]
async fn a_rule_that_says_its_priority_keeps_the_laws() {
    let hub = Hub::new("priority").await;
    let want = ListenerRule { priority: Some(1), condition: header(&["*"]), action: refuse(403), ..hub.rule().await };
    let later = ListenerRule { priority: Some(2), ..want.clone() };
    hub.world.keeps_the_laws("priority", want, [later]).await;
}

#[tokio::test]
async fn rules_of_others_are_told_and_not_touched() {
    let hub = Hub::new("rules-of-others").await;
    let want = hub.rule().await;
    by_hand(&hub, &want, 300, host("old.internal.example")).await;
    by_hand(&hub, &want, 301, Condition::builder().field("path-pattern").values("/a").build()).await;

    let wanted = [Wanted { address: at::<ListenerRule>("rules-of-others"), spec: want }];
    let seen = ListenerRule::read(&hub.world.aws, &wanted).await.expect("the rules");
    let told: Vec<_> = seen.iter().map(|rule| (rule.address.clone(), rule.outputs["priority"].clone())).collect();
    assert_eq!(told, [(Address::new("foreign", "listener-rule", "300"), json!(300))], "a path has no words here");
    assert!(matches!(seen[0].state, State::Foreign(_)));
    assert_eq!(seen[0].spec.condition, RuleCondition::Host(vec!["old.internal.example".to_owned()]));
}

#[tokio::test]
async fn a_priority_that_somebody_else_has_is_in_the_way() {
    let hub = Hub::new("taken").await;
    let want = ListenerRule { priority: Some(5), ..hub.rule().await };
    by_hand(&hub, &want, 5, host("old.internal.example")).await;
    let seen = hub.world.find(&at::<ListenerRule>("taken"), &want).await.expect("what is in the way");
    assert!(matches!(seen.state, State::Foreign(_)));
    let refused = ListenerRule::create(&hub.world.aws, &at::<ListenerRule>("taken"), &want).await;
    assert_eq!(refused.expect_err("the priority is taken").class, Class::Busy);
}

#[tokio::test]
async fn a_taken_priority_is_stepped_over() {
    let hub = Hub::new("stepped-over").await;
    let want = hub.rule().await;
    let seen = hub.world.make(&at::<ListenerRule>("stepped-over"), &want).await;
    let first = seen.outputs["priority"].as_u64().expect("a number");
    ListenerRule::delete(&hub.world.aws, &seen).await.expect("a delete");
    by_hand(&hub, &want, i32::try_from(first).expect("a priority"), host("old.internal.example")).await;
    hub.world.aws.forget().await;
    let seen = hub.world.make(&at::<ListenerRule>("stepped-over"), &want).await;
    assert_eq!(seen.outputs["priority"], json!(if first == 50_000 { 100 } else { first + 1 }));
}

/// A create whose answer was lost, and whose rule did not show when it was looked for.
#[tokio::test]
async fn a_rule_that_is_there_already_is_not_made_elsewhere() {
    let hub = Hub::new("rule-twice").await;
    let (want, at) = (hub.rule().await, at::<ListenerRule>("rule-twice"));
    hub.world.make(&at, &want).await;
    let refused = ListenerRule::create(&hub.world.aws, &at, &want).await;
    assert_eq!(refused.expect_err("it is there").class, Class::Exists);
}

#[tokio::test]
async fn a_rule_moved_before_those_that_say_their_priority_is_moved_back() {
    let hub = Hub::new("moved").await;
    let want = hub.rule().await;
    let seen = hub.world.make(&at::<ListenerRule>("moved"), &want).await;
    let pair = RulePriorityPair::builder().rule_arn(seen.outputs["arn"].as_str().expect("an ARN")).priority(1).build();
    hub.world.aws.elb.set_rule_priorities().rule_priorities(pair).send().await.expect("a change");
    let seen = hub.world.find(&at::<ListenerRule>("moved"), &want).await.expect("the rule");
    assert_eq!(seen.spec.priority, Some(1));
    let seen = hub.world.change(seen, &want).await;
    assert!(seen.outputs["priority"].as_u64().is_some_and(|priority| priority >= 100));
}

#[tokio::test]
async fn a_rule_changed_into_something_without_words_has_drifted() {
    let hub = Hub::new("rule-by-hand").await;
    let want = hub.rule().await;
    let seen = hub.world.make(&at::<ListenerRule>("rule-by-hand"), &want).await;
    let redirect = Action::builder().r#type(ActionTypeEnum::Redirect).redirect_config(
        RedirectActionConfig::builder().host("elsewhere.example").status_code("HTTP_302".into()).build(),
    );
    let call = hub.world.aws.elb.modify_rule().rule_arn(seen.outputs["arn"].as_str().expect("an ARN"));
    let call = call.conditions(Condition::builder().field("path-pattern").values("/a").build());
    call.actions(redirect.build()).send().await.expect("a change");

    let seen = hub.world.find(&at::<ListenerRule>("rule-by-hand"), &want).await.expect("the rule");
    assert_eq!(seen.spec.condition, RuleCondition::Host(Vec::new()));
    assert_eq!(seen.spec.action, RuleAction::Refuse { status: 0, body: "redirect".to_owned() });
    hub.world.change(seen, &want).await;
}

#[tokio::test]
async fn a_rule_of_an_unknown_listener_is_not_asked_for() {
    let hub = Hub::new("unknown").await;
    let listener = serde_json::from_value(json!({"$ref": "laws/listener/main#arn"})).expect("a reference");
    let want = ListenerRule { listener, priority: None, condition: header(&["*"]), action: refuse(403) };
    assert!(hub.world.find(&at::<ListenerRule>("unknown"), &want).await.is_none());
    assert!(hub.world.find(&at::<Listener>("unknown"), &unknown_listener()).await.is_none());
}

fn unknown_listener() -> Listener {
    serde_json::from_value(json!({
        "load_balancer": {"$ref": "laws/load-balancer/main#arn"},
        "port": 443,
        "tls_policy": "ELBSecurityPolicy-TLS13-1-2-2021-06",
        "certificate": {"$ref": "laws/certificate/main#arn"},
        "default_status": 404,
    }))
    .expect("a listener")
}

fn host(name: &str) -> Condition {
    Condition::builder().field("host-header").values(name).build()
}

async fn by_hand(hub: &Hub, like: &ListenerRule, priority: i32, condition: Condition) {
    let RuleAction::Forward(group) = &like.action else { panic!("it forwards") };
    let forward = Action::builder().r#type(ActionTypeEnum::Forward).target_group_arn(group.as_str()).build();
    let call = hub.world.aws.elb.create_rule().listener_arn(like.listener.as_str()).priority(priority);
    call.conditions(condition).actions(forward).send().await.expect("a rule");
}
