//! Listener rules (`elasticloadbalancing:*Rule*`). Found at the listener, by tag.

use model::{Calls, CreateSafety, Facts, Input, Kind, ListenerArn, Output, TargetGroupArn};
use serde::{Deserialize, Serialize};

/// What a request must look like.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum RuleCondition {
    /// A header by name with any of the values; `*` is any value at all.
    Header { name: String, values: Vec<String> },
    /// Any of the hosts.
    Host(Vec<String>),
}

/// What happens to a request that does.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum RuleAction {
    Forward(Input<TargetGroupArn>),
    /// A fixed answer with this status and a plain-text body.
    Refuse {
        status: u16,
        body: String,
    },
}

/// One rule of a listener.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ListenerRule {
    pub listener: Input<ListenerArn>,
    /// 1 to 50000, lowest first. None: any free one, chosen from a hash of the address (host rules exclude each other).
    pub priority: Option<u16>,
    pub condition: RuleCondition,
    pub action: RuleAction,
}

const ARN: &str = "arn";
/// The priority it has, as a number: chosen by us where the spec has none.
const PRIORITY: &str = "priority";

impl Kind for ListenerRule {
    const FACTS: Facts = Facts {
        kind: "listener-rule",
        title: "listener rule",
        located_by: &["listener"],
        replace_on: &["listener"],
        create_first: true,
        outputs: &[Output::created(ARN), Output::created(PRIORITY)],
        calls: Calls {
            create: &["elasticloadbalancing:CreateRule"],
            delete: &["elasticloadbalancing:DeleteRule"],
            also: &["elasticloadbalancing:ModifyRule", "elasticloadbalancing:SetRulePriorities"],
            ..Calls::NONE
        },
        ..Facts::of(CreateSafety::Named)
    };
}

#[cfg(feature = "live")]
mod wire;

#[cfg(feature = "live")]
mod live {
    use std::collections::BTreeSet;

    use aws_sdk_elasticloadbalancingv2::types::{Rule, RulePriorityPair};
    use engine::{CallError, Class, Made, State};
    use futures::future::{try_join, try_join_all};
    use model::{Address, Kind as _, Outputs};
    use serde_json::json;
    use sha2::{Digest, Sha256};

    use super::{ARN, ListenerRule, PRIORITY, wire};
    use crate::{
        Live, Seen, Wanted,
        aws::{
            Aws, absent,
            elb::{self, Claim, Owners},
            outputs, ready,
        },
    };

    /// Priorities below are for rules that say theirs.
    const FIRST_FREE: u16 = 100;
    const LAST: u16 = 50_000;

    /// AWS's word for a priority that another rule has. Of 50,000 few are: none is asked for before one is refused.
    const TAKEN: &str = "PriorityInUse";

    impl Live for ListenerRule {
        async fn read(aws: &Aws, wanted: &[Wanted<Self>]) -> Result<Vec<Seen<Self>>, CallError> {
            let listeners: BTreeSet<&str> =
                wanted.iter().filter_map(|wanted| Some(wanted.spec.listener.if_known()?.as_str())).collect();
            let found = listeners.into_iter().map(|listener| read_at(aws, listener, wanted));
            Ok(try_join_all(found).await?.into_iter().flatten().collect())
        }

        async fn create(aws: &Aws, at: &Address, want: &Self) -> Result<Made, CallError> {
            let first = want.priority.or_else(|| choose(at, &BTreeSet::new())).unwrap_or(FIRST_FREE);
            match make(aws, at, want, first).await {
                Err(error) if error.code == TAKEN && want.priority.is_none() => elsewhere(aws, at, want, error).await,
                made => made,
            }
        }

        async fn update(aws: &Aws, seen: &Seen<Self>, want: &Self, fields: &[String]) -> Result<Made, CallError> {
            let arn = aws.sent(&seen.address, ARN, seen.outputs.get(ARN).and_then(|arn| arn.as_str()))?;
            let changes = |name: &str| fields.iter().any(|field| field == name);
            let condition = changes("condition").then(|| vec![wire::condition(&want.condition)]);
            let action = changes("action").then(|| vec![wire::action(&want.action)]);
            if condition.is_some() || action.is_some() {
                let call = aws.elb.modify_rule().rule_arn(arn).set_conditions(condition).set_actions(action);
                aws.call("elasticloadbalancing:ModifyRule", &seen.address, call.send()).await?;
            }
            if !changes("priority") {
                return Ok(ready(seen.outputs.clone()));
            }
            let priority = priority_for(aws, &seen.address, want).await?;
            set_priority(aws, &seen.address, arn, priority).await?;
            Ok(ready(identifiers(arn, priority)))
        }

        async fn delete(aws: &Aws, seen: &Seen<Self>) -> Result<(), CallError> {
            let arn = aws.sent(&seen.address, ARN, seen.outputs.get(ARN).and_then(|arn| arn.as_str()))?;
            let call = aws.elb.delete_rule().rule_arn(arn);
            absent(aws.call("elasticloadbalancing:DeleteRule", &seen.address, call.send()).await).map(drop)
        }
    }

