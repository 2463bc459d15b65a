//! `status`: what exists, is ready, has drifted or is missing, by account.

use std::collections::BTreeMap;

use engine::{Action, Permissions, Plan, Reading, State};
use model::{Address, Sealed};
use serde::Serialize;

use crate::{
    cli::{Global, Targets},
    commands::change,
    environment::Surroundings,
    failure::{Exit, Failure},
    report::Printer,
    session::{Code, Session},
};

/// How one object stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case", tag = "status")]
pub(crate) enum Standing {
    Ready,
    NotReady { why: String },
    Drifted { fields: Vec<String> },
    Missing,
    Foreign { why: String },
    Unreadable,
}

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

pub(crate) async fn status(args: &Targets, global: &Global, surroundings: &Surroundings) -> Result<Exit, Failure> {
    let session = Session::open(global, surroundings, &args.targets, Code::Compared).await?;
    let scope = change::scope(&session, &args.targets, false);
    let reading = session.read(&scope).await;
    let graph = with_deployed_code(&session, &reading);
    let plan = engine::plan(&session.drivers, &graph, &scope, &reading, &Permissions::default());
    let lines: Vec<Line> =
        plan.steps.values().filter(|step| !step.context).map(|step| line(&plan, &reading, &step.address)).collect();
    let mut accounts: BTreeMap<&str, Vec<&Line>> = BTreeMap::new();
    for line in &lines {
        accounts.entry(&line.account).or_default().push(line);
    }
    Printer::new(global, surroundings).status(&session.config, &accounts, &reading.errors);
    let good = reading.errors.is_empty() && lines.iter().all(|line| line.standing == Standing::Ready);
    Ok(if good { Exit::Good } else { Exit::NotReady })
}

/// Without binaries on this machine the deployed code is taken to be the wanted one: nobody can tell otherwise.
fn with_deployed_code(session: &Session, reading: &Reading) -> Sealed {
    let mut graph = session.platform.graph.clone();
    for node in session.platform.graph.nodes().filter(|node| node.spec["code"]["sha256"] == "") {
        if let Some(seen) = reading.get(&node.address) {
            graph.amend(&node.address, "code", seen.spec["code"].clone());
            graph.amend(&node.address, "architecture", seen.spec["architecture"].clone());
        }
    }
    graph
}

fn line(plan: &Plan, reading: &Reading, address: &Address) -> Line {
    let step = &plan.steps[address];
    let state = step.seen.as_ref().map(|seen| &seen.state);
    let standing = match (&step.action, state) {
        _ if reading.unknown.contains(address) => Standing::Unreadable,
        (_, None | Some(State::Retired(_))) => Standing::Missing,
        (_, Some(State::Foreign(why))) => Standing::Foreign { why: why.clone() },
        (_, Some(State::Pending(why) | State::Broken(why))) => Standing::NotReady { why: why.clone() },
        (Action::Update { fields } | Action::Replace { fields, .. }, _) => Standing::Drifted { fields: fields.clone() },
        (Action::Blocked { why }, _) => Standing::Drifted { fields: vec![why.clone()] },
        _ => Standing::Ready,
    };
    let external = step.facts.create == model::CreateSafety::External;
    Line { address: address.clone(), account: step.account.clone(), standing, external }
}
