//! Status, targets and validation.

use std::collections::{BTreeMap, BTreeSet};

use config::{Config, Diagnostics};
use model::Address;
use serde_json::{Value, json};

use super::{Printer, denied, plan::wrapped};
use crate::{
    commands::{
        status::{Line, Status},
        targets::Target,
    },
    standing::Standing,
};

impl Printer {
    /// What stands how, by account.
    pub(crate) fn status(&self, config: &Config, status: &Status<'_>) {
        let lines: Vec<&Line> = status.accounts.values().flatten().copied().collect();
        if self.json {
            let body = json!({"objects": lines, "errors": status.errors, "hint": denied(config, status.errors)});
            return self.document("status", &body);
        }
        let told = status.accounts.values().flat_map(|lines| self.told(lines));
        let width = told.map(|line| line.address.as_str().len()).max().unwrap_or_default();
        for (account, lines) in &status.accounts {
            self.account(config, account, lines, width);
        }
        self.data(&self.next.text(&self.verdict(&lines, status)));
        self.unread(config, status.errors);
    }

    /// All of it in one sentence, with the next command.
    fn verdict(&self, lines: &[&Line], status: &Status<'_>) -> String {
        let command = |verb: &str| format!("`{}`", [&["provisioner", verb], &*status.targets].concat().join(" "));
        if !status.errors.is_empty() {
            format!("{} not everything could be read, so not everything can be told", self.out.yellow("!"))
        } else if lines.iter().all(|line| line.standing == Standing::Ready) {
            format!("{} everything exists, is ready and is as configured", self.out.green("✓"))
        } else if lines.iter().all(|line| is_absent(line)) {
            format!("{} nothing exists yet: run {}", self.out.yellow("·"), command("up"))
        } else {
            let (plan, up) = (command("plan"), command("up"));
            format!("{} run {plan} to see the differences, {up} to mend them", self.out.yellow("!"))
        }
    }

    /// An account's head line, and what is not as it should be; where nothing exists, that is all there is to say.
    fn account(&self, config: &Config, account: &str, lines: &[&Line], width: usize) {
        let ready = lines.iter().filter(|line| line.standing == Standing::Ready).count();
        let head = format!("{} {}", self.out.bold(account), self.out.dim(&format!("({})", config.account_id(account))));
        self.data(&match self.is_nothing(lines) {
            true => format!("{head}  nothing of {} objects exists", lines.len()),
            false => format!("{head}  {ready} of {} ready", lines.len()),
        });
        self.told(lines).into_iter().for_each(|line| self.standing(line, width));
        if !self.verbose {
            self.followers(lines);
        }
    }

    fn is_nothing(&self, lines: &[&Line]) -> bool {
        !self.verbose && lines.iter().all(|line| is_absent(line))
    }

    /// The lines that are shown one by one.
    fn told<'l>(&self, lines: &[&'l Line]) -> Vec<&'l Line> {
        let nothing = self.is_nothing(lines);
        let is_told = |line: &&Line| match &line.standing {
            _ if self.verbose => true,
            Standing::Ready | Standing::Follows { .. } | Standing::Unclear { .. } => false,
            Standing::Missing => !nothing,
            _ => !(nothing && line.external),
        };
        lines.iter().copied().filter(is_told).collect()
    }

    fn standing(&self, line: &Line, width: usize) {
        let (mark, words) = match &line.standing {
            Standing::Ready => (self.out.green("✓"), String::new()),
            Standing::NotReady { why } => (self.out.yellow("…"), format!("not ready: {why}")),
            Standing::Drifted { fields } => (self.out.yellow("~"), format!("drifted: {}", fields.join(", "))),
            Standing::Missing => (self.out.dim("·"), "missing".to_owned()),
            Standing::Retired { why } => (self.out.dim("·"), format!("{why}: `up` brings it back")),
            Standing::Foreign { why } => (self.out.red("✗"), why.clone()),
            Standing::Unreadable => (self.out.red("?"), "could not be read".to_owned()),
            other => follower(other).map(|(mark, words)| (self.out.dim(mark), words)).unwrap_or_default(),
        };
        self.data(format!("  {mark} {:<width$}  {}", line.address.as_str(), self.out.dim(&words)).trim_end());
    }

    /// So many objects that stand as they do because of others, in one line for each cause.
    fn followers(&self, lines: &[&Line]) {
        let mut causes: BTreeMap<(&str, String), usize> = BTreeMap::new();
        for cause in lines.iter().filter_map(|line| follower(&line.standing)) {
            *causes.entry(cause).or_default() += 1;
        }
        for ((mark, words), count) in causes {
            let objects = if count == 1 { "object" } else { "objects" };
            self.data(&format!("  {} {count} more {objects}: {}", self.out.dim(mark), self.out.dim(&words)));
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
    line.external || line.standing.is_absent()
}

/// What an object stands with or falls, if it is that.
fn follower(standing: &Standing) -> Option<(&'static str, String)> {
    match standing {
        Standing::Follows { after } => Some(("·", format!("to be told after {}", names(after)))),
        Standing::Unclear { without } => Some(("?", format!("cannot be told without {}", names(without)))),
        _ => None,
    }
}

/// A few names, and how many more.
fn names(addresses: &BTreeSet<Address>) -> String {
    let shown: Vec<&str> = addresses.iter().take(2).map(Address::as_str).collect();
    match addresses.len().saturating_sub(shown.len()) {
        0 => shown.join(", "),
        more => format!("{} and {more} more", shown.join(", ")),
    }
}