    async fn make(aws: &Aws, at: &Address, want: &ListenerRule, priority: u16) -> Result<Made, CallError> {
        let call = aws
            .elb
            .create_rule()
            .listener_arn(want.listener.as_str())
            .priority(i32::from(priority))
            .conditions(wire::condition(&want.condition))
            .actions(wire::action(&want.action))
            .set_tags(elb::tags(aws, at));
        let made = aws.call("elasticloadbalancing:CreateRule", at, call.send()).await?.rules;
        let made = made.unwrap_or_default().pop().and_then(|rule| rule.rule_arn);
        Ok(ready(identifiers(&aws.sent(at, "RuleArn", made)?, priority)))
    }

    /// Where no rule is, unless the one in the way is this one: its own create may have gone through unheard.
    async fn elsewhere(aws: &Aws, at: &Address, want: &ListenerRule, taken: CallError) -> Result<Made, CallError> {
        aws.forget().await;
        let balancer = elb::load_balancer_of(want.listener.as_str()).unwrap_or_default();
        if elb::owners_at(aws, &balancer).await?.values().any(|owner| owner == at) {
            return Err(CallError { class: Class::Exists, ..taken });
        }
        make(aws, at, want, priority_for(aws, at, want).await?).await
    }

    async fn set_priority(aws: &Aws, at: &Address, arn: &str, priority: u16) -> Result<(), CallError> {
        let pair = RulePriorityPair::builder().rule_arn(arn).priority(i32::from(priority)).build();
        let call = aws.elb.set_rule_priorities().rule_priorities(pair);
        aws.call("elasticloadbalancing:SetRulePriorities", at, call.send()).await.map(drop)
    }

    /// The wanted one or a free one. Another run may take that first: AWS refuses the second, who then chooses anew.
    async fn priority_for(aws: &Aws, at: &Address, want: &ListenerRule) -> Result<u16, CallError> {
        if let Some(priority) = want.priority {
            return Ok(priority);
        }
        let taken = elb::rules(aws, want.listener.as_str()).await?.iter().filter_map(wire::priority).collect();
        choose(at, &taken).ok_or_else(|| aws.refuse(at, "the listener has no free priority"))
    }

    /// The first free priority from a place that follows from the address.
    fn choose(at: &Address, taken: &BTreeSet<u16>) -> Option<u16> {
        let digest = Sha256::digest(at.as_str());
        let slots = u32::from(LAST - FIRST_FREE) + 1;
        let start = u32::from_be_bytes([digest[0], digest[1], digest[2], digest[3]]) % slots;
        let probed = (0..slots).filter_map(|step| u16::try_from((start + step) % slots).ok());
        probed.map(|slot| FIRST_FREE + slot).find(|priority| !taken.contains(priority))
    }

    async fn read_at(
        aws: &Aws,
        listener: &str,
        wanted: &[Wanted<ListenerRule>],
    ) -> Result<Vec<Seen<ListenerRule>>, CallError> {
        let balancer = elb::load_balancer_of(listener).unwrap_or_default();
        let (rules, owners) = try_join(elb::rules(aws, listener), elb::owners_at(aws, &balancer)).await?;
        Ok(rules.iter().filter_map(|rule| seen(listener, rule, &owners, wanted)).collect())
    }

    /// Everybody's rules are told, because a request meets all of them; of those that are not ours, only what a spec can say.
    fn seen(
        listener: &str,
        rule: &Rule,
        owners: &Owners,
        wanted: &[Wanted<ListenerRule>],
    ) -> Option<Seen<ListenerRule>> {
        let (arn, priority) = (rule.rule_arn()?, wire::priority(rule)?);
        let has_its_place = |want: &ListenerRule| {
            want.priority == Some(priority) && want.listener.if_known().is_some_and(|at| at.as_str() == listener)
        };
        let foreign = State::Foreign(format!("a rule with priority {priority} is there, and its tags are not ours"));
        let (address, want, state) = match elb::claim(owners, arn, wanted, has_its_place) {
            Some(Claim::Ours(address, want)) => (address, want, State::Ready),
            Some(Claim::Foreign(wanted)) => (wanted.address.clone(), Some(&wanted.spec), foreign),
            None => {
                wire::condition_of(rule)?;
                (Address::new("foreign", ListenerRule::FACTS.kind, &priority.to_string()), None, foreign)
            }
        };
        // Any place is right for a rule that says none, except among those that say theirs.
        let is_any_right = want.is_some_and(|want| want.priority.is_none()) && priority >= FIRST_FREE;
        let spec = ListenerRule {
            listener: listener.into(),
            priority: (!is_any_right).then_some(priority),
            condition: wire::condition_of(rule).unwrap_or_else(wire::unsayable),
            action: wire::action_of(rule),
        };
        Some(Seen { address, spec, outputs: identifiers(arn, priority), state, identity: arn.to_owned() })
    }

    fn identifiers(arn: &str, priority: u16) -> Outputs {
        outputs([(ARN, json!(arn)), (PRIORITY, json!(priority))])
    }

    #[cfg(test)]
    mod tests {
        use super::*;

        #[test]
        fn priorities_follow_from_the_address_and_step_over_taken_ones() {
            let at = Address::new("food", "listener-rule", "host");
            let first = choose(&at, &BTreeSet::new()).expect("nothing is taken");
            let second = choose(&at, &BTreeSet::from([first])).expect("one is taken");
            assert!((FIRST_FREE..=LAST).contains(&first));
            assert_eq!(second, if first == LAST { FIRST_FREE } else { first + 1 });
            assert_eq!(choose(&at, &(FIRST_FREE..=LAST).collect()), None);
        }
    }
}
