//! Inline policies of roles (`iam:*RolePolicy`). Found at the role, by name; not taggable.

use model::{Calls, CreateSafety, Facts, Input, Kind, Policy, RoleArn};
use serde::{Deserialize, Serialize};

/// What a role may do: its one inline policy. Whoever uses the role waits for it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RolePolicy {
    pub role: Input<RoleArn>,
    pub policy: Policy,
}

impl RolePolicy {
    /// The name of every role's inline policy.
    pub const NAME: &'static str = "access";
}

impl Kind for RolePolicy {
    const FACTS: Facts = Facts {
        kind: "role-policy",
        title: "role policy",
        located_by: &["role"],
        replace_on: &["role"],
        calls: Calls {
            create: &["iam:PutRolePolicy"],
            update: &["iam:PutRolePolicy"],
            delete: &["iam:DeleteRolePolicy"],
            ..Calls::NONE
        },
        ..Facts::of(CreateSafety::Relation)
    };
}

#[cfg(feature = "live")]
mod live {
    use aws_sdk_iam::types::RoleDetail;
    use engine::{CallError, Made, State};
    use model::{Address, Outputs};

    use super::RolePolicy;
    use crate::{
        Live, Seen, Wanted,
        aws::{Aws, absent, iam, ready},
    };

    impl Live for RolePolicy {
        /// Of wanted roles only: what others have is for their roles to report.
        async fn read(aws: &Aws, wanted: &[Wanted<Self>]) -> Result<Vec<Seen<Self>>, CallError> {
            if wanted.is_empty() {
                return Ok(Vec::new());
            }
            let roles = iam::roles(aws).await?;
            Ok(wanted.iter().filter_map(|wanted| seen(wanted, iam::with_arn(&roles, &wanted.spec.role)?)).collect())
        }

        async fn create(aws: &Aws, at: &Address, want: &Self) -> Result<Made, CallError> {
            put(aws, at, want).await
        }

        async fn update(aws: &Aws, seen: &Seen<Self>, want: &Self, _: &[String]) -> Result<Made, CallError> {
            put(aws, &seen.address, want).await
        }

        async fn delete(aws: &Aws, seen: &Seen<Self>) -> Result<(), CallError> {
            let call = aws.iam.delete_role_policy().role_name(iam::name(&seen.spec.role)).policy_name(Self::NAME);
            absent(aws.call("iam:DeleteRolePolicy", &seen.address, call.send()).await).map(drop)
        }
    }

    async fn put(aws: &Aws, at: &Address, want: &RolePolicy) -> Result<Made, CallError> {
        let call = aws.iam.put_role_policy().role_name(iam::name(&want.role)).policy_name(RolePolicy::NAME);
        aws.call("iam:PutRolePolicy", at, call.policy_document(want.policy.document()).send()).await?;
        Ok(ready(Outputs::new()))
    }

    fn seen(wanted: &Wanted<RolePolicy>, role: &RoleDetail) -> Option<Seen<RolePolicy>> {
        let found = role.role_policy_list().iter().find(|policy| policy.policy_name() == Some(RolePolicy::NAME))?;
        Some(Seen {
            address: wanted.address.clone(),
            spec: RolePolicy { role: wanted.spec.role.clone(), policy: iam::policy(found.policy_document()) },
            outputs: Outputs::new(),
            state: State::Ready,
            identity: role.role_id()?.to_owned(),
        })
    }
}
