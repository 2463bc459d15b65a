//! Laws of APIs and of what they serve.

use aws_sdk_apigateway::types::{Op, PatchOperation, Resource};
use engine::Class;
use kinds::{
    ApiBody, Live, RestApi,
    api_body::{ApiDocument, ApiRoute},
};
use serde_json::{Value, json};
use tempfile::NamedTempFile;

use super::{at, body, made_api, policy, rest_api, route};
use crate::world::World;

#[tokio::test]
async fn rest_apis_keep_the_laws() {
    let want = rest_api();
    let variations = [
        RestApi { name: "laws-api-2".to_owned(), ..want.clone() },
        RestApi { description: String::new(), ..want.clone() },
        RestApi { policy: policy("vpce-2"), ..want.clone() },
        want.clone(),
    ];
    World::new().await.keeps_the_laws("main", want, variations).await;
}

/// What API Gateway makes of a policy: escaped quotes, and the API's ARN where `execute-api:/` stood.
#[tokio::test]
async fn a_policy_as_api_gateway_returns_it_is_no_drift() {
    let world = World::new().await;
    let id = made_api(&world, "main").await;
    let own = format!("arn:aws:execute-api:eu-west-1:{}:{id}/*", world.aws.account);
    let returned = rest_api().policy.document().replace("execute-api:/*", &own).replace('"', "\\\"");
    let patch = PatchOperation::builder().op(Op::Replace).path("/policy").value(returned).build();
    world.aws.apigateway.update_rest_api().rest_api_id(&id).patch_operations(patch).send().await.expect("a patch");
    let seen = world.find(&at::<RestApi>("main"), &rest_api()).await.expect("the API");
    assert_eq!(seen.spec, rest_api());
}

#[tokio::test]
async fn bodies_keep_the_laws() {
    let world = World::new().await;
    let want = body(&made_api(&world, "main").await);
    let with = |change: fn(&mut ApiRoute)| {
        let mut next = want.clone();
        change(&mut next.routes[1]);
        next
    };
    let documented = document(&said());
    let added = [want.routes.clone(), vec![route("DELETE", "/orders/{orderId}/lines/{line}")]].concat();
    let variations = [
        with(|route| route.function = "arn:aws:lambda:eu-west-1:111122223333:function:other:live".into()),
        with(|route| route.timeout_seconds = 29),
        with(|route| route.integration_method = "GET".to_owned()),
        with(|route| route.validated = false),
        ApiBody { title: "laws-other".to_owned(), ..want.clone() },
        ApiBody { description: "Other".to_owned(), ..want.clone() },
        ApiBody { policy: policy("vpce-2"), ..want.clone() },
        ApiBody { routes: added, ..want.clone() },
        ApiBody { document: documented.1, ..want.clone() },
        ApiBody { routes: want.routes[..1].to_vec(), ..want.clone() },
        want.clone(),
    ];
    world.keeps_the_laws("main", want, variations).await;
}

/// A document of the routes, with a model.
fn said() -> Value {
    let model = json!({"schema": {"$ref": "#/components/schemas/Order"}});
    let answers = json!({"201": {"description": "made", "content": {"application/json": model.clone()}}});
    let post = json!({"requestBody": {"required": true, "content": {"application/json": model}}, "responses": answers});
    let order = json!({"type": "object", "properties": {"count": {"type": "integer", "format": "int64"}}});
    json!({"paths": {"/orders": {"post": post}}, "components": {"schemas": {"Order": order}}})
}

/// In a file, which goes with the first value.
fn document(said: &Value) -> (NamedTempFile, ApiDocument) {
    let file = NamedTempFile::new().expect("a file");
    std::fs::write(file.path(), said.to_string()).expect("a file");
    let document = ApiDocument::of(file.path().display().to_string(), said);
    (file, document)
}

#[tokio::test]
async fn another_document_is_seen_and_replaced() {
    let world = World::new().await;
    let id = made_api(&world, "main").await;
    let (file, document) = document(&said());
    let want = ApiBody { document, ..body(&id) };
    let made = world.make(&at::<ApiBody>("main"), &want).await;

    world.change(made.clone(), &body(&id)).await;
    let drifted = world.find(&made.address, &want).await.expect("the body");
    assert_ne!(drifted.spec.document.revision, want.document.revision);
    assert_ne!(drifted.outputs, made.outputs, "a new deployment is due");
    assert_eq!(world.change(drifted, &want).await.outputs, made.outputs);

    std::fs::write(file.path(), "{}").expect("a file");
    let refused = ApiBody::create(&world.aws, &made.address, &want).await.expect_err("it is another document");
    assert!(refused.to_string().contains("has changed since it was looked at"), "{refused}");
}

#[tokio::test]
async fn a_method_taken_away_is_missed() {
    let world = World::new().await;
    let id = made_api(&world, "main").await;
    let want = body(&id);
    world.make(&at::<ApiBody>("main"), &want).await;
    let found = world.aws.apigateway.get_resources().rest_api_id(&id).send().await.expect("resources");
    let orders = found.items().iter().find(|resource| resource.path() == Some("/orders")).and_then(Resource::id);
    let call = world.aws.apigateway.delete_method().rest_api_id(&id).set_resource_id(orders.map(str::to_owned));
    call.http_method("POST").send().await.expect("a delete");

    let seen = world.find(&at::<ApiBody>("main"), &want).await.expect("the body");
    assert_eq!(seen.spec.routes.len(), want.routes.len() - 1);
    world.change(seen, &want).await;
}

#[tokio::test]
async fn a_revision_changes_with_what_is_served_and_to_whom() {
    let world = World::new().await;
    let want = body(&made_api(&world, "main").await);
    let first = world.make(&at::<ApiBody>("main"), &want).await;
    let served = [
        ApiBody { routes: want.routes[1..].to_vec(), ..want.clone() },
        ApiBody { policy: policy("vpce-2"), ..want.clone() },
        ApiBody { title: "laws-other".to_owned(), ..want.clone() },
    ];
    let mut seen = first.clone();
    for next in served {
        seen = world.change(seen, &next).await;
        assert_ne!(seen.outputs, first.outputs, "{next:?}");
    }
    let back = ApiBody { description: "Other words".to_owned(), ..want };
    let made = ApiBody::update(&world.aws, &seen, &back, &["title".to_owned()]).await.expect("an update");
    assert_eq!(made.outputs, first.outputs, "words about an API are no reason to deploy it");
    assert_eq!(world.find(&seen.address, &back).await.expect("the body").outputs, first.outputs);
}

#[tokio::test]
async fn the_body_of_an_api_that_is_gone_is_gone() {
    let world = World::new().await;
    let want = body(&made_api(&world, "main").await);
    let body_at = at::<ApiBody>("main");
    let seen = world.make(&body_at, &want).await;
    let api = world.find(&at::<RestApi>("main"), &rest_api()).await.expect("the API");
    RestApi::delete(&world.aws, &api).await.expect("a delete");
    assert!(world.find(&body_at, &want).await.is_none());
    ApiBody::delete(&world.aws, &seen).await.expect("a delete of what is gone");
    let error = ApiBody::create(&world.aws, &body_at, &want).await.expect_err("there is no API");
    assert_eq!(error.class, Class::Gone);
}
