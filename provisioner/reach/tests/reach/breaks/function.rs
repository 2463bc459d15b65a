//! The function, and what it needs to do its work. Without its tables it is called, and answers with an error itself.

use kinds::{FunctionPermission, Role, RolePolicy, SecurityGroupRule, VpcEndpoint, security_group_rule::Peer};
use model::{Policy, policy::Statement};
use reach::{State, Step};

use super::{End, FOOD, broken, says};

#[test]
fn alias_missing() {
    let trace = broken(Step::Alias, End::Answer(500), FOOD, |world| world.remove("food/function-alias/list-orders"));
    says(&trace, "Internal server error");
}

#[test]
fn version_missing() {
    broken(Step::Version, End::Answer(500), FOOD, |world| world.remove("food/function-version/list-orders"));
}

#[test]
fn function_missing() {
    broken(Step::Function, End::Answer(500), FOOD, |world| world.remove("food/function/list-orders"));
}

#[test]
fn function_failed() {
    broken(Step::Function, End::Answer(500), FOOD, |world| {
        world.state("food/function/list-orders", State::Broken("EniLimitExceeded".to_owned()));
    });
}

#[test]
fn permission_missing() {
    let trace = broken(Step::Permission, End::Answer(500), FOOD, |world| {
        world.remove("food/function-permission/list-orders");
    });
    says(&trace, "Internal server error");
}

#[test]
fn permission_of_another_method() {
    broken(Step::Permission, End::Answer(500), FOOD, |world| {
        world.change::<FunctionPermission>("food", "list-orders", |permission| {
            permission.source = "arn:aws:execute-api:eu-west-1:222222222222:api-food/live/POST/orders".into();
        });
    });
}

#[test]
fn role_missing() {
    broken(Step::Role, End::Answer(500), FOOD, |world| world.remove("food/role/list-orders"));
}

#[test]
fn role_that_trusts_somebody_else() {
    broken(Step::Role, End::Answer(500), FOOD, |world| {
        world.change::<Role>("food", "list-orders", |role| {
            role.trust = Policy::of([Statement::allow("")
                .principal("Service", "ec2.amazonaws.com")
                .actions(&["sts:AssumeRole"])]);
        });
    });
}

#[test]
fn function_may_not_leave() {
    broken(Step::TableAccess, End::Function, FOOD, |world| {
        world.remove("food/security-group-rule/functions-to-dynamodb");
    });
}

#[test]
fn function_may_leave_to_another_service_only() {
    broken(Step::TableAccess, End::Function, FOOD, |world| {
        world.change::<SecurityGroupRule>("food", "functions-to-dynamodb", |rule| {
            rule.peer = Peer::PrefixList("pl-s3".into());
        });
    });
}

#[test]
fn gateway_endpoint_missing() {
    broken(Step::GatewayEndpoint, End::Function, FOOD, |world| world.remove("food/vpc-endpoint/dynamodb"));
}

#[test]
fn gateway_endpoint_in_another_route_table() {
    broken(Step::GatewayEndpoint, End::Function, FOOD, |world| {
        world.change::<VpcEndpoint>("food", "dynamodb", |endpoint| endpoint.route_tables = vec!["rtb-other".into()]);
    });
}

#[test]
fn subnet_without_the_route_table() {
    broken(Step::GatewayEndpoint, End::Function, FOOD, |world| {
        world.remove("food/route-table-association/private-2");
    });
}

#[test]
fn gateway_endpoint_policy_without_the_action() {
    broken(Step::GatewayEndpoint, End::Function, FOOD, |world| {
        world.change::<VpcEndpoint>("food", "dynamodb", |endpoint| {
            endpoint.policy.statements[0].actions.retain(|action| action != "dynamodb:Query");
        });
    });
}

#[test]
fn gateway_endpoint_policy_without_the_role() {
    broken(Step::GatewayEndpoint, End::Function, FOOD, |world| {
        world.change::<VpcEndpoint>("food", "dynamodb", |endpoint| {
            let statement = &mut endpoint.policy.statements[0];
            statement.conditions.clear();
            *statement =
                statement.clone().when("ArnEquals", "aws:PrincipalArn", "arn:aws:iam::222222222222:role/other");
        });
    });
}

#[test]
fn role_without_the_table() {
    broken(Step::RolePolicy, End::Function, FOOD, |world| {
        world.change::<RolePolicy>("food", "list-orders", |access| access.policy.statements.truncate(1));
    });
}

#[test]
fn role_without_a_policy() {
    broken(Step::RolePolicy, End::Function, FOOD, |world| world.remove("food/role-policy/list-orders"));
}

#[test]
fn role_that_denies_what_it_allows() {
    broken(Step::RolePolicy, End::Function, FOOD, |world| {
        world.change::<RolePolicy>("food", "list-orders", |access| {
            access.policy.statements.push(Statement::deny("No").actions(&["dynamodb:*"]).on("*"));
        });
    });
}

#[test]
fn table_missing() {
    let trace = broken(Step::Table, End::Function, FOOD, |world| world.remove("food/table/orders"));
    assert!(trace.broken().all(|hop| hop.why.contains("function error")));
}

#[test]
fn table_going() {
    broken(Step::Table, End::Function, FOOD, |world| {
        world.state("food/table/orders", State::Broken("DELETING".to_owned()));
    });
}
