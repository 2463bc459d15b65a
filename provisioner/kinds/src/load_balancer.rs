//! Application load balancers (`elasticloadbalancing:*LoadBalancer*`), always internal. Found by name, confirmed by tags.
//! What the create call does not take are its `LoadBalancerAttributes`.

use model::{
    Calls, CreateSafety, DnsName, Facts, Field, Input, Kind, LoadBalancerArn, Output, SecurityGroupId, SubnetId, ZoneId,
};
use serde::{Deserialize, Serialize};

use crate::unordered::unordered;

/// An internal application load balancer.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LoadBalancer {
    /// At most 32 of `[A-Za-z0-9-]`, not starting with `internal-`.
    pub name: String,
    /// Two or more zones, one subnet each.
    #[serde(deserialize_with = "unordered")]
    pub subnets: Vec<Input<SubnetId>>,
    #[serde(deserialize_with = "unordered")]
    pub security_groups: Vec<Input<SecurityGroupId>>,
}

impl LoadBalancer {
    pub const ARN: Field<Self, LoadBalancerArn> = Field::new("arn");
    pub const DNS_NAME: Field<Self, DnsName> = Field::new("dns_name");
    /// The hosted zone that alias records name.
    pub const ZONE_ID: Field<Self, ZoneId> = Field::new("zone_id");
}

impl Kind for LoadBalancer {
    const FACTS: Facts = Facts {
        kind: "load-balancer",
        title: "load balancer",
        replace_on: &["name"],
        create_first: true,
        outputs: &[Output::created("arn"), Output::created("dns_name"), Output::created("zone_id")],
        calls: Calls {
            create: &["elasticloadbalancing:CreateLoadBalancer"],
            delete: &["elasticloadbalancing:DeleteLoadBalancer"],
            also: &[
                "elasticloadbalancing:ModifyLoadBalancerAttributes",
                "elasticloadbalancing:SetSecurityGroups",
                "elasticloadbalancing:SetSubnets",
            ],
            ..Calls::NONE
        },
        typical_seconds: 150,
        deadline_seconds: 600,
        ..Facts::of(CreateSafety::Named)
    };
}

#[cfg(feature = "live")]
mod live {
    use aws_sdk_elasticloadbalancingv2::types::{
        self, IpAddressType, LoadBalancerAttribute, LoadBalancerSchemeEnum, LoadBalancerState, LoadBalancerStateEnum,
        LoadBalancerTypeEnum,
    };
    use engine::{CallError, Made, State};
    use futures::future::try_join;
    use model::{Address, Input, Outputs};

    use super::LoadBalancer;
    use crate::{
        Live, Seen, Wanted,
        aws::{
            Aws, absent,
            elb::{self, Claim},
            normal::{identity, texts},
            outputs,
            owner::foreign,
        },
        unordered::in_order,
    };

    const PROTECTION: &str = "deletion_protection.enabled";

    impl Live for LoadBalancer {
        async fn read(aws: &Aws, wanted: &[Wanted<Self>]) -> Result<Vec<Seen<Self>>, CallError> {
            let (balancers, owners) = try_join(elb::load_balancers(aws), elb::owners(aws)).await?;
            let claimed = balancers.iter().filter_map(|found| {
                let is_named_so = |want: &Self| found.load_balancer_name.as_deref() == Some(&want.name);
                Some(seen(found, elb::claim(&owners, found.load_balancer_arn()?, wanted, is_named_so)?))
            });
            Ok(claimed.collect())
        }

        async fn create(aws: &Aws, at: &Address, want: &Self) -> Result<Made, CallError> {
            let call = aws
                .elb
                .create_load_balancer()
                .name(&want.name)
                .r#type(LoadBalancerTypeEnum::Application)
                .scheme(LoadBalancerSchemeEnum::Internal)
                .ip_address_type(IpAddressType::Ipv4)
                .set_subnets(texts(&want.subnets))
                .set_security_groups(texts(&want.security_groups))
                .set_tags(elb::tags(aws, at));
            let made = aws.call("elasticloadbalancing:CreateLoadBalancer", at, call.send()).await?.load_balancers;
            let made = aws.sent(at, "LoadBalancers", made.unwrap_or_default().pop())?;
            Ok(Made::new(identifiers(&made), state(made.state.as_ref())))
        }

