//! Laws of VPC endpoints.

use engine::State;
use kinds::{
    Live, VpcEndpoint,
    vpc_endpoint::{EndpointSubnet, EndpointType},
};

use super::network::{Network, at, policy};

#[tokio::test]
async fn interface_endpoints_keep_the_laws() {
    let network = Network::new().await;
    let (one, other) = (network.group("one").await, network.group("other").await);
    let want = network.interface(&[(1, "10.0.1.10")], &[&one]);
    let variations = [
        VpcEndpoint { policy: policy("execute-api:ManageConnections"), ..want.clone() },
        VpcEndpoint { private_dns: true, ..want.clone() },
        network.interface(&[(1, "10.0.1.10")], &[&other, &one]),
        network.interface(&[(1, "10.0.1.10")], &[&other]),
        network.interface(&[(1, "10.0.1.10"), (2, "10.0.2.10")], &[&other]),
        network.interface(&[(1, "10.0.1.11"), (2, "10.0.2.10")], &[&other]),
        network.interface(&[(2, "10.0.2.10")], &[&other]),
    ];
    network.world.keeps_the_laws("execute-api", want, variations).await;
}

#[tokio::test]
async fn gateway_endpoints_keep_the_laws() {
    let network = Network::new().await;
    let (one, other) = (network.route_table("one").await, network.route_table("other").await);
    let want = VpcEndpoint {
        service: "com.amazonaws.eu-west-1.dynamodb".to_owned(),
        of: EndpointType::Gateway,
        route_tables: vec![one.clone()],
        policy: policy("dynamodb:GetItem"),
        ..network.interface(&[], &[])
    };
    let variations = [
        VpcEndpoint { policy: policy("dynamodb:Query"), ..want.clone() },
        VpcEndpoint { route_tables: vec![other.clone(), one], ..want.clone() },
        VpcEndpoint { route_tables: vec![other], ..want.clone() },
    ];
    network.world.keeps_the_laws("dynamodb", want, variations).await;
}

#[tokio::test]
async fn the_addresses_of_an_interface_endpoint_are_in_ascending_order() {
    let network = Network::new().await;
    let group = network.group("one").await;
    let want = network.interface(&[(2, "10.0.2.9"), (1, "10.0.1.10")], &[&group]);
    let seen = network.world.make(&at::<VpcEndpoint>("execute-api"), &want).await;
    assert_eq!(seen.state, State::Ready);
    assert_eq!(seen.outputs[VpcEndpoint::ADDRESSES.name], serde_json::json!(["10.0.1.10", "10.0.2.9"]));
}

#[tokio::test]
async fn an_interface_at_another_address_than_the_wanted_one_is_seen() {
    let network = Network::new().await;
    let group = network.group("one").await;
    network.world.make(&at::<VpcEndpoint>("execute-api"), &network.interface(&[(1, "10.0.1.10")], &[&group])).await;
    let want = network.interface(&[(1, "10.0.1.20")], &[&group]);
    let seen = network.world.find(&at::<VpcEndpoint>("execute-api"), &want).await.expect("the endpoint");
    assert_eq!(seen.spec.subnets, [EndpointSubnet { subnet: network.subnet(1), address: "10.0.1.10".into() }]);
}

#[tokio::test]
async fn a_stray_is_reported_without_anybody_wanting_it() {
    let network = Network::new().await;
    let group = network.group("one").await;
    let want = network.interface(&[(1, "10.0.1.10")], &[&group]);
    network.world.make(&at::<VpcEndpoint>("execute-api"), &want).await;
    let strays = VpcEndpoint::read(&network.world.aws, &[]).await.expect("a reading");
    let found: Vec<_> = strays.iter().map(|stray| (&stray.address, &stray.spec.subnets)).collect();
    assert_eq!(found, [(&at::<VpcEndpoint>("execute-api"), &want.subnets)]);
}
