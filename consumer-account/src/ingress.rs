//! The way of a request into the hub: balancer, listener, and the endpoint's addresses behind it.

use config::Config;
use kinds::{
    Bucket, BucketLifecycle, BucketPolicy, BucketPublicAccess, BucketVersioning, Certificate, Listener, ListenerRule,
    LoadBalancer, LoadBalancerAttributes, SecurityGroup, Subnet, TargetGroup, TargetGroupAttributes, Targets, Vpc,
    VpcEndpoint,
    listener_rule::{RuleAction, RuleCondition},
};
use model::{AccountId, Graph, Handle, Kind, Policy, policy::Statement};

use crate::{Handles, TARGET, network_salt, on_down, site};

pub(crate) fn define(config: &Config, own: &Handles, graph: &mut Graph) {
    balancer(config, own, graph);
    targets(config, own, graph);
    listener(config, own, graph);
}

fn balancer(config: &Config, own: &Handles, graph: &mut Graph) {
    let logs = access_logs(config, graph);
    let balancer = LoadBalancer {
        name: config.names().salted(TARGET, "main", &network_salt(config), 32),
        subnets: own.private.iter().map(|subnet| subnet.get(Subnet::ID)).collect(),
        security_groups: vec![own.balancer_group.get(SecurityGroup::ID)],
    };
    graph.define(TARGET, &own.balancer, balancer);
    let attributes = LoadBalancerAttributes {
        load_balancer: own.balancer.get(LoadBalancer::ARN),
        access_logs: logs.get(BucketPolicy::BUCKET),
        drop_invalid_headers: true,
        // Private APIs are told apart by it.
        preserve_host: true,
        deletion_protection: config.protected,
    };
    graph.add(TARGET, TARGET, "main", attributes);
}

/// Where the balancer writes what it served: a private bucket, which it is named only once it may write there.
fn access_logs(config: &Config, graph: &mut Graph) -> Handle<BucketPolicy> {
    let account = config.account_id(TARGET);
    let name = config.names().name(TARGET, &format!("logs-{account}"), 63);
    let bucket: Handle<Bucket> = kept(config, graph, Bucket { name: name.as_str().into() });
    let bucket = bucket.get(Bucket::NAME);
    kept(config, graph, BucketPublicAccess { bucket: bucket.clone() });
    kept(config, graph, BucketVersioning { bucket: bucket.clone() });
    let expire_days = config.hub.log_retention_days;
    kept(config, graph, BucketLifecycle { bucket: bucket.clone(), expire_days });
    kept(config, graph, BucketPolicy { bucket, policy: delivery(config, &account, &name) })
}

/// A part of the bucket: on `down` it stays if the bucket does.
fn kept<K: Kind>(config: &Config, graph: &mut Graph, part: K) -> Handle<K> {
    let handle = Handle::declare(TARGET, "access-logs");
    graph.define(TARGET, &handle, part).on_down = on_down(config);
    handle
}

/// Load balancers of the account may write into its folder, and nobody may do anything without TLS.
fn delivery(config: &Config, account: &AccountId, name: &str) -> Policy {
    let bucket = format!("arn:{}:s3:::{name}", config.partition);
    let balancers = site(config, account).arn("elasticloadbalancing", "loadbalancer/*");
    let deliver = Statement::allow("AccessLogs")
        .principal("Service", "logdelivery.elasticloadbalancing.amazonaws.com")
        .actions(&["s3:PutObject"])
        .on(format!("{bucket}/AWSLogs/{account}/*"))
        .when("ArnLike", "aws:SourceArn", balancers);
    let plain = Statement::deny("PlainHttp")
        .anyone()
        .actions(&["s3:*"])
        .on(bucket.clone())
        .on(format!("{bucket}/*"))
        .when("Bool", "aws:SecureTransport", "false");
    Policy::of([deliver, plain])
}

/// Health checks carry the target's address as host, for which a private API answers 403: that is healthy.
fn targets(config: &Config, own: &Handles, graph: &mut Graph) {
    let group = TargetGroup {
        name: config.names().salted(TARGET, "endpoint", &network_salt(config), 32),
        vpc: own.vpc.get(Vpc::ID),
        port: 443,
        matcher: "200,403".to_owned(),
        health_path: "/".to_owned(),
        interval_seconds: 10,
        healthy_threshold: 2,
        unhealthy_threshold: 2,
    };
    graph.define(TARGET, &own.target_group, group);
    let target_group = own.target_group.get(TargetGroup::ARN);
    let attributes = TargetGroupAttributes { target_group, deregistration_delay_seconds: 30 };
    graph.add(TARGET, TARGET, "endpoint", attributes);
    let targets = Targets {
        target_group: own.target_group.get(TargetGroup::ARN),
        addresses: vec![own.endpoint.get(VpcEndpoint::ADDRESSES)],
    };
    let targets = graph.define(TARGET, &Handle::declare(TARGET, "endpoint"), targets);
    targets.after.push((own.listener.address.clone(), "targets of a group that no listener uses are never checked"));
}

fn listener(config: &Config, own: &Handles, graph: &mut Graph) {
    let listener = Listener {
        load_balancer: own.balancer.get(LoadBalancer::ARN),
        port: 443,
        tls_policy: config.hub.tls_policy.clone(),
        certificate: own.certificate.get(Certificate::ARN),
        default_status: 404,
    };
    graph.define(TARGET, &own.listener, listener);
    // The header would choose the API whatever the host says: nobody reaches an API past the listener's rules.
    let refuse = ListenerRule {
        listener: own.listener.get(Listener::ARN),
        priority: Some(1),
        condition: RuleCondition::Header { name: "x-apigw-api-id".to_owned(), values: vec!["*".to_owned()] },
        action: RuleAction::Refuse { status: 403, body: "Forbidden".to_owned() },
    };
    graph.add(TARGET, TARGET, "refuse-api-id", refuse);
}
