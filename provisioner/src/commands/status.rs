//! `status`: what exists, is ready, has drifted or is missing, by account.

use std::collections::BTreeMap;

use engine::{CallError, Plan, Reading};
use model::{Address, CreateSafety};
use serde::Serialize;

use crate::{
    cli::{Global, Targets},
    commands::change,
    environment::Surroundings,
    failure::{Exit, Failure},
    report::Printer,
    session::{Code, Session},
    standing::{self, Standing},
};

/// One line of the status.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Line {
    pub address: Address,
    /// The account's alias.
    pub account: String,
    #[serde(flatten)]
    pub standing: Standing,
    /// AWS's own or another owner's: there without us.
    #[serde(skip)]
    pub external: bool,
}

/// The whole status.
#[derive(Debug)]
pub(crate) struct Status<'a> {
    pub accounts: BTreeMap<&'a str, Vec<&'a Line>>,
    pub errors: &'a [CallError],
    /// What is asked about, as the next command takes it; empty for all.
    pub targets: Vec<&'a str>,
}

pub(crate) async fn status(args: &Targets, global: &Global, surroundings: &Surroundings) -> Result<Exit, Failure> {
    let session = Session::open(global, surroundings, &args.targets, Code::Compared).await?;
    let scope = change::scope(&session, &args.targets, false);
    let reading = session.read(&scope).await;
    let plan = standing::compare(&session, &scope, &reading);
    let lines = lines(&plan, &reading);
    let mut accounts: BTreeMap<&str, Vec<&Line>> = BTreeMap::new();
    for line in &lines {
        accounts.entry(&line.account).or_default().push(line);
    }
    let status = Status { accounts, errors: &reading.errors, targets: next_targets(&args.targets, &plan) };
    let printer = Printer::new(global, surroundings);
    printer.status(&session.config, &status);
    let waiting = change::waiting(&session, &args.targets);
    printer.waiting(&waiting);
    let good =
        reading.errors.is_empty() && waiting.is_empty() && lines.iter().all(|line| line.standing == Standing::Ready);
    Ok(if good { Exit::Good } else { Exit::NotReady })
}

fn lines(plan: &Plan, reading: &Reading) -> Vec<Line> {
    let steps = plan.steps.values().filter(|step| !step.context);
    let line = |step: &engine::Step| Line {
        address: step.address.clone(),
        account: step.account.clone(),
        standing: standing::of(plan, reading, step),
        external: step.facts.create == CreateSafety::External,
    };
    steps.map(line).collect()
}

/// The targets, after those that they need and that are not there.
fn next_targets<'a>(targets: &'a [String], plan: &'a Plan) -> Vec<&'a str> {
    if targets.is_empty() {
        return Vec::new();
    }
    let needed = plan.steps.values().filter(|step| step.context && step.seen.is_none());
    let mut next: Vec<&str> = needed.map(|step| step.address.target()).collect();
    next.dedup();
    next.extend(targets.iter().map(String::as_str).filter(|target| !next.contains(target)).collect::<Vec<_>>());
    next
}

#[cfg(test)]
mod tests {
    use engine::{Action, Step};
    use model::Facts;
    use serde_json::Value;

    use super::*;

    static FACTS: Facts = Facts { kind: "vpc", ..Facts::of(CreateSafety::Named) };

    /// Food's own object, and one of the hub that it needs; neither is there.
    fn without_hub() -> Plan {
        let step = |address: &str, context: bool| Step {
            address: address.parse().expect("an address"),
            account: String::new(),
            facts: &FACTS,
            action: Action::Create,
            want: Value::Null,
            seen: None,
            surplus: Vec::new(),
            context,
        };
        let steps = [step("consumer/vpc/main", true), step("food/vpc/main", false)];
        let steps = steps.into_iter().map(|step| (step.address.clone(), step)).collect();
        Plan { steps, strays: Vec::new() }
    }

    #[test]
    fn the_next_command_names_what_is_needed_first() {
        let targets = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>();
        let plan = without_hub();
        assert_eq!(next_targets(&targets(&["food"]), &plan), ["consumer", "food"]);
        assert_eq!(next_targets(&targets(&["food"]), &Plan::default()), ["food"]);
        assert_eq!(next_targets(&[], &plan), [""; 0]);
    }
}
