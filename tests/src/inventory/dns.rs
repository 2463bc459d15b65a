//! Route 53's zones and records, Certificate Manager's certificates.

use aws_sdk_acm::types::{CertificateSummary, Filters, KeyAlgorithm};
use aws_sdk_route53::types::HostedZone;
use futures::future::join_all;

use super::lines;
use crate::Account;

pub(super) async fn look(account: &Account) -> Vec<String> {
    let every = KeyAlgorithm::values().iter().map(|it| (*it).into()).collect();
    let every = Filters::builder().set_key_types(Some(every)).build();
    let (zones, certificates) = tokio::join!(
        account.route53.list_hosted_zones().send(),
        account.acm.list_certificates().includes(every).send()
    );
    let zones = zones.expect("hosted zones").hosted_zones;
    let certificates = certificates.expect("certificates").certificate_summary_list.unwrap_or_default();
    let mut found = lines("hosted-zone", &zones, |it| Some(it.name()));
    found.extend(lines("certificate", &certificates, CertificateSummary::domain_name));
    found.extend(join_all(zones.iter().map(|it| records(account, it))).await.concat());
    found
}

async fn records(account: &Account, zone: &HostedZone) -> Vec<String> {
    let records = account.route53.list_resource_record_sets().hosted_zone_id(zone.id()).send().await.expect("records");
    let line =
        |it: &aws_sdk_route53::types::ResourceRecordSet| format!("record {} {}", it.r#type().as_str(), it.name());
    records.resource_record_sets().iter().map(line).collect()
}
