//! The VPC, its subnets and who may talk to whom in it.

use config::Config;
use kinds::{
    DefaultSecurityGroup, FlowLog, KmsKey, LogGroup, LogRetention, Role, RolePolicy, RouteTable, RouteTableAssociation,
    SecurityGroup, SecurityGroupRule, Subnet, Vpc,
    documents::{flow_log_delivery, service_trust_for},
    security_group_rule::{Direction, Peer},
};
use model::{Graph, Handle, Input, SecurityGroupId, Text};

use crate::{Handles, TARGET, on_down, site};

pub(crate) fn define(config: &Config, own: &Handles, graph: &mut Graph) {
    let vpc = Vpc {
        cidr: config.hub.network.cidr.as_str().into(),
        dns_support: true,
        // A private zone is of use only in a VPC with both.
        dns_hostnames: true,
    };
    graph.define(TARGET, &own.vpc, vpc);
    let default = DefaultSecurityGroup { vpc: own.vpc.get(Vpc::ID), unexpected_rules: Vec::new() };
    graph.add(TARGET, TARGET, "main", default);
    subnets(config, own, graph);
    groups(config, own, graph);
    rules(config, own, graph);
    flow_log(config, own, graph);
}

fn subnets(config: &Config, own: &Handles, graph: &mut Graph) {
    let network = &config.hub.network;
    let table = graph.add(TARGET, TARGET, "private", RouteTable { vpc: own.vpc.get(Vpc::ID) });
    let private = own.private.iter().zip(&network.private_cidrs).zip(&network.zones);
    let endpoint = own.endpoint_subnets.iter().zip(&network.endpoint_cidrs).zip(&network.zones);
    for ((handle, cidr), zone) in private.chain(endpoint) {
        let subnet = Subnet { vpc: own.vpc.get(Vpc::ID), cidr: cidr.as_str().into(), zone: zone.as_str().into() };
        graph.define(TARGET, handle, subnet);
        let uses = RouteTableAssociation { route_table: table.get(RouteTable::ID), subnet: handle.get(Subnet::ID) };
        graph.add(TARGET, TARGET, handle.address.name(), uses);
    }
}

fn groups(config: &Config, own: &Handles, graph: &mut Graph) {
    let groups = [
        (&own.balancer_group, "HTTPS from clients to the balancer"),
        (&own.endpoint_group, "HTTPS from the balancer to the endpoint"),
    ];
    for (handle, description) in groups {
        let group = SecurityGroup {
            vpc: own.vpc.get(Vpc::ID),
            name: config.names().name(TARGET, handle.address.name(), 255),
            description: description.to_owned(),
            unexpected_rules: Vec::new(),
        };
        graph.define(TARGET, handle, group);
    }
}

/// Clients → balancer → endpoint, each on 443, and nothing else.
fn rules(config: &Config, own: &Handles, graph: &mut Graph) {
    let balancer = own.balancer_group.get(SecurityGroup::ID);
    let endpoint = own.endpoint_group.get(SecurityGroup::ID);
    for (n, cidr) in clients(config).into_iter().enumerate() {
        rule(graph, &format!("clients-{}", n + 1), &balancer, Direction::Ingress, Peer::Cidr(cidr.into()));
    }
    rule(graph, "balancer-to-endpoint", &balancer, Direction::Egress, Peer::Group(endpoint.clone()));
    rule(graph, "endpoint-from-balancer", &endpoint, Direction::Ingress, Peer::Group(balancer));
}

/// The VPC's own block unless the configuration says who.
fn clients(config: &Config) -> Vec<&str> {
    if config.hub.client_cidrs.is_empty() {
        return vec![&config.hub.network.cidr];
    }
    config.hub.client_cidrs.iter().map(String::as_str).collect()
}

fn rule(graph: &mut Graph, name: &str, group: &Input<SecurityGroupId>, direction: Direction, peer: Peer) {
    graph.add(TARGET, TARGET, name, SecurityGroupRule { group: group.clone(), direction, port: 443, peer });
}

fn flow_log(config: &Config, own: &Handles, graph: &mut Graph) {
    let account = config.account_id(TARGET);
    let log_group =
        LogGroup { name: format!("/{}/{TARGET}/flow-log", config.names().prefix()), key: own.key.get(KmsKey::ARN) };
    graph.define(TARGET, &own.flow_log_group, log_group).on_down = on_down(config);
    let group = own.flow_log_group.get(LogGroup::ARN);
    let retention = LogRetention { group: group.clone(), days: config.hub.log_retention_days };
    graph.define(TARGET, &Handle::declare(TARGET, "flow-log"), retention).on_down = on_down(config);
    let streams = Text::new().input(&group).lit(":*").build();
    let role: Handle<Role> = graph.add(
        TARGET,
        TARGET,
        "flow-log",
        Role {
            name: config.names().name(TARGET, "flow-log", 64),
            description: "Writes the flow log of the hub's VPC".to_owned(),
            trust: service_trust_for("vpc-flow-logs.amazonaws.com", &site(config, &account)),
            policies: vec![RolePolicy::NAME.to_owned()],
            unexpected_policies: Vec::new(),
        },
    );
    let policy = flow_log_delivery(group.cast(), streams);
    let access = graph.add(TARGET, TARGET, "flow-log", RolePolicy { role: role.get(Role::ARN), policy });
    let log = FlowLog { vpc: own.vpc.get(Vpc::ID), log_group: group, role: role.get(Role::ARN) };
    let log = graph.define(TARGET, &Handle::declare(TARGET, "main"), log);
    log.after.push((access.address, "a flow log whose role may not write is refused"));
}
