//! How runs ended: what is done, what failed, what was skipped because of it, what is unknown, and the next command.

use std::collections::BTreeMap;

use config::Config;
use engine::{CallError, Outcome, Plan, Report};
use model::Address;

use super::{Printer, accounts::account, denied, document};

impl Printer {
    /// The end of a run. `command` is what was asked for, to be run again.
    pub(crate) fn ended(&self, config: &Config, report: &Report, command: &str) {
        if self.json {
            return self.document("run", &document::ended(report));
        }
        let done = report.outcomes.values().filter(|outcome| matches!(outcome, Outcome::Done)).count();
        let seconds = report.elapsed.as_secs_f64();
        self.note(&format!("{} {done} of {} done in {}", self.mark(report), report.outcomes.len(), duration(seconds)));
        if report.is_good() {
            return;
        }
        self.failures(config, report);
        self.skipped(report);
        self.others(report);
        let errors: Vec<CallError> = report.failures().map(|(_, error)| error.clone()).collect();
        if let Some(missing) = denied(config, &errors) {
            self.note(&format!("{} {missing}", self.err.cyan("hint:")));
        }
        self.note(&format!(
            "{} run `provisioner {command}` again: it goes on from what exists",
            self.err.cyan("next:")
        ));
    }

    fn mark(&self, report: &Report) -> String {
        match (report.is_good(), report.interrupted) {
            (true, _) => self.err.green("✓"),
            (false, true) => self.err.yellow("!"),
            (false, false) => self.err.red("✗"),
        }
    }

    fn failures(&self, config: &Config, report: &Report) {
        for (address, error) in report.failures() {
            let unknown = matches!(report.outcomes[address], Outcome::Unknown { .. });
            let label = if unknown { self.err.yellow("unknown") } else { self.err.red("failed") };
            self.note(&format!("  {label} {address}"));
            self.note(&format!("    {}", self.reason(config, error)));
            if let Some(id) = &error.request_id {
                self.note(&self.err.dim(&format!("    request {id}")));
            }
        }
    }

    /// What AWS answered to which call, or what there is to say without AWS.
    fn reason(&self, config: &Config, error: &CallError) -> String {
        let CallError { operation, code, message, .. } = error;
        if error.is_own() {
            return message.clone();
        }
        let account = account(config, error.account.as_str());
        format!("{operation} in {account} answered {}: {message}", self.err.bold(code))
    }

    fn skipped(&self, report: &Report) {
        let mut because: BTreeMap<&Address, usize> = BTreeMap::new();
        for outcome in report.outcomes.values() {
            if let Outcome::Skipped { because: failed } = outcome {
                *because.entry(failed).or_default() += 1;
            }
        }
        for (failed, n) in because {
            self.note(&format!("  {} {n} because of {failed}", self.err.yellow("skipped")));
        }
    }

    fn others(&self, report: &Report) {
        for (label, is) in [("not ready yet", Outcome::NotReady), ("not started", Outcome::NotStarted)] {
            let same = |outcome: &&Outcome| std::mem::discriminant(*outcome) == std::mem::discriminant(&is);
            let n = report.outcomes.values().filter(same).count();
            if n > 0 {
                self.note(&format!("  {} {n}", self.err.yellow(label)));
            }
        }
    }

    /// After an `up`: what the second reading still finds to do.
    pub(crate) fn left(&self, config: &Config, plan: &Plan) {
        if plan.is_empty() {
            self.note(&format!("{} AWS is what the configuration says: nothing is left to do", self.err.green("✓")));
        } else {
            self.note(&format!("{} the second reading still finds differences:", self.err.red("✗")));
            self.plan(config, plan, true);
        }
        self.result(plan, &[]);
    }

    /// An `up` with nothing to do.
    pub(crate) fn up_to_date(&self, config: &Config, plan: &Plan) {
        self.plan(config, plan, false);
        self.result(plan, &[]);
    }

    /// A `down` with nothing to do.
    pub(crate) fn nothing_there(&self, config: &Config, plan: &Plan) {
        if self.json {
            self.document("plan", &document::plan(config, plan));
            return self.result(plan, &[]);
        }
        self.note("nothing of these targets exists");
        self.kept(plan);
    }

    /// After a `down`: what the second reading still finds, what is kept and what AWS deletes later.
    pub(crate) fn torn_down(&self, config: &Config, left: &Plan, retired: &[(Address, String)]) {
        if !left.is_empty() {
            self.note(&format!("{} the second reading still finds objects:", self.err.red("✗")));
            self.plan(config, left, true);
            return self.result(left, retired);
        }
        self.note(&format!("{} nothing of these targets is left", self.err.green("✓")));
        self.kept(left);
        for (address, why) in retired {
            self.note(&self.err.dim(&format!("  {address}: {why}; the next `up` brings it back")));
        }
        self.result(left, retired);
    }

    /// With `--json`, the last word of a run: what is left to do, what stays and what AWS deletes later.
    fn result(&self, left: &Plan, retired: &[(Address, String)]) {
        if self.json {
            self.document("result", &document::result(left, retired));
        }
    }

    fn kept(&self, plan: &Plan) {
        for (_, seen) in &plan.strays {
            self.note(&self.err.dim(&format!("  kept: {}", seen.address)));
        }
    }

    /// What waits for the hub's owner.
    pub(crate) fn waiting(&self, waiting: &[Address]) {
        if waiting.is_empty() {
            return;
        }
        if self.json {
            return self.document("waiting", &serde_json::json!({"for": "the hub's owner", "addresses": waiting}));
        }
        self.note(&self.err.yellow("waits for the hub's owner, who runs `provisioner up` with both accounts' roles:"));
        waiting.iter().for_each(|address| self.note(&format!("  {address}")));
    }
}

/// `1.4 s`, `3 min 20 s`.
pub(super) fn duration(seconds: f64) -> String {
    if seconds < 60.0 {
        return format!("{seconds:.1} s");
    }
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "run times are small and positive")]
    let whole = seconds as u64;
    format!("{} min {} s", whole / 60, whole % 60)
}
