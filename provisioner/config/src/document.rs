//! One TOML file as a JSON tree that remembers where everything was written.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs, io,
    ops::Range,
    path::Path,
    sync::Arc,
};

use serde_json::{Map, Number, Value};
use toml::{
    Spanned,
    de::{DeInteger, DeTable, DeValue, Error},
};

use crate::{
    diagnostic::{Diagnostic, Problems},
    pointer::Pointer,
};

/// A file that is TOML; whether it means anything is checked later.
#[derive(Debug)]
pub(crate) struct Document {
    /// Relative to the platform's folder.
    pub file: String,
    pub text: Arc<str>,
    pub value: Value,
    marks: BTreeMap<Pointer, Mark>,
}

/// Bytes of a value and of the key before it; items of lists have no key, headers are their own value.
#[derive(Clone, Debug)]
struct Mark {
    key: Option<Range<usize>>,
    value: Range<usize>,
}

impl Document {
    /// Reads a file, or says why not.
    pub(crate) fn read(root: &Path, file: &str, missing: &str, problems: &Problems) -> Option<Self> {
        match fs::read_to_string(root.join(file)) {
            Ok(text) => Self::parse(file, text, problems),
            Err(error) => {
                problems.add(unreadable(file, missing, &error));
                None
            }
        }
    }

    /// Parses a text, or says every reason why it is not TOML.
    pub(crate) fn parse(file: &str, text: String, problems: &Problems) -> Option<Self> {
        let text: Arc<str> = text.into();
        let (table, errors) = DeTable::parse_recoverable(&text);
        let mut reader = Reader { file, text: &text, marks: BTreeMap::new(), problems, fine: true };
        if !errors.is_empty() {
            reader.syntax_errors(&errors);
            return None;
        }
        let value = reader.table(&Pointer::default(), table.get_ref());
        let (marks, fine) = (reader.marks, reader.fine);
        fine.then(|| Self { file: file.to_owned(), text: text.clone(), value, marks })
    }

    /// The folder it is in, relative to the platform's.
    pub(crate) fn folder(&self) -> &Path {
        Path::new(&self.file).parent().unwrap_or(Path::new(""))
    }

    /// Whether something is written at this very place.
    pub(crate) fn has(&self, at: &Pointer) -> bool {
        at.parent().is_none() || self.marks.contains_key(at)
    }

    /// The value's bytes; nothing for the whole file.
    pub(crate) fn value_span(&self, at: &Pointer) -> Range<usize> {
        self.marks.get(at).map_or(0..0, |mark| mark.value.clone())
    }

    /// The key's bytes, or the value's where there is no key.
    pub(crate) fn key_span(&self, at: &Pointer) -> Range<usize> {
        self.marks.get(at).map_or(0..0, |mark| mark.key.clone().unwrap_or(mark.value.clone()))
    }
}

fn unreadable(file: &str, missing: &str, error: &io::Error) -> Diagnostic {
    match error.kind() {
        io::ErrorKind::NotFound => Diagnostic::of_file(file, format!("there is no `{file}`"), missing),
        io::ErrorKind::InvalidData => Diagnostic::of_file(file, "the file is not UTF-8", "save it as UTF-8"),
        _ => Diagnostic::of_file(file, format!("cannot read `{file}`: {error}"), "make it readable"),
    }
}

struct Reader<'a> {
    file: &'a str,
    text: &'a Arc<str>,
    marks: BTreeMap<Pointer, Mark>,
    problems: &'a Problems,
    fine: bool,
}

