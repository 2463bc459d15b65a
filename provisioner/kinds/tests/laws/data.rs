//! Laws of buckets and tables.

use std::collections::BTreeMap;

use aws_sdk_dynamodb::types::PointInTimeRecoverySpecification;
use aws_sdk_s3::types::{
    BucketLifecycleConfiguration, BucketVersioningStatus, ExpirationStatus, LifecycleExpiration, LifecycleRule,
    LifecycleRuleFilter, PublicAccessBlockConfiguration, VersioningConfiguration,
};
use engine::State;
use kinds::{
    Bucket, BucketLifecycle, BucketPolicy, BucketPublicAccess, BucketVersioning, Live, Table, TableExpiry,
    TableRecovery, Wanted,
    table::{AttributeType, TableKey, TableKeys},
};
use model::{Address, BucketName, Input, Kind, Policy, policy::Statement};

use crate::world::World;

const KEY: &str = "arn:aws:kms:eu-west-1:111122223333:key/11111111-2222-3333-4444-555555555555";

fn at<K: Kind>(name: &str) -> Address {
    Address::new("laws", K::FACTS.kind, name)
}

fn policy(prefix: &str) -> Policy {
    let deliver = Statement::allow("Deliver").principal("Service", "logdelivery.elasticloadbalancing.amazonaws.com");
    Policy::of([deliver.actions(&["s3:PutObject"]).on(format!("arn:aws:s3:::bucket/{prefix}/*"))])
}

/// Bucket names are one space for all accounts.
fn bucket(world: &World) -> Bucket {
    Bucket { name: format!("laws-test-{}", world.aws.account).into() }
}

#[tokio::test]
async fn buckets_keep_the_laws() {
    let world = World::new().await;
    let want = bucket(&world);
    world.keeps_the_laws("main", want, []).await;
}

/// A bucket's name.
async fn made_bucket(world: &World) -> Input<BucketName> {
    let seen = world.make(&at::<Bucket>("main"), &bucket(world)).await;
    seen.output(Bucket::NAME).expect("a name").into()
}

#[tokio::test]
async fn bucket_policies_keep_the_laws() {
    let world = World::new().await;
    let want = BucketPolicy { bucket: made_bucket(&world).await, policy: policy("one") };
    let variations = [BucketPolicy { policy: policy("other"), ..want.clone() }, want.clone()];
    world.keeps_the_laws("main", want, variations).await;
}

#[tokio::test]
async fn versioning_that_somebody_suspended_is_turned_on_again() {
    let world = World::new().await;
    let (address, want) = (at::<BucketVersioning>("main"), BucketVersioning { bucket: made_bucket(&world).await });
    assert!(world.find(&address, &want).await.is_none());
    let seen = world.make(&address, &want).await;
    let suspended = VersioningConfiguration::builder().status(BucketVersioningStatus::Suspended).build();
    let call = world.aws.s3.put_bucket_versioning().bucket(want.bucket.as_str()).versioning_configuration(suspended);
    call.send().await.expect("a suspension");
    assert!(world.find(&address, &want).await.is_none());
    world.make(&address, &want).await;
    BucketVersioning::delete(&world.aws, &seen).await.expect("nothing to do");
    assert!(world.find(&address, &want).await.is_some(), "it goes with its bucket");
}

#[tokio::test]
async fn a_public_access_block_that_somebody_opened_is_closed_again() {
    let world = World::new().await;
    let (address, want) = (at::<BucketPublicAccess>("main"), BucketPublicAccess { bucket: made_bucket(&world).await });
    assert!(world.find(&address, &want).await.is_none());
    let seen = world.make(&address, &want).await;
    let open = PublicAccessBlockConfiguration::builder().block_public_acls(true).build();
    let call = world.aws.s3.put_public_access_block().bucket(want.bucket.as_str());
    call.public_access_block_configuration(open).send().await.expect("an opening");
    assert!(world.find(&address, &want).await.is_none());
    world.make(&address, &want).await;
    BucketPublicAccess::delete(&world.aws, &seen).await.expect("nothing to do");
    assert!(world.find(&address, &want).await.is_some(), "it goes with its bucket");
}

