//! Which accounts a run enters, and as whom.

use config::Config;
use kinds::aws::Login;

/// The accounts to enter, each once.
#[must_use]
pub(crate) fn logins(config: &Config, with_hub: bool) -> Vec<Login> {
    let mut logins: Vec<Login> = Vec::new();
    for (alias, account) in platform::accounts(config, with_hub) {
        let id = config.account_id(alias);
        let shared = logins.iter().any(|login| login.account == id);
        if shared && alias != config::PUBLIC_ZONE {
            continue;
        }
        // The emulator makes an account of whatever role is assumed.
        let local_role = config.is_local().then(|| "provisioner".to_owned());
        logins.push(Login {
            alias: alias.to_owned(),
            account: id,
            role: account.role.clone().or(local_role),
            external_id: account.external_id.clone(),
            profile: account.profile.clone(),
        });
    }
    logins
}
