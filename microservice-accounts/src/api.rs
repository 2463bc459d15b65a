//! The private API: who may call it, what it serves, and the name it is called by.

use kinds::{
    ApiAccount, ApiBody, ApiDeployment, ApiDomain, ApiStage, BasePathMapping, Certificate, FunctionAlias,
    FunctionPermission, LogGroup, RestApi, Role, RolePolicyAttachment, SharedSecret,
    api_body::{ApiDocument, ApiRoute},
    certificate::CertificateSource,
    documents::service_trust,
    validation::{self, PublicZone},
};
use model::{Arn, Graph, Handle, Input, Policy, Text, VpcEndpointId, policy::Statement};

use crate::{Blueprint, LIVE};

/// One JSON line a request, of `$context` variables ("Set up CloudWatch logging for REST APIs"); no personal data.
const ACCESS_LOG: &str = concat!(
    r#"{"requestId":"$context.requestId","extendedRequestId":"$context.extendedRequestId","time":"$context.requestTimeEpoch","#,
    r#""host":"$context.domainName","method":"$context.httpMethod","resource":"$context.resourcePath","status":"$context.status","#,
    r#""latency":"$context.responseLatency","integration":"$context.integration.latency","error":"$context.error.message","#,
    r#""vpce":"$context.identity.vpceId","trace":"$context.xrayTraceId"}"#,
);

pub(crate) fn define(of: &Blueprint<'_>, graph: &mut Graph) {
    let policy = policy(of, graph);
    let name = of.called("api", 128);
    let description = format!("Private API of {}", of.name);
    let api = RestApi { name: name.clone(), description: description.clone(), policy: policy.clone() };
    let proof =
        (of.own.secret.address.clone(), "an account that cannot read the hub's secret is not let in by the hub");
    graph.define(of.place, &of.own.api, api).after.push(proof);
    let body = ApiBody {
        api: of.own.api.get(RestApi::ID),
        title: name,
        description,
        routes: routes(of),
        policy,
        document: of.imports.document.clone().unwrap_or_else(ApiDocument::none),
    };
    graph.define(of.place, &of.own.body, body);
    permissions(of, graph);
    stage(of, graph);
    domain(of, graph);
}

/// Anybody, but only through the hub's endpoint.
fn policy(of: &Blueprint<'_>, graph: &mut Graph) -> Policy {
    let secret = SharedSecret { arn: of.imports.caller.secret.clone() };
    graph.define(of.place, &of.own.secret, secret);
    let endpoint: Input<VpcEndpointId> =
        of.imports.caller.endpoint.clone().unwrap_or_else(|| of.own.secret.get(SharedSecret::ENDPOINT));
    let invoke = |statement: Statement| statement.anyone().actions(&["execute-api:Invoke"]).on("execute-api:/*");
    Policy::of([
        invoke(Statement::allow("FromTheHub")).when("StringEquals", "aws:SourceVpce", endpoint.cast::<Arn>()),
        invoke(Statement::deny("FromElsewhere")).when("StringNotEquals", "aws:SourceVpce", endpoint.cast::<Arn>()),
    ])
}

fn routes(of: &Blueprint<'_>) -> Vec<ApiRoute> {
    let mut routes: Vec<ApiRoute> = of.service.routes.iter().map(|route| wanted(of, route)).collect();
    routes.sort_by(|a, b| (&a.path, &a.method).cmp(&(&b.path, &b.method)));
    routes
}

fn wanted(of: &Blueprint<'_>, route: &config::Route) -> ApiRoute {
    ApiRoute {
        method: route.method.to_string(),
        path: route.path.clone(),
        function: of.own.aliases[&route.function].get(FunctionAlias::ARN),
        timeout_seconds: of.service.functions[&route.function].timeout_seconds,
        integration_method: "POST".to_owned(),
        validated: true,
    }
}

/// One statement per route on its function's alias, for exactly its method and path.
fn permissions(of: &Blueprint<'_>, graph: &mut Graph) {
    for route in &of.service.routes {
        let id = statement_id(route);
        let path = wildcard_parameters(&route.path);
        let site = of.site();
        let source = Text::new()
            .lit(site.arn("execute-api", "").as_str())
            .input(&of.own.api.get(RestApi::ID))
            .lit(&format!("/{LIVE}/{}{path}", route.method));
        let permission = FunctionPermission {
            alias: of.own.aliases[&route.function].get(FunctionAlias::ARN),
            statement_id: id.clone(),
            source: source.build(),
        };
        graph.add(of.place, of.name, &id, permission);
    }
}

