//! The balancer: who may connect, and what it listens on.

use ipnet::Ipv4Net;
use kinds::{Listener, LoadBalancer, Vpc, security_group_rule::Direction};

use crate::{
    model::{Found, text},
    network::{Allowed, PORT},
    trace::Step,
    walk::{At, Next, Walk},
};

/// The balancer's groups let the client in. Whether its own let it out, and how it gets to the VPC, is not known.
pub(super) fn let_in(walk: &mut Walk<'_>, balancer: &Found<LoadBalancer>) -> Next<()> {
    let groups = &balancer.spec.security_groups;
    let allowed = Allowed::by(walk.model, groups, Direction::Ingress);
    let at = At::named(balancer, groups.iter().map(text).collect::<Vec<_>>().join(", "));
    let own = own_block(walk, balancer);
    let (enters, who) = match (walk.request.from, own) {
        (Some(from), _) => (allowed.all_of(&[from]), from.to_string()),
        (None, Some(block)) => (allowed.some_of(&block), format!("a client in the VPC ({block})")),
        (None, None) => (None, "a client in the VPC".to_owned()),
    };
    match enters {
        Some(true) => walk.ok(Step::ClientAccess, at, format!("{who} may connect to port {PORT}")),
        None => walk.cannot_tell(Step::ClientAccess, at, "not everything that decides was read"),
        Some(false) => {
            let why = format!("{who} may not connect to port {PORT}: packets are dropped, the client times out");
            let mend = walk.mend_clients(balancer, own);
            return Err(walk.drop(Step::ClientAccess, at, why, mend));
        }
    }
    Ok(())
}

fn own_block(walk: &Walk<'_>, balancer: &Found<LoadBalancer>) -> Option<Ipv4Net> {
    let vpc: &Found<Vpc> = walk.model.vpcs.one(walk.model.vpc_of(&balancer.spec.subnets)?)?;
    vpc.spec.cidr.as_str().parse().ok()
}

pub(super) fn listener<'a>(walk: &mut Walk<'a>, balancer: &Found<LoadBalancer>) -> Next<&'a Found<Listener>> {
    let arn = balancer.output(LoadBalancer::ARN);
    let Some(listener) = walk.model.listeners.all(arn).find(|listener| listener.spec.port == PORT) else {
        let why = format!("nothing listens on port {PORT}");
        return Err(walk.drop(Step::Listener, At::missing(format!("{arn} port {PORT}")), why, balancer.mend()));
    };
    walk.ok(Step::Listener, At::of(listener, Listener::ARN), format!("HTTPS on port {PORT}"));
    Ok(listener)
}
