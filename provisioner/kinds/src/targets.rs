//! The targets of a group (`elasticloadbalancing:RegisterTargets`). Found at the group; the whole list is one object.

use model::{Calls, CreateSafety, Facts, Input, Ip, Kind, Output, TargetGroupArn};
use serde::{Deserialize, Serialize};

use crate::unordered::unordered;

/// Exactly these addresses, on the group's port. Ready when every one of them is healthy, or when no rule forwards to
/// the group, so that nobody checks.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Targets {
    pub target_group: Input<TargetGroupArn>,
    #[serde(deserialize_with = "unordered")]
    pub addresses: Vec<Input<Ip>>,
}

impl Kind for Targets {
    const FACTS: Facts = Facts {
        kind: "targets",
        title: "targets",
        located_by: &["target_group"],
        replace_on: &["target_group"],
        create_first: true,
        // The state of each address, by address: `{"10.0.0.9": "healthy"}`.
        outputs: &[Output::changing("health")],
        calls: Calls {
            create: &["elasticloadbalancing:RegisterTargets"],
            delete: &["elasticloadbalancing:DeregisterTargets"],
            also: &["elasticloadbalancing:RegisterTargets", "elasticloadbalancing:DeregisterTargets"],
            ..Calls::NONE
        },
        typical_seconds: 40,
        deadline_seconds: 600,
        ..Facts::of(CreateSafety::Relation)
    };
}

#[cfg(feature = "live")]
mod live {
    use std::collections::{BTreeMap, BTreeSet};

    use aws_sdk_elasticloadbalancingv2::types::{
        TargetDescription, TargetHealthDescription, TargetHealthReasonEnum, TargetHealthStateEnum,
    };
    use engine::{CallError, Made, State};
    use futures::future::try_join_all;
    use model::{Address, Input, Outputs};
    use serde_json::{Value, json};

    use super::Targets;
    use crate::{
        Live, Seen, Wanted,
        aws::{Aws, absent, pending},
        unordered::in_order,
    };

    impl Live for Targets {
        async fn read(aws: &Aws, wanted: &[Wanted<Self>]) -> Result<Vec<Seen<Self>>, CallError> {
            let located = wanted.iter().filter_map(|wanted| Some((wanted, wanted.spec.target_group.if_known()?)));
            let found = try_join_all(located.map(|(wanted, group)| async {
                let call = aws.elb.describe_target_health().target_group_arn(group.as_str());
                let answer = aws.list("elasticloadbalancing:DescribeTargetHealth", call.send()).await;
                let targets = absent(answer)?.and_then(|answer| answer.target_health_descriptions);
                Ok(seen(wanted, targets.unwrap_or_default()))
            }));
            Ok(found.await?.into_iter().flatten().collect())
        }

        async fn create(aws: &Aws, at: &Address, want: &Self) -> Result<Made, CallError> {
            register(aws, at, want, addresses(want)).await?;
            Ok(pending(Outputs::new(), "registered"))
        }

        /// New ones come before old ones leave, so that there is always one.
        async fn update(aws: &Aws, seen: &Seen<Self>, want: &Self, _fields: &[String]) -> Result<Made, CallError> {
            let (old, new) = (addresses(&seen.spec), addresses(want));
            register(aws, &seen.address, want, new.difference(&old).copied().collect()).await?;
            deregister(aws, &seen.address, want, old.difference(&new).copied().collect()).await?;
            Ok(pending(Outputs::new(), "registered"))
        }

        async fn delete(aws: &Aws, seen: &Seen<Self>) -> Result<(), CallError> {
            deregister(aws, &seen.address, &seen.spec, addresses(&seen.spec)).await
        }
    }

    fn addresses(targets: &Targets) -> BTreeSet<&str> {
        targets.addresses.iter().map(|address| address.as_str()).collect()
    }

    async fn register(aws: &Aws, at: &Address, at_group: &Targets, ips: BTreeSet<&str>) -> Result<(), CallError> {
        if ips.is_empty() {
            return Ok(());
        }
        let call = aws.elb.register_targets().target_group_arn(at_group.target_group.as_str());
        let call = call.set_targets(Some(descriptions(ips)));
        aws.call("elasticloadbalancing:RegisterTargets", at, call.send()).await.map(drop)
    }

    async fn deregister(aws: &Aws, at: &Address, at_group: &Targets, ips: BTreeSet<&str>) -> Result<(), CallError> {
        if ips.is_empty() {
            return Ok(());
        }
        let call = aws.elb.deregister_targets().target_group_arn(at_group.target_group.as_str());
        let call = call.set_targets(Some(descriptions(ips)));
        absent(aws.call("elasticloadbalancing:DeregisterTargets", at, call.send()).await).map(drop)
    }

