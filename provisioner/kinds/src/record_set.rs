//! Record sets (`route53:ChangeResourceRecordSets`), one batched change per zone. Found in the zone, by name and type.

use model::{Calls, CreateSafety, DnsName, Facts, Input, Kind, ZoneId};
use serde::{Deserialize, Serialize};

/// What a name leads to.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum RecordTarget {
    /// An A record that follows a load balancer.
    Alias { dns_name: Input<DnsName>, zone: Input<ZoneId> },
    /// A CNAME with a time to live of 300 s.
    Cname(Input<DnsName>),
}

/// One name in a zone.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RecordSet {
    pub zone: Input<ZoneId>,
    /// Lower case, without a trailing dot.
    pub name: Input<DnsName>,
    pub target: RecordTarget,
}

impl Kind for RecordSet {
    const FACTS: Facts = Facts {
        kind: "record-set",
        title: "record",
        located_by: &["name", "zone"],
        replace_on: &["name", "zone"],
        create_first: true,
        batch_by: Some("zone"),
        calls: Calls {
            create: &["route53:ChangeResourceRecordSets"],
            update: &["route53:ChangeResourceRecordSets"],
            delete: &["route53:ChangeResourceRecordSets"],
            ..Calls::NONE
        },
        typical_seconds: 30,
        deadline_seconds: 1800,
        ..Facts::of(CreateSafety::Relation)
    };
}

#[cfg(feature = "live")]
mod live {
    use aws_sdk_route53::types::{
        AliasTarget, Change, ChangeAction, ChangeBatch, HostedZone, ResourceRecord, ResourceRecordSet, RrType,
    };
    use engine::{CallError, Class, Made, State};
    use futures::future::try_join_all;
    use model::{Address, Kind as _, Outputs};

    use super::{RecordSet, RecordTarget};
    use crate::{
        Live, Seen, Wanted,
        aws::{Aws, absent, ready, route53},
        live::BatchChange,
    };

    const CNAME_SECONDS: i64 = 300;

    impl Live for RecordSet {
        async fn read(aws: &Aws, wanted: &[Wanted<Self>]) -> Result<Vec<Seen<Self>>, CallError> {
            let found = try_join_all(wanted.iter().map(|wanted| async {
                let Some(zone) = wanted.spec.zone.if_known() else { return Ok(None) };
                Ok(seen(wanted, &route53::records(aws, zone.as_str()).await?))
            }));
            let mut found: Vec<_> = found.await?.into_iter().flatten().collect();
            if aws.looks_everywhere().await {
                found.extend(unwanted(aws, wanted).await?);
            }
            Ok(found)
        }

        async fn create(aws: &Aws, at: &Address, want: &Self) -> Result<Made, CallError> {
            put(aws, at, want, None).await
        }

        async fn update(aws: &Aws, seen: &Seen<Self>, want: &Self, _fields: &[String]) -> Result<Made, CallError> {
            put(aws, &seen.address, want, Some(seen.clone())).await
        }

        async fn delete(aws: &Aws, seen: &Seen<Self>) -> Result<(), CallError> {
            absent(Self::batch(aws, &[BatchChange::Delete { seen: seen.clone() }]).await).map(drop)
        }

        /// One call: all changes of it are made, or none. Ready at once: an existing record is all that others need, and
        /// the resolvers of a VPC answer with it within 60 s.
        async fn batch(aws: &Aws, changes: &[BatchChange<Self>]) -> Result<Vec<Made>, CallError> {
            let Some((at, zone)) = changes.first().map(place) else { return Ok(Vec::new()) };
            let only_new = changes.iter().all(|change| matches!(change, BatchChange::Put { seen: None, .. }));
            let live = if only_new { Vec::new() } else { route53::records_now(aws, zone).await? };
            let mut wire = Vec::new();
            for change in changes.iter().flat_map(|change| on_the_wire(change, &live)) {
                // Two objects may share a record (one account validates a name with one record), and AWS refuses repeats.
                if !wire.contains(&change) {
                    wire.push(change);
                }
            }
            if !wire.is_empty() {
                let call = aws.route53.change_resource_record_sets().hosted_zone_id(zone).change_batch(batch_of(wire));
                aws.call("route53:ChangeResourceRecordSets", at, call.send()).await?;
            }
            Ok(vec![ready(Outputs::new()); changes.len()])
        }
    }

