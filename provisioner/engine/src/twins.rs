//! More than one object at one address: the residue of a run that was killed, or of revisions.

use model::{CreateSafety, Facts};
use serde_json::Value;

use crate::{Seen, State, diff::differing};

/// An object and the account it is in.
pub(crate) type Found = (String, Seen);

/// The one to keep, and the others.
///
/// Kept is the one that equals what is wanted; else a ready one; else the oldest, or the newest where each call makes a
/// new revision.
pub(crate) fn choose(facts: &Facts, want: Option<&Value>, mut found: Vec<Found>) -> Option<(Found, Vec<Found>)> {
    found.sort_by(|(_, a), (_, b)| a.identity.cmp(&b.identity));
    if facts.create == CreateSafety::Revision {
        found.reverse();
    }
    let rank = |seen: &Seen| {
        let equal = want.is_some_and(|want| differing(want, &seen.spec).is_empty());
        (!equal, seen.state != State::Ready)
    };
    let best = found.iter().enumerate().min_by_key(|(at, (_, seen))| (rank(seen), *at)).map(|(at, _)| at)?;
    let kept = found.remove(best);
    Some((kept, found))
}
