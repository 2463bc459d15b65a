//! Which accounts a run enters, as whom, and which of them use the hub's leases.

use config::Config;
use kinds::aws::{Login, lease::Admitted};

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

/// The services' accounts as they use the hub's table for leases, each for its own services; the hub's account needs no leave.
#[must_use]
pub(crate) fn admitted(config: &Config) -> Vec<Admitted> {
    let hub = config.account_id(config::CONSUMER);
    let services = |account: &model::AccountId| {
        config.services.keys().filter(|name| config.account_id(name) == *account).cloned().collect()
    };
    let others = platform::tenants(config).into_iter().filter(|tenant| tenant.account != hub);
    others
        .map(|tenant| Admitted {
            targets: services(&tenant.account),
            account: tenant.account.to_string(),
            roles: tenant.readers.iter().map(ToString::to_string).collect(),
        })
        .collect()
}
