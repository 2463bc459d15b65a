//! `plan` and `up`: what would change, and making it so.

use std::collections::BTreeSet;

use engine::{Permissions, Plan, Reading, Scope, Told};
use model::Address;

use crate::{
    claim::Claim,
    cli::{Change, Global, Up},
    environment::Surroundings,
    failure::{Exit, Failure},
    report::{Printer, blocked, unreadable},
    run,
    session::{Code, Session},
};

/// Shows what `up` would do; reads only.
pub(crate) async fn plan(change: &Change, global: &Global, surroundings: &Surroundings) -> Result<Exit, Failure> {
    let it = Changing::open(change, global, surroundings).await?;
    let plan = it.plan(&Told::new()).await?;
    it.printer.plan(&it.session.config, &plan, true);
    it.printer.estimate(&plan, it.session.estimate(&plan).as_ref());
    let exit = it.close();
    Ok(if plan.is_empty() { exit } else { Exit::Changes })
}

/// Plans, asks, executes, reads again and says what is left.
pub(crate) async fn up(args: &Up, global: &Global, surroundings: &Surroundings) -> Result<Exit, Failure> {
    run::may_ask(global, surroundings)?;
    let it = Changing::open(&args.change, global, surroundings).await?;
    let command = format!("up{}", args.change);
    let targets = &args.change.targets.targets;
    let claim = Claim::new(&it.session, surroundings, targets, command.clone(), args.waiting.wait);
    let begun = claim.begin(async |_| it.changes().await, async |plan| it.ask(plan).await).await?;
    let Some((plan, taken)) = begun else {
        crate::door::refresh(&it.session, surroundings)?;
        return Ok(it.close());
    };
    let report = run::execute(&it.session, &plan, &taken, global, surroundings).await;
    it.printer.ended(&it.session.config, &report, &command);
    if !report.is_good() {
        return taken.end(run::exit(&report)).await;
    }
    // Still taken, so that nobody changes what is read.
    let left = it.plan(&report.told).await;
    let is_done = left.as_ref().is_ok_and(Plan::is_empty);
    let exit = taken.end(if is_done { Exit::Good } else { Exit::Failed }).await?;
    crate::door::refresh(&it.session, surroundings)?;
    it.printer.left(&it.session.config, &left?);
    let closed = it.close();
    Ok(if is_done { closed } else { exit })
}

/// A `plan` or an `up`.
struct Changing<'a> {
    session: Session,
    scope: Scope,
    printer: Printer,
    /// What only the hub's owner can make.
    waiting: Vec<Address>,
    change: &'a Change,
    global: &'a Global,
    surroundings: &'a Surroundings,
}

impl<'a> Changing<'a> {
    async fn open(change: &'a Change, global: &'a Global, surroundings: &'a Surroundings) -> Result<Self, Failure> {
        let targets = &change.targets.targets;
        let session = Session::open(global, surroundings, targets, Code::Needed).await?;
        let (scope, waiting) = (scope(&session, targets, change.prune), waiting(&session, targets));
        Ok(Self { session, scope, printer: Printer::new(global, surroundings), waiting, change, global, surroundings })
    }

    /// Reads all that AWS has not told, and compares.
    async fn plan(&self, told: &Told) -> Result<Plan, Failure> {
        let reading = self.session.read_after(&self.scope, told).await;
        planned(&self.session, &self.scope, &reading, self.change)
    }

    /// What is to be done, if anything is.
    async fn changes(&self) -> Result<Option<Plan>, Failure> {
        let plan = self.plan(&Told::new()).await?;
        if plan.is_empty() {
            self.printer.up_to_date(&self.session.config, &plan);
        }
        Ok(Some(plan).filter(|plan| !plan.is_empty()))
    }

    async fn ask(&self, plan: &Plan) -> Result<(), Failure> {
        self.printer.plan(&self.session.config, plan, self.global.verbose > 0);
        self.printer.estimate(plan, self.session.estimate(plan).as_ref());
        run::confirm(self.global, self.surroundings, &self.session.config, "Make these changes?").await
    }

    /// What stands under everything else, and the exit code if there is nothing to do.
    fn close(&self) -> Exit {
        self.printer.waiting(&self.waiting);
        self.printer.calls(&self.session);
        if self.waiting.is_empty() { Exit::Good } else { Exit::NotReady }
    }
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

/// What only the hub's owner can make for these targets.
pub(crate) fn waiting(session: &Session, targets: &[String]) -> Vec<Address> {
    let chosen = |name: &String| targets.is_empty() || targets.contains(name);
    session.platform.waiting.iter().filter(|(name, _)| chosen(name)).flat_map(|(_, waiting)| waiting.clone()).collect()
}
