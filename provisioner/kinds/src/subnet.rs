//! Subnets (`ec2:*Subnet*`). Found by tag. Nothing in this spec can change in place.

use model::{AzId, Calls, Cidr, CreateSafety, Facts, Field, Input, Kind, Output, SubnetId, VpcId};
use serde::{Deserialize, Serialize};

/// One availability zone's slice of a VPC.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Subnet {
    /// The VPC that contains it.
    pub vpc: Input<VpcId>,
    /// IPv4 block, /16 to /28, inside the VPC's block. AWS keeps 5 addresses of it.
    pub cidr: Cidr,
    /// Zone id (`euw1-az1`), not zone name: names differ between accounts.
    pub zone: AzId,
}

impl Subnet {
    pub const ID: Field<Self, SubnetId> = Field::new("id");
}

impl Kind for Subnet {
    const FACTS: Facts = Facts {
        kind: "subnet",
        title: "subnet",
        replace_on: &["cidr", "vpc", "zone"],
        // What has interfaces in the old one leaves it for the new one: AWS deletes no subnet that is in use.
        create_first: true,
        outputs: &[Output::created("id")],
        calls: Calls { create: &["ec2:CreateSubnet"], delete: &["ec2:DeleteSubnet"], ..Calls::NONE },
        ..Facts::of(CreateSafety::TagFirst)
    };
}

#[cfg(feature = "live")]
mod live {
    use aws_sdk_ec2::types::{self, ResourceType, SubnetState};
    use engine::{CallError, Made, State};
    use model::{Address, Kind as _};

    use super::Subnet;
    use crate::{
        Live, Seen, Wanted,
        aws::{Aws, absent, ec2, outputs, pending, ready},
    };

    impl Live for Subnet {
        async fn read(aws: &Aws, wanted: &[Wanted<Self>]) -> Result<Vec<Seen<Self>>, CallError> {
            if !ec2::has_networks(aws, wanted.iter().map(|wanted| &wanted.spec.vpc)).await? {
                return Ok(Vec::new());
            }
            let found = ec2::subnets(aws).await?;
            Ok(found.iter().cloned().filter_map(|subnet| seen(aws, subnet)).collect())
        }

        async fn create(aws: &Aws, at: &Address, want: &Self) -> Result<Made, CallError> {
            let call = aws
                .ec2
                .create_subnet()
                .vpc_id(want.vpc.as_str())
                .cidr_block(want.cidr.as_str())
                .availability_zone_id(want.zone.as_str())
                .tag_specifications(ec2::tags(aws, at, ResourceType::Subnet));
            let made = aws.call("ec2:CreateSubnet", at, call.send()).await?.subnet;
            let made = aws.sent(at, "subnet", made)?;
            let id = aws.sent(at, "subnetId", made.subnet_id)?;
            Ok(match state(made.state.as_ref()) {
                State::Pending(why) => pending(outputs([(Self::ID.name, id)]), &why),
                _ => ready(outputs([(Self::ID.name, id)])),
            })
        }

        async fn delete(aws: &Aws, seen: &Seen<Self>) -> Result<(), CallError> {
            let call = aws.ec2.delete_subnet().set_subnet_id(seen.output(Self::ID));
            absent(aws.call("ec2:DeleteSubnet", &seen.address, call.send()).await).map(drop)
        }
    }

    fn seen(aws: &Aws, subnet: types::Subnet) -> Option<Seen<Subnet>> {
        let id = subnet.subnet_id?;
        Some(Seen {
            address: ec2::address(aws, Subnet::FACTS.kind, subnet.tags.as_deref())?,
            spec: Subnet {
                vpc: subnet.vpc_id?.into(),
                cidr: subnet.cidr_block?.into(),
                zone: subnet.availability_zone_id?.into(),
            },
            outputs: outputs([(Subnet::ID.name, id.clone())]),
            state: state(subnet.state.as_ref()),
            identity: id,
        })
    }

    fn state(state: Option<&SubnetState>) -> State {
        match state {
            Some(SubnetState::Pending) => State::Pending("pending".to_owned()),
            _ => State::Ready,
        }
    }
}
