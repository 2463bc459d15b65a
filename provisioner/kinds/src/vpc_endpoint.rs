//! VPC endpoints (`ec2:*VpcEndpoint*`), gateway and interface. Found by tag, deleted ones ignored.

use model::{
    Calls, CreateSafety, Facts, Field, Input, Ip, Kind, Output, Policy, RouteTableId, SecurityGroupId, SubnetId,
    VpcEndpointId, VpcId,
};
use serde::{Deserialize, Serialize};

use crate::unordered::unordered;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum EndpointType {
    Gateway,
    Interface,
}

/// One subnet of an interface endpoint, and the address its interface has there.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EndpointSubnet {
    pub subnet: Input<SubnetId>,
    pub address: Ip,
}

/// A private way to one AWS service.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct VpcEndpoint {
    pub vpc: Input<VpcId>,
    /// Such as `com.amazonaws.eu-west-1.execute-api`.
    pub service: String,
    #[serde(rename = "type")]
    pub of: EndpointType,
    /// Interface endpoints only; one per zone.
    #[serde(deserialize_with = "unordered")]
    pub subnets: Vec<EndpointSubnet>,
    /// Interface endpoints only.
    #[serde(deserialize_with = "unordered")]
    pub security_groups: Vec<Input<SecurityGroupId>>,
    /// Gateway endpoints only.
    #[serde(deserialize_with = "unordered")]
    pub route_tables: Vec<Input<RouteTableId>>,
    pub private_dns: bool,
    pub policy: Policy,
}

impl VpcEndpoint {
    pub const ID: Field<Self, VpcEndpointId> = Field::new("id");
    /// A list: the addresses that its interfaces report.
    pub const ADDRESSES: Field<Self, Ip> = Field::new("addresses");
}

impl Kind for VpcEndpoint {
    const FACTS: Facts = Facts {
        kind: "vpc-endpoint",
        title: "VPC endpoint",
        replace_on: &["service", "type", "vpc"],
        create_first: true,
        outputs: &[Output::created("id"), Output::changing("addresses")],
        calls: Calls {
            create: &["ec2:CreateVpcEndpoint"],
            update: &["ec2:ModifyVpcEndpoint"],
            delete: &["ec2:DeleteVpcEndpoints"],
            ..Calls::NONE
        },
        typical_seconds: 90,
        deadline_seconds: 600,
        ..Facts::of(CreateSafety::Token)
    };
}

#[cfg(feature = "live")]
mod live {
    use std::{collections::HashMap, net::Ipv4Addr};

    use aws_sdk_ec2::{
        operation::modify_vpc_endpoint::builders::ModifyVpcEndpointFluentBuilder as Modify,
        types::{self, Filter, NetworkInterface, ResourceType, SubnetConfiguration, VpcEndpointType},
    };
    use engine::{CallError, Made, State};
    use ipnet::Ipv4Net;
    use model::{Address, Id, Input, Kind as _, Outputs, Policy, SubnetId};
    use serde_json::Value;

    use super::{EndpointSubnet, EndpointType, VpcEndpoint};
    use crate::{
        Live, Seen, Wanted,
        aws::{
            Aws, Gap, absent, ec2,
            normal::{identity, in_wanted_order, texts},
            outputs, pending, ready,
        },
    };

    /// A filter takes no more values than this.
    const VALUES_PER_FILTER: usize = 200;

    /// By subnet.
    type Addresses<'a> = HashMap<&'a str, Ipv4Addr>;

    impl Live for VpcEndpoint {
        async fn read(aws: &Aws, wanted: &[Wanted<Self>]) -> Result<Vec<Seen<Self>>, CallError> {
            if !ec2::has_networks(aws, wanted.iter().map(|wanted| &wanted.spec.vpc)).await? {
                return Ok(Vec::new());
            }
            let pages = aws.ec2.describe_vpc_endpoints().set_filters(Some(ec2::our_tags(aws))).into_paginator().items();
            let mut found: Vec<_> = aws.list("ec2:DescribeVpcEndpoints", pages.send().try_collect()).await?;
            // Listed for a while after they went; what they still hold refuses to be deleted, which is waited for there.
            found.retain(|endpoint| !matches!(word(endpoint).as_str(), "deleted" | "deleting"));
            let mut interfaces = interfaces(aws, &found).await?;
            if !interfaces.is_empty() && aws.may_have(Gap::PinnedAddresses) {
                put_in_place(aws, &mut interfaces, wanted).await?;
            }
            Ok(found.into_iter().filter_map(|endpoint| seen(aws, endpoint, &interfaces, wanted)).collect())
        }

