//! Hosted zones and their records.

use aws_sdk_route53::types::{
    Change, ChangeAction, ChangeBatch, HostedZoneConfig, ResourceRecord, ResourceRecordSet, RrType, Vpc, VpcRegion,
};
use engine::State;
use kinds::{BatchChange, HostedZone, Live, RecordSet, record_set::RecordTarget};
use model::{Input, ZoneId};
use serde_json::json;

use super::hub::{at, shared};
use crate::world::World;

#[tokio::test]
async fn hosted_zones_keep_the_laws() {
    let world = shared().await;
    let (one, other) = (world.vpc("10.0.0.0/16").await, world.vpc("10.1.0.0/16").await);
    let want = HostedZone { name: "internal.example".into(), vpc: one.into() };
    let moved = HostedZone { vpc: other.into(), ..want.clone() };
    world.keeps_the_laws("zone", want.clone(), [moved, want]).await;
}

#[tokio::test]
async fn a_new_zone_is_tagged() {
    let world = shared().await;
    let want = HostedZone { name: "internal.example".into(), vpc: world.vpc("10.0.0.0/16").await.into() };
    let zone = world.make(&at::<HostedZone>("tagged"), &want).await.output(HostedZone::ID).expect("an id");
    let call = world.aws.route53.list_tags_for_resource().resource_type("hostedzone".into()).resource_id(zone);
    let tags = call.send().await.expect("tags").resource_tag_set.expect("tags");
    let tags: Vec<_> = tags.tags().iter().filter_map(|tag| Some((tag.key()?, tag.value()?))).collect();
    assert!(tags.contains(&("provisioner:address", "laws/hosted-zone/tagged")), "{tags:?}");
}

#[tokio::test]
async fn a_zone_whose_tags_were_never_written_is_ours_all_the_same() {
    let world = shared().await;
    let want = HostedZone { name: "internal.example".into(), vpc: world.vpc("10.0.0.0/16").await.into() };
    HostedZone::create(&world.aws, &at::<HostedZone>("untagged"), &want).await.expect("a zone");
    assert!(world.find(&at::<HostedZone>("untagged"), &want).await.is_some());
}

#[tokio::test]
async fn a_zone_of_somebody_else_is_in_the_way_only_in_the_same_vpc() {
    let world = shared().await;
    let (one, other) = (world.vpc("10.0.0.0/16").await, world.vpc("10.1.0.0/16").await);
    let vpc = Vpc::builder().vpc_id(&one).vpc_region(VpcRegion::EuWest1).build();
    let call = world.aws.route53.create_hosted_zone().name("internal.example").vpc(vpc).caller_reference("by hand");
    let private = HostedZoneConfig::builder().private_zone(true).build();
    call.hosted_zone_config(private).send().await.expect("a zone");

    let apart = HostedZone { name: "internal.example".into(), vpc: other.into() };
    assert!(world.find(&at::<HostedZone>("zone-of-others"), &apart).await.is_none());
    let same = HostedZone { vpc: one.into(), ..apart };
    let seen = world.find(&at::<HostedZone>("zone-of-others"), &same).await.expect("what is in the way");
    assert!(matches!(seen.state, State::Foreign(_)));
}

#[tokio::test]
async fn a_zone_with_several_vpcs_is_for_ours() {
    let (world, name) = (shared().await, "several");
    let other = HostedZone { name: "internal.example".into(), vpc: world.vpc("10.1.0.0/16").await.into() };
    let zone = world.make(&at::<HostedZone>(name), &other).await.output(HostedZone::ID).expect("an id");
    let own = kinds::Vpc { cidr: "10.2.0.0/16".into(), dns_support: true, dns_hostnames: true };
    let own = world.make(&at::<kinds::Vpc>(name), &own).await.output(kinds::Vpc::ID).expect("an id");
    let vpc = Vpc::builder().vpc_id(&own).vpc_region(VpcRegion::EuWest1).build();
    let call = world.aws.route53.associate_vpc_with_hosted_zone().hosted_zone_id(zone).vpc(vpc);
    call.send().await.expect("a further VPC");

    let want = HostedZone { vpc: own.into(), ..other };
    let unknown = json!({"name": "internal.example", "vpc": {"$ref": "laws/vpc/several#id"}});
    for asked in [want.clone(), serde_json::from_value(unknown).expect("a zone")] {
        let seen = world.find(&at::<HostedZone>(name), &asked).await.expect("the zone");
        assert_eq!(seen.spec, want);
    }
}

#[tokio::test]
async fn records_keep_the_laws() {
    let world = shared().await;
    let zone = zone(&world, "records").await;
    let want = alias(&zone, "food.internal.example");
    let other = RecordTarget::Alias { dns_name: "internal-other-2.elb.amazonaws.com".into(), zone: "Z2".into() };
    let variations = [
        RecordSet { target: other, ..want.clone() },
        RecordSet { target: RecordTarget::Cname("elsewhere.example".into()), ..want.clone() },
        RecordSet { target: RecordTarget::Cname("nowhere.example".into()), ..want.clone() },
        want.clone(),
    ];
    world.keeps_the_laws("records", want, variations).await;
}

