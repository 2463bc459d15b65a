//! What is remembered of a run.

use std::collections::BTreeMap;

use engine::{
    Action, Plan,
    lease::{Holder, Record},
};
use sha2::{Digest, Sha256};

use crate::{commit, session::Session};

/// The record of a run that begins.
pub(super) fn begun(session: &Session, me: &Holder, plan: &Plan) -> Record {
    let commit = commit::of(&session.config.root);
    Record {
        run: 0,
        who: me.who.clone(),
        command: me.command.clone(),
        since: me.since,
        ended: None,
        dirty: commit.as_ref().is_some_and(|(_, dirty)| *dirty),
        commit: commit.map(|(commit, _)| commit),
        plan: digest(plan),
        changes: counts(plan),
        ending: None,
    }
}

/// The same for the same plan, whoever makes it: 12 hexadecimal characters.
pub(crate) fn digest(plan: &Plan) -> String {
    let mut digest = Sha256::new();
    for step in plan.changes() {
        digest.update(serde_json::json!([step.address, step.action, step.want, step.surplus.len()]).to_string());
    }
    digest.finalize().iter().take(6).map(|byte| format!("{byte:02x}")).collect()
}

fn counts(plan: &Plan) -> BTreeMap<String, usize> {
    let mut counts = BTreeMap::new();
    for step in plan.changes() {
        *counts.entry(name(&step.action).to_owned()).or_default() += 1;
    }
    counts
}

fn name(action: &Action) -> &'static str {
    match action {
        Action::Create => "create",
        Action::Restore => "restore",
        Action::Update { .. } => "update",
        Action::Replace { .. } => "replace",
        // What is kept is changed only by twins of it that go.
        Action::Delete { .. } | Action::Keep | Action::Blocked { .. } => "delete",
    }
}
