//! Security group rules (`ec2:AuthorizeSecurityGroup*`), TCP only. Found by tag. Nothing can change in place.

use model::{
    Calls, Cidr, CreateSafety, Facts, Field, Input, Kind, Output, PrefixListId, SecurityGroupId, SecurityGroupRuleId,
};
use serde::{Deserialize, Serialize};

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Direction {
    Egress,
    Ingress,
}

/// The other side.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Peer {
    Cidr(Cidr),
    Group(Input<SecurityGroupId>),
    PrefixList(Input<PrefixListId>),
}

/// Allows one TCP port to or from one peer.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SecurityGroupRule {
    pub group: Input<SecurityGroupId>,
    pub direction: Direction,
    pub port: u16,
    pub peer: Peer,
}

impl SecurityGroupRule {
    pub const ID: Field<Self, SecurityGroupRuleId> = Field::new("id");
}

impl Kind for SecurityGroupRule {
    const FACTS: Facts = Facts {
        kind: "security-group-rule",
        title: "security group rule",
        located_by: &["group", "peer"],
        replace_on: &["direction", "group", "peer", "port"],
        create_first: true,
        outputs: &[Output::created("id")],
        calls: Calls {
            also: &[
                "ec2:AuthorizeSecurityGroupEgress",
                "ec2:AuthorizeSecurityGroupIngress",
                "ec2:RevokeSecurityGroupEgress",
                "ec2:RevokeSecurityGroupIngress",
            ],
            ..Calls::NONE
        },
        ..Facts::of(CreateSafety::Relation)
    };
}

#[cfg(feature = "live")]
pub(crate) use live::declared;

#[cfg(feature = "live")]
mod live {
    use aws_sdk_ec2::types::{self, IpPermission, IpRange, PrefixListId, ResourceType, UserIdGroupPair};
    use engine::{CallError, Made, State};
    use model::{Address, Kind as _};

    use super::{Direction, Peer, SecurityGroupRule};
    use crate::{
        Live, Seen, Wanted,
        aws::{Aws, absent, ec2, outputs, ready, rules},
    };

    impl Live for SecurityGroupRule {
        async fn read(aws: &Aws, _wanted: &[Wanted<Self>]) -> Result<Vec<Seen<Self>>, CallError> {
            Ok(rules::all(aws).await?.iter().filter_map(|rule| declared(aws, rule)).collect())
        }

        async fn create(aws: &Aws, at: &Address, want: &Self) -> Result<Made, CallError> {
            let (group, rule) = (want.group.as_str(), permission(want));
            let tags = ec2::tags(aws, at, ResourceType::SecurityGroupRule);
            let made = match want.direction {
                Direction::Egress => {
                    let call = aws.ec2.authorize_security_group_egress().group_id(group).ip_permissions(rule);
                    let call = call.tag_specifications(tags).send();
                    aws.call("ec2:AuthorizeSecurityGroupEgress", at, call).await?.security_group_rules
                }
                Direction::Ingress => {
                    let call = aws.ec2.authorize_security_group_ingress().group_id(group).ip_permissions(rule);
                    let call = call.tag_specifications(tags).send();
                    aws.call("ec2:AuthorizeSecurityGroupIngress", at, call).await?.security_group_rules
                }
            };
            let id = made.unwrap_or_default().into_iter().find_map(|rule| rule.security_group_rule_id);
            Ok(ready(outputs([(Self::ID.name, aws.sent(at, "securityGroupRuleId", id)?)])))
        }

        async fn delete(aws: &Aws, seen: &Seen<Self>) -> Result<(), CallError> {
            let rule = types::SecurityGroupRule::builder()
                .set_security_group_rule_id(seen.output(Self::ID))
                .is_egress(seen.spec.direction == Direction::Egress)
                .build();
            absent(rules::revoke(aws, &seen.address, seen.spec.group.as_str(), &[&rule]).await).map(drop)
        }
    }

    fn permission(want: &SecurityGroupRule) -> IpPermission {
        let port = i32::from(want.port);
        let rule = IpPermission::builder().ip_protocol("tcp").from_port(port).to_port(port);
        match &want.peer {
            Peer::Cidr(cidr) => rule.ip_ranges(IpRange::builder().cidr_ip(cidr.as_str()).build()),
            Peer::Group(group) => rule.user_id_group_pairs(UserIdGroupPair::builder().group_id(group.as_str()).build()),
            Peer::PrefixList(list) => {
                rule.prefix_list_ids(PrefixListId::builder().prefix_list_id(list.as_str()).build())
            }
        }
        .build()
    }

    /// The rule as one of ours; none if it has not our tags, or was changed into something that we never declare.
    pub(crate) fn declared(aws: &Aws, rule: &types::SecurityGroupRule) -> Option<Seen<SecurityGroupRule>> {
        let id = rule.security_group_rule_id.clone()?;
        let is_one_port = rule.ip_protocol() == Some("tcp") && rule.from_port == rule.to_port;
        Some(Seen {
            address: ec2::address(aws, SecurityGroupRule::FACTS.kind, rule.tags.as_deref())?,
            spec: SecurityGroupRule {
                group: rule.group_id.clone()?.into(),
                direction: if rule.is_egress? { Direction::Egress } else { Direction::Ingress },
                port: is_one_port.then(|| u16::try_from(rule.from_port?).ok()).flatten()?,
                peer: peer(rule)?,
            },
            outputs: outputs([(SecurityGroupRule::ID.name, id.clone())]),
            state: State::Ready,
            identity: id,
        })
    }

    fn peer(rule: &types::SecurityGroupRule) -> Option<Peer> {
        if let Some(group) = &rule.referenced_group_info {
            return Some(Peer::Group(group.group_id.clone()?.into()));
        }
        let cidr = rule.cidr_ipv4.clone().map(|cidr| Peer::Cidr(cidr.into()));
        cidr.or_else(|| rule.prefix_list_id.clone().map(|list| Peer::PrefixList(list.into())))
    }
}
