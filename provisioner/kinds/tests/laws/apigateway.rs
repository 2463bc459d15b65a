//! Laws of API Gateway's kinds.

mod account;
mod apis;
mod domains;
mod serving;

use kinds::{
    ApiBody, ApiDeployment, Live, RestApi,
    api_body::{ApiDocument, ApiRoute},
};
use model::{Address, Input, Policy, policy::Statement};

use crate::world::World;

pub(crate) fn at<K: Live>(name: &str) -> Address {
    Address::new("laws", K::FACTS.kind, name)
}

pub(crate) fn policy(endpoint: &str) -> Policy {
    let invoke = |statement: Statement| statement.anyone().actions(&["execute-api:Invoke"]).on("execute-api:/*");
    Policy::of([
        invoke(Statement::allow("FromTheHub")).when("StringEquals", "aws:SourceVpce", endpoint),
        invoke(Statement::deny("FromElsewhere")).when("StringNotEquals", "aws:SourceVpce", endpoint),
    ])
}

pub(crate) fn rest_api() -> RestApi {
    RestApi { name: "laws-api".to_owned(), description: "The laws' API".to_owned(), policy: policy("vpce-1") }
}

pub(crate) fn route(method: &str, path: &str) -> ApiRoute {
    ApiRoute {
        method: method.to_owned(),
        path: path.to_owned(),
        function: "arn:aws:lambda:eu-west-1:111122223333:function:orders:live".into(),
        timeout_seconds: 10,
        integration_method: "POST".to_owned(),
        validated: true,
    }
}

pub(crate) fn body(api: &str) -> ApiBody {
    let RestApi { name, description, policy } = rest_api();
    let routes = vec![route("GET", "/orders"), route("POST", "/orders"), route("GET", "/orders/{orderId}")];
    ApiBody { api: api.into(), title: name, description, routes, policy, document: ApiDocument::none() }
}

/// The id of an API, made for a test.
pub(crate) async fn made_api(world: &World, name: &str) -> String {
    world.make(&at::<RestApi>(name), &rest_api()).await.output(RestApi::ID).expect("an id")
}

/// An API that serves the routes above, and the id of a deployment of it.
pub(crate) async fn deployed_api(world: &World, name: &str) -> (String, String) {
    let api = made_api(world, name).await;
    let body = world.make(&at::<ApiBody>(name), &body(&api)).await;
    let revision = Input::from(body.output(ApiBody::REVISION).expect("a revision"));
    let deployment = ApiDeployment { api: api.as_str().into(), revision };
    let deployment = world.make(&at::<ApiDeployment>(name), &deployment).await;
    (api, deployment.output(ApiDeployment::ID).expect("an id"))
}
