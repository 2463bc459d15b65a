//! What exists, in the shape that the path model takes.

use std::collections::BTreeSet;

use engine::{CallError, Reading, Scope, Seen, State};
use model::Address;
use reach::{Object, Wanted, World};

use crate::{
    session::Session,
    standing::{self, Standing},
};

/// Reads everything there is.
pub(crate) async fn read(session: &Session) -> (World, Vec<CallError>) {
    let reading = session.read(&everything(session)).await;
    (World { objects: objects(session, &reading), ..World::default() }, reading.errors)
}

/// The same, and how it should be.
pub(crate) async fn compare(session: &Session) -> (World, Vec<CallError>) {
    let scope = everything(session);
    let reading = session.read(&scope).await;
    let wanted = wanted(session, &scope, &reading);
    (World { objects: objects(session, &reading), wanted, ..World::default() }, reading.errors)
}

fn everything(session: &Session) -> Scope {
    Scope::of(&session.platform.graph, &BTreeSet::new(), false)
}

fn wanted(session: &Session, scope: &Scope, reading: &Reading) -> Wanted {
    let plan = standing::compare(session, scope, reading);
    let steps = plan.steps.values().filter(|step| standing::of(&plan, reading, step) != Standing::Ready);
    let hosts = session.config.services.keys().map(|name| (session.config.host(name), name.clone()));
    Wanted { hosts: hosts.collect(), differing: Some(steps.map(|step| step.address.clone()).collect()) }
}

fn objects(session: &Session, reading: &Reading) -> Vec<Object> {
    let objects = reading
        .seen
        .iter()
        .flat_map(|(address, found)| found.iter().map(move |(account, seen)| (address, account, seen)));
    objects.map(|(address, account, seen)| object(session, address, account, seen)).collect()
}

fn object(session: &Session, address: &Address, account: &str, seen: &Seen) -> Object {
    Object {
        address: address.clone(),
        account: account.to_owned(),
        account_id: session.config.account_id(account),
        spec: seen.spec.clone(),
        outputs: seen.outputs.clone(),
        state: match &seen.state {
            State::Ready => reach::State::Ready,
            State::Pending(why) => reach::State::Pending(why.clone()),
            State::Broken(why) => reach::State::Broken(why.clone()),
            State::Retired(why) => reach::State::Retired(why.clone()),
            State::Foreign(why) => reach::State::Foreign(why.clone()),
        },
    }
}