        async fn create(aws: &Aws, at: &Address, want: &Self) -> Result<Made, CallError> {
            let call = aws
                .ec2
                .create_vpc_endpoint()
                .client_token(aws.token(at, want))
                .vpc_endpoint_type(want.of.into())
                .vpc_id(want.vpc.as_str())
                .service_name(&want.service)
                .set_subnet_ids(Some(subnet_ids(&want.subnets)))
                .set_subnet_configurations(Some(want.subnets.iter().map(pinned).collect()))
                .set_security_group_ids(texts(&want.security_groups))
                .set_route_table_ids(texts(&want.route_tables))
                .private_dns_enabled(want.private_dns)
                .policy_document(want.policy.document())
                .tag_specifications(ec2::tags(aws, at, ResourceType::VpcEndpoint));
            let made = aws.call("ec2:CreateVpcEndpoint", at, call.send()).await?.vpc_endpoint;
            let made = aws.sent(at, "vpcEndpoint", made)?;
            let id = aws.sent(at, "vpcEndpointId", made.vpc_endpoint_id.clone())?;
            Ok(match (want.of, state(&made, want.subnets.is_empty())) {
                (EndpointType::Gateway, State::Ready) => ready(known(id, Some(Vec::new()))),
                _ => pending(known(id, None), &word(&made)),
            })
        }

        /// One call, whatever changes: AWS allows few of them.
        async fn update(aws: &Aws, seen: &Seen<Self>, want: &Self, fields: &[String]) -> Result<Made, CallError> {
            let (at, was) = (&seen.address, &seen.spec);
            let call = aws.ec2.modify_vpc_endpoint().set_vpc_endpoint_id(seen.output(Self::ID));
            let call = fields.iter().fold(call, |call, field| changed(call, field, was, want));
            aws.call("ec2:ModifyVpcEndpoint", at, call.send()).await?;
            if fields.iter().any(|field| field == "subnets" || field == "private_dns") {
                return Ok(pending(known(seen.output(Self::ID).unwrap_or_default(), None), "being changed"));
            }
            Ok(Made { state: seen.state.clone(), ..ready(seen.outputs.clone()) })
        }

        async fn delete(aws: &Aws, seen: &Seen<Self>) -> Result<(), CallError> {
            let (operation, at) = ("ec2:DeleteVpcEndpoints", &seen.address);
            let call = aws.ec2.delete_vpc_endpoints().set_vpc_endpoint_ids(seen.output(Self::ID).map(|id| vec![id]));
            let answer = aws.call(operation, at, call.send()).await;
            absent(answer.and_then(|answer| ec2::all_done(aws, operation, at, answer.unsuccessful))).map(drop)
        }
    }

    fn changed(call: Modify, field: &str, was: &VpcEndpoint, want: &VpcEndpoint) -> Modify {
        match field {
            "policy" => call.policy_document(want.policy.document()),
            "private_dns" => call.private_dns_enabled(want.private_dns),
            "route_tables" => call
                .set_add_route_table_ids(missing(&want.route_tables, &was.route_tables))
                .set_remove_route_table_ids(missing(&was.route_tables, &want.route_tables)),
            "security_groups" => call
                .set_add_security_group_ids(missing(&want.security_groups, &was.security_groups))
                .set_remove_security_group_ids(missing(&was.security_groups, &want.security_groups)),
            "subnets" => changed_subnets(call, &was.subnets, &want.subnets),
            _ => call,
        }
    }

    /// Naming the address of a subnet replaces its interface, so only new and moved ones are named.
    fn changed_subnets(call: Modify, was: &[EndpointSubnet], want: &[EndpointSubnet]) -> Modify {
        let (had, has) = (subnet_ids(was), subnet_ids(want));
        let moved = want.iter().filter(|subnet| !was.contains(subnet)).map(pinned).collect();
        call.set_add_subnet_ids(Some(has.iter().filter(|id| !had.contains(id)).cloned().collect()))
            .set_remove_subnet_ids(Some(had.iter().filter(|id| !has.contains(id)).cloned().collect()))
            .set_subnet_configurations(Some(moved))
    }

