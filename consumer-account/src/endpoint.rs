//! The one way from the hub into private APIs.

use config::Config;
use kinds::{
    SecurityGroup, Subnet, Vpc, VpcEndpoint,
    vpc_endpoint::{EndpointSubnet, EndpointType},
};
use model::{Arn, Graph, Ip, Policy, policy::Statement};

use crate::{Handles, Imports, TARGET};

/// AWS keeps the first four addresses of a subnet; the endpoint's interface takes the next.
const PINNED: u32 = 4;

pub(crate) fn define(config: &Config, own: &Handles, imports: &Imports, graph: &mut Graph) {
    let subnets = own.endpoint_subnets.iter().zip(&config.hub.network.endpoint_cidrs);
    let subnets =
        subnets.map(|(subnet, cidr)| EndpointSubnet { subnet: subnet.get(Subnet::ID), address: pinned(cidr) });
    let endpoint = VpcEndpoint {
        vpc: own.vpc.get(Vpc::ID),
        service: format!("com.amazonaws.{}.execute-api", config.region),
        of: EndpointType::Interface,
        subnets: subnets.collect(),
        security_groups: vec![own.endpoint_group.get(SecurityGroup::ID)],
        route_tables: Vec::new(),
        // With private DNS every public API of the Region would stop resolving in the hub.
        private_dns: false,
        policy: policy(config, own, imports),
    };
    graph.define(TARGET, &own.endpoint, endpoint);
}

/// Any caller in the hub's VPC, but only APIs of the services' accounts: private APIs are called without IAM identity.
fn policy(config: &Config, own: &Handles, imports: &Imports) -> Policy {
    let api = |account: &str| Arn::from(format!("arn:{}:execute-api:{}:{account}:*", config.partition, config.region));
    let apis = imports.tenants.iter().map(|tenant| api(tenant.account.as_str()));
    let mut invoke = Statement::allow("Services").anyone().actions(&["execute-api:Invoke"]);
    invoke = apis.fold(invoke, Statement::on);
    if imports.tenants.is_empty() {
        invoke = Statement::deny("NoServices").anyone().actions(&["execute-api:Invoke"]).on("*");
    }
    Policy::of([invoke.when("StringEquals", "aws:SourceVpc", own.vpc.get(Vpc::ID).cast())])
}

fn pinned(cidr: &str) -> Ip {
    let base = cidr.split('/').next().unwrap_or_default();
    let base: std::net::Ipv4Addr = base.parse().expect("the configuration's blocks were checked");
    std::net::Ipv4Addr::from(u32::from(base) + PINNED).to_string().into()
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_first_free_address_is_pinned() {
        assert_eq!(super::pinned("10.0.15.16/28").as_str(), "10.0.15.20");
    }
}
