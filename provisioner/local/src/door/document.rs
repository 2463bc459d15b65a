//! What an API's imported OpenAPI document has the gateway do itself: look at requests, and answer those it does not pass on.

use std::collections::HashMap;

use jsonschema::{Draft, ValidationError, Validator};
use serde_json::{Value, json};

use super::Refusal;

/// API Gateway's name for the bodies' type of a request that names none.
const USUAL_TYPE: &str = "application/json";

/// Of the mistakes in one body there may be thousands, and each may be long.
const MISTAKES_TOLD: usize = 16;
const CHARACTERS_TOLD: usize = 200;

/// An imported document. The default one checks nothing and leaves the gateway's answers as they are.
#[derive(Debug, Default)]
pub struct Document {
    /// By path and method.
    checks: HashMap<(String, String), Checks>,
    /// Its `x-amazon-apigateway-gateway-responses`.
    responses: Value,
}

/// What the validator of one operation looks at.
#[derive(Debug, Default)]
struct Checks {
    /// Where in the proxy event, and the name.
    required: Vec<(&'static str, String)>,
    /// By media type.
    models: HashMap<String, Validator>,
}

/// Why a request is not passed on.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Mistake {
    /// API Gateway's name of the answer.
    pub(super) response: &'static str,
    pub(super) message: String,
    /// What is wrong in detail.
    pub(super) errors: String,
}

impl Document {
    /// Of an export with API Gateway's extensions.
    #[must_use]
    pub fn new(document: &Value) -> Self {
        let paths = document["paths"].as_object().into_iter().flatten();
        let operations = paths.flat_map(|(path, item)| {
            item.as_object().into_iter().flatten().map(move |(method, said)| (path, method, said))
        });
        let checks =
            operations.map(|(path, method, said)| ((path.clone(), method.to_uppercase()), Checks::of(said, document)));
        Self { checks: checks.collect(), responses: document["x-amazon-apigateway-gateway-responses"].clone() }
    }

    /// What keeps a request, in the form of its event, from being passed on.
    pub(super) fn mistake(&self, event: &Value) -> Option<Mistake> {
        let text = |key: &str| event[key].as_str().unwrap_or_default().to_owned();
        let checks = self.checks.get(&(text("resource"), text("httpMethod")))?;
        checks.missing(event).or_else(|| checks.wrong(event))
    }

    /// The answer in the words of the document, if it has some for it.
    pub(super) fn told(&self, mistake: &Mistake, request_id: &str, refusal: Refusal) -> Refusal {
        let said = &self.responses[mistake.response];
        let Some(template) = said["responseTemplates"]["application/json"].as_str() else { return refusal };
        let header = said["responseParameters"]["gatewayresponse.header.Content-Type"].as_str();
        let quoted = |text: &str| Value::from(text).to_string();
        let body = template
            .replace("$context.requestId", request_id)
            .replace("\"$context.error.validationErrorString\"", &quoted(&mistake.errors))
            .replace("$context.error.messageString", &quoted(&mistake.message));
        let status = said["statusCode"].as_u64().and_then(|status| status.try_into().ok());
        Refusal {
            status: status.unwrap_or(refusal.status),
            content_type: header.map_or(refusal.content_type, |header| header.trim_matches('\'').to_owned()),
            body,
            ..refusal
        }
    }
}

impl Checks {
    fn of(operation: &Value, document: &Value) -> Self {
        let named = operation["x-amazon-apigateway-request-validator"].as_str().unwrap_or_default();
        let validator = &document["x-amazon-apigateway-request-validators"][named];
        let mut checks = Self::default();
        if validator["validateRequestParameters"] == true {
            let parameters = operation["parameters"].as_array().into_iter().flatten();
            checks.required = parameters.filter(|said| said["required"] == true).filter_map(required).collect();
        }
        if validator["validateRequestBody"] == true {
            let content = operation["requestBody"]["content"].as_object().into_iter().flatten();
            let models = content.filter_map(|(name, said)| Some((name.clone(), model(&said["schema"], document)?)));
            checks.models = models.collect();
        }
        checks
    }

    fn missing(&self, event: &Value) -> Option<Mistake> {
        let missing = self.required.iter().filter(|(place, name)| !is_given(&event[place], name));
        let names: Vec<&str> = missing.map(|(_, name)| name.as_str()).collect();
        let message = format!("Missing required request parameters: [{}]", names.join(", "));
        let mistake = || Mistake { response: "BAD_REQUEST_PARAMETERS", errors: message.clone(), message };
        (!names.is_empty()).then(mistake)
    }

    /// Bodies of another type than the models' are nobody's to check; no body is taken for an empty object.
    fn wrong(&self, event: &Value) -> Option<Mistake> {
        let mut headers = event["headers"].as_object().into_iter().flatten();
        let given = headers.rfind(|(name, _)| name.eq_ignore_ascii_case("content-type"));
        let given = given.and_then(|(_, value)| value.as_str()).unwrap_or(USUAL_TYPE);
        let model = self.models.get(&given.split(';').next().unwrap_or_default().trim().to_ascii_lowercase())?;
        let errors = match serde_json::from_str(event["body"].as_str().unwrap_or("{}")) {
            Ok(body) => model.iter_errors(&body).take(MISTAKES_TOLD).map(|error| told(&error)).collect(),
            Err(error) => vec![error.to_string()],
        };
        let mistake = || Mistake {
            response: "BAD_REQUEST_BODY",
            message: "Invalid request body".to_owned(),
            errors: format!("[{}]", errors.join(", ")),
        };
        (!errors.is_empty()).then(mistake)
    }
}

