//! Who holds what, and what the last runs were.

use engine::lease::Record;
use serde_json::json;

use super::{Printer, moment};
use crate::commands::{history::Run, lease::Tenure};

/// Characters of a commit that tell it from others.
const COMMIT: usize = 10;

impl Printer {
    pub(crate) fn leases(&self, tenures: &[Tenure]) {
        if self.json {
            return self.document("leases", &json!({"targets": tenures}));
        }
        let width = tenures.iter().map(|tenure| tenure.target.len()).max().unwrap_or_default();
        for tenure in tenures {
            let name = self.out.bold(&format!("{:width$}", tenure.target));
            let Some(holder) = &tenure.item.holder else {
                let runs = match tenure.item.run {
                    0 => "no run yet".to_owned(),
                    run => format!("last run {run}"),
                };
                self.data(&format!("{} {name}  free  {}", self.out.dim("·"), self.out.dim(&runs)));
                continue;
            };
            let (mark, answers) = match tenure.answers {
                Some(true) => (self.out.green("✓"), self.out.green("answers")),
                _ => (self.out.yellow("!"), self.out.yellow("does not answer")),
            };
            let what = format!("`{}`, run {}, since {}", holder.command, tenure.item.run, moment(holder.since));
            self.data(&format!("{mark} {name}  held by {}  {answers}", holder.who));
            self.data(&format!("  {:width$}  {}", "", self.out.dim(&what)));
        }
    }

    pub(crate) fn history(&self, runs: &[Run]) {
        if self.json {
            return self.document("history", &json!({"runs": runs}));
        }
        if runs.is_empty() {
            self.data("No runs.");
        }
        let width = runs.iter().map(|run| run.target.len()).max().unwrap_or_default();
        for run in runs {
            let Record { since, command, .. } = &run.record;
            let mark = if run.is_good() { self.out.green("✓") } else { self.out.yellow("!") };
            let end = if run.is_good() { self.out.green(&run.end()) } else { self.out.yellow(&run.end()) };
            let (target, number) = (self.out.bold(&format!("{:width$}", run.target)), run.record.run);
            let took = took(&run.record).map(|took| format!(" in {took} s")).unwrap_or_default();
            self.data(&format!("{mark} {}  {target} #{number}  {command}  {end}{took}", moment(*since)));
            self.data(&format!("  {}", self.out.dim(&details(&run.record))));
        }
    }
}

/// Seconds.
fn took(record: &Record) -> Option<i64> {
    record.ended.map(|ended| (ended - record.since).max(0))
}

/// Who, from which commit, and what was planned.
fn details(record: &Record) -> String {
    let commit = record.commit.as_ref().map(|commit| {
        let short: String = commit.chars().take(COMMIT).collect();
        format!(", commit {short}{}", if record.dirty { " with changes" } else { "" })
    });
    let changes: Vec<String> = record.changes.iter().map(|(what, n)| format!("{n} to {what}")).collect();
    format!("{}{}, plan {}: {}", record.who, commit.unwrap_or_default(), record.plan, changes.join(", "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_run_is_told_in_a_line() {
        let record = Record {
            run: 3,
            who: "alice@host".to_owned(),
            command: "up food".to_owned(),
            since: 100,
            ended: Some(112),
            commit: Some("0123456789abcdef".to_owned()),
            dirty: true,
            plan: "ab12".to_owned(),
            changes: [("create".to_owned(), 4), ("update".to_owned(), 1)].into(),
            ending: None,
        };
        assert_eq!(took(&record), Some(12));
        assert_eq!(details(&record), "alice@host, commit 0123456789 with changes, plan ab12: 4 to create, 1 to update");
    }
}
