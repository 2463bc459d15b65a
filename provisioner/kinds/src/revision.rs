//! Revisions: short hashes of content, by which deployments and published versions are known.

use serde_json::Value;
use sha2::{Digest, Sha256};

/// Sixteen hexadecimal characters of the SHA-256 of the content's JSON, its keys in order.
#[must_use]
pub fn revision(content: &Value) -> String {
    let digest = Sha256::digest(canonical(content).as_bytes());
    digest.iter().take(8).map(|byte| format!("{byte:02x}")).collect()
}

/// Whether a description is one that we wrote.
#[must_use]
pub fn is_revision(text: &str) -> bool {
    text.len() == 16 && text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
}

/// Keys in ascending order, whatever order the map type of this build keeps.
fn canonical(value: &Value) -> String {
    match value {
        Value::Object(fields) => {
            let mut fields: Vec<String> = fields
                .iter()
                .map(|(name, value)| format!("{}:{}", Value::from(name.as_str()), canonical(value)))
                .collect();
            fields.sort();
            format!("{{{}}}", fields.join(","))
        }
        Value::Array(items) => format!("[{}]", items.iter().map(canonical).collect::<Vec<_>>().join(",")),
        plain => plain.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn equal_content_has_one_revision_and_other_content_another() {
        let one = revision(&json!({"a": [1, {"b": null}], "c": "x"}));
        assert_eq!(one, "e478500dd93008fb");
        assert_ne!(one, revision(&json!({"a": [1, {"b": null}], "c": "y"})));
        assert!(is_revision(&one));
        assert!(!is_revision("E478500DD93008FB") && !is_revision("by hand"));
    }

    #[test]
    fn the_order_of_keys_is_no_content() {
        let one = serde_json::from_str(r#"{"a": 1, "b": {"c": 2, "d": 3}}"#).expect("JSON");
        let other = serde_json::from_str(r#"{"b": {"d": 3, "c": 2}, "a": 1}"#).expect("JSON");
        assert_eq!(revision(&one), revision(&other));
    }
}
