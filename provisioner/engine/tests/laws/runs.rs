//! Whole commands against a world: read, plan, execute.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use engine::{Always, Controls, Event, Outcome, Pace, Permissions, Plan, Reading, Report, Scope, Told};
use model::{Address, CreateSafety, Sealed};
use tokio::sync::mpsc;

use crate::world::World;

/// The program was killed.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Killed;

/// How a command is given.
#[derive(Clone, Default)]
pub(crate) struct Options {
    pub(crate) targets: BTreeSet<String>,
    pub(crate) allowed: Permissions,
    pub(crate) adjusted: Vec<Address>,
    pub(crate) pace: Pace,
}

/// What a command left to look at.
#[derive(Debug)]
pub(crate) struct Run {
    pub(crate) plan: Plan,
    pub(crate) report: Report,
    pub(crate) events: Vec<Event>,
}

impl Options {
    pub(crate) fn of(targets: &[&str]) -> Self {
        Self { targets: targets.iter().map(|&target| target.to_owned()).collect(), ..Self::default() }
    }

    pub(crate) fn prune() -> Self {
        Self { allowed: Permissions { prune: true, ..Permissions::default() }, ..Self::default() }
    }

    pub(crate) fn replacing(address: &str) -> Self {
        let replace = BTreeSet::from([address.to_owned()]);
        Self { allowed: Permissions { replace, ..Permissions::default() }, ..Self::default() }
    }

    fn scope(&self, graph: &Sealed, everywhere: bool) -> Scope {
        Scope::of(graph, &self.targets, everywhere).adjusting(&self.adjusted)
    }
}

impl World {
    /// Ends when the program is killed.
    async fn or_killed<T>(&self, command: impl Future<Output = T>) -> Result<T, Killed> {
        let mut died = self.died.subscribe();
        tokio::select! {
            done = command => Ok(done),
            _ = died.wait_for(|died| *died) => Err(Killed),
        }
    }

    pub(crate) async fn read(&self, graph: &Sealed, options: &Options) -> Reading {
        engine::read(&self.drivers(), graph, &options.scope(graph, options.allowed.prune)).await
    }

    /// The plan after a run.
    pub(crate) async fn plan_after(&self, graph: &Sealed, told: &Told) -> Plan {
        let scope = Options::default().scope(graph, false);
        let reading = engine::read_again(&self.drivers(), graph, &scope, told).await;
        engine::plan(&self.drivers(), graph, &scope, &reading, &Permissions::default())
    }

    pub(crate) async fn plan_with(&self, graph: &Sealed, options: &Options) -> Plan {
        let scope = options.scope(graph, options.allowed.prune);
        let reading = engine::read(&self.drivers(), graph, &scope).await;
        engine::plan(&self.drivers(), graph, &scope, &reading, &options.allowed)
    }

    pub(crate) async fn plan(&self, graph: &Sealed) -> Plan {
        self.plan_with(graph, &Options::default()).await
    }

    pub(crate) async fn execute(&self, graph: &Sealed, plan: Plan, pace: &Pace) -> Run {
        let (events, mut heard) = mpsc::unbounded_channel();
        let controls = Controls { events, stop: self.stop.subscribe(), permission: Arc::new(Always) };
        let report = engine::execute(&self.drivers(), graph, &plan, pace, controls).await;
        let mut events = Vec::new();
        while let Ok(event) = heard.try_recv() {
            events.push(event);
        }
        Run { plan, report, events }
    }

    pub(crate) async fn up_with(&self, graph: &Sealed, options: &Options) -> Result<Run, Killed> {
        let command = async {
            let plan = self.plan_with(graph, options).await;
            self.execute(graph, plan, &options.pace).await
        };
        self.or_killed(command).await
    }

    pub(crate) async fn up(&self, graph: &Sealed) -> Result<Run, Killed> {
        self.up_with(graph, &Options::default()).await
    }

    /// A platform that is up.
    pub(crate) async fn with(graph: &Sealed) -> Self {
        let world = Self::new();
        let run = world.up(graph).await.expect("nothing kills it");
        run.good("up");
        world.healed()
    }

    /// The writes of an undisturbed `up`, in their order.
    pub(crate) async fn with_log(graph: &Sealed) -> Vec<String> {
        let world = Self::new();
        world.up(graph).await.expect("nothing kills it").good("up");
        world.log()
    }

    pub(crate) async fn down_with(&self, graph: &Sealed, targets: &[&str]) -> Result<Run, Killed> {
        let command = async {
            let scope = Options::of(targets).scope(graph, true);
            let reading = engine::read(&self.drivers(), graph, &Options::default().scope(graph, true)).await;
            let plan = engine::teardown(&self.drivers(), graph, &scope, &reading);
            self.execute(graph, plan, &Pace::default()).await
        };
        self.or_killed(command).await
    }

    pub(crate) async fn down(&self, graph: &Sealed) -> Result<Run, Killed> {
        self.down_with(graph, &[]).await
    }

    /// What a good `up` leaves: each object once, nothing to do, and never a call that must not be made.
    pub(crate) async fn assert_converged(&self, graph: &Sealed, when: &str) {
        let world = self.healed();
        let plan = world.plan(graph).await;
        let left: Vec<_> = plan.changes().map(|step| (step.address.as_str(), &step.action, &step.surplus)).collect();
        assert!(left.is_empty(), "{when}: {left:#?}");
        assert_eq!(world.owned(), once_each(graph), "{when}");
        self.assert_behaved(when);
    }

    pub(crate) fn assert_behaved(&self, when: &str) {
        assert!(self.state().outrages.is_empty(), "{when}: {:#?}", self.state().outrages);
    }

    pub(crate) fn assert_empty(&self, when: &str) {
        assert_eq!(self.owned(), BTreeMap::new(), "{when}");
        self.assert_behaved(when);
    }
}

impl Run {
    /// # Panics
    /// If the run was not good.
    pub(crate) fn good(self, when: &str) -> Self {
        let blocked: Vec<String> = self.plan.blocked().map(|(address, why)| format!("{address}: {why}")).collect();
        assert!(self.report.is_good(), "{when}: {blocked:#?} {:#?}", self.troubles());
        self
    }

    /// What is not done, and why.
    pub(crate) fn troubles(&self) -> Vec<String> {
        let outcomes = self.report.outcomes.iter().filter(|(_, outcome)| !matches!(outcome, Outcome::Done));
        let words = outcomes.map(|(address, outcome)| match outcome {
            Outcome::Failed { error } | Outcome::Unknown { error } => format!("{address}: {error}"),
            other => format!("{address}: {other:?}"),
        });
        words.collect()
    }

    pub(crate) fn is_good(&self) -> bool {
        self.report.is_good()
    }
}

/// Every object that the graph wants somebody to make.
pub(crate) fn once_each(graph: &Sealed) -> BTreeMap<String, usize> {
    let made = graph.nodes().filter(|node| node.facts.create != CreateSafety::External);
    made.map(|node| (node.address.to_string(), 1)).collect()
}

pub(crate) fn address(text: &str) -> Address {
    text.parse().expect("an address")
}
