//! EC2: networks and what is in them. What every account has from the start is left out.

use aws_sdk_ec2::types::{
    FlowLog, NetworkInterface, RouteTable, RouteTableAssociation, SecurityGroup, SecurityGroupRule, Subnet, Tag, Vpc,
    VpcEndpoint,
};

use super::named;
use crate::Account;

/// The networks that somebody made, and everything.
struct Seen {
    vpcs: Vec<Vpc>,
    subnets: Vec<Subnet>,
    groups: Vec<SecurityGroup>,
    tables: Vec<RouteTable>,
}

pub(super) async fn look(account: &Account) -> Vec<String> {
    let ec2 = &account.ec2;
    let (vpcs, subnets, groups, tables) = tokio::join!(
        ec2.describe_vpcs().send(),
        ec2.describe_subnets().send(),
        ec2.describe_security_groups().send(),
        ec2.describe_route_tables().send(),
    );
    let (rules, endpoints, interfaces, logs) = tokio::join!(
        ec2.describe_security_group_rules().send(),
        ec2.describe_vpc_endpoints().send(),
        ec2.describe_network_interfaces().send(),
        ec2.describe_flow_logs().send(),
    );
    let mut seen = Seen {
        vpcs: vpcs.expect("VPCs").vpcs.unwrap_or_default(),
        subnets: subnets.expect("subnets").subnets.unwrap_or_default(),
        groups: groups.expect("groups").security_groups.unwrap_or_default(),
        tables: tables.expect("tables").route_tables.unwrap_or_default(),
    };
    seen.forget_defaults();
    let mut found = seen.lines();
    found.extend(rules.expect("rules").security_group_rules().iter().filter_map(|rule| seen.rule(rule)));
    found.extend(endpoints.expect("endpoints").vpc_endpoints().iter().filter_map(endpoint));
    found.extend(interfaces.expect("interfaces").network_interfaces().iter().map(|it| seen.interface(it)));
    found.extend(logs.expect("flow logs").flow_logs().iter().map(flow_log));
    found
}

impl Seen {
    fn forget_defaults(&mut self) {
        self.vpcs.retain(|vpc| vpc.is_default != Some(true));
        let vpcs: Vec<_> = self.vpcs.iter().map(|vpc| vpc.vpc_id.clone()).collect();
        self.subnets.retain(|subnet| vpcs.contains(&subnet.vpc_id));
        self.groups.retain(|group| vpcs.contains(&group.vpc_id) || group.group_name() != Some("default"));
        self.tables.retain(|table| vpcs.contains(&table.vpc_id));
    }

    fn lines(&self) -> Vec<String> {
        let mut found = Vec::new();
        found.extend(self.vpcs.iter().map(|it| line("vpc", it.tags(), it.vpc_id())));
        found.extend(self.subnets.iter().map(|it| line("subnet", it.tags(), it.subnet_id())));
        found.extend(self.groups.iter().map(|it| line("security-group", it.tags(), it.group_id())));
        found.extend(self.tables.iter().map(|it| line("route-table", it.tags(), it.route_table_id())));
        found.extend(self.tables.iter().flat_map(|table| self.associations(table)));
        found
    }

    fn associations(&self, table: &RouteTable) -> Vec<String> {
        let of_subnets = table.associations().iter().filter(|it| it.subnet_id.is_some());
        let line = |it: &RouteTableAssociation| {
            let id = it.route_table_association_id().unwrap_or_default();
            format!("association of {} to {} [{id}]", self.subnet(it.subnet_id()), tag(table.tags()))
        };
        of_subnets.map(line).collect()
    }

    fn subnet(&self, id: Option<&str>) -> &str {
        self.subnets.iter().find(|it| it.subnet_id() == id).map_or("a subnet that is gone", |it| tag(it.tags()))
    }

    fn group(&self, id: Option<&str>) -> Option<&str> {
        self.groups.iter().find(|it| it.group_id() == id).map(|it| tag(it.tags()))
    }

    fn rule(&self, rule: &SecurityGroupRule) -> Option<String> {
        let group = self.group(rule.group_id())?;
        let other = rule.referenced_group_info().and_then(|other| self.group(other.group_id()));
        let list = rule.prefix_list_id().map(|_| "a prefix list");
        let peer = other.or(list).unwrap_or("addresses");
        let (way, protocol) = (if rule.is_egress() == Some(true) { "out" } else { "in" }, rule.ip_protocol());
        let ports = rule.from_port().unwrap_or(-1);
        let id = rule.security_group_rule_id().unwrap_or_default();
        Some(format!("rule of {group}: {way} {} {ports} {peer} [{id}]", protocol.unwrap_or_default()))
    }

    fn interface(&self, it: &NetworkInterface) -> String {
        let id = it.network_interface_id().unwrap_or_default();
        format!("network-interface in {} [{id}]", self.subnet(it.subnet_id()))
    }
}

/// Deleted endpoints are listed for a while.
fn endpoint(it: &VpcEndpoint) -> Option<String> {
    let is_gone = it.state().is_some_and(|state| state.as_str().eq_ignore_ascii_case("deleted"));
    (!is_gone).then(|| line("vpc-endpoint", it.tags(), it.vpc_endpoint_id()))
}

fn flow_log(it: &FlowLog) -> String {
    line("flow-log", it.tags(), it.flow_log_id())
}

fn tag(tags: &[Tag]) -> &str {
    named(tags.iter().map(|tag| (tag.key(), tag.value())))
}

fn line(kind: &str, tags: &[Tag], id: Option<&str>) -> String {
    format!("{kind} {} [{}]", tag(tags), id.unwrap_or_default())
}