#[tokio::test]
async fn a_bucket_is_deleted_with_every_version_in_it() {
    let world = World::new().await;
    let want = bucket(&world);
    let seen = world.make(&at::<Bucket>("main"), &want).await;
    let versioned = BucketVersioning { bucket: want.name.as_str().into() };
    world.make(&at::<BucketVersioning>("main"), &versioned).await;
    let (s3, name) = (&world.aws.s3, want.name.as_str());
    for key in ["one", "one", "other"] {
        s3.put_object().bucket(name).key(key).body(Vec::from(key).into()).send().await.expect("an object");
    }
    s3.delete_object().bucket(name).key("other").send().await.expect("a delete marker");
    let page = s3.list_object_versions().bucket(name).send().await.expect("versions");
    assert_eq!((page.versions().len(), page.delete_markers().len()), (3, 1), "the bucket is versioned");
    Bucket::delete(&world.aws, &seen).await.expect("a delete");
    assert!(world.find(&at::<Bucket>("main"), &want).await.is_none());
}

#[tokio::test]
async fn a_lifecycle_that_somebody_changed_is_seen_and_put_right() {
    let world = World::new().await;
    let address = at::<BucketLifecycle>("main");
    let want = BucketLifecycle { bucket: made_bucket(&world).await, expire_days: 30 };
    assert!(world.find(&address, &want).await.is_none());
    let seen = world.make(&address, &want).await;
    let seen = world.change(seen, &BucketLifecycle { expire_days: 7, ..want.clone() }).await;
    BucketLifecycle::delete(&world.aws, &seen).await.expect("nothing to do");
    assert!(world.find(&address, &want).await.is_some(), "it goes with its bucket");

    let rule = LifecycleRule::builder().id("theirs").status(ExpirationStatus::Enabled);
    let rule = rule.filter(LifecycleRuleFilter::builder().prefix("kept/").build());
    let rule = rule.expiration(LifecycleExpiration::builder().days(1).build()).build().expect("a rule");
    let rules = BucketLifecycleConfiguration::builder().rules(rule).build().expect("rules");
    let call = world.aws.s3.put_bucket_lifecycle_configuration().bucket(want.bucket.as_str());
    call.lifecycle_configuration(rules).send().await.expect("another rule");
    let seen = world.find(&address, &want).await.expect("the rules");
    assert_eq!(seen.spec.expire_days, 0);
    world.change(seen, &want).await;
}

#[tokio::test]
async fn a_namesake_bucket_is_left_alone() {
    let world = World::new().await;
    let want = bucket(&world);
    let here = aws_sdk_s3::types::BucketLocationConstraint::from("eu-west-1");
    let here = aws_sdk_s3::types::CreateBucketConfiguration::builder().location_constraint(here).build();
    let call = world.aws.s3.create_bucket().bucket(want.name.as_str()).create_bucket_configuration(here);
    call.send().await.expect("a bucket");
    let seen = world.find(&at::<Bucket>("main"), &want).await.expect("something");
    assert!(matches!(seen.state, State::Foreign(_)), "{:?}", seen.state);
}

fn keys(partition: &str, sort: Option<(&str, AttributeType)>) -> TableKeys {
    let key = |name: &str, of| TableKey { name: name.to_owned(), of };
    TableKeys { partition: key(partition, AttributeType::String), sort: sort.map(|(name, of)| key(name, of)) }
}

fn indexes<const N: usize>(indexes: [(&str, TableKeys); N]) -> BTreeMap<String, TableKeys> {
    indexes.into_iter().map(|(name, keys)| (name.to_owned(), keys)).collect()
}

fn table() -> Table {
    Table {
        name: "laws-test-laws-main".into(),
        keys: keys("pk", Some(("sk", AttributeType::String))),
        indexes: indexes([("by-day", keys("day", Some(("at", AttributeType::Number))))]),
        key: KEY.into(),
        deletion_protection: false,
    }
}

#[tokio::test]
async fn tables_keep_the_laws() {
    let want = table();
    let variations = [
        Table { indexes: BTreeMap::new(), ..want.clone() },
        Table { key: KEY.replace('1', "2").into(), ..want.clone() },
        want.clone(),
        Table { deletion_protection: true, ..want.clone() },
    ];
    World::new().await.keeps_the_laws("main", want, variations).await;
}

