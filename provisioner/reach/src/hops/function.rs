//! The function: alias, version, permission, role. What Lambda refuses the gateway answers with 500.

use kinds::{Function, FunctionAlias, FunctionVersion, RestApi, Role, VpcEndpoint};

use crate::{
    answer::Answer,
    hops::{api::Call, data, endpoint::Aim, stage::Served},
    model::{Found, text, version_key},
    pattern::arn_like,
    policy::{Ask, Decision, Principal, decide},
    template::starred,
    trace::{Destination, Step},
    walk::{At, Next, Walk},
    world::State,
};

/// A REST API waits no longer for its integration, in seconds, unless a quota was raised.
const LONGEST_WAIT: u32 = 29;

/// The unpublished state of a function: always there.
const LATEST: &str = "$LATEST";

pub(super) fn follow<'a>(
    walk: &mut Walk<'a>,
    endpoint: &'a Found<VpcEndpoint>,
    aim: &Aim<'a>,
    served: &Served,
    call: &Call,
) -> Next<Destination> {
    let alias = alias(walk, aim, call)?;
    let function = function(walk, alias)?;
    let spec = version(walk, alias, function)?;
    permission(walk, alias, aim, call)?;
    running(walk, function)?;
    let role = role(walk, function, &spec)?;
    data::follow(walk, function, &spec, role);
    Ok(destination(alias, function, spec, endpoint, aim, served, call))
}

fn alias<'a>(walk: &mut Walk<'a>, aim: &Aim<'_>, call: &Call) -> Next<&'a Found<FunctionAlias>> {
    let arn = text(&call.route.function);
    let Some(alias) = walk.model.aliases.one(arn) else {
        let why = "there is no such alias";
        return Err(walk.refuse(Step::Alias, At::missing(arn), why, aim.api.mend(), Answer::internal_error()));
    };
    walk.ok(Step::Alias, At::named(alias, arn), format!("leads to version {}", text(&alias.spec.version)));
    Ok(alias)
}

fn function<'a>(walk: &mut Walk<'a>, alias: &Found<FunctionAlias>) -> Next<&'a Found<Function>> {
    let name = text(&alias.spec.function);
    let found = walk.model.functions.one(&alias.in_account(name));
    found.ok_or_else(|| {
        let why = "there is no such function";
        walk.refuse(Step::Function, At::missing(name), why, alias.mend(), Answer::internal_error())
    })
}

/// What runs is what the version froze: remembered, or the function itself where it was not changed since.
fn version(walk: &mut Walk<'_>, alias: &Found<FunctionAlias>, function: &Found<Function>) -> Next<Function> {
    let number = text(&alias.spec.version);
    let key = alias.in_account(text(&alias.spec.function));
    let found = walk.model.versions.all(&key).find(|version| version.output(FunctionVersion::NUMBER) == number);
    let Some(found) = found else {
        if number == LATEST {
            walk.ok(Step::Version, At::missing(number), "the function itself");
            return Ok(function.spec.clone());
        }
        let why = format!("the function has no version {number}");
        return Err(walk.refuse(Step::Version, At::missing(number), why, alias.mend(), Answer::internal_error()));
    };
    let at = At::named(found, number);
    if text(&found.spec.revision) == function.output(Function::REVISION) {
        walk.ok(Step::Version, at, "the function's latest");
        return Ok(function.spec.clone());
    }
    walk.broken(Step::Version, at, "changed, not published: an older version runs", found.mend());
    let copy = walk.model.snapshots().versions.get(&version_key(found));
    Ok(copy.unwrap_or(&function.spec).clone())
}

