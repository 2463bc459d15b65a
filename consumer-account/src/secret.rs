//! The hub's key, and the secret that tells services the endpoint's id.

use config::Config;
use kinds::{KmsAlias, KmsKey, KmsKeyRotation, Secret, SecretPolicy, VpcEndpoint, documents::key_policy};
use model::{AccountId, Graph, Handle, Policy, Text, policy::Statement};

use crate::{Handles, Imports, TARGET, on_down, site};

pub(crate) fn define(config: &Config, own: &Handles, imports: &Imports, graph: &mut Graph) {
    let account = config.account_id(TARGET);
    let mut policy = key_policy(&site(config, &account));
    policy.statements.extend(tenants(config, imports, "Services", &["kms:Decrypt", "kms:DescribeKey"]).map(
        |statement| {
            statement.when("StringEquals", "kms:ViaService", format!("secretsmanager.{}.amazonaws.com", config.region))
        },
    ));
    let description = format!("Logs and the endpoint secret of {}", config.names().prefix());
    graph.define(TARGET, &own.key, KmsKey { description, policy, enabled: true }).on_down = on_down(config);
    let rotation = KmsKeyRotation { key: own.key.get(KmsKey::ID) };
    graph.define(TARGET, &Handle::declare(TARGET, own.key.address.name()), rotation).on_down = on_down(config);
    let name = format!("alias/{}", config.names().name(TARGET, own.key.address.name(), 250));
    graph
        .define(
            TARGET,
            &Handle::declare(TARGET, own.key.address.name()),
            KmsAlias { name, key: own.key.get(KmsKey::ID) },
        )
        .on_down = on_down(config);
    graph.define(TARGET, &own.secret, secret(config, own));
    let policy = readers(config, &account, imports);
    graph.define(TARGET, &own.secret_policy, SecretPolicy { secret: own.secret.get(Secret::ARN), policy });
}

fn secret(config: &Config, own: &Handles) -> Secret {
    let endpoint = own.endpoint.get(VpcEndpoint::ID);
    Secret {
        name: format!("{}/{TARGET}/endpoint", config.names().prefix()),
        description: "Id of the execute-api endpoint that private APIs let in".to_owned(),
        key: own.key.get(KmsKey::ARN),
        value: Text::new().lit(r#"{"vpc_endpoint_id":""#).input(&endpoint).lit(r#""}"#).build(),
    }
}

/// The services' accounts; while there are none, no other account at all.
fn readers(config: &Config, account: &AccountId, imports: &Imports) -> Policy {
    let actions = ["secretsmanager:DescribeSecret", "secretsmanager:GetSecretValue"];
    let readers: Vec<Statement> = tenants(config, imports, "Services", &actions).collect();
    if readers.is_empty() {
        let nobody = Statement::deny("NoServices").anyone().actions(&actions).on("*");
        return Policy::of([nobody.when("StringNotEquals", "aws:PrincipalAccount", account.as_str())]);
    }
    Policy::of(readers)
}

/// Accounts as principals and roles as a condition: a role that is made anew, or not made yet, does not break the policy.
fn tenants<'a>(
    config: &'a Config,
    imports: &'a Imports,
    sid: &'a str,
    actions: &'a [&'a str],
) -> impl Iterator<Item = Statement> + 'a {
    let some = !imports.tenants.is_empty();
    some.then(|| {
        let mut statement = Statement::allow(sid).actions(actions).on("*");
        for tenant in &imports.tenants {
            statement = statement.principal("AWS", format!("arn:{}:iam::{}:root", config.partition, tenant.account));
            for reader in &tenant.readers {
                statement = statement.when("ArnLike", "aws:PrincipalArn", reader.clone());
            }
        }
        statement
    })
    .into_iter()
}