#[tokio::test]
async fn expiry_is_set_changed_and_taken_away() {
    let world = World::new().await;
    world.make(&at::<Table>("main"), &table()).await;
    let (address, none) = (at::<TableExpiry>("main"), TableExpiry { table: table().name.into(), attribute: None });
    let by = |attribute: &str| TableExpiry { attribute: Some(attribute.to_owned()), ..none.clone() };
    let mut seen = world.make(&address, &by("expires")).await;
    TableExpiry::create(&world.aws, &address, &by("expires")).await.expect("a repeat");
    for next in [by("gone"), none.clone(), by("expires")] {
        seen = world.change(seen, &next).await;
    }
    TableExpiry::delete(&world.aws, &seen).await.expect("nothing to do");
    assert_eq!(world.find(&address, &none).await.expect("the table").spec, by("expires"));
}

#[tokio::test]
async fn recovery_that_somebody_turned_off_is_turned_on_again() {
    let world = World::new().await;
    world.make(&at::<Table>("main"), &table()).await;
    let (address, want) = (at::<TableRecovery>("main"), TableRecovery { table: table().name.into() });
    assert!(world.find(&address, &want).await.is_none());
    let seen = world.make(&address, &want).await;
    let off = PointInTimeRecoverySpecification::builder().point_in_time_recovery_enabled(false).build();
    let call = world.aws.dynamodb.update_continuous_backups().table_name(want.table.as_str());
    call.point_in_time_recovery_specification(off.expect("it is off")).send().await.expect("no recovery");
    assert!(world.find(&address, &want).await.is_none());
    world.make(&address, &want).await;
    TableRecovery::delete(&world.aws, &seen).await.expect("nothing to do");
    assert!(world.find(&address, &want).await.is_some(), "it goes with its table");
}

#[tokio::test]
async fn indexes_change_one_at_a_time() {
    let (world, want) = (World::new().await, table());
    let mut seen = world.make(&at::<Table>("main"), &want).await;
    let next = indexes([("by-day", keys("day", None)), ("by-name", keys("name", None))]);
    let next = Table { indexes: next, ..want };
    let (mut left, mut calls) = (vec!["indexes".to_owned()], 0);
    while !left.is_empty() && calls < 10 {
        left = Table::update(&world.aws, &seen, &next, &left).await.expect("a step").left;
        calls += 1;
    }
    assert_eq!(calls, 3, "one index goes, two come");
    seen = world.find(&at::<Table>("main"), &next).await.expect("the table");
    assert_eq!(seen.spec, next);
}

#[tokio::test]
async fn a_namesake_table_is_left_alone() {
    let (world, want) = (World::new().await, table());
    let keys = kinds::aws::dynamodb::schema(&want.keys);
    let attributes = kinds::aws::dynamodb::attributes([&want.keys]);
    let call = world.aws.dynamodb.create_table().table_name(want.name.as_str()).set_key_schema(Some(keys));
    let call = call.set_attribute_definitions(Some(attributes)).billing_mode("PAY_PER_REQUEST".into());
    call.send().await.expect("a table");
    let seen = world.find(&at::<Table>("main"), &want).await.expect("something");
    assert!(matches!(seen.state, State::Foreign(_)), "{:?}", seen.state);
    Table::update(&world.aws, &seen, &want, &["key".to_owned()]).await.expect_err("not ours");
    let (name, attribute) = (Input::from(want.name.as_str()), Some("expires".to_owned()));
    let expiry = TableExpiry { table: name.clone(), attribute };
    let seen_expiry = world.find(&at::<TableExpiry>("main"), &expiry).await.expect("something");
    let seen_recovery = world.find(&at::<TableRecovery>("main"), &TableRecovery { table: name }).await;
    let seen_recovery = seen_recovery.expect("something");
    for state in [seen_expiry.state, seen_recovery.state] {
        assert!(matches!(state, State::Foreign(_)), "{state:?}");
    }
    Table::delete(&world.aws, &seen).await.expect_err("not ours");
    assert!(world.find(&at::<Table>("main"), &want).await.is_some());
}

#[tokio::test]
async fn a_table_that_nobody_wants_any_more_is_found() {
    let (world, stray) = (World::new().await, table());
    world.make(&at::<Table>("stray"), &stray).await;
    let other = Table { name: "laws-test-laws-other".into(), ..stray };
    let wanted = [Wanted { address: at::<Table>("other"), spec: other }];
    let found = Table::read(&world.aws, &wanted).await.expect("a reading");
    assert_eq!(found.iter().map(|seen| &seen.address).collect::<Vec<_>>(), [&at::<Table>("stray")]);
}
