//! The JSON Schemas of the files, made from the types: what editors complete by and what `shape.rs` checks by.

use schemars::{
    JsonSchema, Schema,
    generate::SchemaSettings,
    transform::{Transform, transform_subschemas},
};
use serde_json::{Map, Value, json};

use crate::{Hub, Platform, Service};

/// The schema of `platform.toml`. The built-in environment `local` may leave out what it has.
#[must_use]
pub fn platform() -> Value {
    let mut schema = whole::<Platform>();
    let mut local = schema["$defs"]["Environment"].clone();
    if let Some(local) = local.as_object_mut() {
        local.remove("required");
        local.insert("description".into(), json!("Changes to the built-in environment."));
    }
    schema["properties"]["environments"]["properties"] = json!({ "local": local });
    schema
}

/// The schema of `account.toml`, overrides included.
#[must_use]
pub fn account() -> Value {
    with_overrides::<Hub>("The hub: one VPC with the balancer that every client talks to.")
}

/// The schema of `service.toml`, overrides included.
#[must_use]
pub fn service() -> Value {
    with_overrides::<Service>("One service: its functions, routes and tables.")
}

/// The schema of a file once an environment's overrides are applied: what is required is required.
pub(crate) fn whole<T: JsonSchema>() -> Value {
    let settings = SchemaSettings::draft2020_12().with_transform(NoNulls);
    settings.into_generator().into_root_schema_for::<T>().to_value()
}

/// Every part may be in the base or in an override, so neither requires any; the two together must.
fn with_overrides<T: JsonSchema>(description: &str) -> Value {
    let mut schema = whole::<T>();
    relax(&mut schema);
    let mut overrides = schema.clone();
    for key in ["$schema", "$defs", "title", "description"] {
        overrides.as_object_mut().expect("types are objects").remove(key);
    }
    schema["description"] = json!(description);
    schema["properties"]["environments"] = json!({
        "description": "By environment: tables merge over those above; lists, values and `certificate` replace.",
        "type": "object",
        "additionalProperties": overrides,
    });
    schema
}

/// Removes `required`, except where overriding replaces the whole: items of lists and variants of a choice.
fn relax(schema: &mut Value) {
    let items = item_types(schema);
    for (name, definition) in schema["$defs"].as_object_mut().into_iter().flatten() {
        if !items.contains(&format!("#/$defs/{name}")) {
            relax_one(definition);
        }
    }
    relax_one(schema);
}

fn relax_one(schema: &mut Value) {
    let Some(fields) = schema.as_object_mut().filter(|fields| !fields.contains_key("oneOf")) else { return };
    fields.remove("required");
    fields.get_mut("properties").and_then(Value::as_object_mut).into_iter().flatten().for_each(|(_, it)| relax_one(it));
}

/// The references that appear as items of lists, anywhere.
fn item_types(schema: &Value) -> Vec<String> {
    let below: Vec<&Value> = match schema {
        Value::Object(fields) => fields.values().collect(),
        Value::Array(items) => items.iter().collect(),
        _ => Vec::new(),
    };
    let own = schema["items"]["$ref"].as_str().map(str::to_owned);
    below.into_iter().flat_map(item_types).chain(own).collect()
}

/// TOML has no null: an optional value is there or not.
#[derive(Clone)]
struct NoNulls;

impl Transform for NoNulls {
    fn transform(&mut self, schema: &mut Schema) {
        if let Some(fields) = schema.as_object_mut() {
            without_null(fields);
        }
        transform_subschemas(self, schema);
    }
}

fn without_null(fields: &mut Map<String, Value>) {
    if let Some(types) = fields.get_mut("type").and_then(Value::as_array_mut) {
        types.retain(|one| one != "null");
        let only = types[0].clone();
        fields.insert("type".into(), only);
    }
    if let Some(Value::Array(mut choices)) = fields.remove("anyOf") {
        choices.retain(|choice| choice["type"] != "null");
        fields.extend(choices.pop().and_then(|choice| choice.as_object().cloned()).unwrap_or_default());
    }
    if let Some(Value::Object(default)) = fields.get_mut("default") {
        default.retain(|_, value| !value.is_null());
    }
}
