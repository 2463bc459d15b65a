//! Record sets (`route53:ChangeResourceRecordSets`), one batched change per zone. Found in the zone, by name and type.

use model::{CreateSafety, DnsName, Facts, Input, Kind, ZoneId};
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
        typical_seconds: 30,
        deadline_seconds: 1800,
        ..Facts::of(CreateSafety::Relation)
    };
}