    /// Records have no tags. In a zone of ours, an alias of one label is the name of the target it is called after.
    async fn unwanted(aws: &Aws, wanted: &[Wanted<RecordSet>]) -> Result<Vec<Seen<RecordSet>>, CallError> {
        let zones = match route53::zones(aws).await {
            // Where we only write records, in the zone of certificate validation, our role may not list zones.
            Err(error) if error.class == Class::Denied => return Ok(Vec::new()),
            zones => zones?,
        };
        let ours = zones.iter().filter(|zone| route53::owner(aws, zone).is_some());
        let found = try_join_all(ours.map(|zone| async {
            let live = route53::records(aws, &route53::id(zone)).await?;
            let unwanted = live.iter().filter_map(|record| unwanted_in(zone, record, wanted));
            Ok(unwanted.collect::<Vec<_>>())
        }));
        Ok(found.await?.into_iter().flatten().collect())
    }

    fn unwanted_in(
        zone: &HostedZone,
        record: &ResourceRecordSet,
        wanted: &[Wanted<RecordSet>],
    ) -> Option<Seen<RecordSet>> {
        let (name, target) = (route53::name(&record.name), target(record));
        let label = name.strip_suffix(&route53::name(&zone.name))?.strip_suffix('.')?;
        let is_ours = matches!(target, RecordTarget::Alias { .. }) && !label.contains('.');
        let is_wanted = wanted.iter().any(|wanted| wanted.spec.name.if_known().is_some_and(|it| it.as_str() == name));
        (is_ours && !is_wanted).then(|| Seen {
            address: Address::new(label, RecordSet::FACTS.kind, "host"),
            spec: RecordSet { zone: route53::id(zone).into(), name: name.as_str().into(), target },
            outputs: Outputs::new(),
            state: State::Ready,
            identity: name.clone(),
        })
    }

    async fn put(aws: &Aws, at: &Address, want: &RecordSet, seen: Option<Seen<RecordSet>>) -> Result<Made, CallError> {
        let change = BatchChange::Put { address: at.clone(), want: want.clone(), seen };
        RecordSet::batch(aws, &[change]).await.map(|_| ready(Outputs::new()))
    }

    fn place(change: &BatchChange<RecordSet>) -> (&Address, &str) {
        match change {
            BatchChange::Put { address, want, .. } => (address, want.zone.as_str()),
            BatchChange::Delete { seen } => (&seen.address, seen.spec.zone.as_str()),
        }
    }

