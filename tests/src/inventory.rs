//! Everything an account holds that somebody made, found by looking into every service: no tags, no names, no code of the
//! program's.

use aws_sdk_acm::types::{Filters, KeyAlgorithm};
use aws_sdk_kms::types::{KeyManagerType, KeyState};
use futures::future::join_all;

use crate::Account;

/// One line an object, sorted. Keys that wait for their deletion say so.
///
/// # Panics
/// If AWS does not let it be read.
pub async fn inventory(account: &Account) -> Vec<String> {
    let mut found = networks(account).await;
    found.extend(balancers(account).await);
    found.extend(names(account).await);
    found.extend(keys(account).await);
    found.extend(stores(account).await);
    found.extend(compute(account).await);
    found.extend(apis(account).await);
    found.sort();
    found
}

fn lines<T>(kind: &str, items: &[T], name: impl Fn(&T) -> Option<&str>) -> Vec<String> {
    items.iter().map(|item| format!("{kind} {}", name(item).unwrap_or("without a name"))).collect()
}

async fn networks(account: &Account) -> Vec<String> {
    let ec2 = &account.ec2;
    let vpcs = ec2.describe_vpcs().send().await.expect("VPCs").vpcs.unwrap_or_default();
    let ours = |vpc: Option<&str>| vpcs.iter().any(|it| it.is_default != Some(true) && it.vpc_id.as_deref() == vpc);
    let mut found: Vec<String> =
        lines("vpc", &vpcs, |it| it.vpc_id()).into_iter().filter(|line| ours(line.strip_prefix("vpc "))).collect();
    let subnets = ec2.describe_subnets().send().await.expect("subnets").subnets.unwrap_or_default();
    found.extend(lines("subnet", &subnets.into_iter().filter(|it| ours(it.vpc_id())).collect::<Vec<_>>(), |it| {
        it.subnet_id()
    }));
    let groups = ec2.describe_security_groups().send().await.expect("groups").security_groups.unwrap_or_default();
    found.extend(lines(
        "security-group",
        &groups.into_iter().filter(|it| ours(it.vpc_id()) || it.group_name() != Some("default")).collect::<Vec<_>>(),
        |it| it.group_id(),
    ));
    let tables = ec2.describe_route_tables().send().await.expect("tables").route_tables.unwrap_or_default();
    found.extend(lines("route-table", &tables.into_iter().filter(|it| ours(it.vpc_id())).collect::<Vec<_>>(), |it| {
        it.route_table_id()
    }));
    let endpoints = ec2.describe_vpc_endpoints().send().await.expect("endpoints").vpc_endpoints.unwrap_or_default();
    let there = |it: &aws_sdk_ec2::types::VpcEndpoint| {
        it.state().is_none_or(|state| !state.as_str().eq_ignore_ascii_case("deleted"))
    };
    found.extend(lines("vpc-endpoint", &endpoints.into_iter().filter(there).collect::<Vec<_>>(), |it| {
        it.vpc_endpoint_id()
    }));
    let interfaces = ec2.describe_network_interfaces().send().await.expect("interfaces");
    found.extend(lines("network-interface", interfaces.network_interfaces(), |it| it.network_interface_id()));
    let logs = ec2.describe_flow_logs().send().await.expect("flow logs");
    found.extend(lines("flow-log", logs.flow_logs(), |it| it.flow_log_id()));
    found
}

async fn balancers(account: &Account) -> Vec<String> {
    let balancers = account.elb.describe_load_balancers().send().await.expect("load balancers");
    let groups = account.elb.describe_target_groups().send().await.expect("target groups");
    let mut found = lines("load-balancer", balancers.load_balancers(), |it| it.load_balancer_name());
    found.extend(lines("target-group", groups.target_groups(), |it| it.target_group_name()));
    found
}

async fn names(account: &Account) -> Vec<String> {
    let zones = account.route53.list_hosted_zones().send().await.expect("hosted zones");
    let every = Filters::builder().set_key_types(Some(KeyAlgorithm::values().iter().map(|it| (*it).into()).collect()));
    let certificates = account.acm.list_certificates().includes(every.build()).send().await.expect("certificates");
    let mut found = lines("hosted-zone", zones.hosted_zones(), |it| Some(it.name()));
    found.extend(lines("certificate", certificates.certificate_summary_list(), |it| it.domain_name()));
    found
}

async fn keys(account: &Account) -> Vec<String> {
    let keys = account.kms.list_keys().send().await.expect("keys").keys.unwrap_or_default();
    let described =
        join_all(keys.iter().map(|key| account.kms.describe_key().set_key_id(key.key_id.clone()).send())).await;
    let described = described.into_iter().filter_map(|answer| answer.expect("a key").key_metadata);
    let made = described.filter(|key| key.key_manager() != Some(&KeyManagerType::Aws));
    let line = |key: aws_sdk_kms::types::KeyMetadata| match key.key_state() {
        Some(KeyState::PendingDeletion) => format!("key {} pending deletion", key.key_id()),
        _ => format!("key {}", key.key_id()),
    };
    let mut found: Vec<String> = made.map(line).collect();
    let aliases = account.kms.list_aliases().send().await.expect("aliases").aliases.unwrap_or_default();
    let made = aliases.into_iter().filter(|it| it.alias_name().is_some_and(|name| !name.starts_with("alias/aws/")));
    found.extend(lines("key-alias", &made.collect::<Vec<_>>(), |it| it.alias_name()));
    found
}

async fn stores(account: &Account) -> Vec<String> {
    let secrets = account.secrets.list_secrets().include_planned_deletion(true).send().await.expect("secrets");
    let buckets = account.s3.list_buckets().send().await.expect("buckets");
    let tables = account.dynamodb.list_tables().send().await.expect("tables");
    let logs = account.logs.describe_log_groups().send().await.expect("log groups");
    let mut found = lines("secret", secrets.secret_list(), |it| it.name());
    found.extend(lines("bucket", buckets.buckets(), |it| it.name()));
    found.extend(lines("table", tables.table_names(), |it| Some(it)));
    found.extend(lines("log-group", logs.log_groups(), |it| it.log_group_name()));
    found
}

async fn compute(account: &Account) -> Vec<String> {
    let functions = account.lambda.list_functions().send().await.expect("functions");
    let roles = account.iam.list_roles().send().await.expect("roles");
    let mut found = lines("function", functions.functions(), |it| it.function_name());
    found.extend(lines("role", roles.roles(), |it| Some(it.role_name())));
    found
}

async fn apis(account: &Account) -> Vec<String> {
    let apis = account.apigateway.get_rest_apis().send().await.expect("APIs");
    let domains = account.apigateway.get_domain_names().send().await.expect("domain names");
    let settings = account.apigateway.get_account().send().await.expect("API Gateway's settings");
    let mut found = lines("rest-api", apis.items(), |it| it.name());
    found.extend(lines("api-domain", domains.items(), |it| it.domain_name()));
    found.extend(
        settings.cloudwatch_role_arn().filter(|role| !role.is_empty()).map(|role| format!("api-account {role}")),
    );
    found
}
