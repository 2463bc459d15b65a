//! Tags of the services that take and give them as a map: API Gateway, Lambda.

use std::collections::HashMap;

use model::{Address, Kind, Tags};

use super::{Aws, owner};

/// The tags of one object, for its create call.
#[must_use]
pub fn tags(aws: &Aws, at: &Address) -> Option<HashMap<String, String>> {
    Some(aws.tags(at).0.into_iter().collect())
}

/// The address in the tags, if they say that the object is ours and of kind `K`.
#[must_use]
pub fn owner<K: Kind>(aws: &Aws, tags: Option<&HashMap<String, String>>) -> Option<Address> {
    let tags: Tags = tags?.iter().map(|(key, value)| (key.as_str(), value.as_str())).collect();
    owner::owner::<K>(aws, &tags)
}
