//! What the load balancing kinds share: listings asked for once, and whose objects they are.
//!
//! No describe call of this service brings tags along or filters by them, so the tags of everything listed that the search by
//! tag does not know are asked for, twenty ARNs a call.

use std::{collections::HashMap, sync::Arc};

use aws_sdk_elasticloadbalancingv2::types::{self, Certificate, Rule, Tag, TagDescription, TargetGroup};
use engine::CallError;
use futures::future::{try_join, try_join_all};
use model::{Address, Kind, Tags};

use super::{Aws, absent, tagged};
use crate::{Listener, LoadBalancer, Wanted};

/// `DescribeTags` takes no more ARNs than this.
const ARNS_PER_CALL: usize = 20;

/// Our objects' addresses by ARN.
pub(crate) type Owners = HashMap<String, Address>;

/// The tags of one object, for its create call.
pub(crate) fn tags(aws: &Aws, at: &Address) -> Option<Vec<Tag>> {
    Some(aws.tags(at).0.into_iter().map(|(key, value)| Tag::builder().key(key).value(value).build()).collect())
}

/// Every load balancer of the account.
pub(crate) async fn load_balancers(aws: &Aws) -> Result<Arc<Vec<types::LoadBalancer>>, CallError> {
    let pages = aws.elb.describe_load_balancers().into_paginator().items();
    let operation = "elasticloadbalancing:DescribeLoadBalancers";
    aws.once(operation, aws.list(operation, pages.send().try_collect())).await
}

/// Every target group of the account.
pub(crate) async fn target_groups(aws: &Aws) -> Result<Arc<Vec<TargetGroup>>, CallError> {
    let pages = aws.elb.describe_target_groups().into_paginator().items();
    let operation = "elasticloadbalancing:DescribeTargetGroups";
    aws.once(operation, aws.list(operation, pages.send().try_collect())).await
}

/// The listeners of a load balancer; none if it does not exist.
pub(crate) async fn listeners(aws: &Aws, load_balancer: &str) -> Result<Arc<Vec<types::Listener>>, CallError> {
    let operation = "elasticloadbalancing:DescribeListeners";
    let ask = async {
        let pages = aws.elb.describe_listeners().load_balancer_arn(load_balancer).into_paginator().items();
        Ok(absent(aws.list(operation, pages.send().try_collect()).await)?.unwrap_or_default())
    };
    aws.once(&format!("{operation} {load_balancer}"), ask).await
}

/// The rules of a listener, its default one among them; none if it does not exist.
pub(crate) async fn rules(aws: &Aws, listener: &str) -> Result<Arc<Vec<Rule>>, CallError> {
    let operation = "elasticloadbalancing:DescribeRules";
    let ask = async {
        let pages = aws.elb.describe_rules().listener_arn(listener).into_paginator().items();
        Ok(absent(aws.list(operation, pages.send().try_collect()).await)?.unwrap_or_default())
    };
    aws.once(&format!("{operation} {listener}"), ask).await
}

/// The certificates of a listener, its default one among them; none if it does not exist.
pub(crate) async fn certificates(aws: &Aws, listener: &str) -> Result<Arc<Vec<Certificate>>, CallError> {
    let operation = "elasticloadbalancing:DescribeListenerCertificates";
    let ask = async {
        let pages = aws.elb.describe_listener_certificates().listener_arn(listener).into_paginator().items();
        Ok(absent(aws.list(operation, pages.send().try_collect()).await)?.unwrap_or_default())
    };
    aws.once(&format!("{operation} {listener}"), ask).await
}

/// Which load balancers and target groups of the account are ours.
pub(crate) async fn owners(aws: &Aws) -> Result<Arc<Owners>, CallError> {
    let ask = async {
        let (balancers, groups) = try_join(load_balancers(aws), target_groups(aws)).await?;
        let balancers = balancers.iter().filter_map(|balancer| balancer.load_balancer_arn.clone());
        let groups = groups.iter().filter_map(|group| group.target_group_arn.clone());
        ours(aws, balancers.chain(groups).collect()).await
    };
    aws.once("elasticloadbalancing:DescribeTags", ask).await
}

