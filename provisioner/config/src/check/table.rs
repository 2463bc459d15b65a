//! Tables: names, keys and indexes that DynamoDB takes.

use std::collections::BTreeMap;

use super::text;
use crate::{Key, KeyType, Table, place::Place};

/// 20 global secondary indexes for a table.
const MOST_INDEXES: usize = 20;

const LONGEST_NAME: usize = 32;

pub(super) fn tables(at: &Place<'_>, tables: &BTreeMap<String, Table>) {
    for (name, table) in tables {
        let at = at.key(name);
        text::name(&at, "a table", name, LONGEST_NAME);
        indexes(&at.key("indexes"), table);
        let keys = keys(&at, table);
        one_type_each(&keys);
        time_to_live(&at, table, &keys);
    }
}

fn indexes(at: &Place<'_>, table: &Table) {
    if table.indexes.len() > MOST_INDEXES {
        let message = format!("{} indexes, but a table takes {MOST_INDEXES}", table.indexes.len());
        at.wrong(message, "let one index answer several questions: its keys may hold composed values");
    }
    for name in table.indexes.keys() {
        let legal = |b: u8| b.is_ascii_alphanumeric() || b"_.-".contains(&b);
        if !(3..=255).contains(&name.len()) || !name.bytes().all(legal) {
            at.key(name).wrong_key(format!("`{name}` cannot name an index"), "3 to 255 letters, digits and `_.-`");
        }
    }
}

/// Every key of the table and its indexes, with its place.
fn keys<'a, 't>(at: &Place<'a>, table: &'t Table) -> Vec<(Place<'a>, &'t Key)> {
    let mut found = pair(at, &table.partition_key, table.sort_key.as_ref());
    for (name, index) in &table.indexes {
        found.extend(pair(&at.key("indexes").key(name), &index.partition_key, index.sort_key.as_ref()));
    }
    found
}

fn pair<'a, 't>(at: &Place<'a>, partition: &'t Key, sort: Option<&'t Key>) -> Vec<(Place<'a>, &'t Key)> {
    let (first, second) = (at.key("partition_key"), at.key("sort_key"));
    for (place, key) in [(&first, partition)].into_iter().chain(sort.map(|key| (&second, key))) {
        if !(1..=255).contains(&key.name.len()) {
            place.key("name").wrong(format!("`{}` cannot name a key", key.name), "1 to 255 bytes");
        }
    }
    if sort.is_some_and(|sort| sort.name == partition.name) {
        let message = format!("`{}` is both the partition key and the sort key", partition.name);
        second.clash(message, &first, "the partition key", "sort by another attribute, or leave out `sort_key`");
    }
    [(first, partition)].into_iter().chain(sort.map(|key| (second, key))).collect()
}

/// A table defines each key attribute once, whatever number of keys use it.
fn one_type_each(keys: &[(Place<'_>, &Key)]) {
    for (index, (place, key)) in keys.iter().enumerate() {
        let other = keys[..index].iter().find(|(_, other)| other.name == key.name && other.of != key.of);
        if let Some((first, _)) = other {
            let message = format!("`{}` has two types", key.name);
            place.key("type").clash(
                message,
                &first.key("type"),
                "the other type",
                "an attribute has one type in a table",
            );
        }
    }
}

fn time_to_live(at: &Place<'_>, table: &Table, keys: &[(Place<'_>, &Key)]) {
    let Some(name) = &table.ttl_attribute else { return };
    let place = at.key("ttl_attribute");
    if !(1..=255).contains(&name.len()) {
        place.wrong(format!("`{name}` cannot name an attribute"), "1 to 255 bytes");
    }
    let own = [Some(&table.partition_key), table.sort_key.as_ref()];
    if own.into_iter().flatten().any(|key| key.name == *name) {
        place.wrong(
            format!("`{name}` is a key of the table"),
            "keys cannot change: let items expire by an attribute of its own",
        );
    } else if let Some((other, _)) = keys.iter().find(|(_, key)| key.name == *name && key.of != KeyType::Number) {
        let help = "items expire by a number of seconds: make it a number, or use another attribute";
        place.clash(format!("`{name}` is not a number"), other, "a key of another type", help);
    }
}
