//! Security groups (`ec2:*SecurityGroup`). Found by tag; the name is unique per VPC as well.

use model::{Calls, CreateSafety, Facts, Field, Input, Kind, Output, SecurityGroupId, VpcId};
use serde::{Deserialize, Serialize};

/// A group without rules; each rule is an object of its own, so that two groups may name each other.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SecurityGroup {
    pub vpc: Input<VpcId>,
    /// At most 255 characters, not starting with `sg-`.
    pub name: String,
    /// At most 255 of `a-zA-Z0-9. _-:/()#,@[]+=&;{}!$*`; cannot change.
    pub description: String,
    /// Rules that nobody declared, AWS's own allow-all egress among them, as `<direction> <protocol> <ports> <peer>`;
    /// always wanted empty.
    pub unexpected_rules: Vec<String>,
}

impl SecurityGroup {
    pub const ID: Field<Self, SecurityGroupId> = Field::new("id");
}

impl Kind for SecurityGroup {
    const FACTS: Facts = Facts {
        kind: "security-group",
        title: "security group",
        replace_on: &["description", "name", "vpc"],
        apart_on: &["vpc"],
        outputs: &[Output::created("id")],
        calls: Calls {
            create: &["ec2:CreateSecurityGroup", "ec2:RevokeSecurityGroupEgress"],
            delete: &["ec2:DeleteSecurityGroup"],
            also: &["ec2:RevokeSecurityGroupIngress", "ec2:RevokeSecurityGroupEgress"],
            ..Calls::NONE
        },
        ..Facts::of(CreateSafety::Named)
    };
}

#[cfg(feature = "live")]
mod live {
    use aws_sdk_ec2::types::{self, ResourceType, SecurityGroupRule};
    use engine::{CallError, Class, Made, State};
    use model::{Address, Kind as _};

    use super::SecurityGroup;
    use crate::{
        Live, Seen, Wanted,
        aws::{Aws, absent, ec2, outputs, ready, rules},
        security_group_rule::declared,
    };

    impl Live for SecurityGroup {
        async fn read(aws: &Aws, wanted: &[Wanted<Self>]) -> Result<Vec<Seen<Self>>, CallError> {
            if !ec2::has_networks(aws, wanted.iter().map(|wanted| &wanted.spec.vpc)).await? {
                return Ok(Vec::new());
            }
            let groups = ec2::security_groups(aws).await?;
            let concern =
                |group: &&types::SecurityGroup| owner(aws, group).is_some() || in_place(wanted, group).is_some();
            let groups: Vec<_> = groups.iter().filter(concern).collect();
            if groups.is_empty() {
                return Ok(Vec::new());
            }
            let rules = rules::all(aws).await?;
            Ok(groups.into_iter().filter_map(|group| seen(aws, wanted, group, &rules)).collect())
        }

        async fn create(aws: &Aws, at: &Address, want: &Self) -> Result<Made, CallError> {
            let call = aws
                .ec2
                .create_security_group()
                .vpc_id(want.vpc.as_str())
                .group_name(&want.name)
                .description(&want.description)
                .tag_specifications(ec2::tags(aws, at, ResourceType::SecurityGroup));
            let id = aws.call("ec2:CreateSecurityGroup", at, call.send()).await?.group_id;
            let made = ready(outputs([(Self::ID.name, aws.sent(at, "groupId", id)?)]));
            Ok(Made { left: vec!["unexpected_rules".to_owned()], ..made })
        }

        /// Takes out what was reported as unexpected, and of a group that was just made what AWS puts into it; nothing that
        /// came since, which may be a rule of ours whose tags do not show yet.
        async fn update(aws: &Aws, seen: &Seen<Self>, _want: &Self, _fields: &[String]) -> Result<Made, CallError> {
            let (at, id) = (&seen.address, seen.output(Self::ID).unwrap_or_default());
            if seen.spec.unexpected_rules.is_empty() {
                rules::revoke_allow_all(aws, at, &id).await?;
                return Ok(ready(seen.outputs.clone()));
            }
            let known = |words: &str| seen.spec.unexpected_rules.iter().any(|rule| rule == words);
            let found = rules::of_group(aws, at, &id).await?;
            let unexpected = found.iter().filter(|rule| declared(aws, rule).is_none() && known(&rules::words(rule)));
            rules::revoke(aws, at, &id, &unexpected.collect::<Vec<_>>()).await?;
            Ok(ready(seen.outputs.clone()))
        }

        /// A group that another one's rule names cannot go. Two that name each other are freed by taking out the rules of
        /// whichever is refused.
        async fn delete(aws: &Aws, seen: &Seen<Self>) -> Result<(), CallError> {
            let (at, id) = (&seen.address, seen.output(Self::ID).unwrap_or_default());
            let call = aws.ec2.delete_security_group().group_id(&id);
            let answer = absent(aws.call("ec2:DeleteSecurityGroup", at, call.send()).await);
            if answer.as_ref().is_err_and(|error| error.class == Class::Busy) {
                let found = rules::of_group(aws, at, &id).await?;
                rules::revoke(aws, at, &id, &found.iter().collect::<Vec<_>>()).await?;
            }
            answer.map(drop)
        }
    }

    fn owner(aws: &Aws, group: &types::SecurityGroup) -> Option<Address> {
        ec2::address(aws, SecurityGroup::FACTS.kind, group.tags.as_deref())
    }

    /// The wanted group whose name this one has in its VPC; names are not case-sensitive.
    fn in_place<'a>(
        wanted: &'a [Wanted<SecurityGroup>],
        group: &types::SecurityGroup,
    ) -> Option<&'a Wanted<SecurityGroup>> {
        let (vpc, name) = (group.vpc_id()?, group.group_name()?);
        let same = |want: &SecurityGroup| want.vpc.if_known().is_some_and(|id| id.as_str() == vpc);
        wanted.iter().find(|wanted| same(&wanted.spec) && wanted.spec.name.eq_ignore_ascii_case(name))
    }

    fn seen(
        aws: &Aws,
        wanted: &[Wanted<SecurityGroup>],
        group: &types::SecurityGroup,
        rules: &[SecurityGroupRule],
    ) -> Option<Seen<SecurityGroup>> {
        let id = group.group_id.clone()?;
        let unexpected = rules.iter().filter(|rule| rule.group_id() == Some(&id) && declared(aws, rule).is_none());
        let foreign = State::Foreign(format!("security group `{id}` has its name, but not our tags"));
        let (address, state) = match owner(aws, group) {
            Some(address) => (address, State::Ready),
            None => (in_place(wanted, group)?.address.clone(), foreign),
        };
        Some(Seen {
            address,
            spec: SecurityGroup {
                vpc: group.vpc_id.clone()?.into(),
                name: group.group_name.clone()?,
                description: group.description.clone().unwrap_or_default(),
                unexpected_rules: rules::in_words(unexpected),
            },
            outputs: outputs([(SecurityGroup::ID.name, id.clone())]),
            state,
            identity: id,
        })
    }
}
