//! A plan, by account: one line an object, and its fields.

use std::collections::BTreeMap;

use config::Config;
use engine::{Action, Plan, Step};
use model::Address;
use serde_json::{Value, json};

use super::{Printer, document};

/// Longer values are cut; `--json` has them whole.
const LONGEST_VALUE: usize = 160;

impl Printer {
    /// Every change; `fields` says whether what is created is shown field by field too.
    pub(crate) fn plan(&self, config: &Config, plan: &Plan, fields: bool) {
        if self.json {
            return self.document("plan", &document::plan(config, plan));
        }
        let mut accounts: BTreeMap<&str, Vec<&Step>> = BTreeMap::new();
        for step in plan.changes() {
            accounts.entry(&step.account).or_default().push(step);
        }
        for (account, steps) in accounts {
            let id = config.account_id(account);
            self.data(&format!("{} {}", self.out.bold(account), self.out.dim(&format!("({id}, {})", config.region))));
            if fields || steps.iter().any(|step| step.action != Action::Create) {
                steps.iter().for_each(|step| self.step(step, fields));
            } else {
                self.kinds(&steps);
            }
        }
        self.strays(plan);
        self.data(&self.totals(plan));
    }

    /// So many of each kind, for a first `up`.
    fn kinds(&self, steps: &[&Step]) {
        let mut kinds: BTreeMap<&str, usize> = BTreeMap::new();
        for step in steps {
            *kinds.entry(step.facts.title).or_default() += 1;
        }
        let words: Vec<String> =
            kinds.iter().map(|(kind, n)| if *n == 1 { (*kind).to_owned() } else { format!("{kind} ×{n}") }).collect();
        for line in wrapped(&words, self.width.saturating_sub(4)) {
            self.data(&format!("  {} {line}", self.out.green("+")));
        }
    }

    fn step(&self, step: &Step, fields: bool) {
        let (sign, words) = self.action(step);
        self.data(&format!("  {sign} {} {}", step.address, self.out.dim(&words)));
        match &step.action {
            Action::Create if fields => self.values(step),
            Action::Update { fields } | Action::Replace { fields, .. } => {
                fields.iter().for_each(|field| self.field(step, field))
            }
            _ => {}
        }
    }

    fn action(&self, step: &Step) -> (String, String) {
        let surplus =
            if step.surplus.is_empty() { String::new() } else { format!(", {} surplus deleted", step.surplus.len()) };
        let (sign, words) = match &step.action {
            Action::Keep => (self.out.yellow("~"), "kept".to_owned()),
            Action::Create if step.facts.create == model::CreateSafety::External => {
                (self.out.cyan("?"), "read".to_owned())
            }
            Action::Create => (self.out.green("+"), "create".to_owned()),
            Action::Update { .. } => (self.out.yellow("~"), "update".to_owned()),
            Action::Restore => (self.out.green("↺"), "restore: it is scheduled for deletion".to_owned()),
            Action::Replace { create_first: true, .. } => (self.out.yellow("±"), "replace, new one first".to_owned()),
            Action::Replace { .. } => (self.out.red("∓"), "replace, old one deleted first".to_owned()),
            Action::Delete { why } => (self.out.red("-"), format!("delete: {why}")),
            Action::Blocked { why } => (self.out.red("✗"), why.clone()),
        };
        (sign, format!("{words}{surplus}"))
    }

    fn values(&self, step: &Step) {
        for (name, value) in step.want.as_object().into_iter().flatten() {
            let value = self.value(step, name, Some(value));
            self.data(&format!("      {} {value}", self.out.dim(&format!("{name}:"))));
        }
    }

    fn field(&self, step: &Step, name: &str) {
        let before = self.value(step, name, step.seen.as_ref().and_then(|seen| seen.spec.get(name)));
        let after = self.value(step, name, step.want.get(name));
        let name = self.out.dim(&format!("{name}:"));
        if before.len() + after.len() + name.len() + 12 <= self.width {
            return self.data(&format!("      {name} {before} → {after}"));
        }
        self.data(&format!("      {name}"));
        self.data(&format!("        {} {before}", self.out.red("-")));
        self.data(&format!("        {} {after}", self.out.green("+")));
    }

