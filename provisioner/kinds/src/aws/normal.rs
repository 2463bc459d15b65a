//! Answers in the form that wanted specs have.

use aws_smithy_types::DateTime;
use model::{Id, Input};
use serde::Serialize;
use serde_json::Value;

/// The found texts in the wanted order if they are the same ones, in ascending order otherwise: AWS keeps no order.
#[must_use]
pub fn in_wanted_order<T: Id>(mut found: Vec<String>, wanted: Option<&[Input<T>]>) -> Vec<Input<T>> {
    found.sort();
    match wanted.filter(|wanted| is_same_set(&found, wanted)) {
        Some(wanted) => wanted.to_vec(),
        None => found.into_iter().map(Input::from).collect(),
    }
}

/// `found` is in ascending order.
fn is_same_set<T: Id>(found: &[String], wanted: &[Input<T>]) -> bool {
    let mut texts: Vec<Option<&str>> = wanted.iter().map(|input| Some(input.if_known()?.as_ref())).collect();
    texts.sort_unstable();
    texts.into_iter().eq(found.iter().map(|text| Some(text.as_str())))
}

/// Creation time in seconds, then the id: older objects sort before their twins.
#[must_use]
pub fn identity(created: Option<&DateTime>, id: &str) -> String {
    format!("{} {id}", created.map_or(0, DateTime::secs))
}

/// Whether nothing that is known of what is wanted differs from what was found: a promise may turn out to be anything.
///
/// # Panics
/// If a spec does not serialize: specs are plain data.
#[must_use]
pub fn agrees<T: Serialize>(found: &T, wanted: &T) -> bool {
    let value = |spec: &T| serde_json::to_value(spec).expect("specs are plain data");
    is_alike(&value(found), &value(wanted))
}

fn is_alike(found: &Value, wanted: &Value) -> bool {
    match (found, wanted) {
        (_, Value::Object(wanted)) if wanted.contains_key("$ref") || wanted.contains_key("$join") => true,
        (Value::Object(found), Value::Object(wanted)) => {
            let is_field_alike = |(name, wanted)| found.get(name).is_some_and(|found| is_alike(found, wanted));
            found.len() == wanted.len() && wanted.iter().all(is_field_alike)
        }
        (Value::Array(found), Value::Array(wanted)) => {
            found.len() == wanted.len() && found.iter().zip(wanted).all(|(found, wanted)| is_alike(found, wanted))
        }
        _ => found == wanted,
    }
}

/// Known texts, as calls take them.
#[must_use]
pub fn texts<T: Id>(inputs: &[Input<T>]) -> Option<Vec<String>> {
    Some(inputs.iter().map(|input| input.as_str().to_owned()).collect())
}

#[cfg(test)]
mod tests {
    use model::SubnetId;
    use serde_json::json;

    use super::*;

    #[test]
    fn what_is_not_known_yet_agrees_with_anything() {
        let found = json!({"role": "arn:1", "groups": ["sg-1"], "size": 1});
        assert!(agrees(&found, &json!({"role": {"$ref": "a/role/b#arn"}, "groups": [{"$join": []}], "size": 1})));
        for other in [
            json!({"role": {"$ref": "a/role/b#arn"}, "groups": ["sg-1"], "size": 2}),
            json!({"role": "arn:1", "groups": ["sg-1", {"$ref": "a/b/c#id"}], "size": 1}),
            json!({"role": "arn:1", "groups": ["sg-1"]}),
        ] {
            assert!(!agrees(&found, &other), "{other}");
        }
    }

    #[test]
    fn the_order_of_the_same_texts_is_no_difference() {
        let wanted: Vec<Input<SubnetId>> = vec!["subnet-b".into(), "subnet-a".into()];
        let found = |texts: &[&str]| texts.iter().map(|&text| text.to_owned()).collect();
        assert_eq!(in_wanted_order(found(&["subnet-a", "subnet-b"]), Some(&wanted)), wanted);
        let others: Vec<Input<SubnetId>> = vec!["subnet-a".into(), "subnet-c".into()];
        assert_eq!(in_wanted_order(found(&["subnet-c", "subnet-a"]), Some(&wanted)), others);
        assert_eq!(in_wanted_order(found(&["subnet-c", "subnet-a"]), None), others);
    }
}
