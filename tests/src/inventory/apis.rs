//! API Gateway: APIs with what they serve, and domain names with what they lead to.

use aws_sdk_apigateway::types::{DomainName, RestApi};
use futures::future::join_all;

use super::lines;
use crate::Account;

pub(super) async fn look(account: &Account) -> Vec<String> {
    let (apis, domains, settings) = tokio::join!(
        account.apigateway.get_rest_apis().send(),
        account.apigateway.get_domain_names().send(),
        account.apigateway.get_account().send(),
    );
    let apis = apis.expect("APIs").items.unwrap_or_default();
    let domains = domains.expect("domain names").items.unwrap_or_default();
    let mut found = lines("rest-api", &apis, RestApi::name);
    found.extend(lines("api-domain", &domains, DomainName::domain_name));
    let settings = settings.expect("API Gateway's settings");
    let role = settings.cloudwatch_role_arn().filter(|role| !role.is_empty());
    found.extend(role.map(|role| format!("api-account {role}")));
    found.extend(join_all(apis.iter().map(|it| api(account, it))).await.concat());
    found.extend(join_all(domains.iter().map(|it| mappings(account, it))).await.concat());
    found
}

async fn api(account: &Account, api: &RestApi) -> Vec<String> {
    let (name, id, gateway) = (api.name().unwrap_or_default(), api.id().unwrap_or_default(), &account.apigateway);
    let (resources, deployments, stages) = tokio::join!(
        gateway.get_resources().rest_api_id(id).send(),
        gateway.get_deployments().rest_api_id(id).send(),
        gateway.get_stages().rest_api_id(id).send(),
    );
    let mut found = lines(&format!("resource of {name}:"), resources.expect("resources").items(), |it| it.path());
    let deployments = deployments.expect("deployments").items.unwrap_or_default();
    found.extend(deployments.iter().map(|it| format!("deployment of {name} [{}]", it.id().unwrap_or_default())));
    found.extend(lines(&format!("stage of {name}:"), stages.expect("stages").item(), |it| it.stage_name()));
    found
}

async fn mappings(account: &Account, domain: &DomainName) -> Vec<String> {
    let name = domain.domain_name().unwrap_or_default();
    let mappings = account.apigateway.get_base_path_mappings().domain_name(name).send().await.expect("mappings");
    lines(&format!("mapping of {name}:"), mappings.items(), |it| it.base_path())
}
