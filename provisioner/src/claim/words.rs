//! What is said of leases.

use config::Config;
use engine::{
    CallError,
    lease::{Item, Notice},
};

use crate::{
    failure::{Exit, Failure},
    report::{denied, moment},
};

/// Said on standard error while somebody is waited for.
pub(super) fn notice(notice: &Notice) -> String {
    match notice {
        Notice::Held { target, item } => format!("{}: watching whether it goes on", whose(target, item)),
        Notice::Silent { item, left, .. } => {
            let who = item.holder.as_ref().map_or("somebody", |holder| &holder.who);
            format!("run {} of {who} stopped answering; taking over in {} s", item.run, left.as_secs_f64().ceil())
        }
    }
}

/// Somebody else is at it.
pub(super) fn held(target: &str, item: &Item, command: &str) -> Failure {
    let failure = Failure::new(format!("{}; nothing was changed", whose(target, item)));
    let hint = format!(
        "wait for it with `provisioner {command} --wait 10m`; a run that stops answering is taken over by the next one"
    );
    Failure { exit: Exit::Held, ..failure }.hint(hint)
}

fn whose(target: &str, item: &Item) -> String {
    let Some(holder) = &item.holder else { return format!("`{target}` is free") };
    let since = moment(holder.since);
    format!("`{target}` is held by {}: `{}`, run {}, since {since}", holder.who, holder.command, item.run)
}

/// It is not ours any more.
pub(super) fn lost(why: &str, command: &str) -> Failure {
    let failure = Failure::new(format!("the lease was lost ({why}): what was under way was ended, nothing else begun"));
    Failure { exit: Exit::Held, ..failure }
        .hint(format!("run `provisioner {command}` again: it goes on from what exists"))
}

/// AWS did not let us.
pub(super) fn refused(config: &Config, error: &CallError) -> Failure {
    let failure = Failure::new(format!("no lease, so nothing was changed: {error}"));
    Failure { hint: denied(config, std::slice::from_ref(error)), ..failure }
}
