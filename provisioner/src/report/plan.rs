//! A plan, by account: one line an object, and its fields.

use std::collections::BTreeMap;

use config::Config;
use engine::{Action, Plan, Step};
use model::Address;

use super::{Printer, document, values};

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
            let value = if is_secret(step, name) { "(secret)".to_owned() } else { values::short(value) };
            self.data(&format!("      {} {value}", self.out.dim(&format!("{name}:"))));
        }
    }

    fn field(&self, step: &Step, name: &str) {
        if is_secret(step, name) {
            return self.data(&format!("      {} (secret)", self.out.dim(&format!("{name}:"))));
        }
        let before = step.seen.as_ref().and_then(|seen| seen.spec.get(name));
        let lines = values::changed(name, before, step.want.get(name), self.out, self.width.saturating_sub(6));
        lines.iter().for_each(|line| self.data(&format!("      {line}")));
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

fn is_secret(step: &Step, field: &str) -> bool {
    step.facts.secret.contains(&field)
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
    fn lines_keep_to_the_width() {
        let words: Vec<String> = (0..20).map(|n| format!("word{n}")).collect();
        assert!(wrapped(&words, 30).iter().all(|line| line.len() <= 30));
    }
}
