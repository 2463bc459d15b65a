//! JSON as it was written: repeated keys are kept, so that a check can refuse them.

use std::fmt;

use serde::de::{Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};

/// A JSON value. Whole numbers that fit are [`Json::Integer`], all others [`Json::Number`].
#[derive(Clone, Debug, PartialEq)]
pub enum Json {
    Null,
    Bool(bool),
    Integer(i64),
    Number(f64),
    Text(String),
    List(Vec<Json>),
    Object(Vec<(String, Json)>),
}

impl Json {
    /// # Errors
    /// The line and column where the text stops being strict JSON in UTF-8, or nests deeper than 127 levels.
    pub fn parse(bytes: &[u8]) -> Result<Self, (usize, usize)> {
        serde_json::from_slice(bytes).map_err(|error| (error.line(), error.column()))
    }
}

impl<'de> Deserialize<'de> for Json {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(JsonVisitor)
    }
}

struct JsonVisitor;

impl<'de> Visitor<'de> for JsonVisitor {
    type Value = Json;

    fn expecting(&self, formatter: &mut fmt::Formatter) -> fmt::Result {
        formatter.write_str("JSON")
    }

    fn visit_unit<E>(self) -> Result<Json, E> {
        Ok(Json::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Json, E> {
        Ok(Json::Bool(value))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Json, E> {
        Ok(Json::Integer(value))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Json, E> {
        Ok(i64::try_from(value).map_or(Json::Number(value as f64), Json::Integer))
    }

    fn visit_f64<E>(self, value: f64) -> Result<Json, E> {
        Ok(Json::Number(value))
    }

    fn visit_str<E>(self, value: &str) -> Result<Json, E> {
        Ok(Json::Text(value.to_owned()))
    }

    fn visit_string<E>(self, value: String) -> Result<Json, E> {
        Ok(Json::Text(value))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut access: A) -> Result<Json, A::Error> {
        let mut list = Vec::new();
        while let Some(value) = access.next_element()? {
            list.push(value);
        }
        Ok(Json::List(list))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut access: A) -> Result<Json, A::Error> {
        let mut entries = Vec::new();
        while let Some(entry) = access.next_entry()? {
            entries.push(entry);
        }
        Ok(Json::Object(entries))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn repeated_keys_are_kept() {
        let twice = vec![("a".to_owned(), Json::Integer(1)), ("a".to_owned(), Json::Null)];
        assert_eq!(Json::parse(br#"{"a":1,"a":null}"#), Ok(Json::Object(twice)));
    }

    #[test]
    fn what_is_not_strict_json_is_refused() {
        let deep = "[".repeat(100_000);
        let texts: [&[u8]; 8] = [b"", b"{", b"{} {}", b"[1,]", b"NaN", b"\"\xff\"", br#""\ud800""#, deep.as_bytes()];
        for text in texts {
            assert!(Json::parse(text).is_err(), "{}", String::from_utf8_lossy(&text[..text.len().min(20)]));
        }
    }

    #[test]
    fn numbers_keep_their_kind() {
        assert_eq!(Json::parse(b"7"), Ok(Json::Integer(7)));
        assert_eq!(Json::parse(b"7.0"), Ok(Json::Number(7.0)));
        assert_eq!(Json::parse(b"18446744073709551615"), Ok(Json::Number(18_446_744_073_709_551_615.0)));
    }
}
