//! Application load balancers (`elasticloadbalancing:*LoadBalancer*`), always internal. Found by name, confirmed by tags.

use model::{
    BucketName, CreateSafety, DnsName, Facts, Field, Input, Kind, LoadBalancerArn, Output, SecurityGroupId, SubnetId,
    ZoneId,
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
    /// Where access logs go; the bucket's policy must let them in first.
    pub access_logs: Input<BucketName>,
    pub drop_invalid_headers: bool,
    pub preserve_host: bool,
    pub deletion_protection: bool,
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
        typical_seconds: 150,
        deadline_seconds: 600,
        ..Facts::of(CreateSafety::Named)
    };
}

#[cfg(feature = "live")]
mod live {
    use std::collections::HashMap;

    use aws_sdk_elasticloadbalancingv2::types::{
        self, IpAddressType, LoadBalancerAttribute, LoadBalancerSchemeEnum, LoadBalancerState, LoadBalancerStateEnum,
        LoadBalancerTypeEnum,
    };
    use engine::{CallError, Made, State};
    use futures::future::{try_join, try_join_all};
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

    const LOGS: &str = "access_logs.s3.enabled";
    const LOG_BUCKET: &str = "access_logs.s3.bucket";
    const DROP_INVALID: &str = "routing.http.drop_invalid_header_fields.enabled";
    const PRESERVE_HOST: &str = "routing.http.preserve_host_header.enabled";
    const PROTECTION: &str = "deletion_protection.enabled";

    /// Fields that the create call does not take.
    const ATTRIBUTES: [&str; 4] = ["access_logs", "deletion_protection", "drop_invalid_headers", "preserve_host"];

    impl Live for LoadBalancer {
        async fn read(aws: &Aws, wanted: &[Wanted<Self>]) -> Result<Vec<Seen<Self>>, CallError> {
            let (balancers, owners) = try_join(elb::load_balancers(aws), elb::owners(aws)).await?;
            let claimed = balancers.iter().filter_map(|found| {
                let is_named_so = |want: &Self| found.load_balancer_name.as_deref() == Some(&want.name);
                Some((found, elb::claim(&owners, found.load_balancer_arn()?, wanted, is_named_so)?))
            });
            let found = try_join_all(claimed.map(|(found, claim)| seen(aws, found, claim))).await?;
            Ok(found.into_iter().flatten().collect())
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
            let left = ATTRIBUTES.map(str::to_owned).to_vec();
            Ok(Made { outputs: identifiers(&made), state: state(made.state.as_ref()), left })
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
                let call = aws.elb.set_security_groups().set_load_balancer_arn(arn.clone()).set_security_groups(groups);
                aws.call("elasticloadbalancing:SetSecurityGroups", at, call.send()).await?;
            }
            let attributes: Vec<_> = fields.iter().flat_map(|field| attributes(want, field)).collect();
            if !attributes.is_empty() {
                set_attributes(aws, at, arn, attributes).await?;
            }
            Ok(Made { outputs: seen.outputs.clone(), state: seen.state.clone(), left: Vec::new() })
        }

        /// Whoever deletes it was asked already: the protection is against everybody else.
        async fn delete(aws: &Aws, seen: &Seen<Self>) -> Result<(), CallError> {
            let arn = seen.output(Self::ARN);
            if seen.spec.deletion_protection {
                let lifted = set_attributes(aws, &seen.address, arn.clone(), vec![attribute(PROTECTION, "false")]);
                absent(lifted.await)?;
            }
            let call = aws.elb.delete_load_balancer().set_load_balancer_arn(arn);
            absent(aws.call("elasticloadbalancing:DeleteLoadBalancer", &seen.address, call.send()).await).map(drop)
        }
    }

    async fn set_attributes(
        aws: &Aws,
        at: &Address,
        arn: Option<String>,
        attributes: Vec<LoadBalancerAttribute>,
    ) -> Result<(), CallError> {
        let call = aws.elb.modify_load_balancer_attributes();
        let call = call.set_load_balancer_arn(arn).set_attributes(Some(attributes));
        aws.call("elasticloadbalancing:ModifyLoadBalancerAttributes", at, call.send()).await.map(drop)
    }

    fn attributes(want: &LoadBalancer, field: &str) -> Vec<LoadBalancerAttribute> {
        let switch = |key, on: bool| vec![attribute(key, if on { "true" } else { "false" })];
        match field {
            "access_logs" => vec![attribute(LOGS, "true"), attribute(LOG_BUCKET, want.access_logs.as_str())],
            "deletion_protection" => switch(PROTECTION, want.deletion_protection),
            "drop_invalid_headers" => switch(DROP_INVALID, want.drop_invalid_headers),
            "preserve_host" => switch(PRESERVE_HOST, want.preserve_host),
            _ => Vec::new(),
        }
    }

    fn attribute(key: &str, value: &str) -> LoadBalancerAttribute {
        LoadBalancerAttribute::builder().key(key).value(value).build()
    }

    /// None if it went away in the meantime.
    async fn attributes_of(aws: &Aws, arn: &str) -> Result<Option<HashMap<String, String>>, CallError> {
        let call = aws.elb.describe_load_balancer_attributes().load_balancer_arn(arn);
        let answer = aws.list("elasticloadbalancing:DescribeLoadBalancerAttributes", call.send()).await;
        let Some(answer) = absent(answer)? else { return Ok(None) };
        let attributes = answer.attributes.unwrap_or_default().into_iter();
        Ok(Some(attributes.filter_map(|attribute| Some((attribute.key?, attribute.value?))).collect()))
    }

    async fn seen(
        aws: &Aws,
        found: &types::LoadBalancer,
        claim: Claim<'_, LoadBalancer>,
    ) -> Result<Option<Seen<LoadBalancer>>, CallError> {
        let address = match claim {
            Claim::Ours(address, _) => address,
            Claim::Foreign(wanted) => return Ok(Some(foreign(wanted, "a load balancer of this name"))),
        };
        let arn = found.load_balancer_arn().unwrap_or_default();
        Ok(attributes_of(aws, arn).await?.map(|attributes| Seen {
            address,
            spec: spec(found, &attributes),
            outputs: identifiers(found),
            state: state(found.state.as_ref()),
            identity: identity(found.created_time(), arn),
        }))
    }

    fn spec(found: &types::LoadBalancer, attributes: &HashMap<String, String>) -> LoadBalancer {
        let is_on = |key: &str| attributes.get(key).is_some_and(|value| value == "true");
        let bucket = attributes.get(LOG_BUCKET).filter(|_| is_on(LOGS)).cloned().unwrap_or_default();
        let subnets = found.availability_zones().iter().filter_map(|zone| zone.subnet_id.clone());
        LoadBalancer {
            name: found.load_balancer_name.clone().unwrap_or_default(),
            subnets: in_order(subnets.map(Input::from)),
            security_groups: in_order(found.security_groups().iter().cloned().map(Input::from)),
            access_logs: bucket.into(),
            drop_invalid_headers: is_on(DROP_INVALID),
            preserve_host: is_on(PRESERVE_HOST),
            deletion_protection: is_on(PROTECTION),
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
