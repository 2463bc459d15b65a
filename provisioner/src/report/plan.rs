//! A plan, by account: one line an object, and its fields.

use std::collections::BTreeMap;

use config::Config;
use engine::{Action, Plan, Step};
use model::Address;

use super::{Paint, Printer, document, values};

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
            self.steps(&steps, fields);
        }
        self.strays(plan);
        self.data(&totals(plan, self.out));
    }

    /// Each change; without `fields`, what is only made or deleted by kind.
    fn steps(&self, steps: &[&Step], fields: bool) {
        let groups: Vec<Option<Group>> = steps.iter().map(|step| group(step).filter(|_| !fields)).collect();
        for wanted in [Group::Create, Group::Read, Group::Delete] {
            let members = steps.iter().zip(&groups).filter(|(_, group)| **group == Some(wanted));
            let sign = match wanted {
                Group::Create => self.out.green("+"),
                Group::Read => self.out.cyan("?"),
                Group::Delete => self.out.red("-"),
            };
            for line in wrapped(&kinds(members.map(|(step, _)| *step)), self.width.saturating_sub(4)) {
                self.data(&format!("  {sign} {line}"));
            }
        }
        steps.iter().zip(&groups).filter(|(_, group)| group.is_none()).for_each(|(step, _)| self.step(step, fields));
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
            Action::Create if is_external(step) => (self.out.cyan("?"), "read".to_owned()),
            Action::Create => (self.out.green("+"), "create".to_owned()),
            Action::Update { .. } => (self.out.yellow("~"), "update".to_owned()),
            Action::Restore => (self.out.green("↺"), "restore: it is scheduled for deletion".to_owned()),
            Action::Replace { create_first: true, .. } => (self.out.yellow("±"), "replace, new one first".to_owned()),
            Action::Replace { .. } => (self.out.red("∓"), "replace, old one deleted first".to_owned()),
            Action::Delete { why } => {
                let why = if why == engine::DOWN { String::new() } else { format!(": {why}") };
                (self.out.red("-"), format!("delete{}{why}", if step.facts.holds_data { " with its data" } else { "" }))
            }
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
        self.data(&self.out.dim(if is_teardown(plan) {
            "Kept, as the configuration says:"
        } else {
            "Left alone (kept, or not in the configuration: `--prune` deletes those):"
        }));
        objects.iter().for_each(|address| self.data(&format!("  {} {address}", self.out.dim("·"))));
    }
}

/// What is told by kind and number when it is not told field by field.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Group {
    Create,
    /// Somebody else makes it.
    Read,
    Delete,
}

/// Where data is deleted, it is named.
fn group(step: &Step) -> Option<Group> {
    match &step.action {
        _ if !step.surplus.is_empty() => None,
        Action::Create if is_external(step) => Some(Group::Read),
        Action::Create => Some(Group::Create),
        Action::Delete { .. } if !step.facts.holds_data => Some(Group::Delete),
        _ => None,
    }
}

/// So many of each kind.
fn kinds<'a>(steps: impl Iterator<Item = &'a Step>) -> Vec<String> {
    let mut kinds: BTreeMap<&str, usize> = BTreeMap::new();
    for step in steps {
        *kinds.entry(step.facts.title).or_default() += 1;
    }
    kinds.iter().map(|(kind, n)| if *n == 1 { (*kind).to_owned() } else { format!("{kind} ×{n}") }).collect()
}

