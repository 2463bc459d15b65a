//! DynamoDB's shapes of keys, indexes and tags, in and out.

use std::collections::BTreeMap;

use aws_sdk_dynamodb::types::{
    AttributeDefinition, GlobalSecondaryIndexDescription, KeySchemaElement, KeyType, Projection, ProjectionType,
    ScalarAttributeType, TableDescription, Tag,
};
use engine::CallError;
use model::{Address, Tags};

use super::{Aws, absent, owner::owner};
use crate::table::{AttributeType, TableKey, TableKeys};

/// The partition key first, as DynamoDB demands.
#[must_use]
pub fn schema(keys: &TableKeys) -> Vec<KeySchemaElement> {
    let element = |key: &TableKey, of: KeyType| {
        KeySchemaElement::builder().attribute_name(&key.name).key_type(of).build().expect("a key has a name and a type")
    };
    let sort = keys.sort.as_ref().map(|key| element(key, KeyType::Range));
    std::iter::once(element(&keys.partition, KeyType::Hash)).chain(sort).collect()
}

/// Each attribute that is a key somewhere, once; DynamoDB takes no others.
#[must_use]
pub fn attributes<'a>(keys: impl IntoIterator<Item = &'a TableKeys>) -> Vec<AttributeDefinition> {
    let all = keys.into_iter().flat_map(|keys| std::iter::once(&keys.partition).chain(&keys.sort));
    let by_name: BTreeMap<&str, AttributeType> = all.map(|key| (key.name.as_str(), key.of)).collect();
    let attribute = |(name, of)| AttributeDefinition::builder().attribute_name(name).attribute_type(scalar(of)).build();
    by_name.into_iter().map(|pair| attribute(pair).expect("an attribute has a name and a type")).collect()
}

/// Every attribute of an item is in the index too.
#[must_use]
pub fn everything() -> Projection {
    Projection::builder().projection_type(ProjectionType::All).build()
}

/// The table's own keys.
#[must_use]
pub fn keys(table: &TableDescription) -> Option<TableKeys> {
    keys_of(table.key_schema(), table.attribute_definitions())
}

/// Indexes by name. One that has not all attributes is never a wanted one, so its name says so.
#[must_use]
pub fn indexes(table: &TableDescription) -> BTreeMap<String, TableKeys> {
    let indexes = table.global_secondary_indexes().iter();
    indexes
        .filter_map(|index| Some((name(index)?, keys_of(index.key_schema(), table.attribute_definitions())?)))
        .collect()
}

fn name(index: &GlobalSecondaryIndexDescription) -> Option<String> {
    let whole = index.projection() == Some(&everything());
    index.index_name().map(|name| if whole { name.to_owned() } else { format!("{name}{PARTIAL}") })
}

/// Follows the name of an index that has not all attributes.
const PARTIAL: &str = " (partial)";

/// The name as DynamoDB has it.
#[must_use]
pub fn plain_name(index: &str) -> &str {
    index.trim_end_matches(PARTIAL)
}

fn keys_of(schema: &[KeySchemaElement], attributes: &[AttributeDefinition]) -> Option<TableKeys> {
    let key = |of: KeyType| {
        let name = &schema.iter().find(|element| element.key_type == of)?.attribute_name;
        let of = &attributes.iter().find(|attribute| attribute.attribute_name == *name)?.attribute_type;
        Some(TableKey { name: name.clone(), of: attribute_type(of)? })
    };
    Some(TableKeys { partition: key(KeyType::Hash)?, sort: key(KeyType::Range) })
}

fn scalar(of: AttributeType) -> ScalarAttributeType {
    match of {
        AttributeType::Binary => ScalarAttributeType::B,
        AttributeType::Number => ScalarAttributeType::N,
        AttributeType::String => ScalarAttributeType::S,
    }
}

fn attribute_type(of: &ScalarAttributeType) -> Option<AttributeType> {
    match of {
        ScalarAttributeType::B => Some(AttributeType::Binary),
        ScalarAttributeType::N => Some(AttributeType::Number),
        ScalarAttributeType::S => Some(AttributeType::String),
        _ => None,
    }
}

/// The tags of one table, for its create call.
#[must_use]
pub fn tags(aws: &Aws, at: &Address) -> Vec<Tag> {
    let tag = |(key, value)| Tag::builder().key(key).value(value).build();
    aws.tags(at).0.into_iter().map(|pair| tag(pair).expect("a tag has a key and a value")).collect()
}

/// Whether the tags of the table of this name say that it is ours.
///
/// # Errors
/// What AWS answered, classified.
pub async fn is_ours(aws: &Aws, name: &str) -> Result<bool, CallError> {
    let tags = absent(found_tags(aws, &arn(aws, name)).await)?;
    Ok(tags.is_some_and(|tags| owner::<crate::Table>(aws, &tags).is_some()))
}

/// The ARN of the table of this name.
#[must_use]
pub fn arn(aws: &Aws, name: &str) -> String {
    aws.arn("dynamodb", &format!("table/{name}"))
}

/// The tags of a table, all pages.
///
/// # Errors
/// What AWS answered, classified.
pub async fn found_tags(aws: &Aws, arn: &str) -> Result<Tags, CallError> {
    let (mut found, mut next) = (Vec::new(), None);
    loop {
        let call = aws.dynamodb.list_tags_of_resource().resource_arn(arn).set_next_token(next).send();
        let page = aws.list("dynamodb:ListTagsOfResource", call).await?;
        found.extend(page.tags.unwrap_or_default());
        next = page.next_token;
        if next.is_none() {
            return Ok(found.into_iter().map(|tag| (tag.key, tag.value)).collect());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn keys_named(partition: &str, sort: Option<&str>) -> TableKeys {
        let key = |name: &str| TableKey { name: name.to_owned(), of: AttributeType::String };
        TableKeys { partition: key(partition), sort: sort.map(key) }
    }

    #[test]
    fn keys_read_back_as_they_were_written() {
        let wanted = keys_named("pk", Some("sk"));
        assert_eq!(keys_of(&schema(&wanted), &attributes([&wanted])), Some(wanted));
    }

    #[test]
    fn an_attribute_in_two_keys_is_defined_once() {
        let (table, index) = (keys_named("pk", None), keys_named("day", Some("pk")));
        let names: Vec<String> = attributes([&table, &index]).into_iter().map(|found| found.attribute_name).collect();
        assert_eq!(names, ["day", "pk"]);
    }
}
