//! The OpenAPI document that API Gateway imports: what a service's own document says, with integrations filled in.
//!
//! Pure: the same body gives the same document. `import.rs` is what may be said, `refusals.rs` what the gateway answers itself.

mod import;
mod refusals;

use serde_json::{Map, Value, json};

use crate::{api_body::ApiBody, api_body::ApiRoute, documents::Site, revision};

/// The version of OpenAPI that API Gateway's own exports are in.
const VERSION: &str = "3.0.1";
/// Name of the validator that looks at parameters and body.
const VALIDATOR: &str = "all";
/// Version of Lambda's API in an integration's URI ("x-amazon-apigateway-integration object").
const LAMBDA_API: &str = "2015-03-31";

/// Changes with all that is imported and is in no other field of a body: the service's document and the gateway's answers.
#[must_use]
pub fn revision_of(said: &Value) -> String {
    revision::revision(&json!([import::imported(said), refusals::responses()]))
}

/// The document for `PutRestApi`, of the service's own; the body must be resolved. Routes alone are imported, whatever `said` says.
///
/// An import replaces everything it can say, so the policy is in it. The endpoint configuration is not: the import keeps
/// the API's type, and no VPC endpoint is associated.
#[must_use]
pub fn document(site: &Site<'_>, body: &ApiBody, said: &Value) -> Value {
    let mut document = import::imported(said);
    let operations = std::mem::replace(&mut document["paths"], json!({}));
    document["openapi"] = json!(VERSION);
    document["info"] = json!({"title": body.title, "description": body.description, "version": body.document.revision});
    document["x-amazon-apigateway-policy"] = policy(body);
    document["x-amazon-apigateway-gateway-responses"] = refusals::responses();
    document["x-amazon-apigateway-request-validators"] =
        json!({VALIDATOR: {"validateRequestBody": true, "validateRequestParameters": true}});
    for route in &body.routes {
        let method = route.method.to_lowercase();
        document["paths"][&route.path][&method] = operation(site, route, &operations[&route.path][&method]);
    }
    document
}

fn policy(body: &ApiBody) -> Value {
    serde_json::from_str(&body.policy.document()).expect("a policy's document is JSON")
}

fn operation(site: &Site<'_>, route: &ApiRoute, said: &Value) -> Value {
    let mut operation = said.as_object().cloned().unwrap_or_default();
    let parameters = parameters(&route.path, &operation);
    operation.insert("parameters".to_owned(), parameters);
    operation.entry("responses").or_insert_with(|| json!({"200": {"description": "What the function answers"}}));
    operation.insert("x-amazon-apigateway-integration".to_owned(), integration(site, route));
    if route.validated {
        operation.insert("x-amazon-apigateway-request-validator".to_owned(), json!(VALIDATOR));
    }
    operation.into()
}

/// Those of the operation, and every part of the path in braces: it is required. A trailing `+` (the rest of the path) is no
/// part of its name.
fn parameters(path: &str, operation: &Map<String, Value>) -> Value {
    let said = operation.get("parameters").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    let is_said = |name: &&str| said.iter().any(|said| said["in"] == "path" && said["name"] == *name);
    let names = path.split('/').filter_map(|part| part.strip_prefix('{')?.strip_suffix('}'));
    let names = names.map(|name| name.trim_end_matches('+')).filter(|name| !is_said(name));
    let of = |name| json!({"name": name, "in": "path", "required": true, "schema": {"type": "string"}});
    said.iter().cloned().chain(names.map(of)).collect()
}

fn integration(site: &Site<'_>, route: &ApiRoute) -> Value {
    json!({
        "type": "aws_proxy",
        "httpMethod": route.integration_method,
        "uri": uri(site, route.function.as_str()),
        "timeoutInMillis": route.timeout_seconds * 1000,
    })
}

fn uri(site: &Site<'_>, function: &str) -> String {
    let Site { partition, region, .. } = site;
    format!("arn:{partition}:apigateway:{region}:lambda:path/{LAMBDA_API}/functions/{function}/invocations")
}

/// The function that an integration's URI names, or the whole URI if it names none.
#[must_use]
pub fn function(uri: &str) -> &str {
    let named = uri.split_once("/functions/").and_then(|(_, rest)| rest.strip_suffix("/invocations"));
    named.unwrap_or(uri)
}

#[cfg(test)]
mod tests {
    use model::{Policy, policy::Statement};

    use super::*;
    use crate::api_body::ApiDocument;

    const SITE: Site<'_> = Site { partition: "aws", region: "eu-west-1", account: "111122223333" };
    const ALIAS: &str = "arn:aws:lambda:eu-west-1:111122223333:function:demo-local-food-get-order:live";

    fn route(method: &str, path: &str, validated: bool) -> ApiRoute {
        let (method, path) = (method.to_owned(), path.to_owned());
        let integration_method = "POST".to_owned();
        ApiRoute { method, path, function: ALIAS.into(), timeout_seconds: 10, integration_method, validated }
    }

    fn body() -> ApiBody {
        ApiBody {
            api: "abcdefghij".into(),
            title: "demo-local-food-api".to_owned(),
            description: "Private API of food".to_owned(),
            routes: vec![
                route("GET", "/orders", false),
                route("POST", "/orders", true),
                route("GET", "/orders/{orderId}", true),
            ],
            document: ApiDocument::none(),
            policy: Policy::of([Statement::allow("FromTheHub")
                .anyone()
                .actions(&["execute-api:Invoke"])
                .on("execute-api:/*")
                .when("StringEquals", "aws:SourceVpce", "vpce-1234")]),
        }
    }

    #[test]
    fn a_body_is_one_document() {
        let golden: Value = serde_json::from_str(include_str!("../tests/golden/openapi.json")).expect("JSON");
        let document = document(&SITE, &body(), &json!({}));
        assert_eq!(document, golden, "{document:#}");
    }

    #[test]
    fn a_document_of_the_service_is_the_base() {
        let path =
            |method: &str| json!({method: {"operationId": method, "responses": {"201": {"description": "made"}}}});
        let said = json!({"info": {"version": "7"}, "paths": {"/orders": path("post"), "/elsewhere": path("get")}});
        let document = document(&SITE, &body(), &said);
        let place = &document["paths"]["/orders"]["post"];
        assert_eq!(
            (&place["operationId"], &place["responses"]["201"]["description"]),
            (&json!("post"), &json!("made"))
        );
        assert_eq!(place["x-amazon-apigateway-request-validator"], VALIDATOR);
        assert_eq!(document["paths"].as_object().map(Map::len), Some(2), "routes alone");
        assert_ne!(revision_of(&said), body().document.revision);
    }

    #[test]
    fn the_rest_of_a_path_is_a_parameter_too() {
        let said = json!({"parameters": [{"name": "name", "in": "path", "description": "said"}]});
        let parameters = parameters("/files/{name}/{proxy+}", said.as_object().expect("an object"));
        assert_eq!((&parameters[0]["description"], &parameters[1]["name"]), (&json!("said"), &json!("proxy")));
        assert_eq!(parameters.as_array().map(Vec::len), Some(2));
    }

    #[test]
    fn a_function_is_found_in_its_uri() {
        assert_eq!(function(&uri(&SITE, ALIAS)), ALIAS);
        assert_eq!(function("https://example.com"), "https://example.com");
    }
}
