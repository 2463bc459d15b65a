//! What the engine promises of its pace, at sizes that a debug build simulates in seconds. Virtual time.

use simulation::{
    measure,
    size::{Form, Size},
};

/// As fast as AWS lets it, within a twentieth, and never refused for calling too often.
async fn keeps_pace(size: Size) {
    let up = measure::up(size).await;
    assert!(up.ratio() <= 1.05, "{size}: {up:?}");
    assert_eq!(up.throttled, 0, "{size}: {up:?}");
}

#[tokio::test(start_paused = true)]
async fn a_chain_of_objects_is_made_as_fast_as_aws_makes_them() {
    keeps_pace(Size::new(1, 2, Form::Whole)).await;
    keeps_pace(Size::new(2, 1, Form::Small)).await;
}

#[tokio::test(start_paused = true)]
async fn scarce_calls_are_made_as_often_as_aws_takes_them() {
    keeps_pace(Size::new(1, 8, Form::Shared)).await;
}

#[tokio::test(start_paused = true)]
async fn reading_again_is_never_refused() {
    let size = Size::new(1, 8, Form::Shared);
    assert_eq!(measure::planned(size).await.throttled, 0);
}
