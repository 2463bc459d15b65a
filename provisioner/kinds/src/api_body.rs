//! What a REST API serves (`apigateway:PutRestApi`): put as one OpenAPI document, read back as routes.

use model::{AliasArn, ApiId, ApiRevision, Calls, CreateSafety, Facts, Field, Input, Kind, Output, Policy};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::openapi;

/// One method, handed to one function as a proxy event. The call to Lambda is always a POST.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ApiRoute {
    /// Upper case.
    pub method: String,
    /// Such as `/orders/{orderId}`.
    pub path: String,
    pub function: Input<AliasArn>,
    /// The function's own limit; the gateway waits no longer.
    pub timeout_seconds: u32,
    /// Method with which the gateway calls Lambda: always `POST`, whatever the client's.
    pub integration_method: String,
    /// The gateway refuses requests without the declared parameters and body.
    pub validated: bool,
}

/// What is said of the routes beyond their integrations: an OpenAPI document of the service's own.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ApiDocument {
    /// A hash of what is imported of it. API Gateway keeps it as the API's version.
    pub revision: String,
    /// Where it is, for the driver; AWS knows nothing of it.
    pub file: Option<String>,
}

impl ApiDocument {
    /// The document in a file, and what it says.
    #[must_use]
    pub fn of(file: String, said: &Value) -> Self {
        Self { revision: openapi::revision_of(said), file: Some(file) }
    }

    /// Nothing is said but that there are routes.
    #[must_use]
    pub fn none() -> Self {
        Self { revision: openapi::revision_of(&json!({})), file: None }
    }
}

/// All routes, replaced together.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ApiBody {
    pub api: Input<ApiId>,
    /// The document's title renames the API, so it is the API's name.
    pub title: String,
    /// The API's description again: a put document without it would wipe it.
    pub description: String,
    /// In order of path, then method.
    pub routes: Vec<ApiRoute>,
    /// The API's policy again: a put document without it would wipe it.
    pub policy: Policy,
    pub document: ApiDocument,
}

impl ApiBody {
    /// Changes with the routes, the document, the policy and the title: exactly when a new deployment is due.
    pub const REVISION: Field<Self, ApiRevision> = Field::new("revision");
}

impl Kind for ApiBody {
    const FACTS: Facts = Facts {
        kind: "api-body",
        title: "API body",
        located_by: &["api"],
        replace_on: &["api"],
        outputs: &[Output::changing("revision")],
        calls: Calls {
            create: &["apigateway:PutRestApi"],
            update: &["apigateway:PutRestApi"],
            delete: &["apigateway:PutRestApi"],
            ..Calls::NONE
        },
        ..Facts::of(CreateSafety::Relation)
    };
}

#[cfg(feature = "live")]
mod live {
    use aws_sdk_apigateway::{
        primitives::Blob,
        types::{Method, PutMode, Resource, RestApi},
    };
    use engine::{CallError, Made, State};
    use futures::future::try_join_all;
    use model::{Address, Outputs};
    use serde_json::{Value, json};

    use super::{ApiBody, ApiDocument, ApiRoute};
    use crate::{
        Live, Seen, Wanted,
        aws::{Aws, Gap, absent, apigateway, outputs, ready},
        documents::Site,
        openapi,
        revision::{is_revision, revision},
    };

    impl Live for ApiBody {
        async fn read(aws: &Aws, wanted: &[Wanted<Self>]) -> Result<Vec<Seen<Self>>, CallError> {
            let bodies = try_join_all(wanted.iter().map(|wanted| read_one(aws, wanted))).await?;
            Ok(bodies.into_iter().flatten().collect())
        }

        async fn create(aws: &Aws, at: &Address, want: &Self) -> Result<Made, CallError> {
            put(aws, at, want).await?;
            Ok(ready(revised(want)))
        }

        /// The document is the whole truth, whatever changed.
        async fn update(aws: &Aws, seen: &Seen<Self>, want: &Self, _: &[String]) -> Result<Made, CallError> {
            put(aws, &seen.address, want).await?;
            Ok(ready(revised(want)))
        }

        async fn delete(aws: &Aws, seen: &Seen<Self>) -> Result<(), CallError> {
            let empty = Self { routes: Vec::new(), document: ApiDocument::none(), ..seen.spec.clone() };
            absent(put(aws, &seen.address, &empty).await).map(drop)
        }
    }

    async fn put(aws: &Aws, at: &Address, want: &ApiBody) -> Result<(), CallError> {
        let site = Site { partition: aws.partition, region: &aws.region, account: aws.account.as_str() };
        let document = openapi::document(&site, want, &said(aws, at, want).await?).to_string();
        let call = aws
            .apigateway
            .put_rest_api()
            .rest_api_id(want.api.as_str())
            .mode(PutMode::Overwrite)
            .fail_on_warnings(true)
            .body(Blob::new(document));
        aws.call("apigateway:PutRestApi", at, call.send()).await.map(drop)
    }

