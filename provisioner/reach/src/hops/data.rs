//! Behind the function: the way to its tables, and whether it may use them.
//!
//! The request reaches the function in any case; what is broken here makes the function itself answer with an error.
//! Which tables and actions it uses is taken from what exists: its role names them, and its environment the tables.

use std::collections::{BTreeMap, BTreeSet};

use kinds::{
    Function, Role, RolePolicy, SecurityGroup, Table, VpcEndpoint, security_group_rule::Direction,
    vpc_endpoint::EndpointType,
};
use model::Policy;

use crate::{
    model::{Found, text},
    network::{Allowed, PORT, either},
    policy::{Ask, Decision, Principal, decide},
    trace::Step,
    walk::{At, Walk},
};

/// The service's part of actions, endpoint names and prefix list names.
const DYNAMODB: &str = "dynamodb";

/// What the function does, by the table's ARN: pairs of an action and the resource that its role names.
type Uses<'a> = BTreeMap<String, Vec<(&'a str, &'a str)>>;

pub(super) fn follow<'a>(walk: &mut Walk<'a>, function: &'a Found<Function>, spec: &Function, role: &'a Found<Role>) {
    let access = walk.model.role_policies.one(role.output(Role::ARN));
    let uses = uses(walk, function, spec, access);
    if uses.is_empty() {
        return;
    }
    if !spec.subnets.is_empty() {
        leaves(walk, function, spec);
        if let Some(endpoint) = gateway(walk, function, spec) {
            passes(walk, endpoint, role, &uses);
        }
    }
    permitted(walk, function, role, access, &uses);
    uses.keys().for_each(|table| exists(walk, function, table));
}

fn uses<'a>(
    walk: &Walk<'a>,
    function: &Found<Function>,
    spec: &Function,
    access: Option<&'a Found<RolePolicy>>,
) -> Uses<'a> {
    let mut uses = Uses::new();
    let statements = access.into_iter().flat_map(|access| &access.spec.policy.statements);
    for statement in statements.filter(|statement| !statement.deny) {
        let actions = || statement.actions.iter().filter(|action| action.to_ascii_lowercase().starts_with("dynamodb:"));
        for resource in statement.resources.iter().map(text) {
            if let Some(table) = table_of(resource) {
                uses.entry(table.to_owned()).or_default().extend(actions().map(|action| (action.as_str(), resource)));
            }
        }
    }
    let values = spec.environment.values().map(text);
    for table in values.filter_map(|value| walk.model.tables.one(&function.in_account(value))) {
        uses.entry(table.output(Table::ARN).to_owned()).or_default();
    }
    uses
}

/// `arn:…:table/orders` of itself and of `arn:…:table/orders/index/*`; none for patterns of table names.
fn table_of(resource: &str) -> Option<&str> {
    let start = resource.find(":table/")? + ":table/".len();
    let end = resource[start..].find('/').map_or(resource.len(), |at| start + at);
    let table = &resource[..end];
    (resource.contains(":dynamodb:") && !table.contains(['*', '?'])).then_some(table)
}

/// The function's security groups let it connect to DynamoDB's addresses.
fn leaves(walk: &mut Walk<'_>, function: &Found<Function>, spec: &Function) {
    let allowed = Allowed::by(walk.model, &spec.security_groups, Direction::Egress);
    let is_dynamodb = |id: &str| {
        walk.model.prefix_lists.one(id).is_some_and(|list| list.spec.name.rsplit('.').next() == Some(DYNAMODB))
    };
    let everywhere = Some(allowed.nets.iter().any(|net| net.prefix_len() == 0));
    let at = At::named(function, spec.security_groups.iter().map(text).collect::<Vec<_>>().join(", "));
    match either(allowed.prefix_list(is_dynamodb), everywhere) {
        Some(true) => walk.ok(Step::TableAccess, at, format!("may connect to DynamoDB on port {PORT}")),
        None => walk.cannot_tell(Step::TableAccess, at, "not every security group was read"),
        Some(false) => {
            let why = format!("may not connect to DynamoDB on port {PORT}: the function times out");
            let owner = spec.security_groups.iter().find_map(|group| walk.model.security_groups.one(text(group)));
            let mend = owner.map_or_else(|| function.mend(), Found::<SecurityGroup>::mend);
            walk.broken(Step::TableAccess, at, why, mend);
        }
    }
}

/// The gateway endpoint in the route table of every subnet of the function.
fn gateway<'a>(walk: &mut Walk<'a>, function: &Found<Function>, spec: &Function) -> Option<&'a Found<VpcEndpoint>> {
    let model = walk.model;
    let vpc = model.vpc_of(&spec.subnets).unwrap_or_default();
    let mut found = None;
    for subnet in spec.subnets.iter().map(text) {
        let tables = || model.route_table_associations.all(subnet).map(|used| text(&used.spec.route_table));
        let serves = |endpoint: &&Found<VpcEndpoint>| {
            endpoint.spec.of == EndpointType::Gateway
                && endpoint.spec.service.rsplit('.').next() == Some(DYNAMODB)
                && endpoint.spec.route_tables.iter().any(|table| tables().any(|used| used == text(table)))
        };
        found = model.endpoints.all(vpc).find(serves);
        if found.is_none() {
            let why = format!("subnet `{subnet}` has no way to DynamoDB: the function times out");
            walk.broken(Step::GatewayEndpoint, At::missing(vpc), why, function.mend());
            return None;
        }
    }
    let trouble = found.and_then(|endpoint| Some((endpoint, endpoint.trouble()?)));
    if let Some((endpoint, trouble)) = trouble {
        walk.broken(Step::GatewayEndpoint, At::of(endpoint, VpcEndpoint::ID), trouble, endpoint.mend());
        return None;
    }
    found
}

