//! Laying one table over another: an environment's over the file's, the user's over what is built in.

use serde_json::{Map, Value, json};

use crate::LOCAL;

/// Tables merge; lists and values replace. So does `certificate`: the keys of one source mean nothing to another.
pub(crate) fn merge(base: &mut Value, over: &Value) {
    match (base, over) {
        (Value::Object(base), Value::Object(over)) => over.iter().for_each(|(key, over)| match base.get_mut(key) {
            Some(base) if key != "certificate" => merge(base, over),
            _ => drop(base.insert(key.clone(), over.clone())),
        }),
        (base, over) => *base = over.clone(),
    }
}

/// A file's tree as an environment sees it.
pub(crate) fn seen_by(environment: &str, file: &Value) -> Value {
    let mut seen = file.clone();
    let sections = seen.as_object_mut().and_then(|fields| fields.remove("environments"));
    if let Some(section) = sections.as_ref().and_then(|sections| sections.get(environment)).filter(|it| it.is_object())
    {
        merge(&mut seen, section);
    }
    seen
}

/// `platform.toml`'s tree with what the built-in environment has and with `prod` protected, unless it says otherwise.
pub(crate) fn with_built_ins(file: &Value) -> Value {
    // The emulator answers sooner than AWS, and shows at once what it did.
    let lease = json!({ "duration_seconds": 30, "call_timeout_seconds": 15, "settle_seconds": 2 });
    let local = json!({ "region": "eu-west-1", "domain": "internal.example", "lease": lease });
    let mut tree = json!({ "environments": { LOCAL: local } });
    if file["environments"].get("prod").is_some() {
        tree["environments"]["prod"] = json!({ "protected": true });
    }
    merge(&mut tree, file);
    tree
}

/// The environments a file has a table for.
pub(crate) fn sections(file: &Value) -> impl Iterator<Item = &String> {
    file["environments"].as_object().into_iter().flat_map(Map::keys)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tables_merge_and_lists_and_values_replace() {
        let file = json!({"a": {"b": 1, "c": [1, 2]}, "d": 4, "environments": {"dev": {"a": {"c": [3]}, "e": 5}}});
        assert_eq!(seen_by("dev", &file), json!({"a": {"b": 1, "c": [3]}, "d": 4, "e": 5}));
        assert_eq!(seen_by("prod", &file), json!({"a": {"b": 1, "c": [1, 2]}, "d": 4}));
    }

    #[test]
    fn a_certificate_is_replaced_whole() {
        let import = json!({"source": "import", "certificate": "a.pem", "private_key": "a.key"});
        let file = json!({"certificate": import, "environments": {"dev": {"certificate": {"source": "request"}}}});
        assert_eq!(seen_by("dev", &file), json!({"certificate": {"source": "request"}}));
    }

    #[test]
    fn prod_is_protected_unless_it_says_otherwise() {
        let protected = |file: Value| with_built_ins(&file)["environments"]["prod"]["protected"].clone();
        assert_eq!(protected(json!({"environments": {"prod": {"region": "eu-west-1"}}})), json!(true));
        assert_eq!(protected(json!({"environments": {"prod": {"protected": false}}})), json!(false));
        assert_eq!(protected(json!({})), Value::Null);
    }
}
