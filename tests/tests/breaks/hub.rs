//! Breaks of what is in the hub's account: name, balancer, endpoint.

use aws_sdk_ec2::types::Filter;
use aws_sdk_elasticloadbalancingv2::types::{
    Action, ActionTypeEnum, FixedResponseActionConfig, HostHeaderConditionConfig, RuleCondition, RulePriorityPair,
    TargetDescription,
};
use aws_sdk_route53::types::{AliasTarget, Change, ChangeAction, ChangeBatch, ResourceRecordSet};

use crate::world::{
    Break,
    End::{Refused, Silence, Works, WrongCertificate},
    Request::{ByName, NamingTheApi},
    World, rows,
};

/// An address of the hub's VPC that nothing has.
const NOBODY: &str = "10.0.0.77";

/// What AWS does, from the Route 53 and Elastic Load Balancing guides:
/// - a private zone answers NXDOMAIN for a name that it has no record of, whatever other zones say;
/// - without a certificate for the name of the TLS greeting, the balancer shows its default one;
/// - requests that no rule takes get the default action, here a fixed 404;
/// - 503: the target group has no registered target; 504: no connection to the target within 10 seconds;
/// - a security group without a rule that lets a packet in drops it;
/// - an endpoint's policy is evaluated by API Gateway, which answers 403.
pub(crate) fn breaks() -> Vec<Break> {
    rows! {
        "the record is gone" delete_the_record ByName Silence, "record";
        "the record leads elsewhere" lead_the_record_astray ByName Silence, "record";
        "the listener does not have the certificate" remove_the_certificate ByName WrongCertificate, "certificate";
        "the listener is gone" delete_the_listener ByName Silence, "listener";
        "the rule is gone" delete_the_rule ByName Refused(404, ""), "rule";
        "the rule has another host" rename_the_rules_host ByName Refused(404, ""), "rule";
        "the refusing rule is gone" delete_the_refusing_rule NamingTheApi Works(200), "rule";
        "the refusing rule is the last" move_the_refusing_rule NamingTheApi Works(200), "rule";
        "no target is registered" deregister_the_targets ByName Refused(503, "503 Service Temporarily Unavailable"), "targets";
        "another target is registered" register_another_target ByName Refused(504, "504 Gateway Time-out"), "targets";
        "the balancer lets nobody in" shut_the_balancer ByName Silence, "client access";
        "the balancer may not connect" keep_the_balancer_in ByName Refused(504, "504 Gateway Time-out"), "endpoint access";
        "the endpoint lets nobody in" shut_the_endpoint ByName Refused(504, "504 Gateway Time-out"), "endpoint access";
        "the endpoint's policy denies" deny_at_the_endpoint ByName Refused(403, "not authorized"), "endpoint policy";
        "the endpoint is gone" delete_the_endpoint ByName Refused(504, "504 Gateway Time-out"), "targets";
    }
}

async fn zone_and_record(world: &World<'_>) -> (String, ResourceRecordSet) {
    let zones = world.hub.route53.list_hosted_zones().send().await.expect("zones").hosted_zones;
    let zone = zones.into_iter().next().expect("a zone").id;
    let records = world.hub.route53.list_resource_record_sets().hosted_zone_id(&zone).send().await.expect("records");
    let name = format!("{}.", world.host);
    let record = records.resource_record_sets.into_iter().find(|record| record.name == name).expect("the record");
    (zone, record)
}

async fn change_record(world: &World<'_>, zone: &str, action: ChangeAction, record: ResourceRecordSet) {
    let change = Change::builder().action(action).resource_record_set(record).build().expect("a change");
    let batch = ChangeBatch::builder().changes(change).build().expect("a batch");
    let call = world.hub.route53.change_resource_record_sets().hosted_zone_id(zone).change_batch(batch);
    call.send().await.expect("it is changed");
}

async fn delete_the_record(world: &World<'_>) {
    let (zone, record) = zone_and_record(world).await;
    change_record(world, &zone, ChangeAction::Delete, record).await;
}

