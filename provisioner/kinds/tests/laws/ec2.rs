//! Laws of the network's kinds.

use engine::Class;
use kinds::{DefaultSecurityGroup, FlowLog, Live, PrefixList, RouteTable, RouteTableAssociation, Vpc};

use crate::world::World;

mod endpoints;
mod firewall;
mod network;

use network::{Network, at, subnet_spec, vpc_spec};

#[tokio::test]
async fn vpcs_keep_the_laws() {
    let want = vpc_spec();
    let variations = [
        Vpc { dns_hostnames: false, ..want.clone() },
        Vpc { dns_hostnames: false, dns_support: false, ..want.clone() },
        want.clone(),
    ];
    World::new().await.keeps_the_laws("main", want, variations).await;
}

#[tokio::test]
async fn what_is_let_into_a_default_group_is_seen_and_taken_out() {
    let network = Network::new().await;
    let world = &network.world;
    let want = DefaultSecurityGroup { vpc: network.vpc(), unexpected_rules: Vec::new() };
    let given = world.find(&at::<DefaultSecurityGroup>("main"), &want).await.expect("the group");
    assert_eq!(given.spec.unexpected_rules, ["egress all all 0.0.0.0/0"]);
    let closed = world.make(&at::<DefaultSecurityGroup>("main"), &want).await;
    let group = closed.output(DefaultSecurityGroup::ID).expect("an id");
    let call = world.aws.ec2.authorize_security_group_ingress().group_id(group);
    call.ip_protocol("tcp").from_port(22).to_port(23).cidr_ip("10.0.0.0/8").send().await.expect("a rule");

    let seen = world.find(&at::<DefaultSecurityGroup>("main"), &want).await.expect("the group");
    assert_eq!(seen.spec.unexpected_rules, ["ingress tcp 22-23 10.0.0.0/8"]);
    let seen = world.change(seen, &want).await;
    DefaultSecurityGroup::delete(&world.aws, &seen).await.expect("nothing to do");
    assert!(world.find(&at::<DefaultSecurityGroup>("main"), &want).await.is_some(), "it goes with its VPC");
}

#[tokio::test]
async fn subnets_keep_the_laws() {
    let network = Network::new().await;
    network.world.keeps_the_laws("third", subnet_spec(network.vpc().as_str(), 3), []).await;
}

#[tokio::test]
async fn route_tables_keep_the_laws() {
    let network = Network::new().await;
    network.world.keeps_the_laws("main", RouteTable { vpc: network.vpc() }, []).await;
}

#[tokio::test]
async fn route_table_associations_keep_the_laws() {
    let network = Network::new().await;
    let (one, other) = (network.route_table("one").await, network.route_table("other").await);
    let want = RouteTableAssociation { route_table: one, subnet: network.subnet(1) };
    let changed = RouteTableAssociation { route_table: other, ..want.clone() };
    network.world.keeps_the_laws("main", want.clone(), [changed, want]).await;
}

#[tokio::test]
async fn prefix_lists_are_found_and_never_made() {
    let network = Network::new().await;
    let id = network.prefix_list().await;
    assert!(id.starts_with("pl-"), "{id}");
    let unknown = PrefixList { name: "com.amazonaws.eu-west-1.unknown".to_owned() };
    assert!(network.world.find(&at::<PrefixList>("unknown"), &unknown).await.is_none());
    let answer = PrefixList::create(&network.world.aws, &at::<PrefixList>("unknown"), &unknown).await;
    assert_eq!(answer.expect_err("only AWS makes them").class, Class::Fatal);
}

#[tokio::test]
async fn flow_logs_keep_the_laws() {
    let network = Network::new().await;
    let aws = &network.world.aws;
    aws.logs.create_log_group().log_group_name("/laws/flow").send().await.expect("a log group");
    let want = FlowLog {
        vpc: network.vpc(),
        log_group: aws.arn("logs", "log-group:/laws/flow").into(),
        role: format!("arn:aws:iam::{}:role/laws-flow", aws.account).into(),
    };
    network.world.keeps_the_laws("main", want, []).await;
}
