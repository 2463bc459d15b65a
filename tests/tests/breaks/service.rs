//! Breaks of what is in a service's own account: name, API, function, table.

use aws_sdk_apigateway::types::{IntegrationType, Op, PatchOperation};
use aws_sdk_ec2::types::Filter;

use crate::world::{
    Break,
    End::{AsDeployed, Fails, Refused},
    Request::ByName,
    World, rows,
};

const DENY: &str =
    r#"{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Principal":"*","Action":"*","Resource":"*"}]}"#;
const DENY_INVOKE: &str = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Principal":"*","Action":"execute-api:Invoke","Resource":"execute-api:/*"}]}"#;
const TRUST_EC2: &str = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"ec2.amazonaws.com"},"Action":"sts:AssumeRole"}]}"#;

/// What AWS does, from the API Gateway, Lambda and DynamoDB guides:
/// - a host that no custom domain has, a path that no mapping has, a stage that is not there: 403 `Forbidden`;
/// - a stage serves what was deployed to it, whatever the API was changed to since;
/// - a policy that denies: 403, and it says so; a path or method that was not deployed: 403 `Missing Authentication Token`;
/// - Lambda is called with POST only, and only where the alias's policy lets the method's ARN; without alias, function or
///   a role that Lambda may assume there is no call: 500 `Internal server error`;
/// - a function that DynamoDB refuses or does not answer is the function's own failure: the orders answer 503.
pub(crate) fn breaks() -> Vec<Break> {
    rows! {
        "the domain is gone" delete_the_domain ByName Refused(403, "Forbidden"), "domain";
        "the mapping is gone" delete_the_mapping ByName Refused(403, "Forbidden"), "mapping";
        "the stage is gone" delete_the_stage ByName Refused(403, "Forbidden"), "stage";
        "a change is not deployed" delete_the_method ByName AsDeployed(200), "deployment";
        "the method is gone" delete_and_deploy_the_method ByName Refused(403, "Missing Authentication Token"), "route";
        "the API's policy denies" deny_and_deploy ByName Refused(403, "with an explicit deny"), "API policy";
        "the integration has another method" integrate_with_get ByName Refused(500, "Internal server error"), "integration";
        "the permission is gone" remove_the_permission ByName Refused(500, "Internal server error"), "permission";
        "the alias is gone" delete_the_alias ByName Refused(500, "Internal server error"), "alias";
        "the function is gone" delete_the_function ByName Refused(500, "Internal server error"), "alias";
        "the role does not trust Lambda" trust_somebody_else ByName Refused(500, "Internal server error"), "role";
        "the role is gone" delete_the_role ByName Refused(500, "Internal server error"), "role";
        "the role allows nothing" empty_the_role ByName Fails(503), "role policy";
        "the function may not connect" keep_the_function_in ByName Fails(503), "table access";
        "the gateway endpoint's policy denies" deny_at_the_gateway_endpoint ByName Fails(503), "gateway endpoint";
        "the gateway endpoint is gone" delete_the_gateway_endpoint ByName Fails(503), "gateway endpoint";
        "the table is gone" delete_the_table ByName Fails(503), "table";
        "the key of the mapping is another" map_another_path ByName Refused(403, "Forbidden"), "mapping";
    }
}

async fn delete_the_mapping(world: &World<'_>) {
    let call = world.own.apigateway.delete_base_path_mapping().domain_name(&world.host).base_path("(none)");
    call.send().await.expect("it is deleted");
}

/// AWS deletes no domain that has a mapping.
async fn delete_the_domain(world: &World<'_>) {
    delete_the_mapping(world).await;
    world.own.apigateway.delete_domain_name().domain_name(&world.host).send().await.expect("it is deleted");
}

async fn map_another_path(world: &World<'_>) {
    delete_the_mapping(world).await;
    let call = world.own.apigateway.create_base_path_mapping().domain_name(&world.host).base_path("elsewhere");
    call.rest_api_id(&world.api).stage("live").send().await.expect("a mapping");
}

/// AWS deletes no stage that a mapping names; one that names none takes the stage from the path.
async fn delete_the_stage(world: &World<'_>) {
    delete_the_mapping(world).await;
    let call = world.own.apigateway.create_base_path_mapping().domain_name(&world.host).rest_api_id(&world.api);
    call.send().await.expect("a mapping");
    let call = world.own.apigateway.delete_stage().rest_api_id(&world.api).stage_name("live");
    call.send().await.expect("it is deleted");
}

async fn resource(world: &World<'_>) -> String {
    let resources = world.own.apigateway.get_resources().rest_api_id(&world.api).send().await.expect("resources");
    let found = resources.items().iter().find(|resource| resource.path() == Some("/orders"));
    found.and_then(|resource| resource.id()).expect("the path").to_owned()
}

async fn delete_the_method(world: &World<'_>) {
    let call = world.own.apigateway.delete_method().rest_api_id(&world.api).resource_id(resource(world).await);
    call.http_method("GET").send().await.expect("it is deleted");
}

/// Deploys what the API is now to the stage, as somebody at the console would.
async fn deploy(world: &World<'_>) {
    let made = world.own.apigateway.create_deployment().rest_api_id(&world.api).send().await.expect("a deployment");
    let moved =
        PatchOperation::builder().op(Op::Replace).path("/deploymentId").value(made.id().expect("an id")).build();
    let call = world.own.apigateway.update_stage().rest_api_id(&world.api).stage_name("live");
    call.patch_operations(moved).send().await.expect("the stage moves");
}

/// A method that answers by itself stays, because an API without any cannot be deployed.
async fn delete_and_deploy_the_method(world: &World<'_>) {
    delete_the_method(world).await;
    let resource = resource(world).await;
    let method = world.own.apigateway.put_method().rest_api_id(&world.api).resource_id(&resource);
    method.http_method("PUT").authorization_type("NONE").send().await.expect("a method");
    let mock = world.own.apigateway.put_integration().rest_api_id(&world.api).resource_id(&resource);
    mock.http_method("PUT").r#type(IntegrationType::Mock).send().await.expect("an integration");
    deploy(world).await;
}

async fn deny_and_deploy(world: &World<'_>) {
    let denied = PatchOperation::builder().op(Op::Replace).path("/policy").value(DENY_INVOKE).build();
    let call = world.own.apigateway.update_rest_api().rest_api_id(&world.api).patch_operations(denied);
    call.send().await.expect("it is changed");
    deploy(world).await;
}

async fn integrate_with_get(world: &World<'_>) {
    let resource = resource(world).await;
    let call = world.own.apigateway.get_integration().rest_api_id(&world.api).resource_id(&resource).http_method("GET");
    let uri = call.send().await.expect("the integration").uri;
    let call = world.own.apigateway.put_integration().rest_api_id(&world.api).resource_id(&resource).http_method("GET");
    let call = call.r#type(IntegrationType::AwsProxy).integration_http_method("GET").set_uri(uri);
    call.send().await.expect("it is changed");
    deploy(world).await;
}

async fn function(world: &World<'_>) -> String {
    let functions = world.own.lambda.list_functions().send().await.expect("functions");
    functions.functions()[0].function_name().expect("a name").to_owned()
}

async fn remove_the_permission(world: &World<'_>) {
    let function = function(world).await;
    let policy =
        world.own.lambda.get_policy().function_name(&function).qualifier("live").send().await.expect("a policy");
    let policy: serde_json::Value = serde_json::from_str(policy.policy().expect("a document")).expect("JSON");
    let statement = policy["Statement"][0]["Sid"].as_str().expect("a statement");
    let call = world.own.lambda.remove_permission().function_name(function).qualifier("live").statement_id(statement);
    call.send().await.expect("it is removed");
}

async fn delete_the_alias(world: &World<'_>) {
    let call = world.own.lambda.delete_alias().function_name(function(world).await).name("live");
    call.send().await.expect("it is deleted");
}

async fn delete_the_function(world: &World<'_>) {
    world.own.lambda.delete_function().function_name(function(world).await).send().await.expect("it is deleted");
}

/// The function's role.
async fn role(world: &World<'_>) -> String {
    let call = world.own.lambda.get_function_configuration().function_name(function(world).await);
    let arn = call.send().await.expect("the function").role.expect("a role");
    arn.rsplit('/').next().expect("a name").to_owned()
}

async fn trust_somebody_else(world: &World<'_>) {
    let call = world.own.iam.update_assume_role_policy().role_name(role(world).await).policy_document(TRUST_EC2);
    call.send().await.expect("it is changed");
}

async fn empty_the_role(world: &World<'_>) {
    let role = role(world).await;
    let policies = world.own.iam.list_role_policies().role_name(&role).send().await.expect("policies");
    for policy in policies.policy_names() {
        let call = world.own.iam.delete_role_policy().role_name(&role).policy_name(policy);
        call.send().await.expect("it is deleted");
    }
}

/// AWS deletes no role that has policies.
async fn delete_the_role(world: &World<'_>) {
    let role = role(world).await;
    empty_the_role(world).await;
    let attached = world.own.iam.list_attached_role_policies().role_name(&role).send().await.expect("policies");
    for policy in attached.attached_policies() {
        let call = world.own.iam.detach_role_policy().role_name(&role).set_policy_arn(policy.policy_arn.clone());
        call.send().await.expect("it is detached");
    }
    world.own.iam.delete_role().role_name(role).send().await.expect("it is deleted");
}

async fn keep_the_function_in(world: &World<'_>) {
    let call = world.own.lambda.get_function_configuration().function_name(function(world).await);
    let network = call.send().await.expect("the function").vpc_config.expect("a network");
    let group = network.security_group_ids()[0].as_str();
    let within = Filter::builder().name("group-id").values(group).build();
    let rules = world.own.ec2.describe_security_group_rules().filters(within).send().await.expect("rules");
    let ids = rules.security_group_rules().iter().filter_map(|rule| rule.security_group_rule_id().map(str::to_owned));
    let call = world.own.ec2.revoke_security_group_egress().group_id(group);
    call.set_security_group_rule_ids(Some(ids.collect())).send().await.expect("they are revoked");
}

async fn gateway_endpoint(world: &World<'_>) -> String {
    let endpoints = world.own.ec2.describe_vpc_endpoints().send().await.expect("endpoints");
    let there = endpoints.vpc_endpoints().iter().find(|it| it.state().is_some_and(|it| it.as_str() == "available"));
    there.and_then(|endpoint| endpoint.vpc_endpoint_id()).expect("the endpoint").to_owned()
}

async fn deny_at_the_gateway_endpoint(world: &World<'_>) {
    let call = world.own.ec2.modify_vpc_endpoint().vpc_endpoint_id(gateway_endpoint(world).await);
    call.policy_document(DENY).send().await.expect("it is changed");
}

async fn delete_the_gateway_endpoint(world: &World<'_>) {
    let endpoint = gateway_endpoint(world).await;
    world.own.ec2.delete_vpc_endpoints().vpc_endpoint_ids(endpoint).send().await.expect("it is deleted");
}

async fn delete_the_table(world: &World<'_>) {
    let tables = world.own.dynamodb.list_tables().send().await.expect("tables");
    world.own.dynamodb.delete_table().table_name(&tables.table_names()[0]).send().await.expect("it is deleted");
}
