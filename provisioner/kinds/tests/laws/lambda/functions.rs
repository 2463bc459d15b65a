//! Laws of functions.

use std::collections::BTreeMap;

use engine::{Class, State};
use kinds::{Function, Live, Wanted, function::Code};

use super::{at, code, function, role};
use crate::world::World;

#[tokio::test]
async fn functions_keep_the_laws() {
    let world = World::new().await;
    let want = function(&world).await;
    let variations = [
        Function { description: "Other".to_owned(), ..want.clone() },
        Function { role: role(&world, "laws-other").await.into(), ..want.clone() },
        Function { code: code("two"), ..want.clone() },
        Function { memory_mb: 512, ..want.clone() },
        Function { timeout_seconds: 29, ..want.clone() },
        Function { environment: BTreeMap::from([("OTHER".to_owned(), "1".into())]), ..want.clone() },
        Function { environment: BTreeMap::new(), ..want.clone() },
        Function { key: world.aws.arn("kms", "key/2").into(), ..want.clone() },
        Function { tracing: false, ..want.clone() },
        Function { log_group: "/laws-test/laws/functions/other".to_owned(), ..want.clone() },
        Function { subnets: vec!["subnet-3".into()], ..want.clone() },
        Function { security_groups: vec!["sg-1".into(), "sg-2".into()], ..want.clone() },
        Function { code: code("three"), memory_mb: 128, timeout_seconds: 5, ..want.clone() },
        want.clone(),
    ];
    world.keeps_the_laws("orders", want, variations).await;
}

#[tokio::test]
async fn code_and_configuration_are_never_sent_at_once() {
    let world = World::new().await;
    let want = function(&world).await;
    let seen = world.make(&at::<Function>("orders"), &want).await;
    let next = Function { code: code("two"), memory_mb: 512, ..want.clone() };
    let fields = ["code".to_owned(), "memory_mb".to_owned()];
    let made = Function::update(&world.aws, &seen, &next, &fields).await.expect("an update");
    assert_eq!(made.left, ["memory_mb"]);
    let half = world.find(&seen.address, &next).await.expect("the function");
    assert_eq!((half.spec.code.sha256, half.spec.memory_mb), (next.code.sha256, want.memory_mb));
}

#[tokio::test]
async fn a_revision_is_the_same_before_and_after() {
    let world = World::new().await;
    let want = function(&world).await;
    let made = Function::create(&world.aws, &at::<Function>("orders"), &want).await.expect("a function");
    let seen = world.find(&at::<Function>("orders"), &want).await.expect("the function");
    assert_eq!(seen.outputs, made.outputs);
    let next = Function { code: code("two"), ..want };
    let changed = world.change(seen, &next).await;
    assert_ne!(changed.outputs["revision"], made.outputs["revision"]);
    assert_eq!(changed.outputs["arn"], made.outputs["arn"]);
}

#[tokio::test]
async fn a_function_that_is_not_ours_is_foreign() {
    let world = World::new().await;
    let want = function(&world).await;
    Function::create(&world.aws, &at::<Function>("orders"), &want).await.expect("a function");
    let arn = world.aws.arn("lambda", "function:laws-test-orders");
    let untag = world.aws.lambda.untag_resource().resource(arn).tag_keys("provisioner:platform");
    untag.send().await.expect("no tag");
    let seen = world.find(&at::<Function>("orders"), &want).await.expect("the function");
    assert!(matches!(&seen.state, State::Foreign(why) if why.contains("laws-test-orders")), "{:?}", seen.state);
    let error = Function::create(&world.aws, &at::<Function>("orders"), &want).await.expect_err("it exists");
    assert_eq!(error.class, Class::Exists);
}

#[tokio::test]
async fn a_function_that_nobody_wants_any_more_is_found() {
    let world = World::new().await;
    let want = function(&world).await;
    let old = at::<Function>("old");
    Function::create(&world.aws, &old, &Function { name: "laws-test-old".into(), ..want.clone() }).await.expect("old");
    let wanted = [Wanted { address: at::<Function>("orders"), spec: want }];
    let found = Function::read(&world.aws, &wanted).await.expect("functions");
    assert_eq!(found.iter().map(|seen| &seen.address).collect::<Vec<_>>(), [&old]);
}

#[tokio::test]
async fn a_zip_that_is_not_what_was_planned_is_not_shipped() {
    let world = World::new().await;
    let want = function(&world).await;
    let of = |code: Code| Function { code, ..want.clone() };
    let refused = [
        of(Code { sha256: code("two").sha256, ..want.code.clone() }),
        of(Code { zip: "/nowhere/at/all.zip".to_owned(), ..want.code.clone() }),
    ];
    for want in refused {
        let error = Function::create(&world.aws, &at::<Function>("orders"), &want).await.expect_err("no code");
        assert_eq!((error.code.as_str(), error.class), ("Refused", Class::Fatal));
    }
}
