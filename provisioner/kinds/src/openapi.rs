//! The OpenAPI document that API Gateway imports: a body's routes with their integrations filled in.
//!
//! Pure: the same body gives the same document. What is said of a route is set into its operation, and whatever else an
//! operation says is left as it is.

use serde_json::{Value, json};

use crate::{api_body::ApiBody, api_body::ApiRoute, documents::Site};

/// The version of OpenAPI that API Gateway's own exports are in.
const VERSION: &str = "3.0.1";
/// Name of the validator that looks at parameters and body.
const VALIDATOR: &str = "all";
/// Version of Lambda's API in an integration's URI ("x-amazon-apigateway-integration object").
const LAMBDA_API: &str = "2015-03-31";

/// The document for `PutRestApi`; the body must be resolved.
///
/// An import replaces everything it can say, so the policy is in it. The endpoint configuration is not: the import keeps
/// the API's type, and no VPC endpoint is associated. Gateway responses stay the default ones.
#[must_use]
pub fn document(site: &Site<'_>, body: &ApiBody) -> Value {
    let mut document = json!({
        "openapi": VERSION,
        "info": {"title": body.title, "description": body.description, "version": "1"},
        "paths": {},
        "x-amazon-apigateway-policy": policy(body),
        "x-amazon-apigateway-request-validators": {
            VALIDATOR: {"validateRequestBody": true, "validateRequestParameters": true},
        },
    });
    for route in &body.routes {
        fill(&mut document["paths"][&route.path][route.method.to_lowercase()], site, route);
    }
    document
}

fn policy(body: &ApiBody) -> Value {
    serde_json::from_str(&body.policy.document()).expect("a policy's document is JSON")
}

fn fill(operation: &mut Value, site: &Site<'_>, route: &ApiRoute) {
    operation["parameters"] = parameters(&route.path);
    operation["responses"] = json!({"200": {"description": "What the function answers"}});
    operation["x-amazon-apigateway-integration"] = integration(site, route);
    if route.validated {
        operation["x-amazon-apigateway-request-validator"] = json!(VALIDATOR);
    }
}

/// Every part in braces is required; a trailing `+` (the rest of the path) is no part of its name.
fn parameters(path: &str) -> Value {
    let names = path.split('/').filter_map(|part| part.strip_prefix('{')?.strip_suffix('}'));
    let parameter = |name: &str| {
        let name = name.trim_end_matches('+');
        json!({"name": name, "in": "path", "required": true, "schema": {"type": "string"}})
    };
    names.map(parameter).collect()
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
        let document = document(&SITE, &body());
        assert_eq!(document, golden, "{document:#}");
    }

    #[test]
    fn the_rest_of_a_path_is_a_parameter_too() {
        assert_eq!(parameters("/files/{name}/{proxy+}")[1]["name"], "proxy");
    }

    #[test]
    fn a_function_is_found_in_its_uri() {
        assert_eq!(function(&uri(&SITE, ALIAS)), ALIAS);
        assert_eq!(function("https://example.com"), "https://example.com");
    }
}