async fn lead_the_record_astray(world: &World<'_>) {
    let (zone, mut record) = zone_and_record(world).await;
    let alias = record.alias_target.take().expect("an alias");
    let elsewhere = AliasTarget::builder()
        .hosted_zone_id(alias.hosted_zone_id)
        .dns_name("somebody-elses.eu-west-1.elb.amazonaws.com.")
        .evaluate_target_health(false);
    record.alias_target = Some(elsewhere.build().expect("an alias"));
    change_record(world, &zone, ChangeAction::Upsert, record).await;
}

async fn listener(world: &World<'_>) -> String {
    let balancers = world.hub.elb.describe_load_balancers().send().await.expect("balancers");
    let balancer = balancers.load_balancers()[0].load_balancer_arn().expect("an ARN").to_owned();
    let listeners = world.hub.elb.describe_listeners().load_balancer_arn(balancer).send().await.expect("listeners");
    listeners.listeners()[0].listener_arn().expect("an ARN").to_owned()
}

async fn remove_the_certificate(world: &World<'_>) {
    let listener = listener(world).await;
    let shown =
        world.hub.elb.describe_listener_certificates().listener_arn(&listener).send().await.expect("certificates");
    for certificate in shown.certificates().iter().filter(|certificate| certificate.is_default() != Some(true)) {
        let call = world.hub.elb.remove_listener_certificates().listener_arn(&listener);
        call.certificates(certificate.clone()).send().await.expect("it is removed");
    }
}

async fn delete_the_listener(world: &World<'_>) {
    let listener = listener(world).await;
    world.hub.elb.delete_listener().listener_arn(listener).send().await.expect("it is deleted");
}

/// The rule that takes the host's requests, or the one of priority 1, which refuses.
async fn rule(world: &World<'_>, refusing: bool) -> String {
    let rules = world.hub.elb.describe_rules().listener_arn(listener(world).await).send().await.expect("rules");
    let is_it = |rule: &&aws_sdk_elasticloadbalancingv2::types::Rule| match refusing {
        true => rule.priority() == Some("1"),
        false => rule.conditions().iter().any(|condition| hosts(condition).contains(&world.host)),
    };
    rules.rules().iter().find(is_it).and_then(|rule| rule.rule_arn()).expect("the rule").to_owned()
}

fn hosts(condition: &RuleCondition) -> &[String] {
    condition.host_header_config().map(|hosts| hosts.values()).unwrap_or_default()
}

pub(crate) async fn remove_rule(world: &World<'_>, arn: &str) {
    world.hub.elb.delete_rule().rule_arn(arn).send().await.expect("it is deleted");
}

async fn delete_the_rule(world: &World<'_>) {
    remove_rule(world, &rule(world, false).await).await;
}

fn host(host: &str) -> RuleCondition {
    let hosts = HostHeaderConditionConfig::builder().values(host).build();
    RuleCondition::builder().field("host-header").host_header_config(hosts).build()
}

async fn rename_the_rules_host(world: &World<'_>) {
    let call = world.hub.elb.modify_rule().rule_arn(rule(world, false).await);
    call.conditions(host("other.internal.example")).send().await.expect("it is changed");
}

async fn delete_the_refusing_rule(world: &World<'_>) {
    remove_rule(world, &rule(world, true).await).await;
}

async fn move_the_refusing_rule(world: &World<'_>) {
    let last = RulePriorityPair::builder().rule_arn(rule(world, true).await).priority(50_000).build();
    world.hub.elb.set_rule_priorities().rule_priorities(last).send().await.expect("it is moved");
}

/// Answers in our rule's place, as somebody else's.
pub(crate) async fn put_a_rule_in_front(world: &World<'_>) -> String {
    let closed =
        FixedResponseActionConfig::builder().status_code("503").content_type("text/plain").message_body("closed");
    let action = Action::builder().r#type(ActionTypeEnum::FixedResponse).fixed_response_config(closed.build());
    let call = world.hub.elb.create_rule().listener_arn(listener(world).await).priority(2);
    let call = call.conditions(host(&world.host)).actions(action.build());
    let made = call.send().await.expect("a rule");
    made.rules()[0].rule_arn().expect("an ARN").to_owned()
}

