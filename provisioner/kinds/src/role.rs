//! IAM roles (`iam:*Role`). Found by tags, namesakes by name; each of their policies is an object of its own.
//!
//! AWS reports roles without their descriptions: those are compared by a hash that is kept in a tag.

use model::{Calls, CreateSafety, Facts, Field, Kind, Output, Policy, RoleArn};
use serde::{Deserialize, Serialize};

/// A role that one AWS service assumes. Never replaced in place: policies elsewhere would name the dead one.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Role {
    /// At most 64 of `[\w+=,.@-]`.
    pub name: String,
    pub description: String,
    /// Who may assume it.
    pub trust: Policy,
    /// What it is to have and others give it: the names of inline policies and the ARNs of managed ones.
    pub policies: Vec<String>,
    /// Policies that it has beside those, named alike, in alphabetical order; always wanted empty.
    pub unexpected_policies: Vec<String>,
}

impl Role {
    pub const ARN: Field<Self, RoleArn> = Field::new("arn");
}

impl Kind for Role {
    const FACTS: Facts = Facts {
        kind: "role",
        title: "role",
        replace_on: &["name"],
        outputs: &[Output::created("arn")],
        calls: Calls {
            create: &["iam:CreateRole"],
            delete: &["iam:DeleteRole"],
            also: &[
                "iam:DeleteRolePolicy",
                "iam:DetachRolePolicy",
                "iam:TagRole",
                "iam:UpdateAssumeRolePolicy",
                "iam:UpdateRole",
            ],
            ..Calls::NONE
        },
        typical_seconds: 2,
        ..Facts::of(CreateSafety::Named)
    };
}

#[cfg(feature = "live")]
mod live {
    use aws_sdk_iam::types::{RoleDetail, Tag};
    use engine::{CallError, Class, Made, State};
    use futures::future::try_join_all;
    use model::{Address, Tags, short_hash};

    use super::Role;
    use crate::{
        Live, Seen, Wanted,
        aws::{
            Aws, absent, iam,
            normal::identity,
            outputs,
            owner::{foreign, owner},
            ready,
        },
    };

    impl Live for Role {
        async fn read(aws: &Aws, wanted: &[Wanted<Self>]) -> Result<Vec<Seen<Self>>, CallError> {
            Ok(iam::roles(aws).await?.iter().filter_map(|role| seen(aws, role, wanted)).collect())
        }

        async fn create(aws: &Aws, at: &Address, want: &Self) -> Result<Made, CallError> {
            let call = aws
                .iam
                .create_role()
                .role_name(&want.name)
                .description(&want.description)
                .assume_role_policy_document(want.trust.document())
                .set_tags(Some(tags(aws.tags(at), want)));
            let made = aws.call("iam:CreateRole", at, call.send()).await?.role;
            Ok(ready(outputs([(Self::ARN.name, aws.sent(at, "Role", made)?.arn)])))
        }

        async fn update(aws: &Aws, seen: &Seen<Self>, want: &Self, fields: &[String]) -> Result<Made, CallError> {
            for field in fields {
                match field.as_str() {
                    "description" => describe(aws, seen, want).await?,
                    "trust" => trust(aws, seen, want).await?,
                    "unexpected_policies" => remove(aws, seen, &seen.spec.unexpected_policies).await?,
                    other => return Err(aws.refuse(&seen.address, &format!("`{other}` cannot change in place"))),
                }
            }
            Ok(ready(seen.outputs.clone()))
        }

        /// A role that has policies cannot go. What is refused loses them, whoever gave them, and goes the next time.
        async fn delete(aws: &Aws, seen: &Seen<Self>) -> Result<(), CallError> {
            let call = aws.iam.delete_role().role_name(&seen.spec.name).send();
            let answer = absent(aws.call("iam:DeleteRole", &seen.address, call).await);
            if answer.as_ref().is_err_and(|error| error.class == Class::Busy) {
                let roles = iam::roles(aws).await?;
                let found = roles.iter().find(|role| role.role_name() == Some(&seen.spec.name));
                remove(aws, seen, &found.map(policies).unwrap_or_default()).await?;
            }
            answer.map(drop)
        }
    }