/// The gateway endpoint's policy lets the role do what it does.
fn passes(walk: &mut Walk<'_>, endpoint: &Found<VpcEndpoint>, role: &Found<Role>, uses: &Uses<'_>) {
    let at = At::of(endpoint, VpcEndpoint::ID);
    let arn = role.output(Role::ARN);
    let context = [
        ("aws:PrincipalArn", Some(arn)),
        ("aws:PrincipalAccount", Some(role.account_id.as_str())),
        ("aws:SecureTransport", Some("true")),
        ("aws:SourceVpc", Some(text(&endpoint.spec.vpc))),
        ("aws:SourceVpce", Some(endpoint.output(VpcEndpoint::ID))),
    ];
    match first_doubt(&endpoint.spec.policy, uses, Principal::Role(arn), &context) {
        None => walk.ok(Step::GatewayEndpoint, at, "lets the role's actions on its tables pass"),
        Some(Decision::CannotTell(why)) => walk.cannot_tell(Step::GatewayEndpoint, at, why),
        Some(Decision::Denied { why, .. }) => {
            walk.broken(Step::GatewayEndpoint, at, format!("{why}: function error"), endpoint.mend());
        }
        Some(Decision::Allowed) => {}
    }
}

/// The role's policy allows something on every table that the function knows, and denies nothing that it allows.
fn permitted(
    walk: &mut Walk<'_>,
    function: &Found<Function>,
    role: &Found<Role>,
    access: Option<&Found<RolePolicy>>,
    uses: &Uses<'_>,
) {
    let Some(access) = access else {
        let why = "the role has no policy: function error";
        return walk.broken(Step::RolePolicy, At::of(role, Role::ARN), why, role.mend());
    };
    let at = At::named(access, role.output(Role::ARN));
    if let Some((table, _)) = uses.iter().find(|(_, pairs)| pairs.is_empty()) {
        let why = format!("allows nothing on `{table}`: function error");
        return walk.broken(Step::RolePolicy, at, why, access.mend());
    }
    let context = [("lambda:SourceFunctionArn", Some(function.output(Function::ARN)))];
    match first_doubt(&access.spec.policy, uses, Principal::Holder, &context) {
        None => walk.ok(Step::RolePolicy, at, format!("allows {}", all_actions(uses))),
        Some(Decision::CannotTell(why)) => walk.cannot_tell(Step::RolePolicy, at, why),
        Some(Decision::Denied { why, .. }) => {
            walk.broken(Step::RolePolicy, at, format!("{why}: function error"), access.mend());
        }
        Some(Decision::Allowed) => {}
    }
}

/// The first denial, or else the first thing that cannot be told.
fn first_doubt(
    policy: &Policy,
    uses: &Uses<'_>,
    principal: Principal<'_>,
    context: &[(&str, Option<&str>)],
) -> Option<Decision> {
    let ask = |&(action, resource)| decide(policy, &Ask { principal, action, resource: Some(resource), context });
    let decisions: Vec<Decision> = uses.values().flatten().map(ask).collect();
    let denied = decisions.iter().position(|decision| matches!(decision, Decision::Denied { .. }));
    let unclear = decisions.iter().position(|decision| matches!(decision, Decision::CannotTell(_)));
    denied.or(unclear).map(|at| decisions[at].clone())
}

fn all_actions(uses: &Uses<'_>) -> String {
    let actions: BTreeSet<&str> = uses.values().flatten().map(|(action, _)| *action).collect();
    format!("`{}`", actions.into_iter().collect::<Vec<_>>().join("`, `"))
}

fn exists(walk: &mut Walk<'_>, function: &Found<Function>, arn: &str) {
    let (account, name) = (arn.split(':').nth(4).unwrap_or_default(), arn.rsplit('/').next().unwrap_or_default());
    let Some(table) = walk.model.tables.one(&format!("{account}/{name}")) else {
        let why = "there is no such table: function error";
        return walk.broken(Step::Table, At::missing(arn), why, function.mend());
    };
    let at = At::of(table, Table::ARN);
    match table.trouble() {
        Some(trouble) => walk.broken(Step::Table, at, format!("{trouble}: function error"), table.mend()),
        None => walk.ok(Step::Table, at, "active"),
    }
}

#[cfg(test)]
mod tests {
    use super::table_of;

    #[test]
    fn a_resource_names_its_table() {
        let table = "arn:aws:dynamodb:eu-west-1:2:table/orders";
        assert_eq!(table_of(table), Some(table));
        assert_eq!(table_of(&format!("{table}/index/*")), Some(table));
        for other in ["*", "arn:aws:dynamodb:eu-west-1:2:table/*", "arn:aws:s3:::table/a"] {
            assert_eq!(table_of(other), None, "{other}");
        }
    }
}