async fn group_and_targets(world: &World<'_>) -> (String, Vec<TargetDescription>) {
    let groups = world.hub.elb.describe_target_groups().send().await.expect("groups");
    let group = groups.target_groups()[0].target_group_arn().expect("an ARN").to_owned();
    let health = world.hub.elb.describe_target_health().target_group_arn(&group).send().await.expect("targets");
    (group, health.target_health_descriptions().iter().filter_map(|it| it.target().cloned()).collect())
}

async fn deregister_the_targets(world: &World<'_>) {
    let (group, targets) = group_and_targets(world).await;
    let call = world.hub.elb.deregister_targets().target_group_arn(group).set_targets(Some(targets));
    call.send().await.expect("they are deregistered");
}

async fn register_another_target(world: &World<'_>) {
    deregister_the_targets(world).await;
    let (group, _) = group_and_targets(world).await;
    let nobody = TargetDescription::builder().id(NOBODY).port(443).build();
    world.hub.elb.register_targets().target_group_arn(group).targets(nobody).send().await.expect("it is registered");
}

/// Takes away all rules of one direction of the group at this address.
async fn shut(world: &World<'_>, address: &str, egress: bool) {
    let tagged = Filter::builder().name("tag:provisioner:address").values(address).build();
    let groups = world.hub.ec2.describe_security_groups().filters(tagged).send().await.expect("groups");
    let group = groups.security_groups()[0].group_id().expect("an id");
    let within = Filter::builder().name("group-id").values(group).build();
    let rules = world.hub.ec2.describe_security_group_rules().filters(within).send().await.expect("rules");
    let rules = rules.security_group_rules().iter().filter(|rule| rule.is_egress() == Some(egress));
    let ids = Some(rules.filter_map(|rule| rule.security_group_rule_id().map(str::to_owned)).collect());
    if egress {
        let call = world.hub.ec2.revoke_security_group_egress().group_id(group);
        call.set_security_group_rule_ids(ids).send().await.expect("they are revoked");
    } else {
        let call = world.hub.ec2.revoke_security_group_ingress().group_id(group);
        call.set_security_group_rule_ids(ids).send().await.expect("they are revoked");
    }
}

async fn shut_the_balancer(world: &World<'_>) {
    shut(world, "consumer/security-group/balancer", false).await;
}

async fn keep_the_balancer_in(world: &World<'_>) {
    shut(world, "consumer/security-group/balancer", true).await;
}

async fn shut_the_endpoint(world: &World<'_>) {
    shut(world, "consumer/security-group/endpoint", false).await;
}

async fn endpoint(world: &World<'_>) -> String {
    let of_kind = Filter::builder().name("vpc-endpoint-type").values("Interface").build();
    let endpoints = world.hub.ec2.describe_vpc_endpoints().filters(of_kind).send().await.expect("endpoints");
    let there = endpoints.vpc_endpoints().iter().find(|it| it.state().is_some_and(|it| it.as_str() == "available"));
    there.and_then(|endpoint| endpoint.vpc_endpoint_id()).expect("the endpoint").to_owned()
}

async fn deny_at_the_endpoint(world: &World<'_>) {
    let nobody =
        r#"{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Principal":"*","Action":"*","Resource":"*"}]}"#;
    let call = world.hub.ec2.modify_vpc_endpoint().vpc_endpoint_id(endpoint(world).await);
    call.policy_document(nobody).send().await.expect("it is changed");
}

async fn delete_the_endpoint(world: &World<'_>) {
    let endpoint = endpoint(world).await;
    world.hub.ec2.delete_vpc_endpoints().vpc_endpoint_ids(endpoint).send().await.expect("it is deleted");
}
