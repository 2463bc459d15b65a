//! A VPC with subnets for the laws that need one, and specs that are legal in it.

use kinds::{
    Live, PrefixList, RouteTable, SecurityGroup, SecurityGroupRule, Subnet, Vpc, VpcEndpoint,
    security_group_rule::{Direction, Peer},
    vpc_endpoint::{EndpointSubnet, EndpointType},
};
use model::{Address, Input, Policy, RouteTableId, SubnetId, VpcId, policy::Statement};

use crate::world::World;

pub(super) struct Network {
    pub(super) world: World,
    vpc: String,
    subnets: [String; 2],
}

impl Network {
    pub(super) async fn new() -> Self {
        let world = World::new().await;
        let vpc = world.make(&at::<Vpc>("network"), &vpc_spec()).await.output(Vpc::ID).expect("an id");
        let mut subnets = Vec::new();
        for number in [1, 2] {
            let want = subnet_spec(&vpc, number);
            let seen = world.make(&at::<Subnet>(&format!("network-{number}")), &want).await;
            subnets.push(seen.output(Subnet::ID).expect("an id"));
        }
        Self { world, vpc, subnets: subnets.try_into().expect("two subnets") }
    }

    pub(super) fn vpc(&self) -> Input<VpcId> {
        self.vpc.as_str().into()
    }

    /// Number 1 is 10.0.1.0/24 and number 2 is 10.0.2.0/24.
    pub(super) fn subnet(&self, number: usize) -> Input<SubnetId> {
        self.subnets[number - 1].as_str().into()
    }

    pub(super) async fn route_table(&self, name: &str) -> Input<RouteTableId> {
        let seen = self.world.make(&at::<RouteTable>(name), &RouteTable { vpc: self.vpc() }).await;
        seen.output(RouteTable::ID).expect("an id").into()
    }

    pub(super) async fn group(&self, name: &str) -> String {
        let seen = self.world.make(&at::<SecurityGroup>(name), &self.group_spec(name)).await;
        seen.output(SecurityGroup::ID).expect("an id")
    }

    pub(super) fn group_spec(&self, name: &str) -> SecurityGroup {
        let description = format!("What may reach {name}");
        SecurityGroup { vpc: self.vpc(), name: format!("laws-test-{name}"), description, unexpected_rules: Vec::new() }
    }

    /// The id of DynamoDB's.
    pub(super) async fn prefix_list(&self) -> String {
        let want = PrefixList { name: "com.amazonaws.eu-west-1.dynamodb".to_owned() };
        let seen = self.world.find(&at::<PrefixList>("dynamodb"), &want).await.expect("AWS's own list");
        seen.output(PrefixList::ID).expect("an id")
    }

    /// An interface endpoint in these subnets, by number, at these addresses.
    pub(super) fn interface(&self, subnets: &[(usize, &str)], groups: &[&str]) -> VpcEndpoint {
        let subnet = |&(number, address): &(usize, &str)| EndpointSubnet {
            subnet: self.subnet(number),
            address: address.into(),
        };
        VpcEndpoint {
            vpc: self.vpc(),
            service: "com.amazonaws.eu-west-1.execute-api".to_owned(),
            of: EndpointType::Interface,
            subnets: subnets.iter().map(subnet).collect(),
            security_groups: groups.iter().map(|&group| group.into()).collect(),
            route_tables: Vec::new(),
            private_dns: false,
            policy: policy("execute-api:Invoke"),
        }
    }
}

pub(super) fn vpc_spec() -> Vpc {
    Vpc { cidr: "10.0.0.0/16".into(), dns_support: true, dns_hostnames: true }
}

pub(super) fn subnet_spec(vpc: &str, number: usize) -> Subnet {
    let (cidr, zone) = (format!("10.0.{number}.0/24"), format!("euw1-az{number}"));
    Subnet { vpc: vpc.into(), cidr: cidr.into(), zone: zone.into() }
}

pub(super) fn https(group: &str, direction: Direction, peer: Peer) -> SecurityGroupRule {
    SecurityGroupRule { group: group.into(), direction, port: 443, peer }
}

pub(super) fn policy(action: &str) -> Policy {
    let statement = Statement::allow("Platform").anyone().actions(&[action]).on("*");
    Policy::of([statement.when("StringEquals", "aws:ResourceAccount", "111122223333")])
}

pub(super) fn at<K: Live>(name: &str) -> Address {
    Address::new("laws", K::FACTS.kind, name)
}
