//! The changes of a table that DynamoDB takes one at a time.

use aws_sdk_dynamodb::{
    operation::update_table::builders::UpdateTableFluentBuilder,
    types::{
        CreateGlobalSecondaryIndexAction, DeleteGlobalSecondaryIndexAction, GlobalSecondaryIndexUpdate,
        SseSpecification, SseType,
    },
};

use super::{Table, TableKeys};
use crate::aws::dynamodb;

/// One change that DynamoDB takes in one call.
#[derive(Debug, PartialEq)]
pub(super) enum Step<'a> {
    Protection,
    Key,
    DropIndex(&'a str),
    AddIndex(&'a str, &'a TableKeys),
}

/// The differences in the named fields. Indexes go before others come, because a changed one keeps its name.
pub(super) fn steps<'a>(found: &'a Table, want: &'a Table, fields: &[&String]) -> Vec<Step<'a>> {
    let is_named = |field: &str| fields.iter().any(|name| *name == field);
    let protection = is_named("deletion_protection") && found.deletion_protection != want.deletion_protection;
    let key = is_named("key") && found.key != want.key;
    let indexes = is_named("indexes");
    let surplus = found.indexes.iter().filter(|(name, keys)| indexes && want.indexes.get(*name) != Some(*keys));
    let missing = want.indexes.iter().filter(|(name, keys)| indexes && found.indexes.get(*name) != Some(*keys));
    let settings = [protection.then_some(Step::Protection), key.then_some(Step::Key)].into_iter().flatten();
    let drops = surplus.map(|(name, _)| Step::DropIndex(dynamodb::plain_name(name)));
    settings.chain(drops).chain(missing.map(|(name, keys)| Step::AddIndex(name, keys))).collect()
}

impl Step<'_> {
    /// Adds the change to a call.
    pub(super) fn of(&self, call: UpdateTableFluentBuilder, found: &Table, want: &Table) -> UpdateTableFluentBuilder {
        match self {
            Self::Protection => call.deletion_protection_enabled(want.deletion_protection),
            Self::Key => call.sse_specification(encryption(want)),
            Self::DropIndex(name) => call.global_secondary_index_updates(drop_index(name)),
            Self::AddIndex(name, keys) => {
                let all = found.indexes.values().chain([&found.keys, *keys]);
                let call = call.set_attribute_definitions(Some(dynamodb::attributes(all)));
                call.global_secondary_index_updates(add_index(name, keys))
            }
        }
    }
}

fn drop_index(name: &str) -> GlobalSecondaryIndexUpdate {
    let action = DeleteGlobalSecondaryIndexAction::builder().index_name(name).build().expect("it has a name");
    GlobalSecondaryIndexUpdate::builder().delete(action).build()
}

fn add_index(name: &str, keys: &TableKeys) -> GlobalSecondaryIndexUpdate {
    let action = CreateGlobalSecondaryIndexAction::builder()
        .index_name(name)
        .set_key_schema(Some(dynamodb::schema(keys)))
        .projection(dynamodb::everything())
        .build();
    GlobalSecondaryIndexUpdate::builder().create(action.expect("it has a name and keys")).build()
}

/// Encryption with the wanted key.
pub(super) fn encryption(want: &Table) -> SseSpecification {
    SseSpecification::builder().enabled(true).sse_type(SseType::Kms).kms_master_key_id(want.key.as_str()).build()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::table::{AttributeType, TableKey};

    fn keys(partition: &str) -> TableKeys {
        TableKeys { partition: TableKey { name: partition.to_owned(), of: AttributeType::String }, sort: None }
    }

    fn table(indexes: &[(&str, &str)]) -> Table {
        Table {
            name: "t".into(),
            keys: keys("pk"),
            indexes: indexes.iter().map(|&(name, key)| (name.to_owned(), keys(key))).collect::<BTreeMap<_, _>>(),
            key: "k".into(),
            deletion_protection: false,
        }
    }

    #[test]
    fn a_changed_or_partial_index_goes_before_it_comes_again() {
        let (found, want) =
            (table(&[("a", "x"), ("b (partial)", "y"), ("c", "z")]), table(&[("a", "w"), ("b", "y"), ("c", "z")]));
        let field = "indexes".to_owned();
        let (a, b) = (keys("w"), keys("y"));
        let expected = [Step::DropIndex("a"), Step::DropIndex("b"), Step::AddIndex("a", &a), Step::AddIndex("b", &b)];
        assert_eq!(steps(&found, &want, &[&field]), expected);
    }

    #[test]
    fn only_named_fields_are_steps() {
        let found = table(&[]);
        let want = Table { deletion_protection: true, key: "other".into(), ..table(&[("a", "x")]) };
        let field = "key".to_owned();
        assert_eq!(steps(&found, &want, &[&field]), [Step::Key]);
    }
}
