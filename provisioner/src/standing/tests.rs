use std::sync::Arc;

use engine::Seen;
use model::{CreateSafety, Facts};
use serde_json::json;

use super::*;

static FACTS: Facts = Facts { kind: "thing", ..Facts::of(CreateSafety::Named) };

fn at(name: &str) -> Address {
    Address::new("food", "thing", name)
}

fn promise(name: &str) -> Value {
    json!({"$ref": format!("{}#id", at(name))})
}

/// One object: what is wanted, and what was seen of it if it is there.
fn step(name: &str, action: Action, want: Value, spec: Option<Value>) -> Step {
    let seen = spec.map(|spec| Seen {
        address: at(name),
        spec,
        outputs: model::Outputs::default(),
        state: State::Ready,
        identity: String::new(),
    });
    let (address, account) = (at(name), "food".to_owned());
    Step {
        address,
        account,
        facts: &FACTS,
        action,
        want,
        seen: seen.map(Arc::new),
        surplus: Vec::new(),
        context: false,
    }
}

fn update(name: &str, want: Value, spec: Value) -> Step {
    step(name, Action::Update { fields: Vec::new() }, want, Some(spec))
}

fn stands(steps: Vec<Step>, unknown: &[&str], name: &str) -> Standing {
    let steps = steps.into_iter().map(|step| (step.address.clone(), step)).collect();
    let plan = Plan { steps, strays: Vec::new() };
    let reading = Reading { unknown: unknown.iter().map(|name| at(name)).collect(), ..Reading::default() };
    of(&plan, &reading, &plan.steps[&at(name)])
}

fn drifted(fields: &[&str]) -> Standing {
    Standing::Drifted { fields: fields.iter().map(|field| (*field).to_owned()).collect() }
}

/// A table, the function that has its name, and the function's version.
fn chain(table: Step, environment: &Value) -> Vec<Step> {
    let want = json!({"memory": 128, "environment": {"TABLE": promise("table")}});
    let seen = json!({"memory": 128, "environment": environment});
    let version = update("version", json!({"revision": promise("function")}), json!({"revision": "r1"}));
    vec![table, update("function", want, seen), version]
}

#[test]
fn what_needs_a_missing_object_follows_it_through_all_between() {
    let steps = || chain(step("table", Action::Create, json!({}), None), &json!({"TABLE": "orders"}));
    let after = Standing::Follows { after: [at("table")].into() };
    assert_eq!(stands(steps(), &[], "table"), Standing::Missing);
    assert_eq!(stands(steps(), &[], "function"), after);
    assert_eq!(stands(steps(), &[], "version"), after);
}

#[test]
fn what_needs_an_unreadable_object_cannot_be_told() {
    let blocked = Action::Blocked { why: "it could not be read".to_owned() };
    let steps = || chain(step("table", blocked.clone(), json!({}), None), &json!({"TABLE": "orders"}));
    assert_eq!(stands(steps(), &["table"], "table"), Standing::Unreadable);
    let without = Standing::Unclear { without: [at("table")].into() };
    assert_eq!(stands(steps(), &["table"], "version"), without);
}

#[test]
fn what_is_otherwise_in_any_case_has_drifted() {
    let steps = || chain(step("table", Action::Create, json!({}), None), &json!({"TABLE": "orders", "MORE": "x"}));
    assert_eq!(stands(steps(), &[], "function"), drifted(&["environment"]));
    assert_eq!(stands(steps(), &[], "version"), Standing::Follows { after: [at("function")].into() });
}

#[test]
fn a_field_without_a_promise_drifts_by_itself() {
    let want = json!({"memory": 256, "table": promise("table")});
    let table = || step("table", Action::Create, json!({}), None);
    let function = update("function", want, json!({"memory": 128, "table": "orders"}));
    assert_eq!(stands(vec![table(), function], &[], "function"), drifted(&["memory"]));
}

#[test]
fn promises_come_to_what_fits_around_them() {
    let arn = json!({"$join": ["arn:aws:kms:", promise("key"), ":key"]});
    for (want, seen, fit) in [
        (json!([promise("a")]), json!(["10.0.0.1", "10.0.0.2"]), true),
        (json!(["x", promise("a")]), json!(["y", "z"]), false),
        (json!({"s": [{"on": arn, "deny": true}]}), json!({"s": [{"on": "arn:aws:kms:1:key", "deny": true}]}), true),
        (json!({"s": [{"on": arn, "deny": true}]}), json!({"s": [{"on": "arn:aws:kms:1:key", "deny": false}]}), false),
        (json!({"s": [{"on": arn}]}), json!({"s": [{"on": "arn:aws:s3:::b"}]}), false),
        (json!({"s": [{"on": arn}]}), json!({"s": [{"on": "arn:aws:kms:1:key"}, {"on": "*"}]}), false),
    ] {
        assert_eq!(fits(&want, &seen), fit, "{want} {seen}");
    }
}

#[test]
fn what_is_going_is_neither_there_nor_gone() {
    let mut key = step("key", Action::Restore, json!({}), Some(json!({})));
    if let Some(seen) = &mut key.seen {
        Arc::make_mut(seen).state = State::Retired("pending deletion".to_owned());
    }
    let standing = stands(vec![key], &[], "key");
    assert_eq!(standing, Standing::Retired { why: "pending deletion".to_owned() });
    assert!(standing.is_absent());
}

#[test]
fn what_may_not_be_changed_says_why() {
    let why = "it needs `x`".to_owned();
    let blocked = step("a", Action::Blocked { why: why.clone() }, json!({"b": 1}), Some(json!({"b": 1})));
    assert_eq!(stands(vec![blocked], &[], "a"), Standing::NotReady { why });
}
