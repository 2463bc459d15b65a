//! What differs between two JSON values: the paths, and at each path what goes and what comes.

use serde_json::{Map, Value};

/// A path that differs. Lists are compared as what was taken out and put in, so that one more entry is one difference.
#[derive(Debug, PartialEq)]
pub(super) struct Difference {
    /// Below the field, such as `.Statement[3].Action`; empty for the field itself.
    pub path: String,
    pub before: Option<Value>,
    pub after: Option<Value>,
}

/// Every path at which `after` is otherwise than `before`.
#[must_use]
pub(super) fn differences(before: Option<&Value>, after: Option<&Value>) -> Vec<Difference> {
    let mut found = Vec::new();
    compare("", before, after, &mut found);
    found
}

fn compare(path: &str, before: Option<&Value>, after: Option<&Value>, found: &mut Vec<Difference>) {
    match (before, after) {
        _ if before == after => {}
        (Some(Value::Object(before)), Some(Value::Object(after))) => objects(path, before, after, found),
        (Some(Value::Array(before)), Some(Value::Array(after))) => lists(path, before, after, found),
        _ => found.push(Difference { path: path.to_owned(), before: before.cloned(), after: after.cloned() }),
    }
}

fn objects(path: &str, before: &Map<String, Value>, after: &Map<String, Value>, found: &mut Vec<Difference>) {
    let is_new = |name: &&String| !before.contains_key(*name);
    for name in before.keys().chain(after.keys().filter(is_new)) {
        compare(&format!("{path}.{name}"), before.get(name), after.get(name), found);
    }
}

/// What both have is left out. Of the rest, objects and lists are taken for changed ones in their order; anything else is taken
/// out or put in.
fn lists(path: &str, before: &[Value], after: &[Value], found: &mut Vec<Difference>) {
    let (gone, come) = (only_in(before, after), only_in(after, before));
    if gone.is_empty() && come.is_empty() {
        let order = |items: &[Value]| Some(Value::from(items));
        return found.push(Difference { path: format!("{path} (order)"), before: order(before), after: order(after) });
    }
    let paired = gone.iter().zip(&come).take_while(|((_, gone), (_, come))| are_alike(gone, come)).count();
    for ((_, gone), (at, come)) in gone.iter().zip(&come).take(paired) {
        compare(&format!("{path}[{at}]"), Some(gone), Some(come), found);
    }
    found.extend(gone[paired..].iter().map(|(at, item)| only(path, *at, Some(item), None)));
    found.extend(come[paired..].iter().map(|(at, item)| only(path, *at, None, Some(item))));
}

/// A list's entry that has no counterpart. A plain value says itself which one it is.
fn only(path: &str, at: usize, before: Option<&Value>, after: Option<&Value>) -> Difference {
    let is_nested = before.or(after).is_some_and(is_nested);
    let path = if is_nested { format!("{path}[{at}]") } else { path.to_owned() };
    Difference { path, before: before.cloned(), after: after.cloned() }
}

/// The entries of one list that the other has not, or not as often, and where they are.
fn only_in<'a>(items: &'a [Value], others: &[Value]) -> Vec<(usize, &'a Value)> {
    let mut others: Vec<&Value> = others.iter().collect();
    let mut found = Vec::new();
    for (at, item) in items.iter().enumerate() {
        match others.iter().position(|other| *other == item) {
            Some(twin) => {
                others.swap_remove(twin);
            }
            None => found.push((at, item)),
        }
    }
    found
}

fn are_alike(one: &Value, other: &Value) -> bool {
    (one.is_object() && other.is_object()) || (one.is_array() && other.is_array())
}

fn is_nested(value: &Value) -> bool {
    value.is_object() || value.is_array()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    /// As `path: before → after`.
    fn told(before: &Value, after: &Value) -> Vec<String> {
        let side = |value: Option<Value>| value.map_or_else(|| "-".to_owned(), |value| value.to_string());
        let found = differences(Some(before), Some(after));
        found.into_iter().map(|it| format!("{}: {} → {}", it.path, side(it.before), side(it.after))).collect()
    }

    #[test]
    fn only_the_paths_that_differ_are_told() {
        let before = json!({"Statement": [{"Sid": "a", "Action": "x"}, {"Sid": "b", "Condition": {"p": "1"}}], "V": 1});
        let after = json!({"Statement": [{"Sid": "a", "Action": "x"}, {"Sid": "b", "Condition": {"p": "2"}}], "V": 1});
        assert_eq!(told(&before, &after), [r#".Statement[1].Condition.p: "1" → "2""#]);
    }

    #[test]
    fn lists_of_plain_values_tell_what_went_and_what_came() {
        let (before, after) = (json!(["a", "b", "b"]), json!(["c", "b", "a"]));
        assert_eq!(told(&before, &after), [r#": "b" → -"#, r#": - → "c""#]);
    }

    #[test]
    fn an_entry_more_is_one_difference() {
        let (one, two) = (json!({"Sid": "a"}), json!({"Sid": "b"}));
        assert_eq!(told(&json!([two]), &json!([one, two])), [r#"[0]: - → {"Sid":"a"}"#]);
        assert_eq!(told(&json!([one, two]), &json!([two])), [r#"[0]: {"Sid":"a"} → -"#]);
    }

    #[test]
    fn names_may_come_and_go() {
        let (before, after) = (json!({"a": 1, "b": 2}), json!({"b": 2, "c": 3}));
        assert_eq!(told(&before, &after), [".a: 1 → -", ".c: - → 3"]);
    }

    #[test]
    fn another_order_is_told_as_such() {
        assert_eq!(told(&json!([1, 2]), &json!([2, 1])), [" (order): [1,2] → [2,1]"]);
    }

    #[test]
    fn other_types_are_told_whole() {
        assert_eq!(told(&json!({"a": [1]}), &json!({"a": "1"})), [r#".a: [1] → "1""#]);
        assert!(told(&json!({"a": [1]}), &json!({"a": [1]})).is_empty());
    }
}