/// `get-orders-orderid` for GET /orders/{orderId}; a hash keeps paths apart that differ in other characters only.
fn statement_id(route: &config::Route) -> String {
    let words: String =
        route.path.to_lowercase().chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '-' }).collect();
    let words = words.split('-').filter(|word| !word.is_empty()).collect::<Vec<_>>().join("-");
    let whole = format!("{}-{words}", route.method.to_string().to_lowercase());
    format!("{:.40}-{}", whole, model::short_hash(&format!("{} {}", route.method, route.path)))
}

/// Parameters stand in the ARN as `*`.
fn wildcard_parameters(path: &str) -> String {
    path.split('/').map(|part| if part.starts_with('{') { "*" } else { part }).collect::<Vec<_>>().join("/")
}

fn stage(of: &Blueprint<'_>, graph: &mut Graph) {
    let account = log_role(of, graph);
    let logs = of.logs("api", format!("/{}/{}/api", of.config.names().prefix(), of.name), graph);
    let deployment = ApiDeployment { api: of.own.api.get(RestApi::ID), revision: of.own.body.get(ApiBody::REVISION) };
    let deployment = graph.add(of.place, of.name, "main", deployment);
    let stage = ApiStage {
        api: of.own.api.get(RestApi::ID),
        name: LIVE.into(),
        deployment: deployment.get(ApiDeployment::ID),
        access_log: logs.get(LogGroup::ARN),
        access_log_format: ACCESS_LOG.to_owned(),
        throttling_rate: of.service.throttling.rate,
        throttling_burst: of.service.throttling.burst,
        tracing: true,
        metrics: true,
    };
    let handle = Handle::declare(of.name, LIVE);
    graph
        .define(of.place, &handle, stage)
        .after
        .push((account, "a stage with access logs needs the account's log role"));
    let mapping = BasePathMapping {
        domain: of.own.domain.get(ApiDomain::NAME),
        path: "(none)".to_owned(),
        api: of.own.api.get(RestApi::ID),
        stage: handle.get(ApiStage::NAME),
    };
    graph.add(of.place, of.name, "main", mapping);
}

/// API Gateway's log role takes the managed policy: an equivalent inline one is reported to be refused at times.
fn log_role(of: &Blueprint<'_>, graph: &mut Graph) -> model::Address {
    let managed = of.site().managed_policy("AmazonAPIGatewayPushToCloudWatchLogs");
    let role: Handle<Role> = graph.add(
        of.place,
        of.name,
        "api-logs",
        Role {
            name: of.called("api-logs", 64),
            description: "Writes API Gateway's logs in this account".to_owned(),
            trust: service_trust("apigateway.amazonaws.com"),
            policies: vec![managed.clone()],
            unexpected_policies: Vec::new(),
        },
    );
    let attached = RolePolicyAttachment { role: role.get(Role::ARN), policy: managed.into() };
    let attached = graph.add(of.place, of.name, "api-logs", attached);
    let account: Handle<ApiAccount> = Handle::declare(of.name, "main");
    let settings = graph.define(of.place, &account, ApiAccount { role: role.get(Role::ARN) });
    settings.after.push((attached.address, "API Gateway takes no role that may not write its logs"));
    account.address
}

fn domain(of: &Blueprint<'_>, graph: &mut Graph) {
    let host = of.config.host(of.name);
    let source = &of.imports.certificate;
    let names = match source {
        CertificateSource::Import { .. } => Vec::new(),
        CertificateSource::PrivateCa { .. } | CertificateSource::Request => vec![host.as_str().into()],
    };
    let certificate: Handle<Certificate> = graph.add(
        of.place,
        of.name,
        "domain",
        Certificate { domain: host.as_str().into(), names, source: source.clone() },
    );
    let zone = of.config.public_zone.as_ref().map(|zone| PublicZone { id: &zone.id, account: config::PUBLIC_ZONE });
    validation::record(zone, of.name, &certificate, source, graph);
    let domain = ApiDomain { name: host.into(), certificate: certificate.get(Certificate::ARN) };
    graph.define(of.place, &of.own.domain, domain);
}
