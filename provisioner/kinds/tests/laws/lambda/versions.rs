//! Laws of published versions, aliases and permissions.

use engine::{Class, State};
use kinds::{Function, FunctionAlias, FunctionPermission, FunctionVersion, Live, Seen, Wanted};
use model::{Input, Tags};

use super::{at, code, function};
use crate::world::World;

/// A function and what its version is to be.
async fn published(world: &World) -> (Seen<Function>, FunctionVersion) {
    let seen = world.make(&at::<Function>("orders"), &function(world).await).await;
    let want = version_of(&seen);
    (seen, want)
}

fn version_of(function: &Seen<Function>) -> FunctionVersion {
    FunctionVersion {
        function: function.output(Function::NAME).expect("a name").into(),
        revision: function.output(Function::REVISION).expect("a revision").into(),
    }
}

async fn versions(world: &World, want: &FunctionVersion) -> Vec<Seen<FunctionVersion>> {
    world.aws.forget().await;
    let wanted = [Wanted { address: at::<FunctionVersion>("orders"), spec: want.clone() }];
    FunctionVersion::read(&world.aws, &wanted).await.expect("versions")
}

#[tokio::test]
async fn versions_keep_the_laws() {
    let world = World::new().await;
    let (_, want) = published(&world).await;
    world.keeps_the_laws("orders", want, []).await;
}

#[tokio::test]
async fn a_version_is_known_by_what_it_froze() {
    let world = World::new().await;
    let (function, first) = published(&world).await;
    world.make(&at::<FunctionVersion>("orders"), &first).await;
    let changed = Function { code: code("two"), ..function.spec.clone() };
    let second = version_of(&world.change(function, &changed).await);
    let made = FunctionVersion::create(&world.aws, &at::<FunctionVersion>("orders"), &second).await.expect("a version");

    let found = versions(&world, &second).await;
    assert_eq!(found.len(), 2);
    let due = found.iter().find(|seen| seen.spec == second).expect("the one that is due");
    assert_eq!(due.outputs, made.outputs);
    assert!(found.iter().any(|seen| seen.spec == first && seen.identity < due.identity), "{found:?}");
}

#[tokio::test]
async fn publishing_twice_makes_one_version() {
    let world = World::new().await;
    let (_, want) = published(&world).await;
    let version_at = at::<FunctionVersion>("orders");
    let one = FunctionVersion::create(&world.aws, &version_at, &want).await.expect("a version");
    let again = FunctionVersion::create(&world.aws, &version_at, &want).await.expect("the same");
    assert_eq!(one, again);
    assert_eq!(versions(&world, &want).await.len(), 1);
}

#[tokio::test]
async fn a_version_that_somebody_else_published_is_left_alone_unless_it_is_what_we_want() {
    let world = World::new().await;
    let (function, want) = published(&world).await;
    let name = want.function.as_str();
    world.aws.lambda.publish_version().function_name(name).description("by hand").send().await.expect("a version");
    assert_eq!(versions(&world, &want).await.iter().map(|seen| &seen.spec).collect::<Vec<_>>(), [&want]);
    let changed = Function { code: code("two"), ..function.spec.clone() };
    let next = version_of(&world.change(function, &changed).await);
    assert!(versions(&world, &next).await.is_empty());
}

/// The ARN of an alias of the function's first version.
/// Whose it is makes no difference to a function that is as wanted, until it is written to.
#[tokio::test]
async fn a_published_function_that_is_as_wanted_is_asked_nothing_more() {
    let world = World::new().await;
    let (function, version) = published(&world).await;
    world.make(&at::<FunctionVersion>("orders"), &version).await;
    let untag = world.aws.lambda.untag_resource().resource(function.output(Function::ARN).expect("an ARN"));
    untag.tag_keys(Tags::PLATFORM).send().await.expect("no tag");
    let seen = world.find(&function.address, &function.spec).await.expect("the function");
    assert_eq!((&seen.spec, &seen.state, &seen.outputs), (&function.spec, &State::Ready, &function.outputs));
    let other = Function { role: "arn:aws:iam::111122223333:role/other".into(), ..function.spec.clone() };
    Function::update(&world.aws, &seen, &other, &["role".to_owned()]).await.expect_err("not ours");
    Function::delete(&world.aws, &seen).await.expect_err("not ours");
    let seen = world.find(&function.address, &other).await.expect("something");
    assert!(matches!(seen.state, State::Foreign(_)), "{:?}", seen.state);
}

