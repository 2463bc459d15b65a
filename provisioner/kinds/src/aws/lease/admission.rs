//! Letting services' accounts use their own items of the hub's table.

use engine::CallError;
use model::{Policy, policy::Statement};

use super::LeaseTable;
use crate::aws::dynamodb;

/// What a transaction, a look and the history need.
const ACTIONS: [&str; 4] = ["dynamodb:BatchGetItem", "dynamodb:DeleteItem", "dynamodb:PutItem", "dynamodb:Query"];

/// A service's account, and what it may use.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Admitted {
    pub account: String,
    /// Role ARNs, patterns allowed.
    pub roles: Vec<String>,
    pub targets: Vec<String>,
}

impl LeaseTable {
    /// Lets these accounts in, and no other.
    ///
    /// # Errors
    /// What AWS answered.
    pub async fn admit(&self, admitted: &[Admitted]) -> Result<(), CallError> {
        if admitted.is_empty() {
            return Ok(());
        }
        let arn = dynamodb::arn(&self.aws, &self.table);
        let policy = policy(self.aws.partition, &arn, admitted);
        let call = self.aws.dynamodb.put_resource_policy().resource_arn(&arn).policy(policy.document()).send();
        self.aws.at_once("dynamodb:PutResourcePolicy", &self.at, call).await.map(drop)
    }
}

/// A key condition for each account: a service holds its own target only.
fn policy(partition: &str, table: &str, admitted: &[Admitted]) -> Policy {
    Policy::of(admitted.iter().map(|one| {
        let statement = Statement::allow(&format!("Account{}", one.account)).actions(&ACTIONS).on(table);
        let statement = statement.principal("AWS", format!("arn:{partition}:iam::{}:root", one.account));
        let statement =
            one.roles.iter().fold(statement, |it, role| it.when("ArnLike", "aws:PrincipalArn", role.clone()));
        let own = "dynamodb:LeadingKeys";
        one.targets.iter().fold(statement, |it, target| it.when("ForAllValues:StringEquals", own, target.clone()))
    }))
}
