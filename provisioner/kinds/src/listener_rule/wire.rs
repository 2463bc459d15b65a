//! Between our words for conditions and actions and the SDK's.

use aws_sdk_elasticloadbalancingv2::types::{
    self, Action, ActionTypeEnum, FixedResponseActionConfig, HostHeaderConditionConfig, HttpHeaderConditionConfig, Rule,
};

use super::{RuleAction, RuleCondition};

const HOST: &str = "host-header";
const HEADER: &str = "http-header";

pub(super) fn condition(want: &RuleCondition) -> types::RuleCondition {
    let condition = types::RuleCondition::builder();
    match want {
        RuleCondition::Host(hosts) => {
            let config = HostHeaderConditionConfig::builder().set_values(Some(hosts.clone())).build();
            condition.field(HOST).host_header_config(config).build()
        }
        RuleCondition::Header { name, values } => {
            let config = HttpHeaderConditionConfig::builder().http_header_name(name).set_values(Some(values.clone()));
            condition.field(HEADER).http_header_config(config.build()).build()
        }
    }
}

pub(super) fn action(want: &RuleAction) -> Action {
    match want {
        RuleAction::Forward(group) => {
            Action::builder().r#type(ActionTypeEnum::Forward).target_group_arn(group.as_str()).build()
        }
        RuleAction::Refuse { status, body } => {
            let answer = FixedResponseActionConfig::builder().status_code(status.to_string()).message_body(body);
            let answer = answer.content_type("text/plain").build();
            Action::builder().r#type(ActionTypeEnum::FixedResponse).fixed_response_config(answer).build()
        }
    }
}

/// None for the default rule.
pub(super) fn priority(rule: &Rule) -> Option<u16> {
    rule.priority()?.parse().ok()
}

/// None if the rule asks for something else, or for more than one thing.
pub(super) fn condition_of(rule: &Rule) -> Option<RuleCondition> {
    let [condition] = rule.conditions() else { return None };
    match condition.field()? {
        HOST => {
            let hosts = condition.host_header_config().map_or(condition.values(), |config| config.values());
            (!hosts.is_empty()).then(|| RuleCondition::Host(hosts.to_vec()))
        }
        HEADER => {
            let config = condition.http_header_config().filter(|config| !config.values().is_empty())?;
            let (name, values) = (config.http_header_name()?.to_owned(), config.values().to_vec());
            Some(RuleCondition::Header { name, values })
        }
        _ => None,
    }
}

/// How a rule of ours reads whose condition somebody changed into one that we have no words for.
pub(super) fn unsayable() -> RuleCondition {
    RuleCondition::Host(Vec::new())
}

/// Anything but one fixed answer or one target group reads as a refusal with status 0 and the action's type.
pub(super) fn action_of(rule: &Rule) -> RuleAction {
    let unsayable = |what: &str| RuleAction::Refuse { status: 0, body: what.to_owned() };
    let [action] = rule.actions() else { return unsayable("several actions") };
    if let Some(group) = target_group(action) {
        return RuleAction::Forward(group.into());
    }
    let Some(answer) = action.fixed_response_config() else {
        return unsayable(action.r#type().map_or("", ActionTypeEnum::as_str));
    };
    let status = answer.status_code().and_then(|status| status.parse().ok()).unwrap_or_default();
    RuleAction::Refuse { status, body: answer.message_body().unwrap_or_default().to_owned() }
}

fn target_group(action: &Action) -> Option<&str> {
    let only = match action.forward_config().map(|config| config.target_groups()) {
        Some([group]) => group.target_group_arn(),
        Some(_) => None,
        None => action.target_group_arn(),
    };
    only.filter(|_| action.r#type() == Some(&ActionTypeEnum::Forward))
}

#[cfg(test)]
mod tests {
    use aws_sdk_elasticloadbalancingv2::types::{ForwardActionConfig, TargetGroupTuple};

    use super::*;

    #[test]
    fn conditions_without_words_are_none() {
        let path = types::RuleCondition::builder().field("path-pattern").values("/a").build();
        assert_eq!(condition_of(&Rule::builder().conditions(path.clone()).build()), None);
        let host = types::RuleCondition::builder().field(HOST).values("a.example").build();
        let one = Rule::builder().conditions(host.clone()).build();
        assert_eq!(condition_of(&one), Some(RuleCondition::Host(vec!["a.example".to_owned()])));
        assert_eq!(condition_of(&Rule::builder().conditions(host).conditions(path).build()), None);
    }

    #[test]
    fn a_split_between_groups_is_no_forward_of_ours() {
        let group = |arn: &str| TargetGroupTuple::builder().target_group_arn(arn).build();
        let split = ForwardActionConfig::builder().target_groups(group("a")).target_groups(group("b")).build();
        let action = Action::builder().r#type(ActionTypeEnum::Forward).forward_config(split).build();
        let seen = action_of(&Rule::builder().actions(action).build());
        assert_eq!(seen, RuleAction::Refuse { status: 0, body: "forward".to_owned() });
    }
}
