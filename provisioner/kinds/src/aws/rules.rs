//! Rules of security groups, as the kinds that own groups need them: all of them once, in words, and away.

use std::sync::Arc;

use aws_sdk_ec2::types::{IpPermission, IpRange, SecurityGroup, SecurityGroupRule};
use engine::CallError;
use model::Address;

use super::{Aws, ec2};

const DESCRIBE: &str = "ec2:DescribeSecurityGroupRules";

/// Every rule of the account, for reads: rules that are not ours have no tags to look for.
///
/// # Errors
/// What AWS answered, classified.
pub async fn all(aws: &Aws) -> Result<Arc<Vec<SecurityGroupRule>>, CallError> {
    let pages = aws.ec2.describe_security_group_rules().into_paginator().items();
    aws.once(DESCRIBE, async { aws.list(DESCRIBE, pages.send().try_collect()).await }).await
}

/// The rules of one group as they are now, for writes.
///
/// # Errors
/// What AWS answered, classified.
pub async fn of_group(aws: &Aws, at: &Address, group: &str) -> Result<Vec<SecurityGroupRule>, CallError> {
    let call = aws.ec2.describe_security_group_rules().filters(ec2::filter("group-id", group));
    aws.call(DESCRIBE, at, call.into_paginator().items().send().try_collect()).await
}

/// Takes the rules out of their group; none: no call.
///
/// # Errors
/// What AWS answered, classified. When one of them is gone already, the others may still be there.
pub async fn revoke(aws: &Aws, at: &Address, group: &str, rules: &[&SecurityGroupRule]) -> Result<(), CallError> {
    let ids = |egress: bool| -> Vec<String> {
        let rules = rules.iter().filter(|rule| rule.is_egress.unwrap_or_default() == egress);
        rules.filter_map(|rule| rule.security_group_rule_id.clone()).collect()
    };
    let (ingress, egress) = (ids(false), ids(true));
    if !ingress.is_empty() {
        let call = aws.ec2.revoke_security_group_ingress().group_id(group).set_security_group_rule_ids(Some(ingress));
        aws.call("ec2:RevokeSecurityGroupIngress", at, call.send()).await?;
    }
    if !egress.is_empty() {
        let call = aws.ec2.revoke_security_group_egress().group_id(group).set_security_group_rule_ids(Some(egress));
        aws.call("ec2:RevokeSecurityGroupEgress", at, call.send()).await?;
    }
    Ok(())
}

/// Takes all rules out of a group that was just described, whoever put them there.
///
/// # Errors
/// What AWS answered, classified.
pub async fn revoke_all(aws: &Aws, at: &Address, group: &SecurityGroup) -> Result<(), CallError> {
    let (id, ingress, egress) = (group.group_id(), group.ip_permissions(), group.ip_permissions_egress());
    if !ingress.is_empty() {
        let call = aws.ec2.revoke_security_group_ingress().set_group_id(id.map(str::to_owned));
        let call = call.set_ip_permissions(Some(ingress.to_vec()));
        aws.call("ec2:RevokeSecurityGroupIngress", at, call.send()).await?;
    }
    if !egress.is_empty() {
        let call = aws.ec2.revoke_security_group_egress().set_group_id(id.map(str::to_owned));
        let call = call.set_ip_permissions(Some(egress.to_vec()));
        aws.call("ec2:RevokeSecurityGroupEgress", at, call.send()).await?;
    }
    Ok(())
}

/// Takes out the only rule that AWS puts into a new group of a VPC without IPv6; it may have been taken out already.
///
/// # Errors
/// What AWS answered, classified.
pub async fn revoke_allow_all(aws: &Aws, at: &Address, group: &str) -> Result<(), CallError> {
    let everywhere = IpRange::builder().cidr_ip("0.0.0.0/0").build();
    let all = IpPermission::builder().ip_protocol("-1").ip_ranges(everywhere).build();
    let call = aws.ec2.revoke_security_group_egress().group_id(group).ip_permissions(all);
    match aws.call("ec2:RevokeSecurityGroupEgress", at, call.send()).await {
        Err(error) if error.code == "InvalidPermission.NotFound" => Ok(()),
        answer => answer.map(drop),
    }
}

/// Several rules in words, in alphabetical order.
#[must_use]
pub fn in_words<'a>(rules: impl IntoIterator<Item = &'a SecurityGroupRule>) -> Vec<String> {
    let mut words: Vec<String> = rules.into_iter().map(words).collect();
    words.sort();
    words
}

/// `<direction> <protocol> <ports> <peer>`: `ingress tcp 443 sg-1234`, `egress all all 0.0.0.0/0`.
#[must_use]
pub fn words(rule: &SecurityGroupRule) -> String {
    let direction = if rule.is_egress.unwrap_or_default() { "egress" } else { "ingress" };
    let protocol = rule.ip_protocol.as_deref().filter(|protocol| *protocol != "-1").unwrap_or("all");
    let group = rule.referenced_group_info.as_ref().and_then(|group| group.group_id.as_deref());
    let ranges = rule.cidr_ipv4.as_deref().or(rule.cidr_ipv6.as_deref()).or(rule.prefix_list_id.as_deref());
    format!("{direction} {protocol} {} {}", ports(rule), group.or(ranges).unwrap_or("unknown"))
}

/// AWS says -1 for all.
fn ports(rule: &SecurityGroupRule) -> String {
    match (rule.from_port.unwrap_or(-1), rule.to_port.unwrap_or(-1)) {
        (-1, _) => "all".to_owned(),
        (from, to) if from == to => from.to_string(),
        (from, to) => format!("{from}-{to}"),
    }
}

#[cfg(test)]
mod tests {
    use aws_sdk_ec2::types::ReferencedSecurityGroup;

    use super::*;

    #[test]
    fn rules_are_put_into_words() {
        let all = SecurityGroupRule::builder().is_egress(true).ip_protocol("-1").from_port(-1).to_port(-1);
        let range = SecurityGroupRule::builder().ip_protocol("udp").from_port(8000).to_port(8100);
        let peer = ReferencedSecurityGroup::builder().group_id("sg-1234").build();
        let one =
            SecurityGroupRule::builder().ip_protocol("tcp").from_port(443).to_port(443).referenced_group_info(peer);
        let rules = [all.cidr_ipv4("0.0.0.0/0").build(), range.cidr_ipv6("::/0").build(), one.build()];
        let words = ["egress all all 0.0.0.0/0", "ingress tcp 443 sg-1234", "ingress udp 8000-8100 ::/0"];
        assert_eq!(in_words(&rules), words);
    }
}
