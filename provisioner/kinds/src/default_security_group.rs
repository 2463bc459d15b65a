//! The security group that every VPC comes with (`ec2:DescribeSecurityGroups`): taken over and closed, never made nor deleted.

use model::{Calls, CreateSafety, Facts, Field, Input, Kind, Output, SecurityGroupId, VpcId};
use serde::{Deserialize, Serialize};

/// A VPC's own group, which whatever names no other group gets. It lets nothing in and nothing out, as EC2.2 of the
/// Foundational Security Best Practices asks.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DefaultSecurityGroup {
    pub vpc: Input<VpcId>,
    /// Every rule of it, as `<direction> <protocol> <ports> <peer>`; always wanted empty.
    pub unexpected_rules: Vec<String>,
}

impl DefaultSecurityGroup {
    pub const ID: Field<Self, SecurityGroupId> = Field::new("id");
}

impl Kind for DefaultSecurityGroup {
    const FACTS: Facts = Facts {
        kind: "default-security-group",
        title: "default security group",
        located_by: &["vpc"],
        replace_on: &["vpc"],
        create_first: true,
        outputs: &[Output::created("id")],
        calls: Calls {
            create: &["ec2:RevokeSecurityGroupEgress"],
            also: &["ec2:RevokeSecurityGroupEgress", "ec2:RevokeSecurityGroupIngress"],
            ..Calls::NONE
        },
        ..Facts::of(CreateSafety::Relation)
    };
}

#[cfg(feature = "live")]
mod live {
    use aws_sdk_ec2::types::{SecurityGroup, SecurityGroupRule};
    use engine::{CallError, Class, Made, State};
    use futures::try_join;
    use model::Address;

    use super::DefaultSecurityGroup;
    use crate::{
        Live, Seen, Wanted,
        aws::{Aws, ec2, outputs, ready, rules},
    };

    /// Its name, which no other group may have.
    const NAME: &str = "default";

    impl Live for DefaultSecurityGroup {
        async fn read(aws: &Aws, wanted: &[Wanted<Self>]) -> Result<Vec<Seen<Self>>, CallError> {
            if wanted.is_empty() {
                return Ok(Vec::new());
            }
            let (groups, rules) = try_join!(ec2::security_groups(aws), rules::all(aws))?;
            Ok(wanted.iter().filter_map(|wanted| seen(wanted, &groups, &rules)).collect())
        }

        /// It came with its VPC, with rules that let everything out and in from its own members.
        async fn create(aws: &Aws, at: &Address, want: &Self) -> Result<Made, CallError> {
            let call = aws.ec2.describe_security_groups();
            let call = call.filters(ec2::filter("vpc-id", want.vpc.as_str())).filters(ec2::filter("group-name", NAME));
            let found = aws.call("ec2:DescribeSecurityGroups", at, call.send()).await?;
            let Some(group) = found.security_groups().first() else {
                return Err(CallError {
                    class: Class::NotYet,
                    ..aws.refuse(at, "the VPC does not show its group yet")
                });
            };
            rules::revoke_all(aws, at, group).await?;
            Ok(ready(outputs([(Self::ID.name, aws.sent(at, "groupId", group.group_id())?)])))
        }

        async fn update(aws: &Aws, seen: &Seen<Self>, _: &Self, _: &[String]) -> Result<Made, CallError> {
            let (at, id) = (&seen.address, seen.output(Self::ID).unwrap_or_default());
            let found = rules::of_group(aws, at, &id).await?;
            rules::revoke(aws, at, &id, &found.iter().collect::<Vec<_>>()).await?;
            Ok(ready(seen.outputs.clone()))
        }

        /// It goes with its VPC, and not before.
        async fn delete(_: &Aws, _: &Seen<Self>) -> Result<(), CallError> {
            Ok(())
        }
    }

    fn seen(
        wanted: &Wanted<DefaultSecurityGroup>,
        groups: &[SecurityGroup],
        rules: &[SecurityGroupRule],
    ) -> Option<Seen<DefaultSecurityGroup>> {
        let vpc = wanted.spec.vpc.if_known()?.as_str();
        let own = |group: &&SecurityGroup| group.vpc_id() == Some(vpc) && group.group_name() == Some(NAME);
        let id = groups.iter().find(own)?.group_id()?;
        let its = rules.iter().filter(|rule| rule.group_id() == Some(id));
        Some(Seen {
            address: wanted.address.clone(),
            spec: DefaultSecurityGroup { vpc: vpc.into(), unexpected_rules: rules::in_words(its) },
            outputs: outputs([(DefaultSecurityGroup::ID.name, id)]),
            state: State::Ready,
            identity: id.to_owned(),
        })
    }
}