    /// Those of `these` that are not among `those`.
    fn missing<T: Id>(these: &[Input<T>], those: &[Input<T>]) -> Option<Vec<String>> {
        Some(these.iter().filter(|id| !those.contains(id)).map(|id| id.as_str().to_owned()).collect())
    }

    fn subnet_ids(subnets: &[EndpointSubnet]) -> Vec<String> {
        subnets.iter().map(|subnet| subnet.subnet.as_str().to_owned()).collect()
    }

    fn pinned(subnet: &EndpointSubnet) -> SubnetConfiguration {
        SubnetConfiguration::builder().subnet_id(subnet.subnet.as_str()).ipv4(subnet.address.as_str()).build()
    }

    /// The network interfaces of all these endpoints; one that is just going away is no error.
    async fn interfaces(aws: &Aws, endpoints: &[types::VpcEndpoint]) -> Result<Vec<NetworkInterface>, CallError> {
        let ids: Vec<String> =
            endpoints.iter().flat_map(|endpoint| endpoint.network_interface_ids()).cloned().collect();
        let mut found = Vec::new();
        for ids in ids.chunks(VALUES_PER_FILTER) {
            let filter = Filter::builder().name("network-interface-id").set_values(Some(ids.to_vec())).build();
            let pages = aws.ec2.describe_network_interfaces().filters(filter).into_paginator().items();
            let page: Vec<_> = aws.list("ec2:DescribeNetworkInterfaces", pages.send().try_collect()).await?;
            found.extend(page);
        }
        Ok(found)
    }

    /// Gives each interface the wanted address that lies in its subnet.
    async fn put_in_place(
        aws: &Aws,
        interfaces: &mut [NetworkInterface],
        wanted: &[Wanted<VpcEndpoint>],
    ) -> Result<(), CallError> {
        let subnets = ec2::subnets(aws).await?;
        let pinned: Vec<Ipv4Addr> = wanted
            .iter()
            .flat_map(|wanted| &wanted.spec.subnets)
            .filter_map(|it| it.address.as_str().parse().ok())
            .collect();
        for interface in interfaces {
            let subnet = subnets.iter().find(|subnet| subnet.subnet_id() == interface.subnet_id());
            let block: Option<Ipv4Net> = subnet.and_then(|subnet| subnet.cidr_block()?.parse().ok());
            let address = pinned.iter().find(|address| block.is_some_and(|block| block.contains(*address)));
            interface.private_ip_address = address.map(ToString::to_string).or(interface.private_ip_address.take());
        }
        Ok(())
    }

