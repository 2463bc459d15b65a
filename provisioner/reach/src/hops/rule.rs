//! The listener's rules: where they send the request.

use kinds::{
    Listener, ListenerRule, TargetGroup,
    listener_rule::{RuleAction, RuleCondition},
};

use crate::{
    answer::Answer,
    model::{Found, text},
    pattern::glob_any_case,
    request::Request,
    trace::Step,
    walk::{At, Next, Walk},
    world::State,
};

/// The first rule that fits decides; without one the listener's default answer.
pub(super) fn follow<'a>(walk: &mut Walk<'a>, listener: &Found<Listener>) -> Next<&'a Found<TargetGroup>> {
    let (model, request) = (walk.model, walk.request);
    let host = request.host_name();
    let mut rules = model.rules.all(listener.output(Listener::ARN));
    let Some(rule) = rules.find(|rule| fits(&rule.spec.condition, request, &host)) else {
        let status = listener.spec.default_status;
        let why = format!("no rule takes `{host}`: the default answers {status}");
        let at = At::named(listener, listener.output(Listener::ARN));
        return Err(walk.refuse(Step::Rule, at, why, walk.mend_service(), Answer::fixed(status, "")));
    };
    match &rule.spec.action {
        RuleAction::Forward(group) => forward(walk, listener, rule, text(group)),
        // The driver's word for an action that the platform never asks for.
        RuleAction::Refuse { status: 0, body } => {
            Err(walk.lose(Step::Rule, placed(rule), format!("it does something else: {body}")))
        }
        RuleAction::Refuse { status, body } => {
            let why = format!("{} answered with {status}", reason(&rule.spec.condition));
            Err(walk.refuse(Step::Rule, placed(rule), why, without(rule), Answer::fixed(*status, body)))
        }
    }
}

fn forward<'a>(
    walk: &mut Walk<'a>,
    listener: &Found<Listener>,
    rule: &Found<ListenerRule>,
    group: &str,
) -> Next<&'a Found<TargetGroup>> {
    let at = placed(rule);
    let foreign = matches!(rule.state, State::Foreign(_));
    match walk.model.target_groups.one(group) {
        Some(found) => {
            walk.ok(Step::Rule, at, reason(&rule.spec.condition) + " forwarded");
            Ok(found)
        }
        None if foreign => Err(walk.lose(Step::Rule, at, format!("somebody else's rule takes it first, to `{group}`"))),
        None => {
            let why = format!("forwards to target group `{group}`, which is not there");
            Err(walk.refuse(Step::Rule, at, why, listener.mend(), Answer::no_targets()))
        }
    }
}

/// What our own rules refuse is not let through by any command; what others refuse is for them to mend.
fn without(rule: &Found<ListenerRule>) -> Option<String> {
    match &rule.spec.condition {
        RuleCondition::Header { name, .. } if !matches!(rule.state, State::Foreign(_)) => {
            Some(format!("send the request without header `{name}`"))
        }
        _ => None,
    }
}

/// A rule, by its place among the others.
fn placed(rule: &Found<ListenerRule>) -> At {
    let priority = rule.outputs.get("priority").map_or_else(|| "unknown".to_owned(), ToString::to_string);
    At::named(rule, format!("priority {priority}"))
}

fn fits(condition: &RuleCondition, request: &Request, host: &str) -> bool {
    match condition {
        RuleCondition::Host(hosts) => hosts.iter().any(|pattern| glob_any_case(pattern, host)),
        RuleCondition::Header { name, values } => {
            request.values(name).any(|value| values.iter().any(|pattern| glob_any_case(pattern, value)))
        }
    }
}

fn reason(condition: &RuleCondition) -> String {
    match condition {
        RuleCondition::Host(hosts) => format!("host `{}` is", hosts.join("`, `")),
        RuleCondition::Header { name, .. } => format!("a request with header `{name}` is"),
    }
}
