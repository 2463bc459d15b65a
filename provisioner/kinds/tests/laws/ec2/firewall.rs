//! Laws of security groups and their rules.

use aws_sdk_ec2::types::{
    IpPermission, IpRange, SecurityGroupRuleRequest, SecurityGroupRuleUpdate, Tag, TagSpecification,
};
use engine::{Class, State};
use kinds::{
    Live, SecurityGroup, SecurityGroupRule, Seen,
    security_group_rule::{Direction, Peer},
};
use model::Tags;

use super::network::{Network, at, https};

#[tokio::test]
async fn security_groups_keep_the_laws() {
    let network = Network::new().await;
    network.world.keeps_the_laws("alb", network.group_spec("alb"), []).await;
}

#[tokio::test]
async fn a_new_group_lets_nothing_out() {
    let network = Network::new().await;
    let (world, address) = (&network.world, at::<SecurityGroup>("alb"));
    let want = network.group_spec("alb");
    let made = SecurityGroup::create(&world.aws, &address, &want).await.expect("a group");
    let (spec, state, identity) = (want.clone(), made.state, String::new());
    let new = Seen { address: address.clone(), spec, outputs: made.outputs, state, identity };
    for _ in 0..2 {
        SecurityGroup::update(&world.aws, &new, &want, &made.left).await.expect("an update, also again");
        assert_eq!(world.find(&address, &want).await.expect("the group").spec, want);
    }
}

#[tokio::test]
async fn security_group_rules_keep_the_laws() {
    let network = Network::new().await;
    let (one, other) = (network.group("one").await, network.group("other").await);
    let list = network.prefix_list().await;
    let rules = [
        ("cidr", Direction::Ingress, Peer::Cidr("10.0.0.0/8".into())),
        ("group", Direction::Ingress, Peer::Group(other.as_str().into())),
        ("list", Direction::Egress, Peer::PrefixList(list.as_str().into())),
    ];
    for (name, direction, peer) in rules {
        network.world.keeps_the_laws(name, https(&one, direction, peer), []).await;
    }
}

/// A group of ours with one rule of ours, open to 10.0.0.0/8.
struct Guarded {
    network: Network,
    group: String,
    rule: String,
    want: SecurityGroup,
    want_rule: SecurityGroupRule,
}

impl Guarded {
    async fn new() -> Self {
        let network = Network::new().await;
        let (group, want) = (network.group("alb").await, network.group_spec("alb"));
        let want_rule = https(&group, Direction::Ingress, Peer::Cidr("10.0.0.0/8".into()));
        let rule = network.world.make(&at::<SecurityGroupRule>("clients"), &want_rule).await;
        let rule = rule.output(SecurityGroupRule::ID).expect("an id");
        Self { network, group, rule, want, want_rule }
    }

    /// Checks what is reported as unexpected, and that an update takes it out.
    async fn loses(&self, unexpected: &str) {
        let world = &self.network.world;
        let seen = world.find(&at::<SecurityGroup>("alb"), &self.want).await.expect("the group");
        assert_eq!(seen.spec.unexpected_rules, [unexpected]);
        world.change(seen, &self.want).await;
    }

    async fn rule_is_there(&self) -> bool {
        self.network.world.find(&at::<SecurityGroupRule>("clients"), &self.want_rule).await.is_some()
    }
}

#[tokio::test]
async fn a_rule_that_nobody_declared_is_seen_and_taken_out() {
    let guarded = Guarded::new().await;
    let everywhere = IpRange::builder().cidr_ip("0.0.0.0/0").build();
    let all = IpPermission::builder().ip_protocol("-1").ip_ranges(everywhere).build();
    let call = guarded.network.world.aws.ec2.authorize_security_group_egress().group_id(&guarded.group);
    call.ip_permissions(all).send().await.expect("a rule");

    guarded.loses("egress all all 0.0.0.0/0").await;
    assert!(guarded.rule_is_there().await, "our own rule is left alone");
}