    /// The addresses by subnet, as the endpoint's own interfaces report them.
    fn reported<'a>(endpoint: &types::VpcEndpoint, interfaces: &'a [NetworkInterface]) -> Addresses<'a> {
        let own = |interface: &&NetworkInterface| {
            endpoint.network_interface_ids().iter().any(|id| interface.network_interface_id() == Some(id))
        };
        let address = |interface: &'a NetworkInterface| {
            Some((interface.subnet_id()?, interface.private_ip_address()?.parse().ok()?))
        };
        interfaces.iter().filter(own).filter_map(address).collect()
    }

    fn seen(
        aws: &Aws,
        endpoint: types::VpcEndpoint,
        interfaces: &[NetworkInterface],
        wanted: &[Wanted<VpcEndpoint>],
    ) -> Option<Seen<VpcEndpoint>> {
        let id = endpoint.vpc_endpoint_id.clone()?;
        let address = ec2::address(aws, VpcEndpoint::FACTS.kind, endpoint.tags.as_deref())?;
        let want = wanted.iter().find(|wanted| wanted.address == address).map(|wanted| &wanted.spec);
        let addresses = reported(&endpoint, interfaces);
        let state = state(&endpoint, endpoint.subnet_ids().iter().all(|id| addresses.contains_key(id.as_str())));
        Some(Seen {
            address,
            outputs: known(id.clone(), (state == State::Ready).then(|| addresses.values().copied().collect())),
            identity: identity(endpoint.creation_timestamp.as_ref(), &id),
            state,
            spec: spec(endpoint, &addresses, want)?,
        })
    }

    fn spec(
        endpoint: types::VpcEndpoint,
        addresses: &Addresses<'_>,
        want: Option<&VpcEndpoint>,
    ) -> Option<VpcEndpoint> {
        let groups = endpoint.groups.unwrap_or_default().into_iter().filter_map(|group| group.group_id).collect();
        let tables = endpoint.route_table_ids.unwrap_or_default();
        Some(VpcEndpoint {
            vpc: endpoint.vpc_id?.into(),
            service: endpoint.service_name?,
            of: type_of(endpoint.vpc_endpoint_type)?,
            subnets: subnets(endpoint.subnet_ids.unwrap_or_default(), addresses, want),
            security_groups: in_wanted_order(groups, want.map(|want| want.security_groups.as_slice())),
            route_tables: in_wanted_order(tables, want.map(|want| want.route_tables.as_slice())),
            private_dns: endpoint.private_dns_enabled.unwrap_or_default(),
            policy: endpoint.policy_document.and_then(|text| Policy::parse(&text).ok()).unwrap_or_default(),
        })
    }

    /// Interfaces come a while after their endpoint, at the addresses that were asked for.
    fn subnets(ids: Vec<String>, addresses: &Addresses<'_>, want: Option<&VpcEndpoint>) -> Vec<EndpointSubnet> {
        let wanted = want.map(|want| want.subnets.as_slice()).unwrap_or_default();
        let order: Vec<Input<SubnetId>> = wanted.iter().map(|wanted| wanted.subnet.clone()).collect();
        let address = |subnet: &Input<SubnetId>| match addresses.get(subnet.as_str()) {
            Some(address) => address.to_string().into(),
            None => {
                wanted.iter().find(|wanted| wanted.subnet == *subnet).map_or("".into(), |wanted| wanted.address.clone())
            }
        };
        let ids = in_wanted_order(ids, Some(&order)).into_iter();
        ids.map(|subnet| EndpointSubnet { address: address(&subnet), subnet }).collect()
    }

    /// The addresses are put in ascending order.
    fn known(id: String, addresses: Option<Vec<Ipv4Addr>>) -> Outputs {
        let addresses = addresses.map(|mut addresses| {
            addresses.sort_unstable();
            let texts: Vec<String> = addresses.iter().map(ToString::to_string).collect();
            (VpcEndpoint::ADDRESSES.name, Value::from(texts))
        });
        outputs([(VpcEndpoint::ID.name, Value::from(id))].into_iter().chain(addresses))
    }

    /// AWS spells states with and without a capital.
    fn word(endpoint: &types::VpcEndpoint) -> String {
        endpoint.state.as_ref().map_or_else(|| "pending".to_owned(), |state| state.as_str().to_ascii_lowercase())
    }

    fn state(endpoint: &types::VpcEndpoint, has_addresses: bool) -> State {
        let why = endpoint.failure_reason.clone();
        let why = why.or_else(|| endpoint.last_error.as_ref()?.message.clone()).unwrap_or_default();
        match word(endpoint).as_str() {
            "available" if has_addresses => State::Ready,
            "available" => State::Pending("available, its interfaces are not yet".to_owned()),
            "pendingacceptance" => State::Pending("waits for the service's owner to accept it".to_owned()),
            word @ ("expired" | "failed" | "rejected") => State::Broken(format!("{word}: {why}")),
            word => State::Pending(word.to_owned()),
        }
    }

    /// Where there were only gateways once, AWS says nothing.
    fn type_of(of: Option<VpcEndpointType>) -> Option<EndpointType> {
        match of {
            None | Some(VpcEndpointType::Gateway) => Some(EndpointType::Gateway),
            Some(VpcEndpointType::Interface) => Some(EndpointType::Interface),
            Some(_) => None,
        }
    }

    impl From<EndpointType> for VpcEndpointType {
        fn from(of: EndpointType) -> Self {
            match of {
                EndpointType::Gateway => Self::Gateway,
                EndpointType::Interface => Self::Interface,
            }
        }
    }
    #[cfg(test)]
    mod tests {
        use super::*;

        #[test]
        fn states_are_understood_however_they_are_spelled() {
            let endpoint =
                |word: &str| types::VpcEndpoint::builder().state(word.into()).failure_reason("no room").build();
            assert_eq!(state(&endpoint("available"), true), State::Ready);
            assert_eq!(state(&endpoint("Available"), true), State::Ready);
            assert!(matches!(state(&endpoint("available"), false), State::Pending(_)));
            assert!(matches!(state(&endpoint("PendingAcceptance"), true), State::Pending(_)));
            assert_eq!(state(&endpoint("failed"), true), State::Broken("failed: no room".to_owned()));
            assert_eq!(state(&endpoint("Rejected"), true), State::Broken("rejected: no room".to_owned()));
        }
    }
}
