//! What a policy says to one action: the part of IAM's rules that the platform's policies use.
//!
//! Whatever is not known here (a condition operator, a key, `NotAction`) gives [`Decision::CannotTell`], never a guess,
//! unless the answer is the same either way.

use std::collections::BTreeMap;

use model::{Arn, Input, Policy, policy::Statement};

use crate::pattern::{arn_like, glob, glob_any_case};

/// Who asks.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Principal<'a> {
    /// Somebody without credentials.
    Anonymous,
    /// Whoever holds the policy: identity policies name nobody.
    Holder,
    /// A role, by its ARN.
    Role(&'a str),
    /// A service such as `lambda.amazonaws.com`.
    Service(&'a str),
}

/// One question to a policy.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Ask<'a> {
    pub(crate) principal: Principal<'a>,
    pub(crate) action: &'a str,
    /// None where statements have no resource: trust policies.
    pub(crate) resource: Option<&'a str>,
    /// Condition keys, and their values; None for a key that the request does not have. Others are not known.
    pub(crate) context: &'a [(&'a str, Option<&'a str>)],
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Decision {
    Allowed,
    Denied {
        /// A statement denies, rather than none allowing.
        explicit: bool,
        /// Said in words.
        why: String,
    },
    /// What is not understood.
    CannotTell(String),
}

/// Yes, no, or not known.
type Truth = Option<bool>;

/// Deny wins over allow, allow over nothing.
pub(crate) fn decide(policy: &Policy, ask: &Ask<'_>) -> Decision {
    let judged: Vec<(&Statement, Truth)> = policy.statements.iter().map(|each| (each, applies(each, ask))).collect();
    let find =
        |deny: bool, truth: Truth| judged.iter().find(|(each, is)| each.deny == deny && *is == truth).map(|it| it.0);
    if let Some(statement) = find(true, Some(true)) {
        return Decision::Denied { explicit: true, why: format!("{} denies `{}`", named(statement), ask.action) };
    }
    let unclear =
        |statement| Decision::CannotTell(format!("{} has something that is not evaluated here", named(statement)));
    match (find(false, Some(true)), find(false, None), find(true, None)) {
        (Some(_), _, None) => Decision::Allowed,
        (Some(_), _, Some(statement)) | (None, Some(statement), _) => unclear(statement),
        (None, None, _) => Decision::Denied { explicit: false, why: format!("no statement allows `{}`", ask.action) },
    }
}

/// The policy with `execute-api:/…`, which is relative to the API that has the policy, written in full.
pub(crate) fn expanded(policy: &Policy, api: &str) -> Policy {
    let mut policy = policy.clone();
    for resource in policy.statements.iter_mut().flat_map(|statement| &mut statement.resources) {
        if let Some(path) = resource.if_known().and_then(|text| text.as_str().strip_prefix("execute-api:/")) {
            *resource = Input::Known(Arn::from(format!("arn:*:execute-api:*:*:{api}/{path}")));
        }
    }
    policy
}

fn named(statement: &Statement) -> String {
    if statement.sid.is_empty() { "a statement".to_owned() } else { format!("statement `{}`", statement.sid) }
}

fn applies(statement: &Statement, ask: &Ask<'_>) -> Truth {
    all([
        names(statement, ask.principal),
        acts(statement, ask.action),
        concerns(statement, ask.resource),
        all(statement.conditions.iter().map(|condition| holds(condition, ask))),
    ])
}

fn names(statement: &Statement, asking: Principal<'_>) -> Truth {
    let listed = |kind: &str, who: &str| match statement.principals.get(kind) {
        Some(names) => any(names.iter().map(|name| known(name).map(|name| name == who))),
        None => Some(false),
    };
    let root = |role: &str| format!("arn:aws:iam::{}:root", role.split(':').nth(4).unwrap_or_default());
    match asking {
        Principal::Holder => statement.principals.is_empty().then_some(true),
        // Somebody is always named, so nobody means `NotPrincipal`.
        _ if statement.principals.is_empty() => None,
        Principal::Anonymous => listed("AWS", "*"),
        Principal::Role(role) => any([listed("AWS", "*"), listed("AWS", role), listed("AWS", &root(role))]),
        Principal::Service(service) => any([listed("AWS", "*"), listed("Service", service)]),
    }
}

fn acts(statement: &Statement, action: &str) -> Truth {
    // No action means `NotAction`.
    (!statement.actions.is_empty()).then(|| statement.actions.iter().any(|pattern| glob_any_case(pattern, action)))
}

fn concerns(statement: &Statement, resource: Option<&str>) -> Truth {
    match resource {
        None => Some(true),
        // No resource means `NotResource`.
        Some(_) if statement.resources.is_empty() => None,
        Some(resource) => {
            any(statement.resources.iter().map(|pattern| known(pattern).map(|pattern| glob(pattern, resource))))
        }
    }
}

/// All keys of one operator must hold; of a key's values any is enough.
fn holds((operator, keys): (&String, &BTreeMap<String, Vec<Input<Arn>>>), ask: &Ask<'_>) -> Truth {
    all(keys.iter().map(|(key, values)| compare(operator, key, values, ask)))
}

fn compare(operator: &str, key: &str, values: &[Input<Arn>], ask: &Ask<'_>) -> Truth {
    let &(_, have) = ask.context.iter().find(|(name, _)| name.eq_ignore_ascii_case(key))?;
    if operator == "Null" {
        return any(values.iter().map(|value| known(value).map(|value| (value == "true") == have.is_none())));
    }
    let (operator, if_exists) =
        operator.strip_suffix("IfExists").map_or((operator, false), |operator| (operator, true));
    let (same, negated) = comparison(operator)?;
    // A key that is not there equals nothing.
    let equal = match have {
        None if if_exists => return Some(true),
        None => Some(false),
        Some(have) => any(values.iter().map(|value| known(value).map(|value| same(value, have)))),
    };
    equal.map(|equal| equal != negated)
}

type Comparison = fn(&str, &str) -> bool;

/// How an operator compares a policy's value with the request's, and whether it asks for the opposite.
fn comparison(operator: &str) -> Option<(Comparison, bool)> {
    let ignoring_case: Comparison = |value, have| value.eq_ignore_ascii_case(have);
    let equal: Comparison = |value, have| value == have;
    Some(match operator {
        "ArnEquals" | "ArnLike" => (arn_like, false),
        "ArnNotEquals" | "ArnNotLike" => (arn_like, true),
        "Bool" => (ignoring_case, false),
        "StringEquals" => (equal, false),
        "StringEqualsIgnoreCase" => (ignoring_case, false),
        "StringLike" => (glob, false),
        "StringNotEquals" => (equal, true),
        "StringNotEqualsIgnoreCase" => (ignoring_case, true),
        "StringNotLike" => (glob, true),
        _ => return None,
    })
}

/// A value, unless it is a promise or has a policy variable (`${aws:…}`) in it.
fn known(value: &Input<Arn>) -> Option<&str> {
    value.if_known().map(Arn::as_str).filter(|text| !text.contains("${"))
}

fn all(truths: impl IntoIterator<Item = Truth>) -> Truth {
    any(truths.into_iter().map(|truth| truth.map(|is| !is))).map(|is| !is)
}

fn any(truths: impl IntoIterator<Item = Truth>) -> Truth {
    let mut result = Some(false);
    for truth in truths {
        match truth {
            Some(true) => return Some(true),
            Some(false) => {}
            None => result = None,
        }
    }
    result
}

#[cfg(test)]
mod tests;