fn permission(walk: &mut Walk<'_>, alias: &Found<FunctionAlias>, aim: &Aim<'_>, call: &Call) -> Next<()> {
    let (partition, region) = &aim.site;
    let (account, api) = (&aim.api.account_id, aim.api.output(RestApi::ID));
    let path = starred(&call.route.path);
    let source =
        format!("arn:{partition}:execute-api:{region}:{account}:{api}/{}/{}/{path}", aim.stage, call.route.method);
    let arn = alias.output(FunctionAlias::ARN);
    let permissions = walk.model.permissions.all(arn);
    let Some(found) = permissions.into_iter().find(|permission| arn_like(text(&permission.spec.source), &source))
    else {
        let why = format!("the alias's policy does not let `{source}` call it");
        return Err(walk.refuse(Step::Permission, At::missing(arn), why, alias.mend(), Answer::internal_error()));
    };
    walk.ok(Step::Permission, At::named(found, &found.spec.statement_id), format!("lets `{source}` call the alias"));
    Ok(())
}

/// A function that is being changed goes on serving its published versions.
fn running(walk: &mut Walk<'_>, function: &Found<Function>) -> Next<()> {
    let at = At::of(function, Function::ARN);
    match &function.state {
        State::Broken(why) => {
            let why = format!("it cannot be called: {why}");
            return Err(walk.refuse(Step::Function, at, why, function.mend(), Answer::internal_error()));
        }
        State::Pending(why) => walk.ok(Step::Function, at, format!("being changed ({why}); its versions go on")),
        _ => walk.ok(Step::Function, at, format!("in account `{}`", function.account_id)),
    }
    Ok(())
}

fn role<'a>(walk: &mut Walk<'a>, function: &Found<Function>, spec: &Function) -> Next<&'a Found<Role>> {
    let arn = text(&spec.role);
    let Some(role) = walk.model.roles.one(arn) else {
        let why = "there is no such role: Lambda cannot assume it";
        return Err(walk.refuse(Step::Role, At::missing(arn), why, function.mend(), Answer::internal_error()));
    };
    let at = At::of(role, Role::ARN);
    let lambda = Principal::Service("lambda.amazonaws.com");
    let ask = Ask { principal: lambda, action: "sts:AssumeRole", resource: None, context: &[] };
    match decide(&role.spec.trust, &ask) {
        Decision::Allowed => walk.ok(Step::Role, at, "Lambda may assume it"),
        Decision::CannotTell(why) => walk.cannot_tell(Step::Role, at, why),
        Decision::Denied { .. } => {
            let why = "Lambda may not assume it";
            return Err(walk.refuse(Step::Role, at, why, role.mend(), Answer::internal_error()));
        }
    }
    Ok(role)
}

fn destination(
    alias: &Found<FunctionAlias>,
    function: &Found<Function>,
    spec: Function,
    endpoint: &Found<VpcEndpoint>,
    aim: &Aim<'_>,
    served: &Served,
    call: &Call,
) -> Destination {
    Destination {
        function: function.address.clone(),
        function_name: spec.name.to_string(),
        function_arn: function.output(Function::ARN).to_owned(),
        alias: alias.spec.name.clone(),
        alias_arn: text(&call.route.function).to_owned(),
        version: text(&alias.spec.version).to_owned(),
        account: function.account.clone(),
        account_id: function.account_id.clone(),
        code_sha256: spec.code.sha256,
        log_group: spec.log_group,
        zip: spec.code.zip,
        architecture: spec.architecture,
        environment: spec.environment.iter().map(|(key, value)| (key.clone(), text(value).to_owned())).collect(),
        memory_mb: spec.memory_mb,
        timeout_seconds: spec.timeout_seconds,
        role_arn: text(&spec.role).to_owned(),
        region: aim.site.1.clone(),
        api_id: aim.api.output(RestApi::ID).to_owned(),
        stage: aim.stage.clone(),
        deployment_id: served.deployment.clone(),
        domain: aim.domain.map(|domain| domain.spec.name.to_string()),
        base_path: aim.base_path.clone(),
        method: call.route.method.clone(),
        path: aim.path.clone(),
        resource_path: call.route.path.clone(),
        path_parameters: call.parameters.clone(),
        integration_timeout_seconds: call.route.timeout_seconds.min(LONGEST_WAIT),
        validated: call.route.validated,
        vpc_endpoint_id: endpoint.output(VpcEndpoint::ID).to_owned(),
        vpc_id: text(&endpoint.spec.vpc).to_owned(),
    }
}