    async fn describe(aws: &Aws, seen: &Seen<Role>, want: &Role) -> Result<(), CallError> {
        let call = aws.iam.update_role().role_name(&want.name).description(&want.description).send();
        aws.call("iam:UpdateRole", &seen.address, call).await?;
        let tags = tags(aws.tags(&seen.address), want);
        let call = aws.iam.tag_role().role_name(&want.name).set_tags(Some(tags)).send();
        aws.call("iam:TagRole", &seen.address, call).await.map(drop)
    }

    async fn trust(aws: &Aws, seen: &Seen<Role>, want: &Role) -> Result<(), CallError> {
        let call = aws.iam.update_assume_role_policy().role_name(&want.name);
        let call = call.policy_document(want.trust.document()).send();
        aws.call("iam:UpdateAssumeRolePolicy", &seen.address, call).await.map(drop)
    }

    async fn remove(aws: &Aws, seen: &Seen<Role>, policies: &[String]) -> Result<(), CallError> {
        try_join_all(policies.iter().map(|policy| remove_one(aws, seen, policy))).await.map(drop)
    }

    /// No name of an inline policy has a colon in it.
    async fn remove_one(aws: &Aws, seen: &Seen<Role>, policy: &str) -> Result<(), CallError> {
        let (at, role) = (&seen.address, &seen.spec.name);
        if policy.contains(':') {
            let call = aws.iam.detach_role_policy().role_name(role).policy_arn(policy).send();
            return absent(aws.call("iam:DetachRolePolicy", at, call).await).map(drop);
        }
        let call = aws.iam.delete_role_policy().role_name(role).policy_name(policy).send();
        absent(aws.call("iam:DeleteRolePolicy", at, call).await).map(drop)
    }

    fn tags(mut tags: Tags, want: &Role) -> Vec<Tag> {
        tags.0.insert(Tags::SPEC.to_owned(), short_hash(&want.description));
        let tag = |(key, value)| Tag::builder().key(key).value(value).build();
        tags.0.into_iter().map(|pair| tag(pair).expect("a tag has a key and a value")).collect()
    }

    fn seen(aws: &Aws, role: &RoleDetail, wanted: &[Wanted<Role>]) -> Option<Seen<Role>> {
        let (name, arn) = (role.role_name()?, role.arn()?);
        let namesake = wanted.iter().find(|wanted| wanted.spec.name == name);
        let tags = iam::tags(role);
        let Some(address) = owner::<Role>(aws, &tags) else {
            return namesake.map(|wanted| foreign(wanted, &format!("a role named `{name}`")));
        };
        let expected = namesake.map(|wanted| wanted.spec.policies.clone()).unwrap_or_default();
        Some(Seen {
            address,
            spec: Role {
                name: name.to_owned(),
                description: description(&tags, namesake),
                trust: iam::policy(role.assume_role_policy_document()),
                unexpected_policies: policies(role).into_iter().filter(|policy| !expected.contains(policy)).collect(),
                policies: expected,
            },
            outputs: outputs([(Role::ARN.name, arn)]),
            state: State::Ready,
            identity: identity(role.create_date.as_ref(), role.role_id()?),
        })
    }

    /// The wanted one if its hash is in the tags.
    fn description(tags: &Tags, wanted: Option<&Wanted<Role>>) -> String {
        let hash = tags.0.get(Tags::SPEC);
        let wanted = wanted.map(|wanted| &wanted.spec.description);
        wanted.filter(|text| hash == Some(&short_hash(text))).map_or_else(|| "(another text)".to_owned(), Clone::clone)
    }

    /// Inline ones by name, managed ones by ARN.
    fn policies(role: &RoleDetail) -> Vec<String> {
        let inline = role.role_policy_list().iter().filter_map(|policy| policy.policy_name.clone());
        let managed = role.attached_managed_policies().iter().filter_map(|policy| policy.policy_arn.clone());
        let mut policies: Vec<String> = inline.chain(managed).collect();
        policies.sort();
        policies
    }
}
