//! IAM roles (`iam:*Role*`), with one inline policy named `access`. Found by tags, namesakes by name.
//!
//! One paged call reports all roles of an account with their policies and tags, but without their descriptions: those are
//! compared by a hash that is kept in a tag.

use model::{Arn, CreateSafety, Facts, Field, Kind, Output, Policy, RoleArn};
use serde::{Deserialize, Serialize};

use crate::unordered::unordered;

/// A role that one AWS service assumes. Never replaced in place: policies elsewhere would name the dead one.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Role {
    /// At most 64 of `[\w+=,.@-]`.
    pub name: String,
    pub description: String,
    /// Who may assume it.
    pub trust: Policy,
    /// What it may do; no statements, no inline policy. Reads back with the statements of any other inline policy, which
    /// an update removes.
    pub policy: Policy,
    /// Managed policies attached, ascending.
    #[serde(deserialize_with = "unordered")]
    pub managed: Vec<Arn>,
}

impl Role {
    pub const ARN: Field<Self, RoleArn> = Field::new("arn");
}

impl Kind for Role {
    const FACTS: Facts = Facts {
        kind: "role",
        title: "role",
        replace_on: &["name"],
        outputs: &[Output::ready("arn")],
        typical_seconds: 2,
        ..Facts::of(CreateSafety::Named)
    };
}

#[cfg(feature = "live")]
mod live {
    use aws_sdk_iam::types::{AttachedPolicy, EntityType, PolicyDetail, RoleDetail, Tag};
    use engine::{CallError, Made, State};
    use futures::future::try_join_all;
    use model::{Address, Arn, Policy, Tags, short_hash};
    use percent_encoding::percent_decode_str;

    use super::Role;
    use crate::{
        Live, Seen, Wanted,
        aws::{
            Aws, absent,
            normal::identity,
            outputs,
            owner::{foreign, owner},
            ready,
        },
    };

    /// The only inline policy of our roles.
    const INLINE: &str = "access";

    /// As many as one page holds.
    const PAGE: i32 = 1000;

    impl Live for Role {
        async fn read(aws: &Aws, wanted: &[Wanted<Self>]) -> Result<Vec<Seen<Self>>, CallError> {
            let call = aws.iam.get_account_authorization_details().filter(EntityType::Role).max_items(PAGE);
            let pages =
                aws.list("iam:GetAccountAuthorizationDetails", call.into_paginator().send().try_collect()).await?;
            let roles = pages.into_iter().flat_map(|page| page.role_detail_list.unwrap_or_default());
            Ok(roles.filter_map(|role| seen(aws, role, wanted)).collect())
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
            let made = aws.sent(at, "Role", made)?;
            let policy = (!want.policy.statements.is_empty()).then_some("policy");
            let managed = (!want.managed.is_empty()).then_some("managed");
            let left = policy.into_iter().chain(managed).map(str::to_owned).collect();
            Ok(Made { left, ..ready(outputs([(Self::ARN.name, made.arn)])) })
        }

        async fn update(aws: &Aws, seen: &Seen<Self>, want: &Self, fields: &[String]) -> Result<Made, CallError> {
            for field in fields {
                match field.as_str() {
                    "description" => describe(aws, seen, want).await?,
                    "managed" => attach(aws, seen, want).await?,
                    "policy" => permit(aws, seen, want).await?,
                    "trust" => trust(aws, seen, want).await?,
                    other => return Err(aws.refuse(&seen.address, &format!("`{other}` cannot change in place"))),
                }
            }
            Ok(ready(seen.outputs.clone()))
        }

