//! What exists, in the shape that the path model takes.

use engine::{CallError, Scope, Seen, State};
use model::Address;
use reach::{Object, World};

use crate::session::Session;

/// Reads everything there is.
pub(crate) async fn read(session: &Session) -> (World, Vec<CallError>) {
    let scope = Scope::of(&session.platform.graph, &std::collections::BTreeSet::new(), false);
    let reading = session.read(&scope).await;
    let objects = reading
        .seen
        .iter()
        .flat_map(|(address, found)| found.iter().map(move |(account, seen)| (address, account, seen)));
    let objects = objects.map(|(address, account, seen)| object(session, address, account, seen)).collect();
    (World { objects, ..World::default() }, reading.errors)
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
