//! Functions: what Lambda takes, and permissions on tables that exist.

use std::collections::BTreeMap;

use super::{Setting, text};
use crate::{Function, Service, Table, place::Place, words};

const LONGEST_NAME: usize = 32;

/// What else of a service has a log group or a role of its own.
pub(super) const TAKEN: [&str; 3] = ["api", "api-logs", "flow-log"];

/// 4 KB for all variables of a function, of which the platform keeps some for its own.
const MOST_ENVIRONMENT: usize = 4096 - 256;

/// Variables that Lambda sets itself (Lambda developer guide, "Defined runtime environment variables").
const RESERVED: [&str; 11] = [
    "AWS_ACCESS_KEY",
    "AWS_ACCESS_KEY_ID",
    "AWS_DEFAULT_REGION",
    "AWS_EXECUTION_ENV",
    "AWS_REGION",
    "AWS_SECRET_ACCESS_KEY",
    "AWS_SESSION_TOKEN",
    "LAMBDA_RUNTIME_DIR",
    "LAMBDA_TASK_ROOT",
    "_HANDLER",
    "_X_AMZN_TRACE_ID",
];

/// `AWS_LAMBDA_…` is Lambda's own too, but for what steers wrappers and the HTTP adapter.
const SETTABLE: [&str; 2] = ["AWS_LAMBDA_EXEC_WRAPPER", "AWS_LAMBDA_HTTP_IGNORE_STAGE_IN_PATH"];

/// What IAM authorises on a table's items (service authorization reference, Amazon DynamoDB).
const ACTIONS: [&str; 14] = [
    "BatchGetItem",
    "BatchWriteItem",
    "ConditionCheckItem",
    "DeleteItem",
    "DescribeTable",
    "GetItem",
    "PartiQLDelete",
    "PartiQLInsert",
    "PartiQLSelect",
    "PartiQLUpdate",
    "PutItem",
    "Query",
    "Scan",
    "UpdateItem",
];

pub(super) fn functions(at: &Place<'_>, service: &Service, setting: &Setting<'_>) {
    let all = at.key("functions");
    if service.functions.is_empty() {
        all.lacking("a service needs a function", "add `[functions.<name>]` with its `binary`");
    }
    for (name, function) in &service.functions {
        let at = all.key(name);
        text::name(&at, "a function", name, LONGEST_NAME);
        if TAKEN.contains(&name.as_str()) {
            at.wrong_key(
                format!("`{name}` cannot name a function"),
                "the platform uses this name itself: choose another",
            );
        }
        binary(&at.key("binary"), &function.binary);
        environment(&at.key("environment"), function, &service.tables, setting);
        for (table, actions) in &function.tables {
            permission(&at.key("tables").key(table), table, actions, &service.tables);
        }
    }
}

fn binary(at: &Place<'_>, name: &str) {
    let legal = |b: u8| b.is_ascii_alphanumeric() || b == b'-' || b == b'_';
    if !(1..=64).contains(&name.len()) || !name.bytes().all(legal) || name.starts_with('-') {
        let help = "the name of a `[[bin]]`, as in `target/lambda/<name>/bootstrap`: letters, digits, `-` and `_`";
        at.wrong(format!("`{name}` is not a binary's name"), help);
    }
}

fn environment(at: &Place<'_>, function: &Function, tables: &BTreeMap<String, Table>, setting: &Setting<'_>) {
    let mut size = 0;
    for (name, value) in &function.environment {
        variable(&at.key(name), name);
        size += name.len() + expanded(&at.key(name), value, tables, setting).len();
    }
    if size > MOST_ENVIRONMENT {
        let message = format!("the environment has {size} bytes, and there is room for {MOST_ENVIRONMENT}");
        at.wrong(message, "Lambda takes 4 KB, the platform keeps some: put large values into the binary or a table");
    }
}

