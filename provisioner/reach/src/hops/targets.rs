//! The endpoint's addresses behind the balancer, and the security groups between the two.

use ipnet::Ipv4Net;
use kinds::{
    LoadBalancer, TargetGroup, Targets, VpcEndpoint, security_group_rule::Direction, vpc_endpoint::EndpointType,
};

use crate::{
    answer::Answer,
    model::{Found, text},
    network::{Allowed, PORT, either},
    trace::Step,
    walk::{At, Next, Walk},
};

/// Where the request leaves the hub.
pub(super) fn follow<'a>(
    walk: &mut Walk<'a>,
    balancer: &Found<LoadBalancer>,
    group: &'a Found<TargetGroup>,
) -> Next<&'a Found<VpcEndpoint>> {
    let (used, endpoint) = targets(walk, group)?;
    access(walk, balancer, endpoint, &used)?;
    let at = At::of(endpoint, VpcEndpoint::ID);
    match endpoint.trouble() {
        Some(trouble) => Err(walk.refuse(Step::Endpoint, at, trouble, endpoint.mend(), Answer::target_silent())),
        None => {
            walk.ok(Step::Endpoint, at, "available");
            Ok(endpoint)
        }
    }
}

/// The addresses that get requests, and the endpoint they belong to.
fn targets<'a>(walk: &mut Walk<'a>, group: &'a Found<TargetGroup>) -> Next<(Vec<&'a str>, &'a Found<VpcEndpoint>)> {
    let arn = group.output(TargetGroup::ARN);
    let at = || At::named(group, arn);
    let found = walk.model.targets.one(arn).filter(|targets| !targets.spec.addresses.is_empty());
    let Some(targets) = found else {
        let why = "no target is registered";
        return Err(walk.refuse(Step::Targets, at(), why, group.mend(), Answer::no_targets()));
    };
    let (used, all_unhealthy) = in_use(targets);
    let Some(endpoint) = endpoint(walk, group, &used) else {
        let why = format!(
            "no interface of an execute-api endpoint has `{}` on port {PORT}: the balancer times out",
            used.join("`, `")
        );
        return Err(walk.refuse(Step::Targets, at(), why, group.mend(), Answer::target_silent()));
    };
    let own = endpoint.list(VpcEndpoint::ADDRESSES.name);
    let (reaching, strange): (Vec<&str>, Vec<&str>) = used.iter().partition(|ip| own.contains(ip));
    let trouble = match (strange.as_slice(), all_unhealthy) {
        ([], false) => None,
        ([], true) => Some(format!("all {} are unhealthy, so the balancer uses them all (fail-open)", used.len())),
        (strange, _) => {
            let strange = strange.join("`, `");
            Some(format!(
                "`{strange}` is no interface of the endpoint: requests sent there time out until it is unhealthy"
            ))
        }
    };
    match trouble {
        None => walk.ok(Step::Targets, at(), format!("`{}`", used.join("`, `"))),
        Some(why) => walk.broken(Step::Targets, at(), why, targets.mend()),
    }
    Ok((reaching, endpoint))
}

/// Healthy addresses, or all of them when none is; a state that is not known counts as healthy.
fn in_use(targets: &Found<Targets>) -> (Vec<&str>, bool) {
    let all: Vec<&str> = targets.spec.addresses.iter().map(text).collect();
    let health = |ip: &&str| targets.outputs.get("health").and_then(|health| health.get(*ip)?.as_str());
    let healthy: Vec<&str> =
        all.iter().copied().filter(|ip| health(ip).is_none_or(|state| state == "healthy")).collect();
    let starting = all.iter().any(|ip| health(ip) == Some("initial"));
    if healthy.is_empty() { (all, !starting) } else { (healthy, false) }
}

fn endpoint<'a>(walk: &Walk<'a>, group: &Found<TargetGroup>, used: &[&str]) -> Option<&'a Found<VpcEndpoint>> {
    let reached = |endpoint: &&Found<VpcEndpoint>| {
        let own = endpoint.list(VpcEndpoint::ADDRESSES.name);
        endpoint.spec.of == EndpointType::Interface
            && endpoint.spec.service.ends_with(".execute-api")
            && used.iter().any(|ip| own.contains(ip))
    };
    (group.spec.port == PORT).then(|| walk.model.endpoints.all(text(&group.spec.vpc)).find(reached)).flatten()
}

/// Out of the balancer's groups and into the endpoint's.
fn access(
    walk: &mut Walk<'_>,
    balancer: &Found<LoadBalancer>,
    endpoint: &Found<VpcEndpoint>,
    used: &[&str],
) -> Next<()> {
    let (from, to) = (&balancer.spec.security_groups, &endpoint.spec.security_groups);
    let addresses: Vec<Ipv4Net> =
        used.iter().filter_map(|ip| ip.parse().ok()).map(|ip: std::net::Ipv4Addr| ip.into()).collect();
    let out = Allowed::by(walk.model, from, Direction::Egress);
    let leaves = either(out.group(to), out.all_of(&addresses));
    let into = Allowed::by(walk.model, to, Direction::Ingress);
    let enters = either(into.group(from), into.all_of(&blocks(walk, balancer)));
    for (passes, holder, text) in [
        (
            leaves,
            At::of(balancer, LoadBalancer::ARN),
            "the balancer's security groups do not let it connect to the endpoint",
        ),
        (enters, At::of(endpoint, VpcEndpoint::ID), "the endpoint's security groups do not let the balancer in"),
    ] {
        match passes {
            Some(true) => {}
            None => walk.cannot_tell(Step::EndpointAccess, holder, "not every security group was read"),
            Some(false) => {
                let why = format!("{text}: the balancer times out");
                return Err(walk.refuse(Step::EndpointAccess, holder, why, endpoint.mend(), Answer::target_silent()));
            }
        }
    }
    if leaves == Some(true) && enters == Some(true) {
        let why = format!("the balancer may connect to port {PORT} of the endpoint");
        walk.ok(Step::EndpointAccess, At::of(endpoint, VpcEndpoint::ID), why);
    }
    Ok(())
}

/// Where the balancer's own addresses are.
fn blocks(walk: &Walk<'_>, balancer: &Found<LoadBalancer>) -> Vec<Ipv4Net> {
    let subnets = balancer.spec.subnets.iter().filter_map(|subnet| walk.model.subnets.one(text(subnet)));
    subnets.filter_map(|subnet| subnet.spec.cidr.as_str().parse().ok()).collect()
}