fn totals(plan: &Plan, paint: Paint) -> String {
    let count = |is: &dyn Fn(&Step) -> bool| plan.changes().filter(|step| is(step)).count();
    let surplus: usize = plan.changes().map(|step| step.surplus.len()).sum();
    let parts = [
        (count(&|step| step.action == Action::Create && !is_external(step)), "to create"),
        (count(&|step| step.action == Action::Create && is_external(step)), "to read"),
        (count(&|step| step.action == Action::Restore), "to restore"),
        (count(&|step| matches!(step.action, Action::Update { .. })), "to update"),
        (count(&|step| matches!(step.action, Action::Replace { .. })), "to replace"),
        (count(&|step| matches!(step.action, Action::Delete { .. })) + surplus, "to delete"),
    ];
    let words: Vec<String> = parts.iter().filter(|(n, _)| *n > 0).map(|(n, what)| format!("{n} {what}")).collect();
    let kept = plan.steps.values().filter(|step| step.is_noop() && !step.context).count();
    match (words.is_empty(), is_teardown(plan)) {
        (true, _) => format!("{} {kept} objects are as configured.", paint.bold("No changes.")),
        (false, true) => format!("{} {}.", paint.bold("Plan:"), words.join(", ")),
        (false, false) => format!("{} {}, {kept} unchanged.", paint.bold("Plan:"), words.join(", ")),
    }
}

/// A plan of `down`: what stays is kept on purpose, and there is no `--prune`.
fn is_teardown(plan: &Plan) -> bool {
    plan.steps.values().all(|step| matches!(&step.action, Action::Delete { why } if why == engine::DOWN))
}

fn is_external(step: &Step) -> bool {
    step.facts.create == model::CreateSafety::External
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
    use model::{CreateSafety, Facts};
    use serde_json::Value;

    use super::*;

    const SUBNET: Facts = Facts { kind: "subnet", title: "subnet", ..Facts::of(CreateSafety::TagFirst) };
    const SHARED: Facts = Facts { kind: "shared", title: "shared secret", ..Facts::of(CreateSafety::External) };
    const TABLE: Facts = Facts { kind: "table", title: "table", holds_data: true, ..Facts::of(CreateSafety::Named) };

    fn step(address: &str, facts: &'static Facts, action: Action) -> Step {
        Step {
            address: address.parse().expect("an address"),
            account: "food".to_owned(),
            facts,
            action,
            want: Value::Null,
            seen: None,
            surplus: Vec::new(),
            context: false,
        }
    }

    fn plan(steps: impl IntoIterator<Item = Step>) -> Plan {
        Plan { steps: steps.into_iter().map(|step| (step.address.clone(), step)).collect(), ..Plan::default() }
    }

    fn down() -> Action {
        Action::Delete { why: engine::DOWN.to_owned() }
    }

    #[test]
    fn kinds_are_counted_and_data_is_named() {
        let steps = [step("x/subnet/a", &SUBNET, Action::Create), step("x/subnet/b", &SUBNET, Action::Create)];
        assert_eq!(kinds(steps.iter()), ["subnet ×2"]);
        assert!(group(&step("x/subnet/a", &SUBNET, down())) == Some(Group::Delete));
        assert!(group(&step("x/shared/a", &SHARED, Action::Create)) == Some(Group::Read));
        assert!(group(&step("x/table/a", &TABLE, down())).is_none(), "its data goes, too");
        assert!(group(&step("x/subnet/a", &SUBNET, Action::Restore)).is_none());
    }

    #[test]
    fn totals_tell_making_from_restoring_and_reading() {
        let plan = plan([
            step("x/shared/a", &SHARED, Action::Create),
            step("x/subnet/a", &SUBNET, Action::Create),
            step("x/subnet/b", &SUBNET, Action::Restore),
            step("x/subnet/c", &SUBNET, Action::Keep),
        ]);
        assert_eq!(totals(&plan, Paint::new(false)), "Plan: 1 to create, 1 to read, 1 to restore, 1 unchanged.");
    }

    #[test]
    fn a_down_speaks_of_nothing_but_deleting() {
        let plan = plan([step("x/subnet/a", &SUBNET, down()), step("x/table/a", &TABLE, down())]);
        assert!(is_teardown(&plan));
        assert_eq!(totals(&plan, Paint::new(false)), "Plan: 2 to delete.");
    }

    #[test]
    fn lines_keep_to_the_width() {
        let words: Vec<String> = (0..20).map(|n| format!("word{n}")).collect();
        assert!(wrapped(&words, 30).iter().all(|line| line.len() <= 30));
    }
}
