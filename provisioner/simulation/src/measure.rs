//! Runs one size, and says what it took.

use std::{fs, sync::Arc, time::Duration};

use engine::{
    Always, Because, Controls, Drivers, Gate, Pace, Permissions, Plan, Rates, Report, Scope, Stop, estimate_by,
    execute, plan, read, teardown,
};
use model::{Address, Sealed};
use serde::{Deserialize, Serialize};
use tokio::{
    sync::{mpsc, watch},
    time::Instant,
};

use crate::{
    aws::{Aws, readiness},
    size::{Size, accounts},
};

/// What an `up` from nothing or a `down` comes to. Times in seconds, memory in megabytes.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Run {
    pub objects: usize,
    pub accounts: usize,
    pub calls: usize,
    pub throttled: usize,
    pub makespan: f64,
    /// The least that it can take: the longest chain, or AWS's limits.
    pub bound: f64,
    /// What the bound is.
    pub because: String,
    pub cpu: f64,
    pub memory: f64,
}

impl Run {
    #[must_use]
    pub fn ratio(&self) -> f64 {
        self.makespan / self.bound
    }
}

/// What a `plan` of what is as it should be comes to: configuration, graph, reading and comparing.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Planned {
    pub objects: usize,
    pub calls: usize,
    pub throttled: usize,
    /// What the reading takes in AWS's time.
    pub reading: f64,
    pub cpu: f64,
    pub memory: f64,
}

/// A platform before a simulated AWS.
struct Scene {
    graph: Sealed,
    aws: Arc<Aws>,
    drivers: Drivers,
    scope: Scope,
    rates: Rates,
}

impl Scene {
    fn new(size: Size) -> Self {
        let graph = size.graph();
        let rates: Rates = kinds::rates::paced().collect();
        let aws = Aws::new(Gate::new(rates.clone(), Gate::AT_ONCE));
        let (drivers, scope) = (aws.drivers(), Scope::of(&graph, &[].into(), false));
        Self { graph, aws, drivers, scope, rates }
    }

    async fn plan(&self) -> Plan {
        let reading = read(&self.drivers, &self.graph, &self.scope).await;
        assert!(reading.errors.is_empty(), "{:?}", reading.errors);
        plan(&self.drivers, &self.graph, &self.scope, &reading, &Permissions::default())
    }

    async fn teardown(&self) -> Plan {
        let reading = read(&self.drivers, &self.graph, &self.scope).await;
        let mut plan = teardown(&self.drivers, &self.graph, &self.scope, &reading);
        plan.strays.clear();
        plan
    }

    async fn run(&self, plan: Plan) -> Run {
        let (before, started) = (self.aws.tally(), Instant::now());
        let report = self.execute(&plan).await;
        let (makespan, after, cpu) = (started.elapsed(), self.aws.tally(), cpu());
        assert!(report.is_good(), "{:?}", report.failures().next());
        let (bound, because) = bound(self, &plan);
        Run {
            objects: plan.steps.len(),
            accounts: accounts(&self.graph).len(),
            calls: after.calls - before.calls,
            throttled: after.throttled,
            makespan: makespan.as_secs_f64(),
            bound: bound.as_secs_f64(),
            because,
            cpu,
            memory: memory(),
        }
    }

    async fn execute(&self, plan: &Plan) -> Report {
        // Nobody listens, and nobody interrupts.
        let (events, stop) = (mpsc::unbounded_channel().0, watch::Sender::new(Stop::Go));
        let controls = Controls { events, stop: stop.subscribe(), permission: Arc::new(Always) };
        let pace = Pace { rates: self.rates.clone(), ..Pace::default() };
        execute(&self.drivers, &self.graph, plan, &pace, controls).await
    }
}

/// Makes everything from nothing, and sees that nothing is left to do. On a paused clock.
///
/// # Panics
/// If it does not come to that.
pub async fn up(size: Size) -> Run {
    let scene = Scene::new(size);
    let plan = scene.plan().await;
    let run = scene.run(plan).await;
    assert!(scene.plan().await.is_empty(), "something is left to do");
    run
}

/// Deletes everything, and sees that nothing is left. On a paused clock.
///
/// # Panics
/// If it does not come to that.
pub async fn down(size: Size) -> Run {
    let scene = Scene::new(size);
    scene.aws.fill(&scene.graph);
    let run = scene.run(scene.teardown().await).await;
    assert!(scene.teardown().await.is_empty(), "something is left");
    run
}

/// Plans what is as it should be. On a paused clock.
///
/// # Panics
/// If the plan is not empty.
pub async fn planned(size: Size) -> Planned {
    let scene = Scene::new(size);
    let made = cpu();
    scene.aws.fill(&scene.graph);
    let (filled, started) = (cpu(), Instant::now());
    let plan = scene.plan().await;
    assert!(plan.is_empty(), "{:?}", plan.changes().next());
    let tally = scene.aws.tally();
    Planned {
        objects: scene.graph.len(),
        calls: tally.calls,
        throttled: tally.throttled,
        reading: started.elapsed().as_secs_f64(),
        cpu: made + cpu() - filled,
        memory: memory(),
    }
}

/// The bound by AWS's own limits, not by the slower ones that we keep to.
fn bound(scene: &Scene, plan: &Plan) -> (Duration, String) {
    let rates: Rates = kinds::rates::documented().collect();
    let takes = |address: &Address| readiness(address, plan.steps[address].facts);
    let least = estimate_by(&scene.drivers, &scene.graph, plan, &rates, &takes).expect("there is something to do");
    let because = match least.because {
        Because::Chain { longest } => format!("chain through a {}", longest.kind()),
        Because::Rate { limit, calls, .. } => format!("{calls} × `{limit}` in an account"),
    };
    (least.time, because)
}

/// Seconds that this process computed so far.
#[must_use]
pub fn cpu() -> f64 {
    let time = rustix::time::clock_gettime(rustix::time::ClockId::ProcessCPUTime);
    Duration::new(time.tv_sec.unsigned_abs(), u32::try_from(time.tv_nsec).unwrap_or(0)).as_secs_f64()
}

/// The most memory that this process had, in megabytes; Linux says it.
#[must_use]
pub fn memory() -> f64 {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let kilobytes = peak.and_then(|peak| peak.trim().trim_end_matches(" kB").parse::<f64>().ok());
    kilobytes.unwrap_or(0.0) / 1024.0
}
