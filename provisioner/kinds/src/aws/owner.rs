//! Whose an object is: ours by its tags, or somebody else's in the place of ours.

use engine::{CallError, State};
use model::{Address, Kind, Outputs, Tags};

use super::Aws;
use crate::{Seen, Wanted};

/// The address in the tags, if they say that the object is ours and of kind `K`.
#[must_use]
pub fn owner<K: Kind>(aws: &Aws, tags: &Tags) -> Option<Address> {
    tags.ours(&aws.names).filter(|address| address.kind() == K::FACTS.kind)
}

/// What stands where `wanted` belongs and is not ours. Nothing else of it was read, so the spec is the wanted one.
#[must_use]
pub fn foreign<K: Kind>(wanted: &Wanted<K>, what: &str) -> Seen<K> {
    Seen {
        address: wanted.address.clone(),
        spec: wanted.spec.clone(),
        outputs: Outputs::new(),
        state: State::Foreign(format!("{what} exists and its tags are not ours")),
        identity: what.to_owned(),
    }
}

/// Refuses to write to what is not ours: for kinds whose tags a read does not always ask for.
///
/// # Errors
/// If the tags are not ours.
pub fn confirm<K: Kind>(aws: &Aws, at: &Address, tags: &Tags) -> Result<(), CallError> {
    match owner::<K>(aws, tags) {
        Some(_) => Ok(()),
        None => Err(aws.refuse(at, "it exists and its tags are not ours")),
    }
}
