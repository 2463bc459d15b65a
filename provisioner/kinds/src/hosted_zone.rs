//! Private hosted zones (`route53:*HostedZone*`). Found by name and caller reference: the create call takes no tags.

use model::{Calls, CreateSafety, DnsName, Facts, Field, Input, Kind, Output, VpcId, ZoneId};
use serde::{Deserialize, Serialize};

/// A private zone that one VPC resolves.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HostedZone {
    /// Without a trailing dot.
    pub name: DnsName,
    pub vpc: Input<VpcId>,
}

impl HostedZone {
    pub const ID: Field<Self, ZoneId> = Field::new("id");
}

impl Kind for HostedZone {
    const FACTS: Facts = Facts {
        kind: "hosted-zone",
        title: "hosted zone",
        replace_on: &["name"],
        outputs: &[Output::created("id")],
        calls: Calls {
            create: &["route53:CreateHostedZone", "route53:ChangeTagsForResource"],
            delete: &["route53:DeleteHostedZone"],
            also: &["route53:AssociateVPCWithHostedZone", "route53:DisassociateVPCFromHostedZone"],
            ..Calls::NONE
        },
        ..Facts::of(CreateSafety::Token)
    };
}

#[cfg(feature = "live")]
mod live {
    use aws_sdk_route53::types::{self, HostedZoneConfig, Tag, TagResourceType, Vpc, VpcRegion};
    use engine::{CallError, Made, State};
    use futures::future::try_join_all;
    use model::{Address, VpcId};

    use super::HostedZone;
    use crate::{
        Live, Seen, Wanted,
        aws::{Aws, absent, ec2, outputs, ready, route53},
    };

    /// What the create call leaves. The tags are for people: whose the zone is says its caller reference.
    const TAGS: &str = "tags";
    /// `ChangeTagsForResource` takes no more.
    const TAGS_PER_CALL: usize = 10;

    impl Live for HostedZone {
        async fn read(aws: &Aws, wanted: &[Wanted<Self>]) -> Result<Vec<Seen<Self>>, CallError> {
            let zones = route53::zones(aws).await?;
            let found = zones.iter().filter(|zone| is_private(zone)).map(|zone| look(aws, zone, wanted));
            Ok(try_join_all(found).await?.into_iter().flatten().collect())
        }

        async fn create(aws: &Aws, at: &Address, want: &Self) -> Result<Made, CallError> {
            let call = aws
                .route53
                .create_hosted_zone()
                .name(want.name.as_str())
                .vpc(vpc(aws, want.vpc.known()))
                .hosted_zone_config(HostedZoneConfig::builder().private_zone(true).build())
                .caller_reference(format!("{}{at}/{}", route53::reference(aws), aws.run(at)));
            let made = aws.call("route53:CreateHostedZone", at, call.send()).await?.hosted_zone;
            let id = route53::id(&aws.sent(at, "HostedZone", made)?);
            Ok(Made { left: vec![TAGS.to_owned()], ..ready(outputs([(Self::ID.name, id)])) })
        }

        async fn update(aws: &Aws, seen: &Seen<Self>, want: &Self, fields: &[String]) -> Result<Made, CallError> {
            let id = aws.sent(&seen.address, Self::ID.name, seen.output(Self::ID))?;
            for field in fields {
                match field.as_str() {
                    TAGS => tag(aws, &seen.address, &id).await?,
                    "vpc" => move_to(aws, seen, &id, want.vpc.known()).await?,
                    _ => {}
                }
            }
            Ok(ready(seen.outputs.clone()))
        }

        /// AWS refuses while there is a record beside the two that it made itself.
        async fn delete(aws: &Aws, seen: &Seen<Self>) -> Result<(), CallError> {
            let call = aws.route53.delete_hosted_zone().set_id(seen.output(Self::ID));
            absent(aws.call("route53:DeleteHostedZone", &seen.address, call.send()).await).map(drop)
        }
    }

