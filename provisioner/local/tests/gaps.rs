//! Each patch of `emulator/gaps.py`, seen through the API it changes.

mod support;

use local::authority::Authority;
use support::{Account, OwnEmulator, between};

const HUB: &str = "111111111111";
const SERVICE: &str = "222222222222";

#[test]
fn a_secret_is_lent_to_another_account_by_its_arn_if_it_has_a_policy() {
    let own = OwnEmulator::start();
    let (hub, service) = (Account::new(&own.emulator, HUB), Account::new(&own.emulator, SERVICE));
    let call = |account: &Account, action: &str, body: String| {
        account.json("secretsmanager", &format!("secretsmanager.{action}"), &body)
    };
    let made = call(&hub, "CreateSecret", r#"{"Name":"endpoint","SecretString":"vpce-1"}"#.to_owned());
    let arn = between(&made, r#""ARN": ""#, "\"");
    let by_arn = format!(r#"{{"SecretId":"{arn}"}}"#);

    let without_policy = call(&service, "GetSecretValue", by_arn.clone());
    assert!(without_policy.contains("ResourceNotFoundException"), "{without_policy}");

    call(&hub, "PutResourcePolicy", format!(r#"{{"SecretId":"{arn}","ResourcePolicy":"{{}}"}}"#));
    assert!(call(&service, "GetSecretValue", by_arn.clone()).contains("vpce-1"));
    assert!(call(&service, "DescribeSecret", by_arn.clone()).contains(arn));
    let by_name = call(&service, "GetSecretValue", r#"{"SecretId":"endpoint"}"#.to_owned());
    assert!(by_name.contains("ResourceNotFoundException"), "by name each account has its own: {by_name}");
    let written = call(&service, "PutSecretValue", format!(r#"{{"SecretId":"{arn}","SecretString":"x"}}"#));
    assert!(written.contains("ResourceNotFoundException"), "only reading is lent: {written}");
}

/// A VPC with two subnets and two security groups.
struct Network<'a> {
    account: Account<'a>,
    vpc: String,
    subnets: [String; 2],
    groups: [String; 2],
}

impl<'a> Network<'a> {
    fn new(own: &'a OwnEmulator) -> Network<'a> {
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

#[test]
fn importing_a_certificate_again_keeps_its_tags() {
    let own = OwnEmulator::start();
    let account = Account::new(&own.emulator, HUB);
    let authority = Authority::open(own.state.path()).expect("an authority");
    let import = |name: &str, more: &str| {
        let issued = authority.issue(&[name.to_owned()]).expect("a certificate");
        let [certificate, key] = [&issued.certificate_pem, &issued.private_key_pem].map(|pem| base64(pem));
        let body = format!(r#"{{"Certificate":"{certificate}","PrivateKey":"{key}",{more}}}"#);
        account.json("acm", "CertificateManager.ImportCertificate", &body)
    };
    let made = import("a.example", r#""Tags":[{"Key":"owner","Value":"platform"}]"#);
    let arn = between(&made, r#""CertificateArn": ""#, "\"");
    let again = import("b.example", &format!(r#""CertificateArn":"{arn}""#));
    assert!(again.contains(arn), "{again}");
    let by_arn = format!(r#"{{"CertificateArn":"{arn}"}}"#);
    let tags = account.json("acm", "CertificateManager.ListTagsForCertificate", &by_arn);
    assert!(tags.contains("owner") && tags.contains("platform"), "{tags}");
    let seen = account.json("acm", "CertificateManager.DescribeCertificate", &by_arn);
    assert!(seen.contains("b.example"), "the certificate itself is the new one: {seen}");
}

fn base64(text: &str) -> String {
    use ::base64::Engine;
    ::base64::engine::general_purpose::STANDARD.encode(text)
}
