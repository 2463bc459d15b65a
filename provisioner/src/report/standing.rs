//! Status, outputs, targets and validation.

use std::collections::BTreeMap;

use config::{Config, Diagnostics};
use engine::CallError;
use model::{Address, Outputs};
use serde_json::{Value, json};

use super::{Printer, plan::wrapped};
use crate::commands::{
    status::{Line, Standing},
    targets::Target,
};

impl Printer {
    /// What stands how, by account.
    pub(crate) fn status(&self, config: &Config, accounts: &BTreeMap<&str, Vec<&Line>>, errors: &[CallError]) {
        if self.json {
            let lines: Vec<&&Line> = accounts.values().flatten().collect();
            return self.document("status", &json!({"objects": lines, "errors": errors}));
        }
        for (account, lines) in accounts {
            self.account(config, account, lines);
        }
        errors.iter().for_each(|error| self.note(&format!("{} {error}", self.err.red("✗"))));
        let lines = || accounts.values().flatten();
        if errors.is_empty() && lines().all(|line| line.standing == Standing::Ready) {
            self.data(&format!("{} everything exists, is ready and is as configured", self.out.green("✓")));
        } else if lines().all(|line| is_absent(line)) {
            let words = self.next.text("nothing exists yet: run `provisioner up`");
            self.data(&format!("{} {words}", self.out.yellow("·")));
        } else {
            let words = "run `provisioner plan` to see the differences, `provisioner up` to mend them";
            self.data(&format!("{} {}", self.out.yellow("!"), self.next.text(words)));
        }
    }

    /// An account's head line, and what is not as it should be; where nothing exists, that is all there is to say.
    fn account(&self, config: &Config, account: &str, lines: &[&Line]) {
        let ready = lines.iter().filter(|line| line.standing == Standing::Ready).count();
        let head = format!("{} {}", self.out.bold(account), self.out.dim(&format!("({})", config.account_id(account))));
        if !self.verbose && lines.iter().all(|line| is_absent(line)) {
            return self.data(&format!("{head}  nothing of {} objects exists", lines.len()));
        }
        self.data(&format!("{head}  {ready} of {} ready", lines.len()));
        lines
            .iter()
            .filter(|line| self.verbose || line.standing != Standing::Ready)
            .for_each(|line| self.standing(line));
    }

    fn standing(&self, line: &Line) {
        let (mark, words) = match &line.standing {
            Standing::Ready => (self.out.green("✓"), String::new()),
            Standing::NotReady { why } => (self.out.yellow("…"), format!("not ready: {why}")),
            Standing::Drifted { fields } => (self.out.yellow("~"), format!("drifted: {}", fields.join(", "))),
            Standing::Missing => (self.out.dim("·"), "missing".to_owned()),
            Standing::Foreign { why } => (self.out.red("✗"), why.clone()),
            Standing::Unreadable => (self.out.red("?"), "could not be read".to_owned()),
        };
        self.data(format!("  {mark} {:<44} {}", line.address.as_str(), self.out.dim(&words)).trim_end());
    }

    pub(crate) fn outputs(&self, urls: &BTreeMap<&str, String>, found: &BTreeMap<&Address, &Outputs>) {
        if self.json {
            return self.document("outputs", &json!({"urls": urls, "outputs": found}));
        }
        for (service, url) in urls {
            self.data(&format!("{} {url}", self.out.bold(&format!("{service}:"))));
        }
        for (address, outputs) in found {
            for (name, value) in *outputs {
                let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
                self.data(&format!("{}#{name} {}", address, self.out.cyan(&text)));
            }
        }
    }

    /// `--json` gives the bare list, as pipelines take it.
    pub(crate) fn targets(&self, targets: &[Target]) {
        if self.json {
            return self.data(&json!(targets).to_string());
        }
        let width = targets.iter().map(|target| target.target.len()).max().unwrap_or_default();
        for target in targets {
            let name = format!("{:width$}", target.target);
            self.data(&format!("{}  {}  {}  {}", self.out.bold(&name), target.account, target.region, target.domain));
        }
    }

    pub(crate) fn valid(&self, environments: &BTreeMap<String, Config>) {
        if self.json {
            let names: Vec<&String> = environments.keys().collect();
            return self.document("validation", &json!({"valid": true, "environments": names}));
        }
        let services: Vec<String> =
            environments.values().next().map(|config| config.services.keys().cloned().collect()).unwrap_or_default();
        let names: Vec<String> = environments.keys().cloned().collect();
        self.data(&format!("{} the configuration is valid", self.out.green("✓")));
        wrapped(&names, self.width).iter().for_each(|line| self.data(&format!("  environments: {line}")));
        wrapped(&services, self.width).iter().for_each(|line| self.data(&format!("  services: {line}")));
    }

    pub(crate) fn mistakes(&self, mistakes: &Diagnostics) {
        if self.json {
            return self.document("validation", &json!({"valid": false, "mistakes": mistakes}));
        }
        anstream::eprintln!("{}", mistakes.render(self.err.is_on()));
    }

    /// IAM documents by account: JSON either way, because that is what is pasted.
    pub(crate) fn documents(&self, documents: &Value) {
        if self.json {
            return self.document("iam", &json!({"accounts": documents}));
        }
        self.data(&format!("{documents:#}"));
    }
}

fn is_absent(line: &Line) -> bool {
    line.external || line.standing == Standing::Missing
}