    /// A delete repeats exactly what is there. A put that changes the type deletes the old type: a name has only one.
    fn on_the_wire(change: &BatchChange<RecordSet>, live: &[ResourceRecordSet]) -> Vec<Change> {
        match change {
            BatchChange::Put { want, .. } => {
                let put = record(want);
                let others = at_name(live, want.name.as_str()).filter(|found| found.r#type != put.r#type);
                let mut changes: Vec<_> = others.map(delete).collect();
                changes.push(change_of(ChangeAction::Upsert, put));
                changes
            }
            BatchChange::Delete { seen } => at_name(live, seen.spec.name.as_str()).map(delete).collect(),
        }
    }

    fn delete(record: &ResourceRecordSet) -> Change {
        change_of(ChangeAction::Delete, record.clone())
    }

    fn change_of(action: ChangeAction, record: ResourceRecordSet) -> Change {
        Change::builder().action(action).resource_record_set(record).build().expect("both parts are given")
    }

    fn batch_of(changes: Vec<Change>) -> ChangeBatch {
        ChangeBatch::builder().set_changes(Some(changes)).build().expect("changes are given")
    }

    fn record(want: &RecordSet) -> ResourceRecordSet {
        let record = ResourceRecordSet::builder().name(want.name.as_str());
        let record = match &want.target {
            RecordTarget::Alias { dns_name, zone } => {
                let target = AliasTarget::builder().dns_name(dns_name.as_str()).hosted_zone_id(zone.as_str());
                let target = target.evaluate_target_health(false).build().expect("all parts are given");
                record.r#type(RrType::A).alias_target(target)
            }
            RecordTarget::Cname(to) => {
                let value = ResourceRecord::builder().value(to.as_str()).build().expect("a value is given");
                record.r#type(RrType::Cname).ttl(CNAME_SECONDS).resource_records(value)
            }
        };
        record.build().expect("name and type are given")
    }

    /// What a name leads to: an A or a CNAME record.
    fn at_name<'a>(live: &'a [ResourceRecordSet], name: &'a str) -> impl Iterator<Item = &'a ResourceRecordSet> {
        let leads = |record: &&ResourceRecordSet| matches!(record.r#type, RrType::A | RrType::Cname);
        live.iter().filter(leads).filter(move |record| route53::name(&record.name) == name)
    }

    /// Records carry no tags: whatever a wanted name leads to is taken for ours.
    fn seen(wanted: &Wanted<RecordSet>, live: &[ResourceRecordSet]) -> Option<Seen<RecordSet>> {
        let want = &wanted.spec;
        let name = want.name.if_known()?;
        let target = target(at_name(live, name.as_str()).next()?);
        let target = if same(&target, &want.target) { want.target.clone() } else { target };
        Some(Seen {
            address: wanted.address.clone(),
            spec: RecordSet { zone: want.zone.clone(), name: want.name.clone(), target },
            outputs: Outputs::new(),
            state: State::Ready,
            identity: name.to_string(),
        })
    }

    /// Values that no target of ours has (addresses, more than one) read as a CNAME to all of them: never as wanted.
    fn target(record: &ResourceRecordSet) -> RecordTarget {
        match record.alias_target() {
            Some(to) => RecordTarget::Alias {
                dns_name: route53::alias(&to.dns_name).into(),
                zone: to.hosted_zone_id.as_str().into(),
            },
            None => {
                let values = record.resource_records().iter().map(|record| route53::name(&record.value));
                RecordTarget::Cname(values.collect::<Vec<_>>().join(" ").into())
            }
        }
    }

    /// Whether two targets differ in nothing but how the name is written.
    fn same(found: &RecordTarget, want: &RecordTarget) -> bool {
        match (found, want) {
            (
                RecordTarget::Alias { dns_name: found, zone: in_zone },
                RecordTarget::Alias { dns_name: want, zone: want_zone },
            ) => {
                let is_same_zone = want_zone.if_known() == in_zone.if_known();
                is_same_zone && want.if_known().is_some_and(|want| route53::alias(want.as_str()) == found.as_str())
            }
            (RecordTarget::Cname(found), RecordTarget::Cname(want)) => {
                want.if_known().is_some_and(|want| route53::name(want.as_str()) == found.as_str())
            }
            _ => false,
        }
    }

    #[cfg(test)]
    mod tests {
        use super::*;

        fn alias_to(dns_name: &str) -> RecordSet {
            let target = RecordTarget::Alias { dns_name: dns_name.into(), zone: "Z1".into() };
            RecordSet { zone: "Z0".into(), name: "food.internal.example".into(), target }
        }

        fn wanted(spec: RecordSet) -> Wanted<RecordSet> {
            Wanted { address: Address::new("food", "record-set", "name"), spec }
        }

        #[test]
        fn the_way_a_name_is_written_is_no_difference() {
            let live = [record(&alias_to("dualstack.Internal-Hub-1.elb.amazonaws.com."))];
            let wanted = wanted(alias_to("internal-hub-1.elb.amazonaws.com"));
            assert_eq!(seen(&wanted, &live).expect("it is there").spec, wanted.spec);
        }

        #[test]
        fn plain_addresses_are_a_difference() {
            let value = ResourceRecord::builder().value("10.0.0.1").build().expect("a value");
            let plain = ResourceRecordSet::builder().name("food.internal.example.").r#type(RrType::A);
            let live = [plain.ttl(60).resource_records(value).build().expect("a record")];
            let found = seen(&wanted(alias_to("internal-hub-1")), &live).expect("it is there");
            assert_eq!(found.spec.target, RecordTarget::Cname("10.0.0.1".into()));
        }

        #[test]
        fn another_type_at_the_name_goes_in_the_same_call() {
            let old = RecordSet { target: RecordTarget::Cname("elsewhere.example".into()), ..alias_to("hub") };
            let live = [record(&old)];
            let address = Address::new("food", "record-set", "name");
            let changes = on_the_wire(&BatchChange::Put { address, want: alias_to("hub"), seen: None }, &live);
            let actions: Vec<_> = changes.iter().map(|change| (&change.action, record_type(change))).collect();
            assert_eq!(actions, [(&ChangeAction::Delete, &RrType::Cname), (&ChangeAction::Upsert, &RrType::A)]);
        }

        fn record_type(change: &Change) -> &RrType {
            &change.resource_record_set.as_ref().expect("every change has one").r#type
        }
    }
}