        async fn delete(aws: &Aws, seen: &Seen<Self>) -> Result<(), CallError> {
            let Some(inline) = absent(inline_policies(aws, seen).await)? else { return Ok(()) };
            try_join_all(inline.iter().map(|name| delete_inline(aws, seen, name))).await?;
            try_join_all(seen.spec.managed.iter().map(|policy| detach(aws, seen, policy))).await?;
            let call = aws.iam.delete_role().role_name(&seen.spec.name).send();
            absent(aws.call("iam:DeleteRole", &seen.address, call).await).map(drop)
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

    /// Puts the wanted policy; a role that had another one may have more of them, added by somebody else.
    async fn permit(aws: &Aws, seen: &Seen<Role>, want: &Role) -> Result<(), CallError> {
        let keeps = !want.policy.statements.is_empty();
        if keeps {
            let call = aws.iam.put_role_policy().role_name(&want.name).policy_name(INLINE);
            let call = call.policy_document(want.policy.document()).send();
            aws.call("iam:PutRolePolicy", &seen.address, call).await?;
        }
        if seen.spec.policy.statements.is_empty() || seen.spec.policy == want.policy {
            return Ok(());
        }
        let found = inline_policies(aws, seen).await?;
        let surplus = found.iter().filter(|name| !(keeps && *name == INLINE));
        try_join_all(surplus.map(|name| delete_inline(aws, seen, name))).await.map(drop)
    }

    /// Attaches every wanted policy, which may be repeated, and detaches those that were seen and are not wanted.
    async fn attach(aws: &Aws, seen: &Seen<Role>, want: &Role) -> Result<(), CallError> {
        let attached = want.managed.iter().map(|policy| {
            let call = aws.iam.attach_role_policy().role_name(&want.name).policy_arn(policy.as_str());
            aws.call("iam:AttachRolePolicy", &seen.address, call.send())
        });
        try_join_all(attached).await?;
        let surplus = seen.spec.managed.iter().filter(|policy| !want.managed.contains(policy));
        try_join_all(surplus.map(|policy| detach(aws, seen, policy))).await.map(drop)
    }

    async fn detach(aws: &Aws, seen: &Seen<Role>, policy: &Arn) -> Result<(), CallError> {
        let call = aws.iam.detach_role_policy().role_name(&seen.spec.name).policy_arn(policy.as_str());
        absent(aws.call("iam:DetachRolePolicy", &seen.address, call.send()).await).map(drop)
    }

    async fn inline_policies(aws: &Aws, seen: &Seen<Role>) -> Result<Vec<String>, CallError> {
        let pages = aws.iam.list_role_policies().role_name(&seen.spec.name).into_paginator().items();
        aws.call("iam:ListRolePolicies", &seen.address, pages.send().try_collect()).await
    }

    async fn delete_inline(aws: &Aws, seen: &Seen<Role>, name: &str) -> Result<(), CallError> {
        let call = aws.iam.delete_role_policy().role_name(&seen.spec.name).policy_name(name);
        absent(aws.call("iam:DeleteRolePolicy", &seen.address, call.send()).await).map(drop)
    }

    fn tags(mut tags: Tags, want: &Role) -> Vec<Tag> {
        tags.0.insert(Tags::SPEC.to_owned(), short_hash(&want.description));
        let tag = |(key, value)| Tag::builder().key(key).value(value).build();
        tags.0.into_iter().map(|pair| tag(pair).expect("a tag has a key and a value")).collect()
    }

    fn seen(aws: &Aws, role: RoleDetail, wanted: &[Wanted<Role>]) -> Option<Seen<Role>> {
        let (name, arn) = (role.role_name?, role.arn?);
        let namesake = wanted.iter().find(|wanted| wanted.spec.name == name);
        let tags: Tags = role.tags.unwrap_or_default().into_iter().map(|tag| (tag.key, tag.value)).collect();
        let Some(address) = owner::<Role>(aws, &tags) else {
            return namesake.map(|wanted| foreign(wanted, &format!("a role named `{name}`")));
        };
        Some(Seen {
            address,
            spec: Role {
                description: description(&tags, namesake),
                trust: policy(role.assume_role_policy_document),
                policy: inline(role.role_policy_list.unwrap_or_default()),
                managed: managed(role.attached_managed_policies.unwrap_or_default()),
                name,
            },
            outputs: outputs([(Role::ARN.name, arn)]),
            state: State::Ready,
            identity: identity(role.create_date.as_ref(), &role.role_id?),
        })
    }

    /// The wanted one if its hash is in the tags.
    fn description(tags: &Tags, wanted: Option<&Wanted<Role>>) -> String {
        let hash = tags.0.get(Tags::SPEC);
        let wanted = wanted.map(|wanted| &wanted.spec.description);
        wanted.filter(|text| hash == Some(&short_hash(text))).map_or_else(|| "(another text)".to_owned(), Clone::clone)
    }

    /// All inline policies as one, ours first.
    fn inline(mut policies: Vec<PolicyDetail>) -> Policy {
        policies.sort_by_key(|policy| (policy.policy_name() != Some(INLINE), policy.policy_name.clone()));
        Policy::of(policies.into_iter().flat_map(|inline| policy(inline.policy_document).statements))
    }

    fn managed(policies: Vec<AttachedPolicy>) -> Vec<Arn> {
        let mut arns: Vec<Arn> = policies.into_iter().filter_map(|policy| policy.policy_arn).map(Arn::from).collect();
        arns.sort();
        arns
    }

    /// IAM escapes documents as in a URL; a document that is not escaped starts with a brace.
    fn policy(document: Option<String>) -> Policy {
        let document = document.unwrap_or_default();
        if document.starts_with('{') {
            return Policy::parse(&document).unwrap_or_default();
        }
        Policy::parse(&percent_decode_str(&document).decode_utf8_lossy()).unwrap_or_default()
    }

    #[cfg(test)]
    mod tests {
        use super::*;

        #[test]
        fn documents_read_alike_escaped_and_plain() {
            let plain =
                r#"{"Statement":[{"Effect":"Allow","Action":"s3:GetObject","Resource":"arn:aws:s3:::a%20b/*"}]}"#;
            let escaped = percent_encoding::utf8_percent_encode(plain, percent_encoding::NON_ALPHANUMERIC).to_string();
            assert!(!policy(Some(plain.to_owned())).statements.is_empty());
            assert_eq!(policy(Some(escaped)), policy(Some(plain.to_owned())));
        }
    }
}
