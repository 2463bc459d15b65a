//! Managed policies on roles (`iam:AttachRolePolicy`). Found at the role, by the policy's ARN; not taggable.

use model::{Arn, Calls, CreateSafety, Facts, Input, Kind, RoleArn};
use serde::{Deserialize, Serialize};

/// Gives a role what a managed policy allows. Whoever uses the role waits for it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RolePolicyAttachment {
    pub role: Input<RoleArn>,
    pub policy: Arn,
}

impl Kind for RolePolicyAttachment {
    const FACTS: Facts = Facts {
        kind: "role-policy-attachment",
        title: "role policy attachment",
        located_by: &["role"],
        replace_on: &["policy", "role"],
        calls: Calls { create: &["iam:AttachRolePolicy"], delete: &["iam:DetachRolePolicy"], ..Calls::NONE },
        ..Facts::of(CreateSafety::Relation)
    };
}

#[cfg(feature = "live")]
mod live {
    use aws_sdk_iam::types::RoleDetail;
    use engine::{CallError, Made, State};
    use model::{Address, Outputs};

    use super::RolePolicyAttachment;
    use crate::{
        Live, Seen, Wanted,
        aws::{Aws, absent, iam, ready},
    };

    impl Live for RolePolicyAttachment {
        /// Of wanted roles and policies only: what else is attached is for its role to report.
        async fn read(aws: &Aws, wanted: &[Wanted<Self>]) -> Result<Vec<Seen<Self>>, CallError> {
            if wanted.is_empty() {
                return Ok(Vec::new());
            }
            let roles = iam::roles(aws).await?;
            Ok(wanted.iter().filter_map(|wanted| seen(wanted, iam::with_arn(&roles, &wanted.spec.role)?)).collect())
        }

        async fn create(aws: &Aws, at: &Address, want: &Self) -> Result<Made, CallError> {
            let call = aws.iam.attach_role_policy().role_name(iam::name(&want.role)).policy_arn(want.policy.as_str());
            aws.call("iam:AttachRolePolicy", at, call.send()).await?;
            Ok(ready(Outputs::new()))
        }

        async fn delete(aws: &Aws, seen: &Seen<Self>) -> Result<(), CallError> {
            let (role, policy) = (iam::name(&seen.spec.role), seen.spec.policy.as_str());
            let call = aws.iam.detach_role_policy().role_name(role).policy_arn(policy).send();
            absent(aws.call("iam:DetachRolePolicy", &seen.address, call).await).map(drop)
        }
    }

    fn seen(wanted: &Wanted<RolePolicyAttachment>, role: &RoleDetail) -> Option<Seen<RolePolicyAttachment>> {
        let policy = wanted.spec.policy.as_str();
        role.attached_managed_policies().iter().find(|attached| attached.policy_arn() == Some(policy))?;
        Some(Seen {
            address: wanted.address.clone(),
            spec: wanted.spec.clone(),
            outputs: Outputs::new(),
            state: State::Ready,
            identity: format!("{} {policy}", role.role_id()?),
        })
    }
}
