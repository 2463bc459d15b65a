//! What the DNS kinds share: a zone's records asked for once, and one form for names.

use std::sync::Arc;

use aws_sdk_route53::types::ResourceRecordSet;
use engine::CallError;

use super::{Aws, absent};

/// Every record set of a zone; none if the zone does not exist.
pub(crate) async fn records(aws: &Aws, zone: &str) -> Result<Arc<Vec<ResourceRecordSet>>, CallError> {
    let ask = async { Ok(absent(all_records(aws, zone).await)?.unwrap_or_default()) };
    aws.once(&format!("route53:ListResourceRecordSets {zone}"), ask).await
}

/// The SDK has no paginator for this call: the next page starts at a name, a type and an identifier.
async fn all_records(aws: &Aws, zone: &str) -> Result<Vec<ResourceRecordSet>, CallError> {
    let mut records = Vec::new();
    let mut call = aws.route53.list_resource_record_sets().hosted_zone_id(zone);
    loop {
        let page = aws.list("route53:ListResourceRecordSets", call.send()).await?;
        records.extend(page.resource_record_sets);
        if !page.is_truncated {
            return Ok(records);
        }
        call = aws
            .route53
            .list_resource_record_sets()
            .hosted_zone_id(zone)
            .set_start_record_name(page.next_record_name)
            .set_start_record_type(page.next_record_type)
            .set_start_record_identifier(page.next_record_identifier);
    }
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
