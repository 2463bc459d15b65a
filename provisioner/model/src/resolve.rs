//! Finding and filling the references inside a spec's JSON tree.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::Address;

/// An object's outputs by name.
pub type Outputs = BTreeMap<String, Value>;

/// Every `(address, field)` that the tree refers to, in order of appearance.
#[must_use]
pub fn references(value: &Value) -> Vec<(Address, String)> {
    let mut found = Vec::new();
    collect(value, &mut found);
    found
}

fn collect(value: &Value, found: &mut Vec<(Address, String)>) {
    match value {
        Value::Array(items) => items.iter().for_each(|item| collect(item, found)),
        Value::Object(map) => match reference(value) {
            Some(reference) => found.push(reference),
            None => map.values().for_each(|item| collect(item, found)),
        },
        _ => {}
    }
}

fn reference(value: &Value) -> Option<(Address, String)> {
    let (node, field) = value.get("$ref")?.as_str()?.split_once('#')?;
    Some((node.parse().ok()?, field.to_owned()))
}

/// The tree with every reference that `lookup` knows replaced by its value; unknown ones stay.
pub fn resolve(value: &Value, lookup: &dyn Fn(&Address, &str) -> Option<Value>) -> Value {
    if let Some((node, field)) = reference(value) {
        return lookup(&node, &field).unwrap_or_else(|| value.clone());
    }
    if let Some(parts) = value.get("$join").and_then(Value::as_array) {
        return join(parts.iter().map(|part| resolve(part, lookup)).collect());
    }
    match value {
        Value::Array(items) => Value::Array(items.iter().flat_map(|item| spread(item, lookup)).collect()),
        Value::Object(map) => {
            Value::Object(map.iter().map(|(key, item)| (key.clone(), resolve(item, lookup))).collect())
        }
        other => other.clone(),
    }
}

/// A promise of a list inside a list gives its items (an endpoint's addresses among targets).
fn spread(item: &Value, lookup: &dyn Fn(&Address, &str) -> Option<Value>) -> Vec<Value> {
    match (reference(item).is_some(), resolve(item, lookup)) {
        (true, Value::Array(items)) => items,
        (_, value) => vec![value],
    }
}

fn join(parts: Vec<Value>) -> Value {
    let texts: Option<Vec<&str>> = parts.iter().map(Value::as_str).collect();
    match texts {
        Some(texts) => Value::String(texts.concat()),
        None => serde_json::json!({ "$join": parts }),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn known(node: &Address, field: &str) -> Option<Value> {
        match (node.as_str(), field) {
            ("a/vpc/main", "id") => Some(json!("vpc-1")),
            ("a/vpc-endpoint/main", "addresses") => Some(json!(["10.0.0.4", "10.0.0.5"])),
            _ => None,
        }
    }

    #[test]
    fn known_references_are_filled_and_unknown_ones_stay() {
        let spec = json!({"vpc": {"$ref": "a/vpc/main#id"}, "key": {"$ref": "a/kms-key/main#arn"}});
        assert_eq!(resolve(&spec, &known), json!({"vpc": "vpc-1", "key": {"$ref": "a/kms-key/main#arn"}}));
        assert_eq!(references(&spec).len(), 2);
    }

    #[test]
    fn joined_texts_become_one_text_when_every_part_is_known() {
        let spec = json!({"arn": {"$join": ["x:", {"$ref": "a/vpc/main#id"}, "/*"]}});
        assert_eq!(resolve(&spec, &known), json!({"arn": "x:vpc-1/*"}));
    }

    #[test]
    fn a_list_inside_a_list_is_spread() {
        let spec = json!({"targets": [{"$ref": "a/vpc-endpoint/main#addresses"}]});
        assert_eq!(resolve(&spec, &known), json!({"targets": ["10.0.0.4", "10.0.0.5"]}));
    }
}
