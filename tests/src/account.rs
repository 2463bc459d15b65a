//! One AWS account of an emulator, entered directly: nothing here goes through the program.

use std::{ops::Deref, sync::Arc};

use kinds::aws::{Accounts, Aws, Login, Settings};
use model::Names;

/// The clients of one account.
#[derive(Clone)]
pub struct Account {
    aws: Arc<Aws>,
}

impl Account {
    /// The account with this id, as somebody else than the platform.
    ///
    /// # Panics
    /// If the emulator does not answer.
    pub async fn enter(endpoint: &str, id: &str) -> Self {
        let settings = Settings {
            region: "eu-west-1".to_owned(),
            partition: "aws",
            names: Names::new("somebody", "else"),
            own_tags: Default::default(),
            endpoint: Some(endpoint.to_owned()),
            is_own_emulator: true,
            dummy_credentials: true,
            ca_bundle: None,
            session: "test".to_owned(),
            run: "test".to_owned(),
            rates: [].into_iter().collect(),
            call_timeout: crate::PATIENCE,
        };
        let role = Some("somebody-else".to_owned());
        let login = Login { alias: "it".to_owned(), account: id.into(), role, external_id: None, profile: None };
        let accounts = Accounts::connect(&settings, &[login]).await.expect("the emulator lets everybody in");
        Self { aws: accounts.at("it").clone() }
    }

    #[must_use]
    pub fn id(&self) -> &str {
        self.aws.account.as_str()
    }
}

/// To the clients: `account.ec2`, `account.lambda` and so on.
impl Deref for Account {
    type Target = Aws;

    fn deref(&self) -> &Aws {
        &self.aws
    }
}