    async fn tag(aws: &Aws, at: &Address, id: &str) -> Result<(), CallError> {
        let tags = aws.tags(at).0.into_iter().map(|(key, value)| Tag::builder().key(key).value(value).build());
        for some in tags.collect::<Vec<_>>().chunks(TAGS_PER_CALL) {
            let call = aws.route53.change_tags_for_resource().resource_type(TagResourceType::Hostedzone);
            let call = call.resource_id(id).set_add_tags(Some(some.to_vec()));
            aws.call("route53:ChangeTagsForResource", at, call.send()).await?;
        }
        Ok(())
    }

    /// The new one first: a private zone is never without a VPC.
    async fn move_to(aws: &Aws, seen: &Seen<HostedZone>, id: &str, to: &VpcId) -> Result<(), CallError> {
        let call = aws.route53.associate_vpc_with_hosted_zone().hosted_zone_id(id).vpc(vpc(aws, to));
        aws.call("route53:AssociateVPCWithHostedZone", &seen.address, call.send()).await?;
        let from = seen.spec.vpc.known();
        let call = aws.route53.disassociate_vpc_from_hosted_zone().hosted_zone_id(id).vpc(vpc(aws, from));
        absent(aws.call("route53:DisassociateVPCFromHostedZone", &seen.address, call.send()).await).map(drop)
    }

    fn vpc(aws: &Aws, id: &VpcId) -> Vpc {
        Vpc::builder().vpc_id(id.as_str()).vpc_region(VpcRegion::from(aws.region.as_str())).build()
    }

    fn is_private(zone: &types::HostedZone) -> bool {
        zone.config().is_some_and(|config| config.private_zone)
    }

    /// Which VPCs resolve a zone says only the zone itself; asked for ours and for those of a wanted name.
    async fn look(
        aws: &Aws,
        zone: &types::HostedZone,
        wanted: &[Wanted<HostedZone>],
    ) -> Result<Option<Seen<HostedZone>>, CallError> {
        let name = route53::name(&zone.name);
        let owner = route53::owner(aws, zone);
        let want = wanted.iter().find(|wanted| match &owner {
            Some(address) => wanted.address == *address,
            None => wanted.spec.name.as_str() == name,
        });
        if owner.is_none() && want.is_none() {
            return Ok(None);
        }
        let answer = aws.list("route53:GetHostedZone", aws.route53.get_hosted_zone().id(&zone.id).send()).await;
        let Some(answer) = absent(answer)? else { return Ok(None) };
        let vpcs: Vec<String> = answer.vpcs.unwrap_or_default().into_iter().filter_map(|vpc| vpc.vpc_id).collect();
        let own = own_vpc(aws, want, &vpcs).await?.cloned();
        Ok(seen(zone, owner, want, own, vpcs))
    }

    /// Of the VPCs that resolve a zone the wanted one; while that is not known, one of ours.
    async fn own_vpc<'a>(
        aws: &Aws,
        want: Option<&Wanted<HostedZone>>,
        vpcs: &'a [String],
    ) -> Result<Option<&'a String>, CallError> {
        if let Some(wanted) = want.and_then(|wanted| wanted.spec.vpc.if_known()) {
            return Ok(vpcs.iter().find(|vpc| *vpc == wanted.as_str()));
        }
        let ours = ec2::vpcs(aws).await?;
        Ok(vpcs.iter().find(|vpc| ours.iter().any(|our| our.vpc_id() == Some(vpc.as_str()))))
    }

    /// Further VPCs that somebody added stay. A zone that is not ours is in the way only where it has our VPC.
    fn seen(
        zone: &types::HostedZone,
        owner: Option<Address>,
        want: Option<&Wanted<HostedZone>>,
        own: Option<String>,
        vpcs: Vec<String>,
    ) -> Option<Seen<HostedZone>> {
        let (address, state) = match owner {
            Some(address) => (address, State::Ready),
            None => {
                let why = format!("the VPC resolves another private zone `{}`, which we did not make", zone.name);
                (want.filter(|_| own.is_some())?.address.clone(), State::Foreign(why))
            }
        };
        let id = route53::id(zone);
        let vpc = own.or_else(|| vpcs.into_iter().next()).unwrap_or_default();
        Some(Seen {
            address,
            spec: HostedZone { name: route53::name(&zone.name).into(), vpc: vpc.into() },
            outputs: outputs([(HostedZone::ID.name, id.clone())]),
            state,
            identity: id,
        })
    }
}