    /// Without a port: the group's own. Without a zone: every address is in the group's VPC.
    fn descriptions(ips: BTreeSet<&str>) -> Vec<TargetDescription> {
        ips.into_iter().map(|ip| TargetDescription::builder().id(ip).build()).collect()
    }

    /// A registered address: its state, and why it is in it.
    struct Health {
        state: TargetHealthStateEnum,
        reason: Option<TargetHealthReasonEnum>,
    }

    /// None if nothing is registered.
    fn seen(wanted: &Wanted<Targets>, found: Vec<TargetHealthDescription>) -> Option<Seen<Targets>> {
        let healths: BTreeMap<String, Health> = found.into_iter().filter_map(health).collect();
        let group = wanted.spec.target_group.clone();
        let addresses = in_order(healths.keys().cloned().map(Input::from));
        let told: Value = healths.iter().map(|(ip, health)| (ip.clone(), json!(health.state.as_str()))).collect();
        (!healths.is_empty()).then(|| Seen {
            address: wanted.address.clone(),
            identity: group.as_str().to_owned(),
            spec: Targets { target_group: group, addresses },
            outputs: Outputs::from([("health".to_owned(), told)]),
            state: state(&healths),
        })
    }

    /// Those that are leaving are gone already.
    fn health(found: TargetHealthDescription) -> Option<(String, Health)> {
        let (ip, health) = (found.target?.id?, found.target_health?);
        let (state, reason) = (health.state?, health.reason);
        let leaves = matches!(state, TargetHealthStateEnum::Draining | TargetHealthStateEnum::UnhealthyDraining)
            || reason == Some(TargetHealthReasonEnum::NotRegistered);
        (!leaves).then_some((ip, Health { state, reason }))
    }

    fn state(healths: &BTreeMap<String, Health>) -> State {
        let waits: Vec<String> = healths.iter().filter_map(|(ip, health)| why_not_ready(ip, health)).collect();
        if waits.is_empty() { State::Ready } else { State::Pending(waits.join(", ")) }
    }

    /// Nobody checks the health of a group that no rule forwards to yet: there is nothing to wait for.
    fn why_not_ready(ip: &str, health: &Health) -> Option<String> {
        let is_unchecked = health.reason == Some(TargetHealthReasonEnum::NotInUse);
        if health.state == TargetHealthStateEnum::Healthy || is_unchecked {
            return None;
        }
        let reason = health.reason.as_ref().map(|reason| format!(" ({})", reason.as_str())).unwrap_or_default();
        Some(format!("{ip} is {}{reason}", health.state.as_str()))
    }

    #[cfg(test)]
    mod tests {
        use aws_sdk_elasticloadbalancingv2::types::TargetHealth;

        use super::*;

        fn found(ip: &str, state: &str, reason: Option<&str>) -> TargetHealthDescription {
            let health = TargetHealth::builder().state(state.into()).set_reason(reason.map(Into::into)).build();
            let target = TargetDescription::builder().id(ip).build();
            TargetHealthDescription::builder().target(target).target_health(health).build()
        }

        fn seen_of(found: Vec<TargetHealthDescription>) -> Option<Seen<Targets>> {
            let spec = Targets { target_group: "group".into(), addresses: vec!["10.0.0.9".into()] };
            seen(&Wanted { address: Address::new("hub", "targets", "main"), spec }, found)
        }

        #[test]
        fn an_unhealthy_target_says_why_it_is_waited_for() {
            let mismatch = found("10.0.0.9", "unhealthy", Some("Target.ResponseCodeMismatch"));
            let seen = seen_of(vec![mismatch]).expect("it is registered");
            assert_eq!(seen.state, State::Pending("10.0.0.9 is unhealthy (Target.ResponseCodeMismatch)".to_owned()));
        }

        #[test]
        fn a_group_without_a_rule_is_not_waited_for() {
            let seen = seen_of(vec![found("10.0.0.9", "unused", Some("Target.NotInUse"))]).expect("it is registered");
            assert_eq!(seen.state, State::Ready);
            assert_eq!(seen.outputs["health"], json!({"10.0.0.9": "unused"}));
        }

        #[test]
        fn leaving_targets_are_gone() {
            let leaves = found("10.0.0.9", "draining", Some("Target.DeregistrationInProgress"));
            assert!(seen_of(vec![leaves]).is_none());
        }
    }
}
