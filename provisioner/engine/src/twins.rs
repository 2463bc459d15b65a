//! More than one object at one address: the residue of a run that was killed, of revisions, or of a move between accounts.

use std::{
    cmp::{Ordering, Reverse},
    sync::Arc,
};

use model::{CreateSafety, Node, references};
use serde_json::Value;

use crate::{
    Seen, State,
    diff::{differing, replaces},
};

/// An object and the place it was found in. Readings and plans share it.
pub type Found = (String, Arc<Seen>);

/// Puts the one to keep first.
///
/// Objects elsewhere, of others and on their way out come last. Of the rest, first is what equals the wanted as far as that
/// is known; then what can be made equal in place, such as a replacement that is not finished; else what is ready; else the
/// oldest, or the newest where each call makes a new revision.
pub(crate) fn sort(node: &Node, want: Option<&Value>, found: &mut [Found]) {
    let rank = |(place, seen): &Found| {
        (*place != node.account, remoteness(&seen.state), distance(node, want, seen), seen.state != State::Ready)
    };
    found.sort_by(|a, b| rank(a).cmp(&rank(b)).then_with(|| by_age(node, &a.1, &b.1)));
}

/// How far an object is from what is wanted: equal, to be changed, to be replaced.
fn distance(node: &Node, want: Option<&Value>, seen: &Seen) -> u8 {
    let Some(want) = want else { return 2 };
    let mut fields = differing(want, &seen.spec);
    fields.retain(|field| is_known(&want[field]));
    match fields.is_empty() {
        true => 0,
        false => 1 + u8::from(replaces(node.facts, &fields)),
    }
}

fn is_known(value: &Value) -> bool {
    references(value).is_empty()
}

fn by_age(node: &Node, a: &Seen, b: &Seen) -> Ordering {
    match node.facts.create {
        CreateSafety::Revision => Reverse(&a.identity).cmp(&Reverse(&b.identity)),
        _ => a.identity.cmp(&b.identity),
    }
}

/// How far an object is from being of use.
fn remoteness(state: &State) -> u8 {
    match state {
        State::Ready | State::Pending(_) => 0,
        State::Broken(_) => 1,
        State::Retired(_) => 2,
        State::Foreign(_) => 3,
    }
}