        async fn update(aws: &Aws, seen: &Seen<Self>, want: &Self, fields: &[String]) -> Result<Made, CallError> {
            let (at, arn) = (&seen.address, seen.output(Self::ARN));
            let changes = |name: &str| fields.iter().any(|field| field == name);
            if changes("subnets") {
                let call = aws.elb.set_subnets().set_load_balancer_arn(arn.clone()).set_subnets(texts(&want.subnets));
                aws.call("elasticloadbalancing:SetSubnets", at, call.send()).await?;
            }
            if changes("security_groups") {
                let groups = texts(&want.security_groups);
                let call = aws.elb.set_security_groups().set_load_balancer_arn(arn).set_security_groups(groups);
                aws.call("elasticloadbalancing:SetSecurityGroups", at, call.send()).await?;
            }
            Ok(Made::new(seen.outputs.clone(), seen.state.clone()))
        }

        /// Whoever deletes it was asked already: the protection is against everybody else.
        async fn delete(aws: &Aws, seen: &Seen<Self>) -> Result<(), CallError> {
            match absent(delete(aws, seen).await) {
                Err(error) if error.message.to_lowercase().contains("protect") => {
                    unprotect(aws, seen).await?;
                    absent(delete(aws, seen).await).map(drop)
                }
                answer => answer.map(drop),
            }
        }
    }

    async fn delete(aws: &Aws, seen: &Seen<LoadBalancer>) -> Result<(), CallError> {
        let call = aws.elb.delete_load_balancer().set_load_balancer_arn(seen.output(LoadBalancer::ARN));
        aws.call("elasticloadbalancing:DeleteLoadBalancer", &seen.address, call.send()).await.map(drop)
    }

    async fn unprotect(aws: &Aws, seen: &Seen<LoadBalancer>) -> Result<(), CallError> {
        let off = LoadBalancerAttribute::builder().key(PROTECTION).value("false").build();
        let call = aws.elb.modify_load_balancer_attributes().set_load_balancer_arn(seen.output(LoadBalancer::ARN));
        let call = call.attributes(off).send();
        aws.call("elasticloadbalancing:ModifyLoadBalancerAttributes", &seen.address, call).await.map(drop)
    }

    fn seen(found: &types::LoadBalancer, claim: Claim<'_, LoadBalancer>) -> Seen<LoadBalancer> {
        let address = match claim {
            Claim::Ours(address, _) => address,
            Claim::Foreign(wanted) => return foreign(wanted, "a load balancer of this name"),
        };
        let arn = found.load_balancer_arn().unwrap_or_default();
        Seen {
            address,
            spec: spec(found),
            outputs: identifiers(found),
            state: state(found.state.as_ref()),
            identity: identity(found.created_time(), arn),
        }
    }

    fn spec(found: &types::LoadBalancer) -> LoadBalancer {
        let subnets = found.availability_zones().iter().filter_map(|zone| zone.subnet_id.clone());
        LoadBalancer {
            name: found.load_balancer_name.clone().unwrap_or_default(),
            subnets: in_order(subnets.map(Input::from)),
            security_groups: in_order(found.security_groups().iter().cloned().map(Input::from)),
        }
    }

    /// DNS names are told in lower case, as Route 53 reads them back.
    fn identifiers(found: &types::LoadBalancer) -> Outputs {
        let (dns_name, zone) = (found.dns_name().map(str::to_ascii_lowercase), found.canonical_hosted_zone_id());
        let pairs = [
            (LoadBalancer::ARN.name, found.load_balancer_arn.clone()),
            (LoadBalancer::DNS_NAME.name, dns_name),
            (LoadBalancer::ZONE_ID.name, zone.map(str::to_owned)),
        ];
        outputs(pairs.into_iter().filter_map(|(name, value)| Some((name, value?))))
    }

    fn state(state: Option<&LoadBalancerState>) -> State {
        let why = || state.and_then(LoadBalancerState::reason).unwrap_or("failed").to_owned();
        match state.and_then(LoadBalancerState::code) {
            Some(LoadBalancerStateEnum::Provisioning) => State::Pending("provisioning".to_owned()),
            Some(LoadBalancerStateEnum::Failed) => State::Broken(why()),
            _ => State::Ready,
        }
    }
}
