//! What the DNS kinds share: a zone's records asked for once, and one form for names.

use std::sync::Arc;

use aws_sdk_route53::{
    operation::list_resource_record_sets::{
        ListResourceRecordSetsOutput, builders::ListResourceRecordSetsFluentBuilder,
    },
    types::{HostedZone, ResourceRecordSet},
};
use engine::CallError;
use model::{Address, Kind as _};

use super::{Aws, absent};

const LIST: &str = "route53:ListResourceRecordSets";

/// Every hosted zone of the account.
pub(crate) async fn zones(aws: &Aws) -> Result<Arc<Vec<HostedZone>>, CallError> {
    let operation = "route53:ListHostedZones";
    let pages = aws.route53.list_hosted_zones().into_paginator().items();
    aws.once(operation, aws.list(operation, pages.send().try_collect())).await
}

/// How the caller references of our zones begin; the address and the run follow. It cannot be changed later, and a reference
/// is never taken twice.
pub(crate) fn reference(aws: &Aws) -> String {
    format!("{}/{}/", aws.names.platform, aws.names.environment)
}

/// Whose a private zone is, by its caller reference.
pub(crate) fn owner(aws: &Aws, zone: &HostedZone) -> Option<Address> {
    let (address, _run) = zone.caller_reference.strip_prefix(&reference(aws))?.rsplit_once('/')?;
    address.parse().ok().filter(|address: &Address| address.kind() == crate::HostedZone::FACTS.kind)
}

/// Without `/hostedzone/`.
pub(crate) fn id(zone: &HostedZone) -> String {
    zone.id.trim_start_matches("/hostedzone/").to_owned()
}

/// Every record set of a zone, for reads; none if the zone does not exist.
pub(crate) async fn records(aws: &Aws, zone: &str) -> Result<Arc<Vec<ResourceRecordSet>>, CallError> {
    aws.once(&format!("{LIST} {zone}"), records_now(aws, zone)).await
}

/// Every record set of a zone as it is now, for writes; none if the zone does not exist.
pub(crate) async fn records_now(aws: &Aws, zone: &str) -> Result<Vec<ResourceRecordSet>, CallError> {
    let (mut records, mut next) = (Vec::new(), Some(aws.route53.list_resource_record_sets()));
    while let Some(call) = next {
        let answer = aws.list(LIST, call.hosted_zone_id(zone).send()).await;
        let Some(page) = absent(answer)? else { break };
        next = page.is_truncated.then(|| after(aws, &page));
        records.extend(page.resource_record_sets);
    }
    Ok(records)
}

/// The SDK has no paginator for this call: the next page starts at a name, a type and an identifier.
fn after(aws: &Aws, page: &ListResourceRecordSetsOutput) -> ListResourceRecordSetsFluentBuilder {
    aws.route53
        .list_resource_record_sets()
        .set_start_record_name(page.next_record_name.clone())
        .set_start_record_type(page.next_record_type.clone())
        .set_start_record_identifier(page.next_record_identifier.clone())
}

/// Lower case, without a trailing dot, a wildcard as `*`: Route 53 answers `\052` for it.
pub(crate) fn name(name: &str) -> String {
    name.trim_end_matches('.').to_ascii_lowercase().replace("\\052", "*")
}

/// Where an alias leads: without the prefix that Route 53's console and some tools add.
pub(crate) fn alias(name_of_target: &str) -> String {
    let name = name(name_of_target);
    name.strip_prefix("dualstack.").map(str::to_owned).unwrap_or(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_have_one_form() {
        assert_eq!(name("\\052.Internal.Example."), "*.internal.example");
        assert_eq!(
            alias("dualstack.Internal-Hub-1.eu-west-1.elb.amazonaws.com."),
            "internal-hub-1.eu-west-1.elb.amazonaws.com"
        );
    }
}
