//! The name: zone and record, down to a balancer.

use kinds::{HostedZone, LoadBalancer, RecordSet, record_set::RecordTarget};

use crate::{
    model::{Found, balancer_name, text},
    request::plain_name,
    trace::Step,
    walk::{At, Next, Walk},
};

/// Route 53 follows this many CNAMEs here; more are a loop.
const CNAMES: usize = 8;

pub(super) fn follow<'a>(walk: &mut Walk<'a>) -> Next<&'a Found<LoadBalancer>> {
    let mut name = walk.request.dialed();
    for _ in 0..=CNAMES {
        let (zone, record) = record(walk, &name)?;
        match &record.spec.target {
            RecordTarget::Alias { dns_name, .. } => return balancer(walk, zone, record, text(dns_name)),
            RecordTarget::Cname(to) => {
                if walk.model.balancers.one(&balancer_name(text(to))).is_some() {
                    return balancer(walk, zone, record, text(to));
                }
                let to = plain_name(text(to));
                walk.ok(Step::Record, At::named(record, name), format!("an alias for `{to}`"));
                name = to;
            }
        }
    }
    Err(walk.drop(Step::Record, At::missing(name), "too many CNAMEs, one after the other", walk.mend_service()))
}

/// The record, in the zone that the resolver asks: the longest that the name ends in. It asks no other.
fn record<'a>(walk: &mut Walk<'a>, name: &str) -> Next<(&'a Found<HostedZone>, &'a Found<RecordSet>)> {
    let model = walk.model;
    let zones = model.zones.iter().filter(|zone| within(name, &plain_name(zone.spec.name.as_str())));
    let Some(zone) = zones.max_by_key(|zone| zone.spec.name.as_str().len()) else {
        let why = format!("no private zone holds `{name}`: the name does not resolve (NXDOMAIN)");
        // A name that ours leads to can be anywhere.
        let mend = if name == walk.request.dialed() { walk.mend_all() } else { walk.mend_service() };
        return Err(walk.drop(Step::Record, At::missing(name), why, mend));
    };
    let id = zone.output(HostedZone::ID);
    let named = |name: &str| model.records.all(name).find(|record| text(&record.spec.zone) == id);
    let Some(record) = named(name).or_else(|| wildcards(name).find_map(|name| named(&name))) else {
        let why = format!("zone `{}` has no such record: the name does not resolve (NXDOMAIN)", zone.spec.name);
        return Err(walk.drop(Step::Record, At::missing(name), why, walk.mend_service()));
    };
    match record.trouble() {
        Some(trouble) => Err(walk.drop(Step::Record, At::named(record, name), trouble, record.mend())),
        None => Ok((zone, record)),
    }
}

fn balancer<'a>(
    walk: &mut Walk<'a>,
    zone: &Found<HostedZone>,
    record: &Found<RecordSet>,
    dns_name: &str,
) -> Next<&'a Found<LoadBalancer>> {
    let at = At::named(record, text(&record.spec.name));
    let Some(balancer) = walk.model.balancers.one(&balancer_name(dns_name)) else {
        let why = format!("it leads to `{dns_name}`, which is no load balancer here");
        let is_hub_gone = walk.model.balancers.iter().next().is_none();
        let mend = if is_hub_gone { walk.mend_all() } else { record.mend() };
        return Err(walk.drop(Step::Record, at, why, mend));
    };
    let vpc = walk.model.vpc_of(&balancer.spec.subnets);
    if vpc.is_some_and(|vpc| vpc != text(&zone.spec.vpc)) {
        let why = format!("zone `{}` is not associated with the balancer's VPC (NXDOMAIN)", zone.spec.name);
        return Err(walk.drop(Step::Record, at, why, zone.mend()));
    }
    walk.ok(Step::Record, at, format!("leads to `{dns_name}`"));
    let at = At::of(balancer, LoadBalancer::ARN);
    match balancer.trouble() {
        Some(trouble) => Err(walk.drop(Step::LoadBalancer, at, trouble, balancer.mend())),
        None => {
            walk.ok(Step::LoadBalancer, at, "active");
            Ok(balancer)
        }
    }
}

fn within(name: &str, zone: &str) -> bool {
    name == zone || name.strip_suffix(zone).is_some_and(|rest| rest.ends_with('.'))
}

/// `*.b.c` and `*.c` for `a.b.c`: the closest wildcard answers for names that have no record.
fn wildcards(name: &str) -> impl Iterator<Item = String> {
    name.match_indices('.').map(|(at, _)| format!("*{}", &name[at..]))
}
