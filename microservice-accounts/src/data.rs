//! The service's key and its tables.

use kinds::{
    KmsAlias, KmsKey, KmsKeyRotation, Table, TableExpiry, TableRecovery,
    documents::key_policy,
    table::{AttributeType, TableKey, TableKeys},
};
use model::{Graph, Handle};

use crate::Blueprint;

const BEING_MADE: &str = "a table that is being made takes no other change";

pub(crate) fn define(of: &Blueprint<'_>, graph: &mut Graph) {
    let description = format!("Tables, logs and settings of {}", of.called("service", 255));
    let key = KmsKey { description, policy: key_policy(&of.site()), enabled: true };
    graph.define(of.place, &of.own.key, key).on_down = of.on_down();
    let rotation = KmsKeyRotation { key: of.own.key.get(KmsKey::ID) };
    graph.define(of.place, &Handle::declare(of.name, of.own.key.address.name()), rotation).on_down = of.on_down();
    let alias = KmsAlias {
        name: format!("alias/{}", of.called(of.own.key.address.name(), 250)),
        key: of.own.key.get(KmsKey::ID),
    };
    graph.define(of.place, &Handle::declare(of.name, of.own.key.address.name()), alias).on_down = of.on_down();
    for (name, table) in &of.service.tables {
        graph.define(of.place, &of.own.tables[name], wanted(of, name, table)).on_down = of.on_down();
        settings(of, name, table, graph);
    }
}

fn settings(of: &Blueprint<'_>, name: &str, table: &config::Table, graph: &mut Graph) {
    let (address, called) = (&of.own.tables[name].address, of.own.tables[name].get(Table::NAME));
    let expiry = TableExpiry { table: called.clone(), attribute: table.ttl_attribute.clone() };
    let expiry = graph.define(of.place, &Handle::declare(of.name, name), expiry);
    expiry.after.push((address.clone(), BEING_MADE));
    expiry.on_down = of.on_down();
    let recovery = graph.define(of.place, &Handle::declare(of.name, name), TableRecovery { table: called });
    recovery.after.push((address.clone(), BEING_MADE));
    recovery.on_down = of.on_down();
}

fn wanted(of: &Blueprint<'_>, name: &str, table: &config::Table) -> Table {
    let indexes =
        table.indexes.iter().map(|(name, index)| (name.clone(), keys(&index.partition_key, index.sort_key.as_ref())));
    Table {
        name: of.called(name, 255).into(),
        keys: keys(&table.partition_key, table.sort_key.as_ref()),
        indexes: indexes.collect(),
        key: of.own.key.get(KmsKey::ARN),
        deletion_protection: !of.config.is_local(),
    }
}

fn keys(partition: &config::Key, sort: Option<&config::Key>) -> TableKeys {
    TableKeys { partition: key(partition), sort: sort.map(key) }
}

fn key(key: &config::Key) -> TableKey {
    let of = match key.of {
        config::KeyType::Binary => AttributeType::Binary,
        config::KeyType::Number => AttributeType::Number,
        config::KeyType::String => AttributeType::String,
    };
    TableKey { name: key.name.clone(), of }
}
