//! How long the pure parts take at 1,000 services: `cargo speed`.

use std::sync::Arc;

use engine::{Drivers, Gate, Permissions, Rates, Reading, Scope, estimate, plan, read};
use model::Sealed;
use simulation::{
    Aws,
    size::{Form, Size},
};
use tokio::runtime::Builder;

const SIZE: Size = Size::new(20, 50, Form::Whole);

fn main() {
    divan::main();
}

/// All that a plan needs, read already.
struct Scene {
    graph: Sealed,
    drivers: Drivers,
    scope: Scope,
    reading: Reading,
}

impl Scene {
    fn new(exists: bool) -> Self {
        let graph = SIZE.graph();
        let aws: Arc<Aws> = Aws::new(Gate::new(Rates::default(), Gate::AT_ONCE));
        let (drivers, scope) = (aws.drivers(), Scope::of(&graph, &[].into(), false));
        let clock = Builder::new_current_thread().enable_time().start_paused(true).build().expect("a runtime");
        let reading = clock.block_on(async {
            if exists {
                aws.fill(&graph);
            }
            read(&drivers, &graph, &scope).await
        });
        Self { graph, drivers, scope, reading }
    }

    fn plan(&self) -> engine::Plan {
        plan(&self.drivers, &self.graph, &self.scope, &self.reading, &Permissions::default())
    }
}

#[divan::bench(sample_count = 5)]
fn graph() -> Sealed {
    SIZE.graph()
}

#[divan::bench(sample_count = 5, args = [true, false])]
fn plan_of(bencher: divan::Bencher<'_, '_>, exists: bool) {
    let scene = Scene::new(exists);
    bencher.bench_local(|| scene.plan());
}

#[divan::bench(sample_count = 5)]
fn estimate_of_a_first_up(bencher: divan::Bencher<'_, '_>) {
    let (scene, rates) = (Scene::new(false), kinds::rates::paced().collect());
    let plan = scene.plan();
    bencher.bench_local(|| estimate(&scene.drivers, &scene.graph, &plan, &rates));
}