fn variable(at: &Place<'_>, name: &str) {
    let legal = |b: u8| b.is_ascii_alphanumeric() || b == b'_';
    let lambdas_own = name.starts_with("AWS_LAMBDA_") && !SETTABLE.contains(&name);
    if RESERVED.contains(&name) || lambdas_own {
        at.wrong_key(format!("Lambda keeps `{name}` to itself"), "choose another name");
    } else if name.len() < 2 || !name.starts_with(|c: char| c.is_ascii_alphabetic()) || !name.bytes().all(legal) {
        let help = "two or more letters, digits and `_`, a letter first";
        at.wrong_key(format!("`{name}` cannot name a variable"), help);
    }
}

/// The value with tables' names in place of `${table:…}`.
fn expanded(at: &Place<'_>, value: &str, tables: &BTreeMap<String, Table>, setting: &Setting<'_>) -> String {
    let names = model::Names::new(setting.platform, setting.environment);
    let mut parts = value.split("${");
    let mut whole = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let (reference, rest) = part.split_once('}').unwrap_or((part, ""));
        match reference.strip_prefix("table:").filter(|_| part.contains('}')) {
            Some(table) if tables.contains_key(table) => whole += &names.name(setting.target, table, 255),
            Some(table) => no_such_table(table, tables, |message, help| at.wrong(message, help)),
            None => at.wrong(
                format!("`${{{reference}` refers to nothing"),
                "only `${table:<name>}` is replaced, by the table's name",
            ),
        }
        whole += rest;
    }
    whole
}

fn no_such_table(table: &str, tables: &BTreeMap<String, Table>, report: impl FnOnce(String, String)) {
    let known = tables.keys().map(String::as_str);
    let help = words::did_you_mean(table, known, &format!("add `[tables.{table}]`, or use one of"));
    report(format!("there is no table `{table}`"), help);
}

fn permission(at: &Place<'_>, table: &str, actions: &[String], tables: &BTreeMap<String, Table>) {
    if !tables.contains_key(table) {
        no_such_table(table, tables, |message, help| at.wrong_key(message, help));
    }
    if actions.is_empty() {
        at.wrong("no actions", "name what the function does, such as `GetItem`, or remove the line");
    }
    for (index, action) in actions.iter().enumerate() {
        if let Some(help) = action_flaw(action) {
            at.index(index).wrong(format!("`{action}` is not an action on items"), help);
        } else if let Some(first) = actions[..index].iter().position(|other| other == action) {
            let message = format!("`{action}` is named twice");
            at.index(index).clash(message, &at.index(first), "the first time", "keep one of the two");
        }
    }
}

fn action_flaw(action: &str) -> Option<String> {
    let plain = action.strip_prefix("dynamodb:").unwrap_or(action);
    match plain {
        _ if ACTIONS.contains(&action) => None,
        _ if plain.contains('*') => Some("name each action: functions do exactly what is listed".to_owned()),
        "TransactWriteItems" => {
            Some("IAM knows its parts: `PutItem`, `UpdateItem`, `DeleteItem`, `ConditionCheckItem`".to_owned())
        }
        "TransactGetItems" => Some("IAM knows its parts: `GetItem`".to_owned()),
        "ExecuteStatement" | "BatchExecuteStatement" | "ExecuteTransaction" => {
            Some("IAM knows its parts: `PartiQLSelect`, `PartiQLInsert`, `PartiQLUpdate`, `PartiQLDelete`".to_owned())
        }
        _ => Some(words::did_you_mean(plain, ACTIONS, "one of")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn actions_are_what_iam_authorises() {
        assert_eq!(action_flaw("UpdateItem"), None);
        let flaw = |action| action_flaw(action).expect(action);
        assert!(flaw("TransactWriteItems").contains("ConditionCheckItem"));
        assert_eq!(flaw("dynamodb:GetItem"), "did you mean `GetItem`?");
        assert_eq!(flaw("getitem"), "did you mean `GetItem`?");
        assert!(flaw("*").contains("name each action"));
        assert!(flaw("CreateTable").starts_with("one of"), "{}", flaw("CreateTable"));
    }
}
