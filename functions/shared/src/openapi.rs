//! An OpenAPI 3.0 document from what functions say of themselves: their routes, and the types they take and answer.
//!
//! Nothing here is called while requests are served. 3.0, because that is what API Gateway imports.

use schemars::{JsonSchema, SchemaGenerator, generate::SchemaSettings};
use serde_json::{Map, Value, json};

use crate::Route;
use crate::problem;

/// What a function says of its route.
pub struct Operation {
    pub route: Route,
    /// Unique in the document; client generators name methods after it.
    pub id: &'static str,
    pub summary: &'static str,
    pub parameters: Vec<Parameter>,
    pub body: Option<Schema>,
    /// Besides the problems that any request may meet: 400, 500 and 503.
    pub answers: Vec<Answer>,
}

/// The schema of a type, which goes into the document under the type's own name.
pub type Schema = fn(&mut SchemaGenerator) -> schemars::Schema;

/// The schema of `T`.
#[must_use]
pub fn schema<T: JsonSchema>() -> Schema {
    SchemaGenerator::subschema_for::<T>
}

/// One of a document's schemas by itself, for whoever holds answers against it: with the components that it refers to, and in
/// JSON Schema's words.
#[must_use]
pub fn json_schema(document: &Value, schema: &Value) -> Value {
    json!({"allOf": [schema], "components": with_null(&document["components"])})
}

/// OpenAPI 3.0's `nullable` is a type of its own in JSON Schema.
fn with_null(schema: &Value) -> Value {
    match schema {
        Value::Object(fields) => {
            let mut fields: Map<_, _> = fields.iter().map(|(name, value)| (name.clone(), with_null(value))).collect();
            if fields.remove("nullable") == Some(true.into()) {
                fields["type"] = json!([fields["type"], "null"]);
            }
            fields.into()
        }
        Value::Array(values) => values.iter().map(with_null).collect(),
        other => other.clone(),
    }
}

/// Something a request says outside its body.
pub struct Parameter {
    pub name: &'static str,
    pub place: Place,
    pub description: &'static str,
    pub schema: schemars::Schema,
}

/// Where a parameter stands. Only what is in the path is required.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    Header,
    Path,
    Query,
}

/// A status and what comes with it.
pub struct Answer {
    pub status: u16,
    pub description: &'static str,
    pub body: Content,
    /// Header and description.
    pub headers: &'static [(&'static str, &'static str)],
}

/// What an answer's body is.
#[derive(Clone, Copy)]
pub enum Content {
    Nothing,
    Problem,
    Json(Schema),
}

impl Answer {
    #[must_use]
    pub fn json<T: JsonSchema>(status: u16, description: &'static str) -> Self {
        Self { status, description, body: Content::Json(schema::<T>()), headers: &[] }
    }

    #[must_use]
    pub fn problem(status: u16, description: &'static str) -> Self {
        Self { status, description, body: Content::Problem, headers: &[] }
    }

    #[must_use]
    pub fn with(self, headers: &'static [(&'static str, &'static str)]) -> Self {
        Self { headers, ..self }
    }
}

/// The document of all operations.
#[must_use]
pub fn document(title: &str, version: &str, operations: Vec<Operation>) -> Value {
    let mut schemas = SchemaSettings::openapi3().for_serialize().into_generator();
    let mut paths = Map::new();
    for operation in operations {
        let path = paths.entry(operation.route.resource).or_insert_with(|| json!({}));
        path[operation.route.method.to_lowercase()] = written(&operation, &mut schemas);
    }
    let schemas: Map<String, Value> = schemas.take_definitions(true).into_iter().collect();
    json!({
        "openapi": "3.0.1",
        "info": {"title": title, "version": version},
        "paths": paths,
        "components": {"schemas": schemas},
    })
}

fn written(operation: &Operation, schemas: &mut SchemaGenerator) -> Value {
    let always = [
        Answer::problem(400, "The request has mistakes; `errors` names them"),
        Answer::problem(500, "The service failed to answer"),
        Answer::problem(503, "The service is busy").with(&[("Retry-After", "Seconds after which to try again")]),
    ];
    let answers = operation.answers.iter().chain(&always);
    let responses: Map<String, Value> =
        answers.map(|answer| (answer.status.to_string(), response(answer, schemas))).collect();
    let mut written = json!({"operationId": operation.id, "summary": operation.summary, "responses": responses});
    if !operation.parameters.is_empty() {
        written["parameters"] = operation.parameters.iter().map(parameter).collect();
    }
    if let Some(body) = operation.body {
        let content = json!({"application/json": {"schema": body(schemas)}});
        written["requestBody"] = json!({"required": true, "content": content});
    }
    written
}

fn parameter(parameter: &Parameter) -> Value {
    let Parameter { name, place, description, schema } = parameter;
    let (place, required) = match place {
        Place::Header => ("header", false),
        Place::Path => ("path", true),
        Place::Query => ("query", false),
    };
    json!({"name": name, "in": place, "required": required, "description": description, "schema": schema})
}

fn response(answer: &Answer, schemas: &mut SchemaGenerator) -> Value {
    let mut response = json!({"description": answer.description});
    match answer.body {
        Content::Nothing => {}
        Content::Problem => {
            let schema = schemas.subschema_for::<problem::Document<'static>>();
            response["content"] = json!({"application/problem+json": {"schema": schema}});
        }
        Content::Json(schema) => response["content"] = json!({"application/json": {"schema": schema(schemas)}}),
    }
    let text = |description: &str| json!({"description": description, "schema": {"type": "string"}});
    let id = ("x-request-id", "API Gateway's id of the request, as in its access log");
    let headers = answer.headers.iter().chain([&id]).map(|(name, said)| ((*name).to_owned(), text(said)));
    response["headers"] = headers.collect();
    response
}
