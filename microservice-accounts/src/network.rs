//! The service's own VPC: it leads to DynamoDB and nowhere else.

use kinds::{
    DefaultSecurityGroup, FlowLog, LogGroup, PrefixList, Role, RolePolicy, RouteTable, RouteTableAssociation,
    SecurityGroup, SecurityGroupRule, Subnet, Table, Vpc, VpcEndpoint,
    documents::{flow_log_delivery, service_trust_for},
    security_group_rule::{Direction, Peer},
    vpc_endpoint::EndpointType,
};
use model::{Graph, Handle, Input, Policy, RouteTableId, Text, policy::Statement};

use crate::Blueprint;

pub(crate) fn define(of: &Blueprint<'_>, graph: &mut Graph) {
    let vpc = Vpc {
        cidr: of.service.network.cidr.as_str().into(),
        dns_support: true,
        // Nothing in it has a name: the gateway endpoint is a route.
        dns_hostnames: false,
    };
    graph.define(of.place, &of.own.vpc, vpc);
    let default = DefaultSecurityGroup { vpc: of.own.vpc.get(Vpc::ID), unexpected_rules: Vec::new() };
    graph.add(of.place, of.name, "main", default);
    let table = graph.add(of.place, of.name, "private", RouteTable { vpc: of.own.vpc.get(Vpc::ID) });
    subnets(of, &table, graph);
    // AWS refuses a policy without actions: an endpoint that nobody may use is none.
    if of.service.functions.values().any(|function| !function.tables.is_empty()) {
        endpoint(of, table.get(RouteTable::ID), graph);
    }
    group(of, graph);
    flow_log(of, graph);
}

fn subnets(of: &Blueprint<'_>, table: &Handle<RouteTable>, graph: &mut Graph) {
    let network = &of.service.network;
    for ((handle, cidr), zone) in of.own.subnets.iter().zip(&network.private_cidrs).zip(&network.zones) {
        let subnet = Subnet { vpc: of.own.vpc.get(Vpc::ID), cidr: cidr.as_str().into(), zone: zone.as_str().into() };
        graph.define(of.place, handle, subnet);
        let uses = RouteTableAssociation { route_table: table.get(RouteTable::ID), subnet: handle.get(Subnet::ID) };
        graph.add(of.place, of.name, handle.address.name(), uses);
    }
}

/// DynamoDB's gateway endpoint: only the service's tables, only for its functions' roles.
fn endpoint(of: &Blueprint<'_>, table: Input<RouteTableId>, graph: &mut Graph) {
    let endpoint = VpcEndpoint {
        vpc: of.own.vpc.get(Vpc::ID),
        service: format!("com.amazonaws.{}.dynamodb", of.config.region),
        of: EndpointType::Gateway,
        subnets: Vec::new(),
        security_groups: Vec::new(),
        route_tables: vec![table],
        private_dns: false,
        policy: endpoint_policy(of),
    };
    graph.add(of.place, of.name, "dynamodb", endpoint);
}

fn endpoint_policy(of: &Blueprint<'_>) -> Policy {
    let actions: std::collections::BTreeSet<String> = of
        .service
        .functions
        .values()
        .flat_map(|function| function.tables.values().flatten())
        .map(|action| format!("dynamodb:{action}"))
        .collect();
    let actions: Vec<&str> = actions.iter().map(String::as_str).collect();
    let mut statement = Statement::allow("Functions").anyone().actions(&actions);
    for table in of.own.tables.values() {
        let arn = table.get(Table::ARN).cast();
        statement = statement.on(arn.clone()).on(Text::new().input(&arn).lit("/index/*").build::<model::Arn>());
    }
    for role in of.own.roles.values() {
        statement = statement.when("ArnEquals", "aws:PrincipalArn", role.get(Role::ARN).cast());
    }
    Policy::of([statement])
}

/// Functions may open connections to DynamoDB's addresses, and nobody may open one to them.
fn group(of: &Blueprint<'_>, graph: &mut Graph) {
    let group = SecurityGroup {
        vpc: of.own.vpc.get(Vpc::ID),
        name: of.called("functions", 255),
        description: "HTTPS from functions to DynamoDB".to_owned(),
        unexpected_rules: Vec::new(),
    };
    graph.define(of.place, &of.own.functions_group, group);
    let list = PrefixList { name: format!("com.amazonaws.{}.dynamodb", of.config.region) };
    let list = graph.add(of.place, of.name, "dynamodb", list);
    let rule = SecurityGroupRule {
        group: of.own.functions_group.get(SecurityGroup::ID),
        direction: Direction::Egress,
        port: 443,
        peer: Peer::PrefixList(list.get(PrefixList::ID)),
    };
    graph.add(of.place, of.name, "functions-to-dynamodb", rule);
}

fn flow_log(of: &Blueprint<'_>, graph: &mut Graph) {
    let path = format!("/{}/{}/flow-log", of.config.names().prefix(), of.name);
    let group = of.logs("flow-log", path, graph).get(LogGroup::ARN);
    let streams = Text::new().input(&group).lit(":*").build();
    let role: Handle<Role> = graph.add(
        of.place,
        of.name,
        "flow-log",
        Role {
            name: of.called("flow-log", 64),
            description: "Writes the flow log of the service's VPC".to_owned(),
            trust: service_trust_for("vpc-flow-logs.amazonaws.com", &of.site()),
            policies: vec![RolePolicy::NAME.to_owned()],
            unexpected_policies: Vec::new(),
        },
    );
    let policy = flow_log_delivery(group.cast(), streams);
    let access = graph.add(of.place, of.name, "flow-log", RolePolicy { role: role.get(Role::ARN), policy });
    let log = FlowLog { vpc: of.own.vpc.get(Vpc::ID), log_group: group, role: role.get(Role::ARN) };
    let log = graph.define(of.place, &Handle::declare(of.name, "main"), log);
    log.after.push((access.address, "a flow log whose role may not write is refused"));
}