    /// A value on one line: masked, promised, or cut.
    fn value(&self, step: &Step, name: &str, value: Option<&Value>) -> String {
        match value {
            None | Some(Value::Null) => "(none)".to_owned(),
            Some(_) if step.facts.secret.contains(&name) => "(secret)".to_owned(),
            Some(value) => cut(&shown(value)),
        }
    }

    fn strays(&self, plan: &Plan) {
        let objects: Vec<&Address> = plan.strays.iter().map(|(_, seen)| &seen.address).collect();
        if objects.is_empty() {
            return;
        }
        self.data(&self.out.dim("Left alone (kept, or not in the configuration: `--prune` deletes those):"));
        objects.iter().for_each(|address| self.data(&format!("  {} {address}", self.out.dim("·"))));
    }

    fn totals(&self, plan: &Plan) -> String {
        let count = |is: &dyn Fn(&Action) -> bool| plan.changes().filter(|step| is(&step.action)).count();
        let surplus: usize = plan.changes().map(|step| step.surplus.len()).sum();
        let parts = [
            (count(&|action| matches!(action, Action::Create | Action::Restore)), "to create"),
            (count(&|action| matches!(action, Action::Update { .. })), "to update"),
            (count(&|action| matches!(action, Action::Replace { .. })), "to replace"),
            (count(&|action| matches!(action, Action::Delete { .. })) + surplus, "to delete"),
        ];
        let words: Vec<String> = parts.iter().filter(|(n, _)| *n > 0).map(|(n, what)| format!("{n} {what}")).collect();
        let kept = plan.steps.values().filter(|step| step.is_noop() && !step.context).count();
        match words.is_empty() {
            true => format!("{} {kept} objects are as configured.", self.out.bold("No changes.")),
            false => format!("{} {}, {kept} unchanged.", self.out.bold("Plan:"), words.join(", ")),
        }
    }
}

/// JSON with promises in words.
fn shown(value: &Value) -> String {
    promised(value).unwrap_or_else(|| with_promises(value).to_string())
}

fn promised(value: &Value) -> Option<String> {
    if let Some(reference) = value.get("$ref").and_then(Value::as_str) {
        let node = reference.split('#').next().unwrap_or_default();
        return Some(format!("(after {node})"));
    }
    value.get("$join").and_then(Value::as_array).map(|parts| {
        let text = |part: &Value| promised(part).unwrap_or_else(|| part.as_str().unwrap_or_default().to_owned());
        parts.iter().map(text).collect()
    })
}

fn with_promises(value: &Value) -> Value {
    if let Some(words) = promised(value) {
        return json!(words);
    }
    match value {
        Value::Array(items) => items.iter().map(with_promises).collect(),
        Value::Object(map) => map.iter().map(|(name, item)| (name.clone(), with_promises(item))).collect(),
        other => other.clone(),
    }
}

fn cut(text: &str) -> String {
    if text.chars().count() <= LONGEST_VALUE {
        return text.to_owned();
    }
    let head: String = text.chars().take(LONGEST_VALUE - 1).collect();
    format!("{head}…")
}

/// Words joined by commas into lines of at most `width` columns.
pub(super) fn wrapped(words: &[String], width: usize) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for word in words {
        match lines.last_mut() {
            Some(line) if line.chars().count() + word.chars().count() + 2 <= width => {
                line.push_str(", ");
                line.push_str(word);
            }
            _ => lines.push(word.clone()),
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn promises_are_shown_in_words() {
        let value = json!({"a": {"$ref": "x/vpc/main#id"}, "b": {"$join": ["arn:", {"$ref": "x/vpc/main#id"}]}});
        assert_eq!(shown(&value), r#"{"a":"(after x/vpc/main)","b":"arn:(after x/vpc/main)"}"#);
    }

    #[test]
    fn lines_keep_to_the_width() {
        let words: Vec<String> = (0..20).map(|n| format!("word{n}")).collect();
        assert!(wrapped(&words, 30).iter().all(|line| line.len() <= 30));
    }
}