/// Which listeners of a load balancer, and which of their rules, are ours.
pub(crate) async fn owners_at(aws: &Aws, load_balancer: &str) -> Result<Arc<Owners>, CallError> {
    let ask = async {
        let listeners = listeners(aws, load_balancer).await?;
        let listeners: Vec<String> = listeners.iter().filter_map(|listener| listener.listener_arn.clone()).collect();
        let rules = try_join_all(listeners.iter().map(|listener| rules(aws, listener))).await?;
        let rules = rules.iter().flat_map(|rules| rules.iter()).filter(|rule| rule.is_default != Some(true));
        let rules: Vec<String> = rules.filter_map(|rule| rule.rule_arn.clone()).collect();
        ours(aws, [listeners, rules].concat()).await
    };
    aws.once(&format!("elasticloadbalancing:DescribeTags {load_balancer}"), ask).await
}

/// The listeners that are ours, at load balancers that are.
pub(crate) async fn our_listeners(aws: &Aws) -> Result<Vec<String>, CallError> {
    let owners = owners(aws).await?;
    let balancers = owners.iter().filter(|(_, address)| address.kind() == LoadBalancer::FACTS.kind);
    let found = try_join_all(balancers.map(|(balancer, _)| owners_at(aws, balancer))).await?;
    let found = found.iter().flat_map(|owners| owners.iter());
    let listeners = found.filter(|(_, address)| address.kind() == Listener::FACTS.kind);
    Ok(listeners.map(|(arn, _)| arn.clone()).collect())
}

async fn ours(aws: &Aws, arns: Vec<String>) -> Result<Owners, CallError> {
    if arns.is_empty() {
        return Ok(Owners::new());
    }
    let tagged = tagged::ours(aws).await?;
    let (known, unknown): (Vec<_>, Vec<_>) = arns.into_iter().partition(|arn| tagged.contains_key(arn));
    let mut owners = described(aws, &unknown).await?;
    owners.extend(known.into_iter().filter_map(|arn| tagged[&arn].ours(&aws.names).map(|address| (arn, address))));
    Ok(owners)
}

async fn described(aws: &Aws, arns: &[String]) -> Result<Owners, CallError> {
    let calls = arns.chunks(ARNS_PER_CALL).map(|arns| async {
        let call = aws.elb.describe_tags().set_resource_arns(Some(arns.to_vec()));
        aws.list("elasticloadbalancing:DescribeTags", call.send()).await
    });
    let described =
        try_join_all(calls).await?.into_iter().flat_map(|answer| answer.tag_descriptions.unwrap_or_default());
    Ok(described.filter_map(|described| owner(aws, described)).collect())
}

fn owner(aws: &Aws, described: TagDescription) -> Option<(String, Address)> {
    let pairs = described.tags.unwrap_or_default().into_iter();
    let tags: Tags = pairs.filter_map(|tag| Some((tag.key?, tag.value?))).collect();
    Some((described.resource_arn?, tags.ours(&aws.names)?))
}

/// Whose object an ARN is.
pub(crate) enum Claim<'a, K> {
    /// Ours by its tags; wanted or not.
    Ours(Address, Option<&'a K>),
    /// Not ours, and where this wanted one belongs.
    Foreign(&'a Wanted<K>),
}

/// None for what is neither ours nor in the way.
pub(crate) fn claim<'a, K: Kind>(
    owners: &Owners,
    arn: &str,
    wanted: &'a [Wanted<K>],
    is_in_place: impl Fn(&K) -> bool,
) -> Option<Claim<'a, K>> {
    match owners.get(arn).filter(|address| address.kind() == K::FACTS.kind) {
        Some(address) => {
            let want = wanted.iter().find(|wanted| wanted.address == *address).map(|wanted| &wanted.spec);
            Some(Claim::Ours(address.clone(), want))
        }
        None => wanted.iter().find(|wanted| is_in_place(&wanted.spec)).map(Claim::Foreign),
    }
}

/// The load balancer of a listener: `…:listener/app/<name>/<id>/<listener>` is at `…:loadbalancer/app/<name>/<id>`.
pub(crate) fn load_balancer_of(listener: &str) -> Option<String> {
    let (balancer, _) = listener.rsplit_once('/')?;
    Some(balancer.replacen(":listener/", ":loadbalancer/", 1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_listener_arn_names_its_load_balancer() {
        let listener = "arn:aws:elasticloadbalancing:eu-west-1:1:listener/app/hub/50dc6c495c0c9188/f2f7dc8efc522ab2";
        let balancer = "arn:aws:elasticloadbalancing:eu-west-1:1:loadbalancer/app/hub/50dc6c495c0c9188";
        assert_eq!(load_balancer_of(listener).as_deref(), Some(balancer));
    }
}
