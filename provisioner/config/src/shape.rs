//! Keys, types and ranges: holds a tree against its schema, says each mismatch in our words, and mends it.
//!
//! Mending lets the checks of meaning run on the rest, so that one misspelt key does not hide what else is wrong. What
//! was mended is silent from then on, and a configuration with any mistake never loads.
//! Knows the JSON Schema vocabulary that our types generate and no more; the tests hold it against a full validator.

use std::collections::BTreeSet;

use regex_lite::Regex;
use serde_json::{Map, Value, json};

use crate::{place::Place, words};

/// The schema of a file.
pub(crate) struct Shape(Value);

/// A part of the schema, references followed, and what the types say about it.
#[derive(Clone, Copy)]
struct Rule<'a> {
    schema: &'a Value,
    about: &'a str,
}

impl Shape {
    pub(crate) fn new(schema: Value) -> Self {
        Self(schema)
    }

    /// Reports every mismatch and changes the tree so that it fits; `top` is the file.
    pub(crate) fn mend(&self, value: &mut Value, top: &Place<'_>) {
        self.fit(self.rule(&self.0), value, top);
    }

    fn rule<'a>(&'a self, schema: &'a Value) -> Rule<'a> {
        let target = schema["$ref"].as_str().and_then(|path| self.0.pointer(path.trim_start_matches('#')));
        let (own, target) = (schema["description"].as_str(), target.unwrap_or(schema));
        Rule { schema: target, about: own.or(target["description"].as_str()).unwrap_or_default() }
    }

    fn fit(&self, rule: Rule<'_>, value: &mut Value, place: &Place<'_>) {
        match (rule.kind(), &mut *value) {
            ("object", Value::Object(table)) => self.fit_table(rule, table, place),
            ("choice", Value::Object(table)) => self.fit_choice(rule, table, place),
            ("array", Value::Array(items)) => self.fit_items(rule, items, place),
            ("string", Value::String(text)) => self.fit_text(rule, text, place),
            ("integer", Value::Number(number)) if number.is_i64() => {
                fit_range(rule, number.as_i64().unwrap_or_default(), place);
            }
            ("boolean", Value::Bool(_)) => {}
            (kind, _) => {
                wrong_type(kind, rule, value, place);
                *value = self.blank(rule);
            }
        }
    }

    fn fit_table(&self, rule: Rule<'_>, table: &mut Map<String, Value>, place: &Place<'_>) {
        let unknown: Vec<String> = table.keys().filter(|key| rule.below(key).is_none()).cloned().collect();
        for key in unknown {
            let help = words::did_you_mean(&key, rule.keys(), "the keys here are");
            place.key(&key).wrong_key(format!("unknown key `{key}`"), help);
            table.remove(&key);
        }
        for (key, value) in table.iter_mut() {
            let schema = rule.below(key).expect("unknown keys were removed");
            self.fit(self.rule(schema), value, &place.key(key));
        }
        for key in rule.required().filter(|key| !table.contains_key(*key)).collect::<Vec<_>>() {
            table.insert(key.to_owned(), self.fill(rule, key, place));
        }
    }

    /// Reports a missing key; what stands in for it is not meant, only of the right shape.
    fn fill(&self, rule: Rule<'_>, key: &str, place: &Place<'_>) -> Value {
        let rule = self.rule(&rule.schema["properties"][key]);
        let help = if rule.about.is_empty() { String::new() } else { format!(": {}", words::phrase(rule.about)) };
        place.key(key).lacking(format!("missing key `{key}`"), format!("add `{key}`{help}"));
        place.key(key).silence();
        self.blank(rule)
    }

    /// `source` says which variant was meant.
    fn fit_choice(&self, rule: Rule<'_>, table: &mut Map<String, Value>, place: &Place<'_>) {
        let variants = || rule.schema["oneOf"].as_array().into_iter().flatten();
        let source = |variant: &Value| variant["properties"]["source"]["const"].clone();
        if let Some(meant) = variants().find(|variant| table.get("source") == Some(&source(variant))) {
            return self.fit_table(Rule { schema: meant, about: rule.about }, table, place);
        }
        let sources: Vec<Value> = variants().map(source).collect();
        let help = format!("one of {}", words::listed(sources.iter().filter_map(Value::as_str)));
        match table.get("source") {
            None => place.key("source").wrong("missing key `source`", format!("add `source`: {help}")),
            Some(other) => place.key("source").wrong(format!("`source` cannot be {}", shown(other)), help),
        }
        place.silence();
        *table = self.blank(Rule { schema: &rule.schema["oneOf"][0], ..rule }).as_object().cloned().unwrap_or_default();
    }

    fn fit_items(&self, rule: Rule<'_>, items: &mut [Value], place: &Place<'_>) {
        let least = rule.schema["minItems"].as_u64().unwrap_or(0);
        if (items.len() as u64) < least {
            place.unfit(format!("`{}` needs at least {least}", place.name()), rule.help());
        }
        for (index, item) in items.iter_mut().enumerate() {
            self.fit(self.rule(&rule.schema["items"]), item, &place.index(index));
        }
    }

