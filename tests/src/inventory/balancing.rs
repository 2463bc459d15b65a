//! Elastic Load Balancing: balancers with their listeners and rules, groups with their targets.

use aws_sdk_elasticloadbalancingv2::types::{Listener, LoadBalancer, Rule, TargetGroup};
use futures::future::join_all;

use crate::Account;

pub(super) async fn look(account: &Account) -> Vec<String> {
    let (balancers, groups) =
        tokio::join!(account.elb.describe_load_balancers().send(), account.elb.describe_target_groups().send());
    let balancers = balancers.expect("load balancers").load_balancers.unwrap_or_default();
    let groups = groups.expect("target groups").target_groups.unwrap_or_default();
    let mut found = Vec::new();
    found.extend(balancers.iter().map(|it| format!("load-balancer {}", called(it.load_balancer_name()))));
    found.extend(groups.iter().map(|it| format!("target-group {}", called(it.target_group_name()))));
    found.extend(join_all(balancers.iter().map(|it| listeners(account, it))).await.concat());
    found.extend(join_all(groups.iter().map(|it| targets(account, it))).await.concat());
    found
}

/// What is replaced beside the old one has a hash at the end of its name.
fn called(name: Option<&str>) -> String {
    let name = name.unwrap_or("without a name");
    let is_hash = |end: &str| end.len() == 6 && end.bytes().all(|byte| byte.is_ascii_hexdigit());
    match name.rsplit_once('-') {
        Some((start, end)) if is_hash(end) => format!("{start} [{end}]"),
        _ => name.to_owned(),
    }
}

async fn listeners(account: &Account, balancer: &LoadBalancer) -> Vec<String> {
    let name = &called(balancer.load_balancer_name());
    let call = account.elb.describe_listeners().set_load_balancer_arn(balancer.load_balancer_arn.clone());
    let listeners = call.send().await.expect("listeners").listeners.unwrap_or_default();
    let mut found: Vec<String> =
        listeners.iter().map(|it| format!("listener of {name}: {}", it.port().unwrap_or_default())).collect();
    for listener in &listeners {
        found.extend(rules(account, listener, name).await);
    }
    found
}

async fn rules(account: &Account, listener: &Listener, of: &str) -> Vec<String> {
    let arn = || listener.listener_arn.clone();
    let (rules, certificates) = tokio::join!(
        account.elb.describe_rules().set_listener_arn(arn()).send(),
        account.elb.describe_listener_certificates().set_listener_arn(arn()).send()
    );
    let mut found: Vec<String> = rules.expect("rules").rules().iter().map(|it| rule(it, of)).collect();
    let arns = certificates.expect("certificates").certificates.unwrap_or_default();
    found.extend(
        arns.iter()
            .map(|it| format!("listener-certificate of {of} [{}]", it.certificate_arn.as_deref().unwrap_or_default())),
    );
    found
}

fn rule(rule: &Rule, of: &str) -> String {
    let conditions = rule.conditions().iter().flat_map(|condition| {
        let hosts = condition.host_header_config().map(|it| it.values()).unwrap_or_default();
        let paths = condition.path_pattern_config().map(|it| it.values()).unwrap_or_default();
        [hosts, paths, condition.values()].concat()
    });
    let mut conditions: Vec<String> = conditions.collect();
    conditions.sort();
    conditions.dedup();
    format!("rule of {of}: {}", conditions.join(" "))
}

async fn targets(account: &Account, group: &TargetGroup) -> Vec<String> {
    let name = called(group.target_group_name());
    let call = account.elb.describe_target_health().set_target_group_arn(group.target_group_arn.clone());
    let targets = call.send().await.expect("targets").target_health_descriptions.unwrap_or_default();
    let address = |it: &aws_sdk_elasticloadbalancingv2::types::TargetHealthDescription| {
        it.target().and_then(|target| target.id().map(str::to_owned)).unwrap_or_default()
    };
    targets.iter().map(|it| format!("target of {name} [{}]", address(it))).collect()
}
