//! `down`: everything of the targets goes, except what is kept and keys that wait for their deletion.

use std::collections::{BTreeMap, BTreeSet};

use engine::{Plan, Reading, Scope, State};

use crate::{
    claim::{self, Claim, Stand, Taken},
    cli::{Down, Global},
    commands::change,
    environment::Surroundings,
    failure::{Exit, Failure},
    report::{Printer, unreadable},
    run,
    session::{Code, Session},
};

pub(crate) async fn down(args: &Down, global: &Global, surroundings: &Surroundings) -> Result<Exit, Failure> {
    let targets = &args.targets.targets;
    if targets.is_empty() && !args.targets.all {
        return Err(Failure::usage("`down` needs targets").hint("name them, or `--all` for everything"));
    }
    run::may_ask(global, surroundings)?;
    let session = Session::open(global, surroundings, targets, Code::Ignored).await?;
    let scope = change::scope(&session, targets, true);
    let command = format!("down{}", args.targets);
    let claim = Claim::new(&session, surroundings, targets, command.clone(), args.waiting.wait);
    let going = Going { session: &session, scope, printer: Printer::new(global, surroundings), targets };
    let ask = async |plan: &Plan| {
        going.printer.plan(&session.config, plan, global.verbose > 0);
        run::confirm(global, surroundings, &session.config, "Delete all of this?").await
    };
    let begun = claim.begin(async |stand| going.look(&claim, stand).await, ask).await?;
    let Some((plan, taken)) = begun else { return Ok(Exit::Good) };
    let report = run::execute(&session, &plan, &taken, global, surroundings).await;
    going.printer.ended(&session.config, &report, &command);
    if !report.is_good() {
        return taken.end(run::exit(&report)).await;
    }
    check(&claim, taken, &going.scope, &going.printer).await
}

/// A `down`.
struct Going<'a> {
    session: &'a Session,
    scope: Scope,
    printer: Printer,
    targets: &'a [String],
}

impl Going<'_> {
    /// What goes, if anything is there. Where nothing is, a table of leases that was left goes, too.
    async fn look(&self, claim: &Claim<'_>, stand: &Stand) -> Result<Option<Plan>, Failure> {
        let Self { session, scope, printer, targets } = self;
        let reading = read(session, scope).await?;
        refuse_orphans(session, targets, &reading)?;
        let plan = engine::teardown(&session.drivers, &session.platform.graph, scope, &reading);
        if !plan.is_empty() {
            return Ok(Some(plan));
        }
        printer.nothing_there(&session.config, &plan);
        let is_stored = stand.as_ref().is_some_and(|stand| stand.is_stored);
        if is_stored && session.with_hub && claim::nothing_is_left(session, &reading) {
            claim.remove_table(None).await?;
        }
        Ok(None)
    }
}

/// Everything, so that services on a hub are seen; with a service's role alone what that lets us see.
async fn read(session: &Session, own: &Scope) -> Result<Reading, Failure> {
    let everything = Scope::of(&session.platform.graph, &BTreeSet::new(), true);
    let reading = session.read(if session.with_hub { &everything } else { own }).await;
    if reading.errors.is_empty() {
        return Ok(reading);
    }
    Err(unreadable(&session.config, &reading.errors))
}

/// A hub does not go while services are on it.
fn refuse_orphans(session: &Session, targets: &[String], reading: &Reading) -> Result<(), Failure> {
    if !targets.iter().any(|target| target == config::CONSUMER) {
        return Ok(());
    }
    let mut services: BTreeMap<&str, usize> = BTreeMap::new();
    for (address, found) in &reading.seen {
        let external = session.drivers.of(address.kind()).facts().create == model::CreateSafety::External;
        let there =
            found.iter().any(|(_, seen)| matches!(seen.state, State::Ready | State::Pending(_) | State::Broken(_)));
        if there && !external && !targets.iter().any(|target| target == address.target()) {
            *services.entry(address.target()).or_default() += 1;
        }
    }
    // What is kept on purpose does not hold the hub.
    let kept = |address: &model::Address| {
        session.platform.graph.get(address).is_some_and(|node| node.on_down == model::OnDown::Keep)
    };
    services.retain(|service, _| reading.seen.keys().any(|address| address.target() == *service && !kept(address)));
    if services.is_empty() {
        return Ok(());
    }
    let names: Vec<&str> = services.into_keys().collect();
    Err(Failure::new(format!("the hub still serves `{}`", names.join("`, `")))
        .hint(format!("run `provisioner down {}` first, or `provisioner down --all`", names.join(" "))))
}

/// Reads again. After the last object of all the leases go, too.
async fn check(claim: &Claim<'_>, taken: Taken<'_>, scope: &Scope, printer: &Printer) -> Result<Exit, Failure> {
    let session = claim.session();
    let reading = match read(session, scope).await {
        Ok(reading) => reading,
        Err(failure) => {
            taken.end(Exit::Failed).await?;
            return Err(failure);
        }
    };
    let left = engine::teardown(&session.drivers, &session.platform.graph, scope, &reading);
    printer.torn_down(&session.config, &left, &retired(scope, &reading));
    let exit = if left.is_empty() { Exit::Good } else { Exit::Failed };
    if session.with_hub && claim::nothing_is_left(session, &reading) {
        claim.remove_table(Some(taken)).await?;
    } else {
        taken.end(exit).await?;
    }
    printer.calls(session);
    Ok(exit)
}

/// Keys and secrets that wait for their deletion, with AWS's word on when.
fn retired(scope: &Scope, reading: &Reading) -> Vec<(model::Address, String)> {
    let targets: BTreeSet<&str> = scope.selected.iter().map(model::Address::target).collect();
    let mine = reading.seen.iter().filter(|(address, _)| targets.contains(address.target()));
    let states = mine.flat_map(|(address, found)| found.iter().map(move |(_, seen)| (address, &seen.state)));
    states
        .filter_map(|(address, state)| match state {
            State::Retired(why) => Some((address.clone(), why.clone())),
            _ => None,
        })
        .collect()
}
