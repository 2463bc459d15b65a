//! Functions: each with its own role, its log group made first, and an alias on a published version.

use std::collections::BTreeMap;

use kinds::{
    Function, FunctionAlias, FunctionVersion, KmsKey, LogGroup, Role, RolePolicy, RolePolicyAttachment, SecurityGroup,
    Subnet, Table, documents::service_trust,
};
use model::{Address, Arn, Graph, Handle, Input, PlainText, Policy, Text, policy::Statement};

use crate::{Blueprint, LIVE};

/// Lets Lambda connect a function to a VPC.
const MANAGED: &str = "AWSLambdaENIManagementAccess";

/// What Lambda does with a function's role to connect it to a VPC, and code may not.
const INTERFACES: &[&str] = &[
    "ec2:AssignPrivateIpAddresses",
    "ec2:CreateNetworkInterface",
    "ec2:DeleteNetworkInterface",
    "ec2:DescribeNetworkInterfaces",
    "ec2:DescribeSubnets",
    "ec2:UnassignPrivateIpAddresses",
];

pub(crate) fn define(of: &Blueprint<'_>, graph: &mut Graph) {
    for (name, function) in &of.service.functions {
        let logs = of.logs(name, log_group(of, name), graph);
        graph.define(of.place, &of.own.roles[name], role(of, name));
        let interfaces = interfaces(of, name, graph);
        let access = RolePolicy { role: of.own.roles[name].get(Role::ARN), policy: access(of, name, function, &logs) };
        let access = graph.add(of.place, of.name, name, access);
        let defined = graph.define(of.place, &of.own.functions[name], wanted(of, name, function));
        defined.after.extend([
            (access.address, "a function is made when it may do all that it has to do"),
            (interfaces, "a function made before its role's policy is refused for its VPC access"),
            (logs.address.clone(), "a function without a log group makes one that keeps everything for ever"),
        ]);
        alias(of, name, graph);
    }
}

/// What Lambda does in the role's name: the managed policy, because it stays longer than all that the code may do.
fn interfaces(of: &Blueprint<'_>, name: &str, graph: &mut Graph) -> Address {
    let attached: Handle<RolePolicyAttachment> = Handle::declare(of.name, name);
    let policy = RolePolicyAttachment {
        role: of.own.roles[name].get(Role::ARN),
        policy: of.site().managed_policy(MANAGED).into(),
    };
    let policy = graph.define(of.place, &attached, policy);
    let why = "a group is free when Lambda has removed the interfaces, up to an hour after the functions";
    policy.outlives.push((of.own.functions_group.address.clone(), why));
    attached.address
}

fn wanted(of: &Blueprint<'_>, name: &str, function: &config::Function) -> Function {
    let artifact = &of.imports.artifacts[&function.binary];
    Function {
        name: of.called(name, 64).into(),
        description: format!("{name} of {}", of.name),
        role: of.own.roles[name].get(Role::ARN),
        code: artifact.code.clone(),
        architecture: artifact.architecture,
        memory_mb: function.memory_mb,
        timeout_seconds: function.timeout_seconds,
        environment: environment(of, function),
        key: of.own.key.get(KmsKey::ARN),
        subnets: of.own.subnets.iter().map(|subnet| subnet.get(Subnet::ID)).collect(),
        security_groups: vec![of.own.functions_group.get(SecurityGroup::ID)],
        tracing: true,
        log_group: log_group(of, name),
    }
}

/// Beside the service's other groups and not below `/aws/lambda/`, so that one prefix lists them all.
fn log_group(of: &Blueprint<'_>, name: &str) -> String {
    format!("/{}/{}/functions/{name}", of.config.names().prefix(), of.name)
}

fn alias(of: &Blueprint<'_>, name: &str, graph: &mut Graph) {
    let function = of.own.functions[name].get(Function::NAME);
    let revision = of.own.functions[name].get(Function::REVISION);
    let version = graph.add(of.place, of.name, name, FunctionVersion { function: function.clone(), revision });
    let alias = FunctionAlias { function, name: LIVE.to_owned(), version: version.get(FunctionVersion::NUMBER) };
    graph.define(of.place, &of.own.aliases[name], alias);
}

/// `${table:orders}` becomes the promise of that table's name.
fn environment(of: &Blueprint<'_>, function: &config::Function) -> BTreeMap<String, Input<PlainText>> {
    function.environment.iter().map(|(key, value)| (key.clone(), substituted(of, value))).collect()
}

fn substituted(of: &Blueprint<'_>, value: &str) -> Input<PlainText> {
    let (mut text, mut rest) = (Text::new(), value);
    while let Some((before, after)) = rest.split_once("${table:") {
        let (table, tail) = after.split_once('}').expect("the configuration was checked");
        text = text.lit(before).input(&of.own.tables[table].get(Table::NAME));
        rest = tail;
    }
    text.lit(rest).build()
}

fn role(of: &Blueprint<'_>, name: &str) -> Role {
    Role {
        name: of.called(name, 64),
        description: format!("What {name} of {} may do", of.name),
        trust: service_trust("lambda.amazonaws.com"),
        policies: vec![RolePolicy::NAME.to_owned(), of.site().managed_policy(MANAGED)],
        unexpected_policies: Vec::new(),
    }
}

/// Exactly the function's actions on its objects; what cannot be narrowed is denied to the code itself.
fn access(of: &Blueprint<'_>, name: &str, function: &config::Function, logs: &Handle<LogGroup>) -> Policy {
    let arn = of.site().arn("lambda", &format!("function:{}", of.called(name, 64)));
    let streams: Input<Arn> = Text::new().input(&logs.get(LogGroup::ARN)).lit(":*").build();
    let mut statements = vec![
        Statement::allow("Logs").actions(&["logs:CreateLogStream", "logs:PutLogEvents"]).on(streams),
        // AWS's own policy for interfaces says nothing of subnets, which Lambda looks at as well.
        Statement::allow("Subnets").actions(&["ec2:DescribeSubnets"]).on("*"),
        Statement::deny("InterfacesFromCode").actions(INTERFACES).on("*").when(
            "ArnEquals",
            "lambda:SourceFunctionArn",
            arn,
        ),
        Statement::allow("Tracing").actions(&["xray:PutTelemetryRecords", "xray:PutTraceSegments"]).on("*"),
        Statement::allow("Key").actions(&["kms:Decrypt"]).on(of.own.key.get(KmsKey::ARN).cast::<Arn>()),
    ];
    statements.extend(function.tables.iter().map(|(table, actions)| table_access(of, table, actions)));
    Policy::of(statements)
}

fn table_access(of: &Blueprint<'_>, table: &str, actions: &[String]) -> Statement {
    let mut actions: Vec<String> = actions.iter().map(|action| format!("dynamodb:{action}")).collect();
    actions.sort();
    let actions: Vec<&str> = actions.iter().map(String::as_str).collect();
    let arn: Input<Arn> = of.own.tables[table].get(Table::ARN).cast();
    let indexes: Input<Arn> = Text::new().input(&arn).lit("/index/*").build();
    // Statement ids are letters and digits only; the hash keeps `a-b` and `ab` apart.
    Statement::allow(&format!("Table{}", model::short_hash(table))).actions(&actions).on(arn).on(indexes)
}