impl Reader<'_> {
    fn wrong(&mut self, span: Range<usize>, field: &str, message: impl Into<String>, help: &str) {
        self.fine = false;
        let diagnostic = Diagnostic::of_file(self.file, message, help).at(self.text, span);
        self.problems.add(diagnostic.field(field.to_owned()));
    }

    /// The first one of each line: those after it on the line mostly follow from it.
    fn syntax_errors(&mut self, errors: &[Error]) {
        let mut lines = BTreeSet::new();
        for error in errors {
            let span = error.span().unwrap_or_default();
            let before = self.text.get(..span.start).unwrap_or_default();
            if lines.insert(before.matches('\n').count()) {
                self.syntax_error(error, span);
            }
        }
    }

    fn syntax_error(&mut self, error: &Error, span: Range<usize>) {
        let help = match error.message() {
            text if text.contains("leading zero") => "a number has no leading zeros; account ids go in quotes",
            text if text.contains("duplicate key") => "keep one of the two",
            text if text.contains("boolean") || text.contains("quoted") => "put texts in quotes: `name = \"value\"`",
            text if text.contains("comma") => "separate the items of a list with commas",
            text if text.contains("basic string") => "close the text with `\"` on the same line",
            _ => "write it as TOML: `key = value` lines under `[table]` headers, texts in quotes",
        };
        self.wrong(span, "", error.message(), help);
    }

    fn table(&mut self, at: &Pointer, table: &DeTable<'_>) -> Value {
        let mut map = Map::new();
        for (key, value) in table {
            let at = at.key(key.get_ref());
            self.marks.insert(at.clone(), Mark { key: Some(key.span()), value: value.span() });
            map.insert(key.get_ref().to_string(), self.value(&at, value));
        }
        Value::Object(map)
    }

    fn value(&mut self, at: &Pointer, value: &Spanned<DeValue<'_>>) -> Value {
        match value.get_ref() {
            DeValue::String(text) => Value::String(text.to_string()),
            DeValue::Boolean(yes) => Value::Bool(*yes),
            DeValue::Table(table) => self.table(at, table),
            DeValue::Array(items) => Value::Array(items.iter().enumerate().map(|each| self.item(at, each)).collect()),
            DeValue::Integer(number) => self.number(at, value, integer(number)),
            DeValue::Float(number) => self.number(at, value, float(number.as_str())),
            DeValue::Datetime(_) => {
                self.wrong(
                    value.span(),
                    &at.to_string(),
                    "a date has no meaning here",
                    "put it in quotes to make it a text",
                );
                Value::Null
            }
        }
    }

    fn item(&mut self, at: &Pointer, (index, item): (usize, &Spanned<DeValue<'_>>)) -> Value {
        let at = at.index(index);
        self.marks.insert(at.clone(), Mark { key: None, value: item.span() });
        self.value(&at, item)
    }

    fn number(&mut self, at: &Pointer, value: &Spanned<DeValue<'_>>, number: Option<Number>) -> Value {
        number.map(Value::Number).unwrap_or_else(|| {
            let message = format!("`{}` is out of range", &self.text[value.span()]);
            self.wrong(value.span(), &at.to_string(), message, "write a number of at most 18 digits");
            Value::Null
        })
    }
}

fn integer(number: &DeInteger<'_>) -> Option<Number> {
    i64::from_str_radix(number.as_str(), number.radix()).ok().map(Number::from)
}

/// Whole floats are integers, as JSON Schema has it.
fn float(text: &str) -> Option<Number> {
    let number: f64 = text.parse().ok()?;
    let whole = number.fract() == 0.0 && number.abs() < 1e15;
    if whole { Some(Number::from(number as i64)) } else { Number::from_f64(number) }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn parse(text: &str) -> (Option<Document>, Vec<Diagnostic>) {
        let problems = Problems::default();
        let document = Document::parse("x.toml", text.to_owned(), &problems);
        let found = problems.into_result().err().map(|found| found.iter().cloned().collect()).unwrap_or_default();
        (document, found)
    }

    #[test]
    fn the_tree_remembers_where_it_was_written() {
        let text = "a = 0xFF\n[b.c]\nd = [1.0,\n  'two']\n";
        let document = parse(text).0.expect("it is TOML");
        assert_eq!(document.value, json!({"a": 255, "b": {"c": {"d": [1, "two"]}}}));
        assert_eq!(&text[document.value_span(&"/b/c/d/1".into())], "'two'");
        assert_eq!(&text[document.key_span(&"/b/c/d".into())], "d");
        assert_eq!(&text[document.value_span(&"/b/c".into())], "[b.c]");
    }

    #[test]
    fn every_syntax_error_is_reported() {
        let (document, found) = parse("a = foo\nb = 1\nb = 2\nid = 012345678901\n");
        assert!(document.is_none());
        let lines: Vec<_> = found.iter().map(|one| one.line).collect();
        assert_eq!(lines, [Some(1), Some(3), Some(4)]);
        assert!(found[2].help.contains("account ids go in quotes"), "{}", found[2].help);
    }

    #[test]
    fn what_json_cannot_say_is_refused() {
        let (_, found) = parse("a = nan\nb = 2020-01-01\nc = 99999999999999999999\n");
        let fields: Vec<_> = found.iter().map(|one| one.field.as_str()).collect();
        assert_eq!(fields, ["a", "b", "c"]);
    }
}