/// Without what the caller sent, which may be long and is nobody's to log.
fn told(error: &ValidationError<'_>) -> String {
    let told = format!("{}: {}", error.instance_path(), error.masked());
    told.chars().take(CHARACTERS_TOLD).collect()
}

fn required(said: &Value) -> Option<(&'static str, String)> {
    let place = match said["in"].as_str()? {
        "header" => "headers",
        "path" => "pathParameters",
        "query" => "queryStringParameters",
        _ => return None,
    };
    Some((place, said["name"].as_str()?.to_owned()))
}

/// A name alone, or one with nothing but spaces, is not given. Headers have no case.
fn is_given(place: &Value, name: &str) -> bool {
    let mut values = place.as_object().into_iter().flatten();
    values.any(|(own, value)| own.eq_ignore_ascii_case(name) && value.as_str().is_some_and(|it| !it.trim().is_empty()))
}

/// Models are JSON Schema draft 4. One that cannot be read checks nothing.
fn model(schema: &Value, document: &Value) -> Option<Validator> {
    let schema = json!({"allOf": [schema], "components": document["components"]});
    let made = jsonschema::options().with_draft(Draft::Draft4).build(&schema);
    made.inspect_err(|error| tracing::warn!(%error, "a model cannot be read")).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn document() -> Document {
        let order = json!({"type": "object", "required": ["sku"], "properties": {"sku": {"type": "string"}}});
        let content = json!({"application/json": {"schema": {"$ref": "#/components/schemas/Order"}}});
        let parameter =
            |name: &str, place: &str, required: bool| json!({"name": name, "in": place, "required": required});
        Document::new(&json!({
            "components": {"schemas": {"Order": order}},
            "x-amazon-apigateway-request-validators": {"all": {"validateRequestBody": true, "validateRequestParameters": true}},
            "x-amazon-apigateway-gateway-responses": {"BAD_REQUEST_BODY": {
                "statusCode": 422,
                "responseParameters": {"gatewayresponse.header.Content-Type": "'text/x'"},
                "responseTemplates": {"application/json": "{\"d\":\"$context.error.validationErrorString\",\"m\":$context.error.messageString,\"i\":\"$context.requestId\"}"},
            }},
            "paths": {"/orders": {
                "post": {
                    "x-amazon-apigateway-request-validator": "all",
                    "parameters": [parameter("day", "query", true), parameter("x-one", "header", false)],
                    "requestBody": {"required": true, "content": content},
                },
                "put": {"parameters": [parameter("day", "query", true)]},
            }},
        }))
    }

    fn event(method: &str, query: Value, content_type: &str, body: Value) -> Value {
        json!({
            "resource": "/orders", "httpMethod": method, "queryStringParameters": query,
            "headers": {"Content-Type": content_type}, "body": body,
        })
    }

    /// The name of the answer to a request.
    fn answer(event: &Value) -> Option<&'static str> {
        document().mistake(event).map(|mistake| mistake.response)
    }

    #[test]
    fn a_request_is_checked_as_the_document_says() {
        let (day, good) = (json!({"day": "x"}), json!("{\"sku\": \"a\"}"));
        let post = |query: &Value, kind: &str, body: &Value| answer(&event("POST", query.clone(), kind, body.clone()));
        assert_eq!(post(&day, "application/json; charset=utf-8", &good), None);
        for missing in [Value::Null, json!({"day": " "}), json!({"days": "x"})] {
            assert_eq!(post(&missing, "application/json", &good), Some("BAD_REQUEST_PARAMETERS"));
        }
        for wrong in [Value::Null, json!("{"), json!("{}"), json!("{\"sku\": 1}")] {
            assert_eq!(post(&day, "Application/JSON", &wrong), Some("BAD_REQUEST_BODY"), "{wrong}");
            assert_eq!(post(&day, "text/plain", &wrong), None, "no model is for it");
        }
        assert_eq!(answer(&event("PUT", Value::Null, "application/json", Value::Null)), None, "nobody validates it");
    }

    #[test]
    fn a_refusal_is_told_in_the_documents_words() {
        let refusal = Refusal {
            status: 400,
            content_type: "application/json".to_owned(),
            error_type: Some("BadRequestException".to_owned()),
            body: "{}".to_owned(),
            reason: "why".to_owned(),
        };
        let mistake = |response| Mistake { response, message: "m".to_owned(), errors: "[\"e\"]".to_owned() };
        let told = document().told(&mistake("BAD_REQUEST_BODY"), "id-1", refusal.clone());
        assert_eq!((told.status, told.content_type.as_str()), (422, "text/x"));
        assert_eq!(told.body, r#"{"d":"[\"e\"]","m":"m","i":"id-1"}"#);
        assert_eq!(document().told(&mistake("THROTTLED"), "id-1", refusal.clone()), refusal);
    }
}
