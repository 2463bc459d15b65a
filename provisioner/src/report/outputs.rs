//! What exists, by name: addresses of services, and outputs of objects.

use std::collections::BTreeMap;

use config::Config;
use engine::CallError;
use model::{Address, Outputs};
use serde_json::{Value, json};
use time::{OffsetDateTime, format_description::BorrowedFormatItem, macros::format_description};

use super::{Printer, denied};

/// Outputs that are seconds since 1970.
const TIMES: &[&str] = &["not_after"];

/// As logs and AWS's console write times.
const MOMENT: &[BorrowedFormatItem<'_>] = format_description!("[year]-[month]-[day]T[hour]:[minute]:[second]Z");

/// What was read.
#[derive(Debug)]
pub(crate) struct Found<'a> {
    /// By service.
    pub urls: BTreeMap<&'a str, String>,
    pub outputs: BTreeMap<&'a Address, &'a Outputs>,
    pub errors: &'a [CallError],
}

impl Printer {
    pub(crate) fn outputs(&self, config: &Config, found: &Found<'_>) {
        if self.json {
            let Found { urls, outputs, errors } = found;
            let body = json!({"urls": urls, "outputs": outputs, "errors": errors, "hint": denied(config, errors)});
            return self.document("outputs", &body);
        }
        let urls: Vec<_> = found.urls.iter().map(|(service, url)| (format!("{service}:"), url.clone())).collect();
        self.columns(&urls);
        let named = found.outputs.iter().flat_map(|(address, outputs)| {
            outputs.iter().map(move |(name, value)| (format!("{address}#{name}"), text(name, value)))
        });
        self.columns(&named.collect::<Vec<_>>());
        self.unread(config, found.errors);
    }

    /// Names, and what they stand for below each other.
    fn columns(&self, rows: &[(String, String)]) {
        let width = rows.iter().map(|(name, _)| name.len()).max().unwrap_or_default();
        for (name, value) in rows.iter().filter(|(_, value)| !value.is_empty()) {
            self.data(&format!("{name:<width$}  {}", self.out.cyan(value)));
        }
    }
}

/// A value as people read it: lists without quotes, times as times.
fn text(name: &str, value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Array(items) => items.iter().map(|item| text(name, item)).collect::<Vec<_>>().join(", "),
        Value::Number(number) if TIMES.contains(&name) => number.as_i64().map_or_else(|| number.to_string(), moment),
        other => other.to_string(),
    }
}

/// Seconds since 1970, as logs write them.
#[must_use]
pub(crate) fn moment(seconds: i64) -> String {
    let time = OffsetDateTime::from_unix_timestamp(seconds).ok().and_then(|time| time.format(MOMENT).ok());
    time.unwrap_or_else(|| seconds.to_string())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::text;

    #[test]
    fn values_are_shown_as_people_read_them() {
        for (name, value, shown) in [
            ("id", json!("vpc-1"), "vpc-1"),
            ("names", json!(["a.example", "b.example"]), "a.example, b.example"),
            ("not_after", json!(1_826_820_581), "2027-11-21T18:09:41Z"),
            ("priority", json!(7), "7"),
            ("health", json!({"10.0.0.4": "healthy"}), r#"{"10.0.0.4":"healthy"}"#),
        ] {
            assert_eq!(text(name, &value), shown);
        }
    }
}