    fn fit_text(&self, rule: Rule<'_>, text: &mut String, place: &Place<'_>) {
        let options: Vec<&str> =
            rule.schema["enum"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
        if !options.is_empty() && !options.contains(&text.as_str()) {
            let help = words::did_you_mean(text, options.iter().copied(), "one of");
            place.unfit(format!("`{}` cannot be `{text}`", place.name()), help);
            *text = options[0].to_owned();
        } else if rule.schema["pattern"].as_str().is_some_and(|pattern| !matches(pattern, text)) {
            place.unfit(format!("`{}` cannot be `{text}`", place.name()), rule.help());
            text.clear();
        }
    }

    fn blank(&self, rule: Rule<'_>) -> Value {
        let schema = rule.schema;
        if let Some(value) = schema.get("default").or_else(|| schema.get("const")).or_else(|| schema["enum"].get(0)) {
            return value.clone();
        }
        match rule.kind() {
            "string" => json!(""),
            "integer" => schema.get("minimum").cloned().unwrap_or(json!(0)),
            "boolean" => json!(false),
            "array" => json!([]),
            "choice" => self.blank(Rule { schema: &schema["oneOf"][0], ..rule }),
            _ => {
                rule.required().map(|key| (key.to_owned(), self.blank(self.rule(&schema["properties"][key])))).collect()
            }
        }
    }
}

impl<'a> Rule<'a> {
    fn kind(self) -> &'a str {
        if self.schema.get("oneOf").is_some() { "choice" } else { self.schema["type"].as_str().unwrap_or_default() }
    }

    /// The schema of a key's value; nothing when the key is unknown.
    fn below(self, key: &str) -> Option<&'a Value> {
        let others = self.schema.get("additionalProperties").filter(|others| others.is_object());
        self.schema["properties"].get(key).or(others)
    }

    fn keys(self) -> BTreeSet<&'a str> {
        self.schema["properties"].as_object().into_iter().flatten().map(|(key, _)| key.as_str()).collect()
    }

    fn required(self) -> impl Iterator<Item = &'a str> {
        self.schema["required"].as_array().into_iter().flatten().filter_map(Value::as_str)
    }

    fn help(self) -> String {
        words::phrase(self.about)
    }
}

fn fit_range(rule: Rule<'_>, number: i64, place: &Place<'_>) {
    let bound = |key: &str| rule.schema[key].as_i64();
    let options: Vec<i64> = rule.schema["enum"].as_array().into_iter().flatten().filter_map(Value::as_i64).collect();
    let outside =
        bound("minimum").is_some_and(|least| number < least) || bound("maximum").is_some_and(|most| number > most);
    let message = || format!("`{}` cannot be {number}", place.name());
    if !options.is_empty() && !options.contains(&number) {
        let options: Vec<String> = options.iter().map(i64::to_string).collect();
        place.unfit(message(), format!("one of {}", options.join(", ")));
    } else if outside {
        place.unfit(message(), rule.help());
    }
}

fn wrong_type(kind: &str, rule: Rule<'_>, value: &Value, place: &Place<'_>) {
    let (name, about) = (place.name(), rule.help());
    let help = match (kind, value) {
        ("string", Value::Number(_) | Value::Bool(_)) => {
            format!("put it in quotes: `{}`", assigned(&name, &format!("\"{value}\"")))
        }
        ("integer", Value::String(text)) if text.parse::<i64>().is_ok() => {
            format!("write it without quotes: `{}`", assigned(&name, text))
        }
        ("array", _) => "put it in brackets: `[…]`".to_owned(),
        _ => format!("write {}", a(kind)),
    };
    let help = if about.is_empty() { help } else { format!("{help} ({about})") };
    place.unfit(format!("`{name}` is {}, not {}", a(type_of(value)), a(kind)), help);
}

/// `name = value`, or the value alone in a list.
fn assigned(name: &str, value: &str) -> String {
    if name.ends_with(']') { value.to_owned() } else { format!("{name} = {value}") }
}

fn type_of(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "boolean",
        Value::Number(number) if number.is_f64() => "float",
        Value::Number(_) => "integer",
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
    }
}

/// The name of a type with its article, in TOML's words.
fn a(kind: &str) -> &'static str {
    match kind {
        "array" => "an array",
        "boolean" => "a boolean",
        "float" => "a float",
        "integer" => "an integer",
        "string" => "a string",
        _ => "a table",
    }
}

fn shown(value: &Value) -> String {
    format!("`{}`", value.as_str().map_or_else(|| value.to_string(), str::to_owned))
}

/// # Panics
/// If the pattern is no regular expression: patterns are written in the types.
fn matches(pattern: &str, text: &str) -> bool {
    Regex::new(pattern).expect("patterns are regular expressions").is_match(text)
}
