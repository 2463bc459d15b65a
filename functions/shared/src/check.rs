//! Reads typed values out of [`Json`] and remembers everything that is wrong with it.
//!
//! A reader returns `None` after noting why, so one pass over a body finds all its mistakes.

use std::ops::RangeInclusive;

use schemars::{Schema, json_schema};

use crate::json::Json;
use crate::problem::{Mistake, Where};

/// The mistakes found so far.
#[derive(Debug, Default)]
pub struct Check {
    pub mistakes: Vec<Mistake>,
}

/// A value, if it is there, and its JSON pointer.
#[derive(Clone, Debug)]
pub struct Field<'j> {
    pub pointer: String,
    pub value: Option<&'j Json>,
}

/// An object whose keys are all known and given once.
pub struct Fields<'j> {
    pointer: String,
    entries: &'j [(String, Json)],
}

/// What a text may be: its length in characters, and each of them.
#[derive(Clone, Copy)]
pub struct TextRule {
    pub length: (usize, usize),
    pub allows: fn(char) -> bool,
    /// The allowed characters in words.
    pub characters: &'static str,
    /// The allowed characters as a regular expression's class, for the schema.
    pub class: &'static str,
}

impl TextRule {
    /// The rule as a schema says it.
    #[must_use]
    pub fn schema(&self) -> Schema {
        let (shortest, longest) = self.length;
        let pattern = format!("^{}*$", self.class);
        json_schema!({"type": "string", "minLength": shortest, "maxLength": longest, "pattern": pattern})
    }
}

impl<'j> Field<'j> {
    /// The whole body.
    #[must_use]
    pub fn root(value: &'j Json) -> Self {
        Self { pointer: String::new(), value: Some(value) }
    }
}

impl<'j> Fields<'j> {
    /// The field `name`; its value is missing when the key is.
    #[must_use]
    pub fn get(&self, name: &str) -> Field<'j> {
        let value = self.entries.iter().find(|(key, _)| key == name).map(|(_, value)| value);
        Field { pointer: child(&self.pointer, name), value }
    }

    /// Like [`Fields::get`]; `None` when the key is missing.
    #[must_use]
    pub fn optional(&self, name: &str) -> Option<Field<'j>> {
        let field = self.get(name);
        field.value.is_some().then_some(field)
    }
}

impl Check {
    /// Notes a mistake at a JSON pointer.
    pub fn refuse(&mut self, pointer: &str, detail: impl Into<String>) {
        self.mistakes.push(Mistake::new(Where::Pointer(pointer.to_owned()), detail));
    }

    /// An object with no other keys than `known`. Unknown and repeated ones are noted; the known ones can still be read.
    pub fn object<'j>(&mut self, field: &Field<'j>, known: &[&str]) -> Option<Fields<'j>> {
        let entries = match self.present(field)? {
            Json::Object(entries) => entries,
            _ => return self.wrong(field, "must be an object"),
        };
        for (at, (key, _)) in entries.iter().enumerate() {
            if !known.contains(&key.as_str()) {
                self.refuse(&child(&field.pointer, key), "is not known");
            } else if entries[..at].iter().any(|(earlier, _)| earlier == key) {
                self.refuse(&child(&field.pointer, key), "is given more than once");
            }
        }
        Some(Fields { pointer: field.pointer.clone(), entries })
    }

    /// A list whose length is in `sizes`; one that is too long is not looked into.
    pub fn list<'j>(&mut self, field: &Field<'j>, sizes: RangeInclusive<usize>) -> Option<Vec<Field<'j>>> {
        let Json::List(values) = self.present(field)? else { return self.wrong(field, "must be a list") };
        if !sizes.contains(&values.len()) {
            return self.wrong(field, &format!("must have {} to {} entries", sizes.start(), sizes.end()));
        }
        let element = |(at, value)| Field { pointer: format!("{}/{at}", field.pointer), value: Some(value) };
        Some(values.iter().enumerate().map(element).collect())
    }

    /// A whole number in `range`.
    pub fn integer(&mut self, field: &Field, range: RangeInclusive<i64>) -> Option<i64> {
        match self.present(field)? {
            Json::Integer(value) if range.contains(value) => Some(*value),
            _ => self.wrong(field, &format!("must be a whole number from {} to {}", range.start(), range.end())),
        }
    }

    /// A text that keeps to `rule`.
    pub fn text(&mut self, field: &Field, rule: TextRule) -> Option<String> {
        let Json::Text(text) = self.present(field)? else { return self.wrong(field, "must be a string") };
        let (shortest, longest) = rule.length;
        if !(shortest..=longest).contains(&text.chars().count()) {
            return self.wrong(field, &format!("must have {shortest} to {longest} characters"));
        }
        if !text.chars().all(rule.allows) {
            return self.wrong(field, &format!("may only contain {}", rule.characters));
        }
        Some(text.clone())
    }

    fn present<'j>(&mut self, field: &Field<'j>) -> Option<&'j Json> {
        if field.value.is_none() {
            self.refuse(&field.pointer, "is required");
        }
        field.value
    }

    fn wrong<T>(&mut self, field: &Field, detail: &str) -> Option<T> {
        self.refuse(&field.pointer, detail);
        None
    }
}

/// The pointer of a key of the object at `pointer`, escaped as RFC 6901 says.
fn child(pointer: &str, key: &str) -> String {
    format!("{pointer}/{}", key.replace('~', "~0").replace('/', "~1"))
}

#[cfg(test)]
mod tests {
    use super::*;

    const WORD: TextRule =
        TextRule { length: (1, 3), allows: |c| c.is_ascii_lowercase(), characters: "a to z", class: "[a-z]" };

    fn mistakes(text: &str, read: impl FnOnce(&mut Check, &Field)) -> Vec<String> {
        let json = Json::parse(text.as_bytes()).expect("JSON");
        let mut check = Check::default();
        read(&mut check, &Field::root(&json));
        check
            .mistakes
            .into_iter()
            .map(|mistake| match mistake.at {
                Where::Pointer(pointer) => format!("{pointer} {}", mistake.detail),
                other => panic!("a body's mistake is a pointer, not {other:?}"),
            })
            .collect()
    }

    #[test]
    fn all_mistakes_of_an_object_are_found_at_once() {
        let found = mistakes(r#"{"x/y~":1,"a":5,"a":6,"w":"LOUD"}"#, |check, root| {
            let fields = check.object(root, &["a", "b", "w"]).expect("an object");
            check.integer(&fields.get("a"), 0..=4);
            check.integer(&fields.get("b"), 0..=4);
            check.text(&fields.get("w"), WORD);
        });
        assert_eq!(
            found,
            [
                "/x~1y~0 is not known",
                "/a is given more than once",
                "/a must be a whole number from 0 to 4",
                "/b is required",
                "/w must have 1 to 3 characters",
            ]
        );
    }

    #[test]
    fn kinds_and_characters_are_checked() {
        let read = |check: &mut Check, root: &Field| {
            for field in check.list(root, 0..=3).unwrap_or_default() {
                check.text(&field, WORD);
            }
        };
        assert_eq!(mistakes("[1,\"é\",\"ok\"]", read), ["/0 must be a string", "/1 may only contain a to z"]);
        assert_eq!(mistakes("[1,1,1,1]", read), [" must have 0 to 3 entries"]);
        assert_eq!(mistakes("{}", read), [" must be a list"]);
    }
}
