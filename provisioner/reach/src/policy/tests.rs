use super::*;

const API: &str = "arn:aws:execute-api:eu-west-1:222222222222:abc123/live/GET/orders";

fn invoke<'a>(context: &'a [(&'a str, Option<&'a str>)]) -> Ask<'a> {
    Ask { principal: Principal::Anonymous, action: "execute-api:Invoke", resource: Some(API), context }
}

fn open() -> Statement {
    Statement::allow("Open").anyone().actions(&["execute-api:Invoke"]).on("execute-api:/*")
}

fn only_from(endpoint: &str) -> Policy {
    let fence = Statement { deny: true, sid: "Fence".to_owned(), ..open() };
    expanded(&Policy::of([open(), fence.when("StringNotEquals", "aws:SourceVpce", endpoint)]), "abc123")
}

fn from(endpoint: &str, policy: &Policy) -> Decision {
    decide(policy, &invoke(&[("aws:SourceVpce", Some(endpoint))]))
}

#[test]
fn a_private_apis_policy_lets_in_its_endpoint_alone() {
    assert_eq!(from("vpce-1", &only_from("vpce-1")), Decision::Allowed);
    assert!(matches!(from("vpce-2", &only_from("vpce-1")), Decision::Denied { explicit: true, .. }));
    let without_endpoint = decide(&only_from("vpce-1"), &invoke(&[("aws:SourceVpce", None)]));
    assert!(matches!(without_endpoint, Decision::Denied { explicit: true, .. }));
}

#[test]
fn another_apis_policy_allows_nothing_here() {
    let policy = expanded(&Policy::of([open()]), "other");
    assert!(matches!(from("vpce-1", &policy), Decision::Denied { explicit: false, .. }));
    assert!(matches!(from("vpce-1", &Policy::default()), Decision::Denied { explicit: false, .. }));
}

/// One allow under one condition on `k`, asked with the given value of `k`.
fn condition(operator: &str, value: &str, have: Option<&str>) -> Truth {
    let policy = Policy::of([Statement::allow("").actions(&["*"]).on("*").when(operator, "k", value)]);
    let context = [("K", have)];
    let ask = Ask { principal: Principal::Holder, action: "a:B", resource: Some("r"), context: &context };
    match decide(&policy, &ask) {
        Decision::Allowed => Some(true),
        Decision::Denied { .. } => Some(false),
        Decision::CannotTell(_) => None,
    }
}

#[test]
fn condition_operators_compare_as_iam_does() {
    let arn = "arn:aws:iam::1:role/a";
    for (operator, value, have, expected) in [
        ("StringEquals", "a", Some("a"), Some(true)),
        ("StringEquals", "a*", Some("ab"), Some(false)),
        ("StringEquals", "a", Some("A"), Some(false)),
        ("StringEquals", "a", None, Some(false)),
        ("StringEqualsIgnoreCase", "a", Some("A"), Some(true)),
        ("StringEqualsIfExists", "a", None, Some(true)),
        ("StringEqualsIfExists", "a", Some("b"), Some(false)),
        ("StringNotEquals", "a", Some("b"), Some(true)),
        ("StringNotEquals", "a", Some("a"), Some(false)),
        ("StringNotEquals", "a", None, Some(true)),
        ("StringLike", "a*", Some("ab"), Some(true)),
        ("StringNotLike", "a*", Some("ab"), Some(false)),
        ("ArnLike", "arn:aws:iam::*:role/*", Some(arn), Some(true)),
        ("ArnEquals", "arn:aws:iam::1:role/*", Some(arn), Some(true)),
        ("ArnNotLike", "arn:aws:iam::2:role/*", Some(arn), Some(true)),
        ("ArnLike", "arn:*", Some(arn), Some(false)),
        ("Bool", "true", Some("true"), Some(true)),
        ("Bool", "true", Some("false"), Some(false)),
        ("Null", "true", None, Some(true)),
        ("Null", "true", Some("a"), Some(false)),
        ("Null", "false", Some("a"), Some(true)),
        ("IpAddress", "10.0.0.0/8", Some("10.0.0.1"), None),
        ("ForAllValues:StringEquals", "a", Some("a"), None),
        ("StringEquals", "${aws:PrincipalTag/x}", Some("a"), None),
    ] {
        assert_eq!(condition(operator, value, have), expected, "{operator} {value} {have:?}");
    }
}

