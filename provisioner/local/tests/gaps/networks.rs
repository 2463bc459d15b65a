//! The patches of `networks.py`.

use crate::{
    HUB, SERVICE,
    support::{Account, OwnEmulator, between},
};

/// A VPC with two subnets and two security groups.
pub(crate) struct Network<'a> {
    pub(crate) account: Account<'a>,
    vpc: String,
    pub(crate) subnets: [String; 2],
    groups: [String; 2],
}

impl<'a> Network<'a> {
    pub(crate) fn new(own: &'a OwnEmulator) -> Network<'a> {
        let account = Account::new(&own.emulator, HUB);
        let id = |action: &str, parameters: String, tag: &str| {
            let answer = account.ec2(action, &parameters);
            between(&answer, &format!("<{tag}>"), &format!("</{tag}>")).to_owned()
        };
        let vpc = id("CreateVpc", "CidrBlock=10.0.0.0/16".to_owned(), "vpcId");
        let subnets = [1, 2].map(|n| id("CreateSubnet", format!("VpcId={vpc}&CidrBlock=10.0.{n}.0/28"), "subnetId"));
        let groups = ["one", "two"].map(|name| {
            id("CreateSecurityGroup", format!("VpcId={vpc}&GroupName={name}&GroupDescription=d"), "groupId")
        });
        Network { account, vpc, subnets, groups }
    }

    fn create(&self, pin: &str) -> String {
        let Network { account, vpc, subnets: [first, second], groups: [group, _] } = self;
        account.ec2(
            "CreateVpcEndpoint",
            &format!(
                "VpcId={vpc}&ServiceName=com.amazonaws.eu-west-1.execute-api&VpcEndpointType=Interface\
                 &SubnetId.1={first}&SubnetId.2={second}&SecurityGroupId.1={group}\
                 &SubnetConfiguration.1.SubnetId={first}&SubnetConfiguration.1.Ipv4={pin}"
            ),
        )
    }

    /// The interface in a subnet: its description by AWS, or nothing.
    fn interface(&self, subnet: &str) -> String {
        self.account.ec2("DescribeNetworkInterfaces", &format!("Filter.1.Name=subnet-id&Filter.1.Value.1={subnet}"))
    }

    fn address(&self, subnet: &str) -> String {
        between(&self.interface(subnet), "<privateIpAddress>", "</privateIpAddress>").to_owned()
    }
}

#[test]
fn awss_own_prefix_lists_are_the_same_in_every_account() {
    let own = OwnEmulator::start();
    let name = "Filter.1.Name=prefix-list-name&Filter.1.Value.1=com.amazonaws.eu-west-1.dynamodb";
    let [hub, service] = [HUB, SERVICE].map(|account| {
        let found = Account::new(&own.emulator, account).ec2("DescribeManagedPrefixLists", name);
        between(&found, "<prefixListId>", "</prefixListId>").to_owned()
    });
    assert_eq!((hub.len(), &hub), ("pl-01234567".len(), &service));
}

#[test]
fn an_interface_endpoint_has_its_pinned_addresses_in_its_subnets_with_its_groups() {
    let own = OwnEmulator::start();
    let network = Network::new(&own);
    let [first, second] = &network.subnets;
    let [one, two] = &network.groups;
    let made = network.create("10.0.1.7");
    let endpoint = between(&made, "<vpcEndpointId>", "</vpcEndpointId>");

    assert_eq!(network.address(first), "10.0.1.7");
    assert!(network.address(second).starts_with("10.0.2."), "a free address of its own subnet");
    assert!(network.interface(first).contains(one.as_str()));
    let interface = between(&network.interface(first), "<networkInterfaceId>", "</networkInterfaceId>").to_owned();
    assert!(made.contains(&interface), "the answer to the creation names it already");

    let modify =
        |change: String| network.account.ec2("ModifyVpcEndpoint", &format!("VpcEndpointId={endpoint}&{change}"));
    modify(format!("AddSecurityGroupId.1={two}&RemoveSecurityGroupId.1={one}"));
    let changed = network.interface(first);
    assert!(changed.contains(two.as_str()) && !changed.contains(one.as_str()) && changed.contains(&interface));

    modify(format!("SubnetConfiguration.1.SubnetId={first}&SubnetConfiguration.1.Ipv4=10.0.1.9"));
    assert_eq!(network.address(first), "10.0.1.9", "another pin, another interface");
    modify(format!("RemoveSubnetId.1={second}"));
    assert!(!network.interface(second).contains("<networkInterfaceId>"));

    network.account.ec2("DeleteVpcEndpoints", &format!("VpcEndpointId.1={endpoint}"));
    assert!(!network.interface(first).contains("<networkInterfaceId>"));
    network.create("10.0.1.9");
    assert_eq!(network.address(first), "10.0.1.9", "a deleted endpoint's address is free again");
}

#[test]
fn an_address_outside_the_subnet_or_taken_is_refused() {
    let own = OwnEmulator::start();
    let network = Network::new(&own);
    assert!(network.create("10.0.2.7").contains("InvalidParameterValue"));
    network.create("10.0.1.7");
    assert!(network.create("10.0.1.7").contains("InvalidParameterValue"));
}

#[test]
fn the_routes_of_a_gateway_endpoint_follow_its_route_tables() {
    let own = OwnEmulator::start();
    let Network { account, vpc, .. } = Network::new(&own);
    let [one, other] = [(); 2].map(|()| {
        let made = account.ec2("CreateRouteTable", &format!("VpcId={vpc}"));
        between(&made, "<routeTableId>", "</routeTableId>").to_owned()
    });
    let service = "ServiceName=com.amazonaws.eu-west-1.dynamodb&VpcEndpointType=Gateway";
    let made = account.ec2("CreateVpcEndpoint", &format!("VpcId={vpc}&{service}&RouteTableId.1={one}"));
    let endpoint = between(&made, "<vpcEndpointId>", "</vpcEndpointId>");
    let leads_there =
        |table: &str| account.ec2("DescribeRouteTables", &format!("RouteTableId.1={table}")).contains(endpoint);
    assert!(leads_there(&one) && !leads_there(&other));

    let change = format!("VpcEndpointId={endpoint}&AddRouteTableId.1={other}&RemoveRouteTableId.1={one}");
    account.ec2("ModifyVpcEndpoint", &change);
    assert!(!leads_there(&one) && leads_there(&other));

    account.ec2("DeleteVpcEndpoints", &format!("VpcEndpointId.1={endpoint}"));
    assert!(!leads_there(&other));
}

#[test]
fn a_subnet_that_goes_lets_its_route_table_go() {
    let own = OwnEmulator::start();
    let Network { account, vpc, subnets: [subnet, other], .. } = Network::new(&own);
    let made = account.ec2("CreateRouteTable", &format!("VpcId={vpc}"));
    let table = between(&made, "<routeTableId>", "</routeTableId>");
    for subnet in [&subnet, &other] {
        account.ec2("AssociateRouteTable", &format!("RouteTableId={table}&SubnetId={subnet}"));
    }
    account.ec2("DeleteSubnet", &format!("SubnetId={subnet}"));
    let left = account.ec2("DescribeRouteTables", &format!("RouteTableId.1={table}"));
    assert!(left.contains(&other) && !left.contains(&subnet), "{left}");
    let refused = account.ec2("DeleteRouteTable", &format!("RouteTableId={table}"));
    assert!(refused.contains("DependencyViolation"), "one subnet is left: {refused}");
    account.ec2("DeleteSubnet", &format!("SubnetId={other}"));
    account.ec2("DeleteRouteTable", &format!("RouteTableId={table}"));
    assert!(!account.ec2("DescribeRouteTables", "").contains(table));
}

#[test]
fn the_private_dns_name_of_an_endpoint_can_be_switched() {
    let own = OwnEmulator::start();
    let network = Network::new(&own);
    let made = network.create("10.0.1.7");
    let endpoint = between(&made, "<vpcEndpointId>", "</vpcEndpointId>");
    for on in ["false", "true"] {
        network.account.ec2("ModifyVpcEndpoint", &format!("VpcEndpointId={endpoint}&PrivateDnsEnabled={on}"));
        let seen = network.account.ec2("DescribeVpcEndpoints", &format!("VpcEndpointId.1={endpoint}"));
        assert_eq!(between(&seen, "<privateDnsEnabled>", "</privateDnsEnabled>"), on);
    }
}
