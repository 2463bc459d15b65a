//! The difference between a wanted and a seen spec: names of top-level fields.

use model::Facts;
use serde_json::Value;

/// Fields of `want` that `seen` has otherwise, in alphabetical order. A promise differs from every value.
pub(crate) fn differing(want: &Value, seen: &Value) -> Vec<String> {
    let Some(fields) = want.as_object() else { return Vec::new() };
    let mut names: Vec<String> = fields
        .iter()
        .filter(|(name, value)| seen.get(name.as_str()) != Some(value))
        .map(|(name, _)| name.clone())
        .collect();
    names.sort();
    names
}

/// Whether one of the fields cannot change in place.
pub(crate) fn replaces(facts: &Facts, fields: &[String]) -> bool {
    fields.iter().any(|field| facts.replace_on.contains(&field.as_str()))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::differing;

    #[test]
    fn only_fields_with_other_values_are_named() {
        let want = json!({"a": 1, "b": {"$ref": "x/vpc/main#id"}, "c": [1]});
        assert_eq!(differing(&want, &json!({"a": 1, "b": "vpc-1", "c": [1], "d": 2})), ["b"]);
    }
}