async fn alias(world: &World) -> FunctionAlias {
    let (_, want) = published(world).await;
    let version = world.make(&at::<FunctionVersion>("orders"), &want).await;
    let version = Input::from(version.output(FunctionVersion::NUMBER).expect("a number"));
    FunctionAlias { function: want.function, name: "live".to_owned(), version }
}

#[tokio::test]
async fn aliases_keep_the_laws() {
    let world = World::new().await;
    let want = alias(&world).await;
    let latest = FunctionAlias { version: "$LATEST".into(), ..want.clone() };
    world.keeps_the_laws("orders", want.clone(), [latest, want]).await;
}

#[tokio::test]
async fn an_alias_that_exists_is_not_made_again() {
    let world = World::new().await;
    let want = alias(&world).await;
    let alias_at = at::<FunctionAlias>("orders");
    world.make(&alias_at, &want).await;
    let error = FunctionAlias::create(&world.aws, &alias_at, &want).await.expect_err("it exists");
    assert_eq!(error.class, Class::Exists);
}

async fn permission(world: &World) -> FunctionPermission {
    let want = alias(world).await;
    let alias = world.make(&at::<FunctionAlias>("orders"), &want).await;
    let source = world.aws.arn("execute-api", "abcdefghij/live/GET/orders/*");
    let alias = alias.output(FunctionAlias::ARN).expect("an ARN").into();
    FunctionPermission { alias, statement_id: "get-orders-0a1b2c".to_owned(), source: source.into() }
}

#[tokio::test]
async fn permissions_keep_the_laws() {
    let world = World::new().await;
    world.keeps_the_laws("get-orders-0a1b2c", permission(&world).await, []).await;
}

#[tokio::test]
async fn a_permission_that_nobody_wants_any_more_is_found_by_its_id() {
    let world = World::new().await;
    let want = permission(&world).await;
    let old = FunctionPermission { statement_id: "put-orders-0a1b2c".to_owned(), ..want.clone() };
    let old_at = at::<FunctionPermission>(&old.statement_id);
    FunctionPermission::create(&world.aws, &old_at, &old).await.expect("a permission");
    let theirs = world.aws.lambda.add_permission().function_name("laws-test-orders").qualifier("live");
    let theirs = theirs.statement_id("theirs").action("lambda:InvokeFunction").principal("events.amazonaws.com");
    theirs.send().await.expect("somebody else's");

    let wanted = [Wanted { address: at::<FunctionPermission>(&want.statement_id), spec: want }];
    let found = FunctionPermission::read(&world.aws, &wanted).await.expect("permissions");
    assert_eq!(found.iter().map(|seen| (&seen.address, &seen.spec)).collect::<Vec<_>>(), [(&old_at, &old)]);
}

#[tokio::test]
async fn a_permission_of_something_else_under_our_id_is_a_difference() {
    let world = World::new().await;
    let want = permission(&world).await;
    let call = world.aws.lambda.add_permission().function_name("laws-test-orders").qualifier("live");
    let call = call.statement_id(&want.statement_id).action("lambda:InvokeFunction").principal("events.amazonaws.com");
    call.send().await.expect("a permission");
    let seen = world.find(&at::<FunctionPermission>(&want.statement_id), &want).await.expect("the statement");
    assert_eq!(seen.spec.source.as_str(), "");
}
