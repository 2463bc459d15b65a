//! Two runs at once, as if there were no leases: neither knows of the other, and what they leave is not beyond repair.

use std::time::Duration;

use crate::{platform::platform, world::World};

/// How much later the second one begins, from at the same moment to near the end of the first.
fn delays() -> impl Iterator<Item = Duration> {
    (0..40).map(|n| Duration::from_millis(n * 53))
}

/// That two were at work is seen, and was meant.
fn forgive(world: &World) {
    world.state().outrages.clear();
}

#[tokio::test(start_paused = true)]
async fn what_two_ups_made_at_once_is_one_platform_after_the_next() {
    let graph = platform();
    for delay in delays() {
        let (world, when) = (World::new(), format!("the second one {delay:?} later"));
        let later = async {
            tokio::time::sleep(delay).await;
            world.up(&graph).await
        };
        // Whether they end well is not the question: they took each other's names.
        let (first, second) = tokio::join!(world.up(&graph), later);
        assert!(first.is_ok() && second.is_ok(), "{when}");
        forgive(&world);
        let world = world.healed();
        world.up(&graph).await.expect("a run").good(&when);
        world.assert_converged(&graph, &when).await;
    }
}

#[tokio::test(start_paused = true)]
async fn a_down_during_an_up_leaves_what_either_can_finish() {
    let graph = platform();
    for delay in delays() {
        let (world, when) = (World::new(), format!("a down {delay:?} later"));
        let later = async {
            tokio::time::sleep(delay).await;
            world.down(&graph).await
        };
        let (up, down) = tokio::join!(world.up(&graph), later);
        assert!(up.is_ok() && down.is_ok(), "{when}");
        forgive(&world);
        let (world, other) = (world.healed(), world.healed());
        world.up(&graph).await.expect("a run").good(&when);
        world.assert_converged(&graph, &when).await;
        other.down(&graph).await.expect("a run").good(&when);
        other.assert_empty(&when);
    }
}