#[tokio::test]
async fn a_rule_that_came_after_the_reading_is_left_for_the_next() {
    let guarded = Guarded::new().await;
    let world = &guarded.network.world;
    let seen = world.find(&at::<SecurityGroup>("alb"), &guarded.want).await.expect("the group");
    let call = world.aws.ec2.authorize_security_group_ingress().group_id(&guarded.group);
    call.ip_protocol("udp").from_port(53).to_port(53).cidr_ip("10.0.0.0/8").send().await.expect("a rule");

    let fields = ["unexpected_rules".to_owned()];
    SecurityGroup::update(&world.aws, &seen, &guarded.want, &fields).await.expect("an update");
    guarded.loses("ingress udp 53 10.0.0.0/8").await;
}

#[tokio::test]
async fn a_rule_of_ours_that_was_opened_counts_as_undeclared() {
    let guarded = Guarded::new().await;
    let rule = SecurityGroupRuleRequest::builder().ip_protocol("tcp").from_port(0).to_port(65535);
    let rule = rule.cidr_ipv4("10.0.0.0/8").build();
    let update = SecurityGroupRuleUpdate::builder().security_group_rule_id(&guarded.rule).security_group_rule(rule);
    let call = guarded.network.world.aws.ec2.modify_security_group_rules().group_id(&guarded.group);
    call.security_group_rules(update.build()).send().await.expect("a changed rule");

    assert!(!guarded.rule_is_there().await, "it is not what we declare");
    guarded.loses("ingress tcp 0-65535 10.0.0.0/8").await;
}

#[tokio::test]
async fn a_moved_rule_of_ours_is_seen_where_it_is() {
    let guarded = Guarded::new().await;
    let rule = SecurityGroupRuleRequest::builder().ip_protocol("tcp").from_port(22).to_port(22);
    let rule = rule.cidr_ipv4("10.0.0.0/8").build();
    let update = SecurityGroupRuleUpdate::builder().security_group_rule_id(&guarded.rule).security_group_rule(rule);
    let world = &guarded.network.world;
    let call = world.aws.ec2.modify_security_group_rules().group_id(&guarded.group);
    call.security_group_rules(update.build()).send().await.expect("a changed rule");

    let seen = world.find(&at::<SecurityGroupRule>("clients"), &guarded.want_rule).await.expect("the rule");
    assert_eq!(seen.spec.port, 22);
}

#[tokio::test]
async fn a_group_of_somebody_else_in_our_place_is_foreign() {
    let network = Network::new().await;
    let (world, want) = (&network.world, network.group_spec("alb"));
    let call = world.aws.ec2.create_security_group().vpc_id(want.vpc.as_str()).description("theirs");
    call.group_name(&want.name).send().await.expect("a group");

    let seen = world.find(&at::<SecurityGroup>("alb"), &want).await.expect("what is in the way");
    assert!(matches!(seen.state, State::Foreign(_)), "{:?}", seen.state);
    let answer = SecurityGroup::create(&world.aws, &at::<SecurityGroup>("alb"), &want).await;
    assert_eq!(answer.expect_err("the name is taken").class, Class::Exists);
}

#[tokio::test]
async fn a_group_of_another_environment_is_not_seen() {
    let network = Network::new().await;
    let tags = [(Tags::PLATFORM, "laws"), (Tags::ENVIRONMENT, "other"), (Tags::ADDRESS, "laws/security-group/alb")];
    let tags = tags.map(|(key, value)| Tag::builder().key(key).value(value).build());
    let tags = TagSpecification::builder().resource_type("security-group".into()).set_tags(Some(tags.into())).build();
    let call = network.world.aws.ec2.create_security_group().vpc_id(network.vpc().as_str()).description("theirs");
    call.group_name("laws-other-alb").tag_specifications(tags).send().await.expect("a group");

    assert!(network.world.find(&at::<SecurityGroup>("alb"), &network.group_spec("alb")).await.is_none());
}