    /// What the service's own document says, if it is still what was planned with.
    async fn said(aws: &Aws, at: &Address, want: &ApiBody) -> Result<Value, CallError> {
        let Some(file) = &want.document.file else { return Ok(json!({})) };
        let text = tokio::fs::read(file).await;
        let text = text.map_err(|error| aws.refuse(at, &format!("`{file}` cannot be read: {error}")))?;
        let said: Value = serde_json::from_slice(&text).unwrap_or_default();
        if openapi::revision_of(&said) != want.document.revision {
            return Err(aws.refuse(at, &format!("`{file}` has changed since it was looked at: run again")));
        }
        Ok(said)
    }

    /// An API without methods has no body yet.
    async fn read_one(aws: &Aws, wanted: &Wanted<ApiBody>) -> Result<Option<Seen<ApiBody>>, CallError> {
        let (apis, id) = (apigateway::rest_apis(aws).await?, wanted.spec.api.if_known());
        let Some(api) = apis.iter().find(|api| api.id() == id.map(|id| id.as_str())) else { return Ok(None) };
        let call = aws.apigateway.get_resources().set_rest_api_id(api.id.clone()).embed("methods");
        let pages = call.limit(apigateway::PAGE).into_paginator().items();
        let call = aws.call("apigateway:GetResources", &wanted.address, pages.send().try_collect());
        let resources: Vec<Resource> = absent(call.await)?.unwrap_or_default();
        let routes = routes(aws, wanted, &resources);
        Ok((!routes.is_empty()).then(|| seen(aws, wanted, api, routes)))
    }

    fn seen(aws: &Aws, wanted: &Wanted<ApiBody>, api: &RestApi, routes: Vec<ApiRoute>) -> Seen<ApiBody> {
        let id = api.id().unwrap_or_default();
        let spec = ApiBody {
            api: id.into(),
            title: api.name().unwrap_or_default().to_owned(),
            description: api.description().unwrap_or_default().to_owned(),
            routes,
            policy: apigateway::policy(aws, id, api.policy()),
            document: document(aws, wanted, api),
        };
        let outputs = revised(&spec);
        Seen { address: wanted.address.clone(), spec, outputs, state: State::Ready, identity: id.to_owned() }
    }

    /// The version is the imported document's, of which AWS knows no file.
    fn document(aws: &Aws, wanted: &Wanted<ApiBody>, api: &RestApi) -> ApiDocument {
        let known = &wanted.spec.document;
        let version = api.version().unwrap_or_default();
        let revision = if !is_revision(version) && aws.may_have(Gap::Versions) { &known.revision } else { version };
        ApiDocument { revision: revision.to_owned(), file: known.file.clone() }
    }

    fn routes(aws: &Aws, wanted: &Wanted<ApiBody>, resources: &[Resource]) -> Vec<ApiRoute> {
        let methods = || {
            resources.iter().flat_map(|resource| {
                let path = resource.path().unwrap_or_default();
                resource.resource_methods().into_iter().flatten().map(move |(name, method)| (path, name, method))
            })
        };
        let mut routes: Vec<ApiRoute> = methods().map(|(path, name, method)| route(path, name, method)).collect();
        if routes.iter().all(|route| !route.validated) && aws.may_have(Gap::RequestValidators) {
            routes.iter_mut().for_each(|route| route.validated = is_to_be_validated(&wanted.spec, route));
        }
        routes.sort_by(|a, b| (&a.path, &a.method).cmp(&(&b.path, &b.method)));
        routes
    }

    fn is_to_be_validated(want: &ApiBody, found: &ApiRoute) -> bool {
        let same = |route: &&ApiRoute| route.path == found.path && route.method == found.method;
        want.routes.iter().find(same).is_some_and(|route| route.validated)
    }

    fn route(path: &str, name: &str, method: &Method) -> ApiRoute {
        let integration = method.method_integration();
        let uri = integration.and_then(|integration| integration.uri()).unwrap_or_default();
        let millis = integration.map_or(0, |integration| integration.timeout_in_millis);
        ApiRoute {
            method: name.to_owned(),
            path: path.to_owned(),
            function: openapi::function(uri).into(),
            timeout_seconds: u32::try_from(millis / 1000).unwrap_or_default(),
            integration_method: integration.and_then(|found| found.http_method()).unwrap_or_default().to_owned(),
            validated: method.request_validator_id().is_some(),
        }
    }

    /// What is served, and to whom; the same for a wanted body and for the one that is read back.
    fn revised(body: &ApiBody) -> Outputs {
        let served = json!({"routes": body.routes, "policy": body.policy, "title": body.title, "document": body.document.revision});
        outputs([(ApiBody::REVISION.name, revision(&served))])
    }
}
