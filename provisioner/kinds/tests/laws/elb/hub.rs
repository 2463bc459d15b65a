//! What the objects under test stand on, made without the kinds.
//!
//! These kinds find their objects by names that are their own, so one account serves all tests: a new one costs the
//! emulator half a second and some 40 MB. Every test has a name of its own for all it makes.

use kinds::{
    Listener, ListenerRule, LoadBalancer, TargetGroup,
    listener_rule::{RuleAction, RuleCondition},
};
use model::{Address, Input, Kind, SecurityGroupId, SubnetId, VpcId};

use crate::world::World;

/// A VPC with subnets in three zones and two security groups.
pub(super) struct Hub {
    /// Part of every name.
    test: &'static str,
    pub(super) world: World,
    pub(super) vpc: Input<VpcId>,
    pub(super) subnets: Vec<Input<SubnetId>>,
    pub(super) groups: Vec<Input<SecurityGroupId>>,
}

pub(super) fn at<K: Kind>(name: &str) -> Address {
    Address::new("laws", K::FACTS.kind, name)
}

/// The account of this group of tests.
pub(super) async fn shared() -> World {
    World::at(&format!("{:012}", 700_000_000_000 + u64::from(std::process::id()))).await
}

impl Hub {
    pub(super) async fn new(test: &'static str) -> Self {
        let world = shared().await;
        let vpc = world.vpc("10.0.0.0/16").await;
        let mut subnets = Vec::new();
        for (number, zone) in ["euw1-az1", "euw1-az2", "euw1-az3"].into_iter().enumerate() {
            subnets.push(world.subnet(&vpc, &format!("10.0.{number}.0/24"), zone).await.into());
        }
        let groups = vec![world.group(&vpc, "one").await.into(), world.group(&vpc, "other").await.into()];
        Self { test, world, vpc: vpc.into(), subnets, groups }
    }

    pub(super) fn load_balancer(&self) -> LoadBalancer {
        LoadBalancer {
            name: format!("laws-{}", self.test),
            subnets: vec![self.subnets[1].clone(), self.subnets[0].clone()],
            security_groups: vec![self.groups[0].clone()],
        }
    }

    pub(super) fn target_group(&self) -> TargetGroup {
        TargetGroup {
            name: format!("laws-{}", self.test),
            vpc: self.vpc.clone(),
            port: 443,
            matcher: "200,403".to_owned(),
            health_path: "/".to_owned(),
            interval_seconds: 10,
            healthy_threshold: 2,
            unhealthy_threshold: 3,
        }
    }

    /// At a load balancer of its own.
    pub(super) async fn listener(&self) -> Listener {
        let balancer = self.world.make(&at::<LoadBalancer>(self.test), &self.load_balancer()).await;
        Listener {
            load_balancer: balancer.output(LoadBalancer::ARN).expect("an ARN").into(),
            port: 443,
            tls_policy: "ELBSecurityPolicy-TLS13-1-2-2021-06".to_owned(),
            certificate: self.world.certificate("hub.internal.example").await.into(),
            default_status: 404,
        }
    }

    /// A host rule of a listener and a target group of their own.
    pub(super) async fn rule(&self) -> ListenerRule {
        let listener = self.world.make(&at::<Listener>(self.test), &self.listener().await).await;
        let group = self.world.make(&at::<TargetGroup>(self.test), &self.target_group()).await;
        ListenerRule {
            listener: listener.output(Listener::ARN).expect("an ARN").into(),
            priority: None,
            condition: RuleCondition::Host(vec!["food.internal.example".to_owned()]),
            action: RuleAction::Forward(group.output(TargetGroup::ARN).expect("an ARN").into()),
        }
    }
}

impl World {
    pub(super) async fn vpc(&self, cidr: &str) -> String {
        let vpc = self.aws.ec2.create_vpc().cidr_block(cidr).send().await.expect("a VPC").vpc;
        vpc.and_then(|vpc| vpc.vpc_id).expect("an id")
    }

    async fn subnet(&self, vpc: &str, cidr: &str, zone: &str) -> String {
        let call = self.aws.ec2.create_subnet().vpc_id(vpc).cidr_block(cidr).availability_zone_id(zone);
        let subnet = call.send().await.expect("a subnet").subnet;
        subnet.and_then(|subnet| subnet.subnet_id).expect("an id")
    }

    async fn group(&self, vpc: &str, name: &str) -> String {
        let call = self.aws.ec2.create_security_group().vpc_id(vpc).group_name(name).description(name);
        call.send().await.expect("a security group").group_id.expect("an id")
    }

    /// A certificate that no kind made.
    pub(super) async fn certificate(&self, name: &str) -> String {
        let call = self.aws.acm.request_certificate().domain_name(name);
        call.send().await.expect("a certificate").certificate_arn.expect("an ARN")
    }
}