#[test]
fn any_of_several_values_is_enough_and_all_keys_must_hold() {
    let policy = Policy::of([open().when("StringEquals", "a", "1").when("StringEquals", "a", "2").when(
        "StringEquals",
        "b",
        "3",
    )]);
    let policy = expanded(&policy, "abc123");
    assert_eq!(decide(&policy, &invoke(&[("a", Some("2")), ("b", Some("3"))])), Decision::Allowed);
    assert!(matches!(decide(&policy, &invoke(&[("a", Some("2")), ("b", Some("4"))])), Decision::Denied { .. }));
}

#[test]
fn none_of_several_values_may_match_a_negated_operator() {
    let fence = |have| {
        let deny = Statement { deny: true, ..open() };
        let deny = deny.when("StringNotEquals", "aws:SourceVpce", "vpce-1").when(
            "StringNotEquals",
            "aws:SourceVpce",
            "vpce-2",
        );
        from(have, &expanded(&Policy::of([open(), deny]), "abc123"))
    };
    assert_eq!(fence("vpce-2"), Decision::Allowed);
    assert!(matches!(fence("vpce-3"), Decision::Denied { explicit: true, .. }));
}

#[test]
fn what_is_not_understood_matters_only_where_it_could_change_the_answer() {
    let odd = |deny| Statement { deny, ..open().when("IpAddress", "aws:SourceIp", "10.0.0.0/8") };
    let asked = |statements: Vec<Statement>| from("vpce-1", &expanded(&Policy::of(statements), "abc123"));
    assert!(matches!(asked(vec![open(), odd(true)]), Decision::CannotTell(_)));
    assert!(matches!(asked(vec![odd(false)]), Decision::CannotTell(_)));
    assert_eq!(asked(vec![open(), odd(false)]), Decision::Allowed);
    assert!(matches!(asked(vec![odd(true)]), Decision::Denied { explicit: false, .. }));
    let denied = Statement { deny: true, ..open() };
    assert!(matches!(asked(vec![open(), odd(true), denied]), Decision::Denied { explicit: true, .. }));
}

#[test]
fn left_out_parts_are_negations_that_are_not_understood() {
    let text = |part: &str| format!(r#"{{"Statement":[{{"Effect":"Allow",{part}}}]}}"#);
    for part in [
        r#""Principal":"*","NotAction":"s3:*","Resource":"*""#,
        r#""Principal":"*","Action":"*","NotResource":"x""#,
        r#""NotPrincipal":{"AWS":"x"},"Action":"*","Resource":"*""#,
    ] {
        let policy = Policy::parse(&text(part)).expect("a policy");
        assert!(matches!(from("vpce-1", &policy), Decision::CannotTell(_)), "{part}");
    }
}

#[test]
fn actions_ignore_case_and_take_wildcards() {
    for (pattern, action, expected) in [
        ("dynamodb:Get*", "dynamodb:getItem", true),
        ("*", "a:B", true),
        ("dynamodb:Put?tem", "dynamodb:GetItem", false),
    ] {
        let policy = Policy::of([Statement::allow("").actions(&[pattern]).on("*")]);
        let ask = Ask { principal: Principal::Holder, action, resource: Some("r"), context: &[] };
        assert_eq!(decide(&policy, &ask) == Decision::Allowed, expected, "{pattern} {action}");
    }
}

#[test]
fn principals_are_matched_by_kind() {
    let role = "arn:aws:iam::222222222222:role/orders";
    let trust =
        |kind: &str, who: &str| Policy::of([Statement::allow("").principal(kind, who).actions(&["sts:AssumeRole"])]);
    let asked = |policy: &Policy, principal| {
        decide(policy, &Ask { principal, action: "sts:AssumeRole", resource: None, context: &[] }) == Decision::Allowed
    };
    let lambda = Principal::Service("lambda.amazonaws.com");
    assert!(asked(&trust("Service", "lambda.amazonaws.com"), lambda));
    assert!(!asked(&trust("Service", "ec2.amazonaws.com"), lambda));
    assert!(!asked(&trust("AWS", role), lambda) && asked(&trust("AWS", role), Principal::Role(role)));
    assert!(asked(&trust("AWS", "arn:aws:iam::222222222222:root"), Principal::Role(role)));
    assert!(!asked(&trust("AWS", role), Principal::Anonymous) && asked(&trust("AWS", "*"), Principal::Anonymous));
}
