//! Accounts and the way into them.

use super::{
    Setting,
    text::{Arn, is_account_id},
};
use crate::{Account, place::Place};

/// Checks the account of a target; elsewhere than in `local` it needs an id.
pub(super) fn target_account(at: &Place<'_>, account: &Account, setting: &Setting<'_>) {
    self::account(at, account, setting.partition());
    if account.id.is_none() && !setting.is_local() {
        let (target, environment) = (setting.target, setting.environment);
        let message = format!("`{target}` has no account in `{environment}`");
        let help = format!(
            "add `account = {{ id = \"<twelve digits>\", role = \"…\" }}` under `[environments.{environment}]`"
        );
        at.own().key("id").lacking(message, help);
    }
}

pub(super) fn account(at: &Place<'_>, account: &Account, partition: &str) {
    if let (Some(_), Some(_)) = (&account.role, &account.profile) {
        let help = "keep one of the two; an environment's account is merged over the file's";
        at.key("profile").clash("an account has a `role` or a `profile`, not both", &at.key("role"), "the role", help);
    }
    if account.external_id.is_some() && account.role.is_none() {
        at.key("external_id").wrong("`external_id` without a `role`", "add the `role` whose trust policy asks for it");
    }
    if let Some(role) = &account.role {
        self::role(&at.key("role"), role, account.id.as_deref(), partition);
    }
}

/// A role's name, with its path if it has one, or its ARN.
fn role(at: &Place<'_>, role: &str, account: Option<&str>, partition: &str) {
    let name = match Arn::parse(role) {
        None => role,
        Some(arn) => match role_arn_flaw(&arn, account, partition) {
            Some(help) => return at.wrong(format!("`{role}` is not a role of this account"), help),
            None => arn.resource.trim_start_matches("role/"),
        },
    };
    let legal = |b: u8| b.is_ascii_alphanumeric() || b"_+=,.@-/".contains(&b);
    let last = name.rsplit('/').next().unwrap_or_default();
    if !(1..=64).contains(&last.len()) || name.len() > 512 || !name.bytes().all(legal) {
        at.wrong(
            format!("`{role}` is not a role"),
            "a name of 1 to 64 letters, digits and `_+=,.@-`, or the role's ARN",
        );
    }
}

fn role_arn_flaw(arn: &Arn<'_>, account: Option<&str>, partition: &str) -> Option<String> {
    if arn.service == "sts" {
        return Some("an assumed role's session cannot be assumed: name the role itself".to_owned());
    }
    if arn.partition != partition {
        return Some(format!("the environment's Region is in the partition `{partition}`"));
    }
    if arn.service != "iam" || !arn.resource.starts_with("role/") || !is_account_id(arn.account) {
        return Some(format!("write `arn:{partition}:iam::<twelve digits>:role/<name>`"));
    }
    let elsewhere = account.filter(|account| is_account_id(account) && *account != arn.account)?;
    Some(format!("the account's `id` is `{elsewhere}`: write the role's name alone, or correct one of the two"))
}
