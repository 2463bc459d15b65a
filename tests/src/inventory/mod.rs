//! Everything an account holds that somebody made, found by looking into every service: no code of the program's. What has
//! no name of its own is called by its tag.

mod apis;
mod balancing;
mod compute;
mod dns;
mod network;
mod stores;

use futures::future::{BoxFuture, join_all};

use crate::Account;

/// One line an object, sorted: kind, name and, in brackets, what AWS made up. Keys that wait for their deletion say so.
///
/// # Panics
/// If AWS does not let it be read.
pub async fn inventory(account: &Account) -> Vec<String> {
    // The SDK's futures are large, and a test's stack is not.
    let looks: [BoxFuture<'_, Vec<String>>; 6] = [
        Box::pin(network::look(account)),
        Box::pin(balancing::look(account)),
        Box::pin(dns::look(account)),
        Box::pin(stores::look(account)),
        Box::pin(compute::look(account)),
        Box::pin(apis::look(account)),
    ];
    let mut found = join_all(looks).await.concat();
    found.sort();
    found
}

/// A line without what AWS made up: the same for the same object of another run.
#[must_use]
pub fn normal(line: &str) -> String {
    let mut normal = line.to_owned();
    while let Some((before, rest)) = normal.split_once(" [") {
        let (_, after) = rest.split_once(']').unwrap_or_default();
        normal = format!("{before}{after}");
    }
    normal
}

/// The tag that says what an object is for, when the object has no name.
const TAG: &str = "provisioner:address";

fn named<'a>(mut tags: impl Iterator<Item = (Option<&'a str>, Option<&'a str>)>) -> &'a str {
    tags.find(|(key, _)| *key == Some(TAG)).and_then(|(_, value)| value).unwrap_or("without a name")
}

fn lines<T>(kind: &str, items: &[T], name: impl Fn(&T) -> Option<&str>) -> Vec<String> {
    items.iter().map(|item| format!("{kind} {}", name(item).unwrap_or("without a name"))).collect()
}