#[tokio::test]
async fn a_wildcard_keeps_the_laws() {
    let world = shared().await;
    let want = alias(&zone(&world, "wildcard").await, "*.internal.example");
    world.keeps_the_laws("wildcard", want, []).await;
}

#[tokio::test]
async fn a_zone_is_changed_by_one_call() {
    let world = shared().await;
    let zone = zone(&world, "batch").await;
    let (food, drinks) = (alias(&zone, "food.internal.example"), alias(&zone, "drinks.internal.example"));
    let put = |name: &str, want: &RecordSet| {
        let (address, want) = (at::<RecordSet>(name), want.clone());
        BatchChange::Put { address, want, seen: None }
    };
    // The same record twice is one.
    let changes = [put("food", &food), put("drinks", &drinks), put("food-again", &food)];
    assert_eq!(RecordSet::batch(&world.aws, &changes).await.expect("a batch").len(), 3);

    let seen = world.find(&at::<RecordSet>("batch"), &food).await.expect("the record");
    let moved = alias(&zone, "moved.internal.example");
    let changes = [BatchChange::Delete { seen }, put("moved", &moved)];
    assert_eq!(RecordSet::batch(&world.aws, &changes).await.expect("a batch").len(), 2);
    assert!(world.find(&at::<RecordSet>("batch"), &food).await.is_none());
    assert!(world.find(&at::<RecordSet>("drinks"), &drinks).await.is_some());
    assert!(world.find(&at::<RecordSet>("moved"), &moved).await.is_some());
}

#[tokio::test]
async fn a_record_changed_by_hand_is_seen_mended_and_deleted() {
    let world = shared().await;
    let zone = zone(&world, "record-by-hand").await;
    let want = alias(&zone, "food.internal.example");
    world.make(&at::<RecordSet>("record-by-hand"), &want).await;
    plain(&world, &zone, "food.internal.example", "10.9.9.9").await;
    let seen = world.find(&at::<RecordSet>("record-by-hand"), &want).await.expect("the record");
    assert_eq!(seen.spec.target, RecordTarget::Cname("10.9.9.9".into()));
    world.change(seen, &want).await;

    plain(&world, &zone, "food.internal.example", "10.9.9.9").await;
    let seen = world.find(&at::<RecordSet>("record-by-hand"), &want).await.expect("the record");
    RecordSet::delete(&world.aws, &seen).await.expect("a delete repeats what is there");
    assert!(world.find(&at::<RecordSet>("record-by-hand"), &want).await.is_none());
}

#[tokio::test]
async fn records_of_a_deleted_zone_are_gone() {
    let world = shared().await;
    let want = alias(&"Z00000000NOZONE".into(), "food.internal.example");
    assert!(world.find(&at::<RecordSet>("no-zone"), &want).await.is_none());
}

#[tokio::test]
async fn many_records_are_all_found() {
    let world = shared().await;
    let zone = zone(&world, "many").await;
    let names: Vec<String> = (0..301).map(|number| format!("name-{number:03}.internal.example")).collect();
    let puts = names.iter().map(|name| {
        let (address, want) = (at::<RecordSet>("some"), alias(&zone, name));
        BatchChange::Put { address, want, seen: None }
    });
    RecordSet::batch(&world.aws, &puts.collect::<Vec<_>>()).await.expect("a batch");
    let last = alias(&zone, &names[300]);
    assert!(world.find(&at::<RecordSet>("last"), &last).await.is_some(), "AWS answers 300 at once");
}

async fn zone(world: &World, test: &str) -> Input<ZoneId> {
    let want = HostedZone { name: "internal.example".into(), vpc: world.vpc("10.0.0.0/16").await.into() };
    world.make(&at::<HostedZone>(test), &want).await.output(HostedZone::ID).expect("an id").into()
}

fn alias(zone: &Input<ZoneId>, name: &str) -> RecordSet {
    let target = RecordTarget::Alias { dns_name: "internal-hub-1.elb.amazonaws.com".into(), zone: "Z1".into() };
    RecordSet { zone: zone.clone(), name: name.into(), target }
}

async fn plain(world: &World, zone: &Input<ZoneId>, name: &str, ip: &str) {
    let value = ResourceRecord::builder().value(ip).build().expect("a value");
    let record = ResourceRecordSet::builder().name(name).r#type(RrType::A).ttl(60).resource_records(value).build();
    let change = Change::builder().action(ChangeAction::Upsert).resource_record_set(record.expect("a record")).build();
    let batch = ChangeBatch::builder().changes(change.expect("a change")).build().expect("a batch");
    let call = world.aws.route53.change_resource_record_sets().hosted_zone_id(zone.as_str()).change_batch(batch);
    call.send().await.expect("a change by hand");
}
