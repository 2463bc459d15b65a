//! VPCs (`ec2:*Vpc*`), with their DNS attributes. Found by tag.

use model::{Calls, Cidr, CreateSafety, Facts, Field, Kind, Output, VpcId};
use serde::{Deserialize, Serialize};

/// A network of its own.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Vpc {
    /// IPv4 block, /16 to /28, without host bits.
    pub cidr: Cidr,
    pub dns_support: bool,
    pub dns_hostnames: bool,
}

impl Vpc {
    pub const ID: Field<Self, VpcId> = Field::new("id");
}

impl Kind for Vpc {
    const FACTS: Facts = Facts {
        kind: "vpc",
        title: "VPC",
        replace_on: &["cidr"],
        create_first: true,
        outputs: &[Output::created("id")],
        calls: Calls {
            create: &["ec2:CreateVpc"],
            update: &["ec2:ModifyVpcAttribute"],
            delete: &["ec2:DeleteVpc"],
            also: &["ec2:ModifyVpcAttribute"],
        },
        ..Facts::of(CreateSafety::TagFirst)
    };
}

#[cfg(feature = "live")]
mod live {
    use aws_sdk_ec2::types::{self, AttributeBooleanValue, ResourceType, VpcAttributeName, VpcState};
    use engine::{CallError, Made, State};
    use futures::{future::try_join_all, try_join};
    use model::{Address, Kind as _};

    use super::Vpc;
    use crate::{
        Live, Seen, Wanted,
        aws::{Aws, absent, ec2, outputs, ready},
    };

    impl Live for Vpc {
        async fn read(aws: &Aws, wanted: &[Wanted<Self>]) -> Result<Vec<Seen<Self>>, CallError> {
            let found = ec2::vpcs(aws).await?;
            let found = try_join_all(found.iter().cloned().map(|vpc| seen(aws, vpc, wanted))).await?;
            Ok(found.into_iter().flatten().collect())
        }

        async fn create(aws: &Aws, at: &Address, want: &Self) -> Result<Made, CallError> {
            let tags = ec2::tags(aws, at, ResourceType::Vpc);
            let call = aws.ec2.create_vpc().cidr_block(want.cidr.as_str()).tag_specifications(tags);
            let made = aws.call("ec2:CreateVpc", at, call.send()).await?.vpc;
            let made = aws.sent(at, "vpc", made)?;
            let id = aws.sent(at, "vpcId", made.vpc_id)?;
            let outputs = outputs([(Self::ID.name, id)]);
            Ok(Made { left: left(want), ..Made::new(outputs, state(made.state.as_ref())) })
        }

        async fn update(aws: &Aws, seen: &Seen<Self>, want: &Self, fields: &[String]) -> Result<Made, CallError> {
            let (at, id) = (&seen.address, seen.output(Self::ID).unwrap_or_default());
            let named = |field: &str| fields.iter().any(|named| named == field);
            // Host names need DNS support: they go off before it and on after it.
            if named("dns_hostnames") && !want.dns_hostnames {
                set(aws, at, &id, VpcAttributeName::EnableDnsHostnames, false).await?;
            }
            if named("dns_support") {
                set(aws, at, &id, VpcAttributeName::EnableDnsSupport, want.dns_support).await?;
            }
            if named("dns_hostnames") && want.dns_hostnames {
                set(aws, at, &id, VpcAttributeName::EnableDnsHostnames, true).await?;
            }
            Ok(Made { state: seen.state.clone(), ..ready(seen.outputs.clone()) })
        }

        async fn delete(aws: &Aws, seen: &Seen<Self>) -> Result<(), CallError> {
            let call = aws.ec2.delete_vpc().set_vpc_id(seen.output(Self::ID));
            absent(aws.call("ec2:DeleteVpc", &seen.address, call.send()).await).map(drop)
        }
    }

    /// A new VPC has DNS support and no host names.
    fn left(want: &Vpc) -> Vec<String> {
        let fields = [("dns_support", !want.dns_support), ("dns_hostnames", want.dns_hostnames)];
        fields.into_iter().filter(|(_, differs)| *differs).map(|(field, _)| field.to_owned()).collect()
    }

    /// AWS takes one attribute a call.
    async fn set(aws: &Aws, at: &Address, id: &str, name: VpcAttributeName, on: bool) -> Result<(), CallError> {
        let value = AttributeBooleanValue::builder().value(on).build();
        let call = aws.ec2.modify_vpc_attribute().vpc_id(id);
        let call = match name {
            VpcAttributeName::EnableDnsSupport => call.enable_dns_support(value),
            _ => call.enable_dns_hostnames(value),
        };
        aws.call("ec2:ModifyVpcAttribute", at, call.send()).await.map(drop)
    }

    async fn seen(aws: &Aws, vpc: types::Vpc, wanted: &[Wanted<Vpc>]) -> Result<Option<Seen<Vpc>>, CallError> {
        let owner = ec2::address(aws, Vpc::FACTS.kind, vpc.tags.as_deref());
        let (Some(address), Some(id), Some(cidr)) = (owner, vpc.vpc_id, vpc.cidr_block) else { return Ok(None) };
        // Host names are off unless somebody asks for them: a question only for whoever does.
        let may_have_hostnames = wanted.iter().any(|wanted| wanted.address == address && wanted.spec.dns_hostnames);
        let dns_support = attribute(aws, &address, &id, VpcAttributeName::EnableDnsSupport);
        let dns_hostnames = async {
            Ok(may_have_hostnames && attribute(aws, &address, &id, VpcAttributeName::EnableDnsHostnames).await?)
        };
        let (dns_support, dns_hostnames) = try_join!(dns_support, dns_hostnames)?;
        Ok(Some(Seen {
            address,
            spec: Vpc { cidr: cidr.into(), dns_support, dns_hostnames },
            outputs: outputs([(Vpc::ID.name, id.clone())]),
            state: state(vpc.state.as_ref()),
            identity: id,
        }))
    }

    /// AWS tells one attribute a call, and none of them when it lists VPCs.
    async fn attribute(aws: &Aws, at: &Address, id: &str, name: VpcAttributeName) -> Result<bool, CallError> {
        let call = aws.ec2.describe_vpc_attribute().vpc_id(id).attribute(name);
        let answer = aws.call("ec2:DescribeVpcAttribute", at, call.send()).await?;
        let value = answer.enable_dns_support.or(answer.enable_dns_hostnames).and_then(|value| value.value);
        Ok(value.unwrap_or_default())
    }

    fn state(state: Option<&VpcState>) -> State {
        match state {
            Some(VpcState::Pending) => State::Pending("pending".to_owned()),
            _ => State::Ready,
        }
    }
}
