//! `account.toml`: the hub.

use super::{
    Setting,
    account::target_account,
    certificate::{Use, certificate},
    network::{Blocks, LONGEST, Subnets, VPC_RULE, block, network},
    text::{Arn, is_account_id},
};
use crate::{Hub, place::Place};

/// 60 inbound rules for a security group, one for each block of clients.
const MOST_CLIENTS: usize = 60;

/// 20480 characters for a secret's policy, less its fixed text and the services' own roles.
const MOST_PRINCIPAL_TEXT: usize = 12_288;

pub(crate) fn hub(at: &Place<'_>, hub: &Hub, setting: &Setting<'_>) {
    target_account(&at.key("account"), &hub.account, setting);
    let blocks = Blocks {
        cidr: &hub.network.cidr,
        zones: &hub.network.zones,
        subnets: vec![
            Subnets {
                key: "private_cidrs",
                cidrs: &hub.network.private_cidrs,
                longest: 27,
                because: "a balancer takes subnets of /27 or larger, with 8 addresses free",
            },
            Subnets { key: "endpoint_cidrs", cidrs: &hub.network.endpoint_cidrs, longest: LONGEST, because: VPC_RULE },
        ],
    };
    network(&at.key("network"), &blocks, setting);
    certificate(&at.key("certificate"), hub.certificate.as_ref(), Use::Listener, setting);
    clients(&at.key("client_cidrs"), &hub.client_cidrs);
    principals(&at.key("allowed_service_principal_arns"), &hub.allowed_service_principal_arns, setting.partition());
}

fn clients(at: &Place<'_>, cidrs: &[String]) {
    if cidrs.len() > MOST_CLIENTS {
        let message = format!("{} blocks, but a security group takes {MOST_CLIENTS} rules", cidrs.len());
        at.wrong(message, "join blocks that are next to each other");
    }
    for (index, text) in cidrs.iter().enumerate() {
        let at_one = at.index(index);
        let open = block(&at_one, text).is_some_and(|block| block.prefix_len() == 0);
        if open {
            at_one
                .wrong(format!("`{text}` lets everyone in"), "name the networks of the clients, such as `10.0.0.0/8`");
        }
        if let Some(first) = cidrs[..index].iter().position(|other| other == text) {
            at_one.clash(format!("`{text}` is named twice"), &at.index(first), "the first time", "keep one of the two");
        }
    }
}

fn principals(at: &Place<'_>, arns: &[String], partition: &str) {
    for (index, arn) in arns.iter().enumerate() {
        if let Some(help) = principal_flaw(arn, partition) {
            at.index(index).wrong(format!("`{arn}` does not name roles of one account"), help);
        }
    }
    let text: usize = arns.iter().map(|arn| arn.len() + 3).sum();
    if text > MOST_PRINCIPAL_TEXT {
        let message =
            format!("the list has {text} characters, and the secret's policy has room for {MOST_PRINCIPAL_TEXT}");
        at.wrong(message, "join roles in patterns, such as `…:role/platform-*`");
    }
}

/// Why a text is neither a role's ARN nor a pattern for the roles of one account.
fn principal_flaw(text: &str, partition: &str) -> Option<String> {
    let shape = |account: &str, role: &str| format!("write `arn:{partition}:iam::{account}:role/{role}`");
    if text == "*" {
        return Some(format!("it would let all of AWS in: {}", shape("<account>", "<name>")));
    }
    if is_account_id(text) {
        return Some(shape(text, "*"));
    }
    let Some(arn) = Arn::parse(text) else { return Some(shape("<account>", "<name>")) };
    let role = arn.resource.strip_prefix("role/").unwrap_or_default();
    let legal = |b: u8| b.is_ascii_alphanumeric() || b"_+=,.@-/*?".contains(&b);
    match arn {
        Arn { service: "sts", resource, account, .. } => {
            let role = resource.split('/').nth(1).unwrap_or("<name>");
            Some(format!("sessions come and go, roles stay: {}", shape(account, role)))
        }
        Arn { account, resource: "root", .. } => Some(shape(account, "*")),
        _ if arn.partition != partition => Some(format!("the environment's Region is in the partition `{partition}`")),
        _ if !is_account_id(arn.account) => {
            Some("name one account with its twelve digits; only the role may be a pattern".into())
        }
        _ if arn.service != "iam" || role.is_empty() || !role.bytes().all(legal) => Some(shape(arn.account, "<name>")),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn roles_and_patterns_are_told_from_other_principals() {
        for good in ["arn:aws:iam::111122223333:role/a", "arn:aws:iam::111122223333:role/path/*-deploy"] {
            assert_eq!(principal_flaw(good, "aws"), None, "{good}");
        }
        let bad = [
            ("*", "all of AWS"),
            ("111122223333", "arn:aws:iam::111122223333:role/*"),
            ("arn:aws:iam::111122223333:root", "role/*"),
            ("arn:aws:sts::111122223333:assumed-role/deploy/me", "arn:aws:iam::111122223333:role/deploy"),
            ("arn:aws:iam::*:role/a", "twelve digits"),
            ("arn:aws-cn:iam::111122223333:role/a", "partition"),
            ("arn:aws:iam::111122223333:user/a", "role/<name>"),
            ("food", "role/<name>"),
        ];
        for (text, help) in bad {
            let flaw = principal_flaw(text, "aws").expect(text);
            assert!(flaw.contains(help), "{text}: {flaw}");
        }
    }
}
