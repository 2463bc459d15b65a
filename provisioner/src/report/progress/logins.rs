//! What is said when AWS takes nobody's credentials any more, and when it does again.

use std::collections::BTreeMap;

use config::Config;
use model::AccountId;

use crate::report::{Paint, accounts};

/// How each account is called and entered.
#[derive(Default)]
pub(super) struct Logins {
    accounts: BTreeMap<AccountId, Account>,
    paint: Paint,
}

struct Account {
    words: String,
    /// Of the shared AWS configuration: the account's own, or the one that the role is entered from.
    profile: Option<String>,
}

impl Logins {
    /// `profile` is the one that the shell names.
    pub(super) fn new(config: &Config, profile: Option<&str>, paint: Paint) -> Self {
        let account = |(alias, entry): (&str, &config::Account)| {
            let profile = entry.profile.as_deref().or(profile).map(str::to_owned);
            (config.account_id(alias), Account { words: accounts::account(config, alias), profile })
        };
        Self { accounts: config.accounts().map(account).collect(), paint }
    }

    pub(super) fn paused(&self, account: &AccountId, why: &str) -> String {
        let profile = self.accounts.get(account).and_then(|account| account.profile.as_deref());
        let login = match profile {
            Some(profile) => format!("log in again, with SSO by `aws sso login --profile {profile}`"),
            None => "renew the credentials, with SSO by `aws sso login`".to_owned(),
        };
        let head = self.paint.yellow("paused:");
        format!("{head} no valid credentials for {} ({why}); {login}: the run goes on by itself", self.words(account))
    }

    pub(super) fn resumed(&self, account: &AccountId) -> String {
        format!("{} the credentials for {} are good again", self.paint.green("going on:"), self.words(account))
    }

    fn words<'a>(&'a self, account: &'a AccountId) -> &'a str {
        self.accounts.get(account).map_or(account.as_str(), |account| &account.words)
    }
}
