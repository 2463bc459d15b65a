//! `plan` and `up`: what would change, and making it so.

use std::collections::BTreeSet;

use engine::{Permissions, Plan, Reading, Scope, Told};
use model::Address;

use crate::{
    cli::{Change, Global},
    environment::Surroundings,
    failure::{Exit, Failure},
    report::{Printer, blocked, unreadable},
    run,
    session::{Code, Session},
};

/// Shows what `up` would do; reads only.
pub(crate) async fn plan(change: &Change, global: &Global, surroundings: &Surroundings) -> Result<Exit, Failure> {
    let (session, _, plan) = prepare(change, global, surroundings).await?;
    let printer = Printer::new(global, surroundings);
    printer.plan(&session.config, &plan, true);
    printer.estimate(&plan, session.estimate(&plan).as_ref());
    let waiting = waiting(&session, &change.targets.targets);
    printer.waiting(&waiting);
    printer.calls(&session);
    Ok(match (plan.is_empty(), waiting.is_empty()) {
        (false, _) => Exit::Changes,
        (true, false) => Exit::NotReady,
        (true, true) => Exit::Good,
    })
}

/// Plans, asks, executes, reads again and says what is left.
pub(crate) async fn up(change: &Change, global: &Global, surroundings: &Surroundings) -> Result<Exit, Failure> {
    run::may_ask(global, surroundings)?;
    let (session, scope, plan) = prepare(change, global, surroundings).await?;
    let printer = Printer::new(global, surroundings);
    let waiting = waiting(&session, &change.targets.targets);
    if plan.is_empty() {
        printer.up_to_date(&session.config, &plan);
        crate::door::refresh(&session, surroundings)?;
        printer.waiting(&waiting);
        printer.calls(&session);
        return Ok(if waiting.is_empty() { Exit::Good } else { Exit::NotReady });
    }
    printer.plan(&session.config, &plan, global.verbose > 0);
    printer.estimate(&plan, session.estimate(&plan).as_ref());
    run::confirm(global, surroundings, &session.config, "Make these changes?").await?;
    let report = run::execute(&session, &plan, global, surroundings).await;
    printer.ended(&session.config, &report, &format!("up{change}"));
    if !report.is_good() {
        return Ok(if report.interrupted { Exit::Interrupted } else { Exit::Failed });
    }
    let left = again(&session, &scope, change, &report.told).await?;
    crate::door::refresh(&session, surroundings)?;
    printer.left(&session.config, &left);
    printer.waiting(&waiting);
    printer.calls(&session);
    Ok(match (left.is_empty(), waiting.is_empty()) {
        (false, _) => Exit::Failed,
        (true, false) => Exit::NotReady,
        (true, true) => Exit::Good,
    })
}

async fn prepare(
    change: &Change,
    global: &Global,
    surroundings: &Surroundings,
) -> Result<(Session, Scope, Plan), Failure> {
    let targets = &change.targets.targets;
    let session = Session::open(global, surroundings, targets, Code::Needed).await?;
    let scope = scope(&session, targets, change.prune);
    let reading = session.read(&scope).await;
    let plan = planned(&session, &scope, &reading, change)?;
    Ok((session, scope, plan))
}

/// Without targets: everything. A service alone: its own objects, what they refer to as context, and what lets it in.
pub(crate) fn scope(session: &Session, targets: &[String], everywhere: bool) -> Scope {
    let targets: BTreeSet<String> = targets.iter().cloned().collect();
    Scope::of(&session.platform.graph, &targets, everywhere).adjusting(&session.platform.guards)
}

fn planned(session: &Session, scope: &Scope, reading: &Reading, change: &Change) -> Result<Plan, Failure> {
    if !reading.errors.is_empty() {
        return Err(unreadable(&session.config, &reading.errors));
    }
    let replace = change.replace.iter().map(|address| known(session, address)).collect::<Result<_, _>>()?;
    let allowed = Permissions { prune: change.prune, replace };
    let plan = engine::plan(&session.drivers, &session.platform.graph, scope, reading, &allowed);
    match blocked(&plan) {
        Some(failure) => Err(failure),
        None => Ok(plan),
    }
}

fn known(session: &Session, address: &str) -> Result<String, Failure> {
    let parsed: Option<Address> = address.parse().ok();
    let found = parsed.filter(|address| session.platform.graph.get(address).is_some());
    found
        .map(|address| address.to_string())
        .ok_or_else(|| Failure::usage(format!("no object has the address `{address}`")))
}

async fn again(session: &Session, scope: &Scope, change: &Change, told: &Told) -> Result<Plan, Failure> {
    let reading = session.read_after(scope, told).await;
    planned(session, scope, &reading, change)
}

/// What only the hub's owner can make for these targets.
pub(crate) fn waiting(session: &Session, targets: &[String]) -> Vec<Address> {
    let chosen = |name: &String| targets.is_empty() || targets.contains(name);
    session.platform.waiting.iter().filter(|(name, _)| chosen(name)).flat_map(|(_, waiting)| waiting.clone()).collect()
}
