//! What API Gateway imports of an OpenAPI document ("Amazon API Gateway important notes", known issues of OpenAPI).
//!
//! Whatever else a document says is left out, because a warning fails the import. What is left out of a schema only makes the
//! gateway take more: it never refuses what the document allows.

use serde_json::{Map, Value, json};

/// Keys of a path that are operations.
const METHODS: [&str; 7] = ["delete", "get", "head", "options", "patch", "post", "put"];
/// The words of JSON Schema draft 4 that models may have and that mean the same in OpenAPI.
const PLAIN: [&str; 15] = [
    "description",
    "enum",
    "maxItems",
    "maxLength",
    "maxProperties",
    "maximum",
    "minItems",
    "minLength",
    "minProperties",
    "minimum",
    "multipleOf",
    "pattern",
    "required",
    "type",
    "uniqueItems",
];

/// The paths and schemas of a document, as they can be imported.
pub(super) fn imported(said: &Value) -> Value {
    let paths: Map<String, Value> =
        entries(&said["paths"]).map(|(path, item)| (path.clone(), self::path(item))).collect();
    let schemas = named(&said["components"]["schemas"], schema);
    json!({"paths": paths, "components": {"schemas": schemas}})
}

fn path(item: &Value) -> Value {
    let shared = parameters(&item["parameters"]);
    let operations = entries(item).filter(|(key, _)| METHODS.contains(&key.as_str()));
    operations.map(|(method, said)| (method.clone(), operation(said, &shared))).collect()
}

fn operation(said: &Value, shared: &[Value]) -> Value {
    let mut operation = only(said, &["description", "operationId", "summary"]);
    operation["parameters"] = shared.iter().cloned().chain(parameters(&said["parameters"])).collect();
    if said["requestBody"].is_object() {
        operation["requestBody"] = only(&said["requestBody"], &["description", "required"]);
        operation["requestBody"]["content"] = named(&said["requestBody"]["content"], |body| schema_of(body, schema));
    }
    let known = entries(&said["responses"]).filter(|(status, _)| status.bytes().all(|byte| byte.is_ascii_digit()));
    let known: Map<String, Value> = known.map(|(status, said)| (status.clone(), response(said))).collect();
    if !known.is_empty() {
        operation["responses"] = known.into();
    }
    operation
}

/// Of a parameter the gateway looks at the name, and whether it is there.
fn parameters(said: &Value) -> Vec<Value> {
    let one = |said: &Value| {
        let mut parameter = only(said, &["description", "in", "name", "required"]);
        parameter["schema"] = json!({"type": "string"});
        parameter
    };
    said.as_array().into_iter().flatten().map(one).collect()
}

/// A response's model must be an object, so only named schemas are taken.
fn response(said: &Value) -> Value {
    let mut response = only(said, &["description"]);
    response["headers"] = named(&said["headers"], |said| {
        let mut header = only(said, &["description"]);
        header["schema"] = json!({"type": "string"});
        header
    });
    response["content"] = named(&said["content"], |body| schema_of(body, |said| only(said, &["$ref"])));
    response
}

fn schema_of(body: &Value, taken: impl Fn(&Value) -> Value) -> Value {
    json!({"schema": taken(&body["schema"])})
}

/// Draft 4 has no `nullable`, so what may be null is not looked into.
fn schema(said: &Value) -> Value {
    if said["nullable"] == true || !said.is_object() {
        return said.as_bool().map_or_else(|| json!({}), Value::from);
    }
    if said["$ref"].is_string() {
        return only(said, &["$ref"]);
    }
    let mut taken = only(said, &PLAIN);
    for key in ["additionalProperties", "items"].into_iter().filter(|key| said.get(key).is_some()) {
        taken[key] = schema(&said[key]);
    }
    for key in ["allOf", "anyOf"].into_iter().filter(|key| said[*key].is_array()) {
        taken[key] = said[key].as_array().into_iter().flatten().map(schema).collect();
    }
    if said["properties"].is_object() {
        taken["properties"] = named(&said["properties"], schema);
    }
    taken
}

fn only(said: &Value, keys: &[&str]) -> Value {
    let kept = entries(said).filter(|(key, _)| keys.contains(&key.as_str()));
    Value::Object(kept.map(|(key, value)| (key.clone(), value.clone())).collect())
}

fn named(said: &Value, taken: impl Fn(&Value) -> Value) -> Value {
    entries(said).map(|(name, value)| (name.clone(), taken(value))).collect()
}

fn entries(said: &Value) -> impl Iterator<Item = (&String, &Value)> {
    said.as_object().into_iter().flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_schema_keeps_what_a_model_may_say_and_is_never_stricter() {
        let said = json!({
            "type": "object",
            "example": {},
            "required": ["count"],
            "properties": {
                "count": {"type": "integer", "format": "int64", "minimum": 0, "exclusiveMinimum": true},
                "note": {"type": "string", "nullable": true},
                "of": {"allOf": [{"$ref": "#/components/schemas/Other", "description": "beside"}], "oneOf": [{}]},
            },
            "additionalProperties": false,
        });
        let taken = json!({
            "type": "object",
            "required": ["count"],
            "properties": {
                "count": {"type": "integer", "minimum": 0},
                "note": {},
                "of": {"allOf": [{"$ref": "#/components/schemas/Other"}]},
            },
            "additionalProperties": false,
        });
        assert_eq!(schema(&said), taken);
    }

    #[test]
    fn parameters_of_a_path_are_those_of_its_operations() {
        let parameter = |name: &str, more: Value| json!({"name": name, "in": "query", "schema": more});
        let said = json!({
            "summary": "Orders",
            "parameters": [parameter("a", json!({"type": "integer"}))],
            "get": {"parameters": [parameter("b", json!({}))], "tags": ["x"], "responses": {"200": {}, "default": {}}},
        });
        let text = json!({"type": "string"});
        let taken = path(&said);
        assert_eq!(taken["get"]["parameters"], json!([parameter("a", text.clone()), parameter("b", text)]));
        assert_eq!(taken.as_object().map(Map::len), Some(1));
        assert_eq!(taken["get"]["responses"].as_object().map(Map::len), Some(1));
    }
}
