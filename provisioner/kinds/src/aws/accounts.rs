//! All accounts of a run, by alias, each checked to be the configured one before anything is read.

use std::{
    collections::{BTreeMap, HashMap},
    sync::Arc,
    time::Duration,
};

use aws_config::SdkConfig;
use aws_credential_types::provider::ProvideCredentials;
use aws_smithy_runtime_api::client::http::SharedHttpClient;
use engine::{Gate, Rates};
use futures::{StreamExt as _, TryStreamExt as _, stream};
use model::{AccountId, Names};

use super::{
    Aws, Tally, clients,
    credentials::Renewed,
    emulator::is_emulator,
    once::{Lasting, Once},
    runs::Runs,
};

/// Accounts entered at once: far below what STS takes in a second.
const AT_ONCE: usize = 64;

/// What all accounts of a run have in common.
#[derive(Clone, Debug)]
pub struct Settings {
    pub region: String,
    /// `aws`, `aws-cn` or `aws-us-gov`.
    pub partition: &'static str,
    pub names: Names,
    /// The user's tags.
    pub own_tags: BTreeMap<String, String>,
    /// Instead of AWS's own endpoints.
    pub endpoint: Option<String>,
    /// The endpoint is the emulator that we start, which has the gaps of a bare one closed.
    pub is_own_emulator: bool,
    /// Fixed credentials that no AWS account takes; only for `local`.
    pub dummy_credentials: bool,
    /// PEM text that replaces the system's certificate authorities.
    pub ca_bundle: Option<Vec<u8>>,
    /// The role session's name: user and run, 2 to 64 of `[\w+=,.@-]`.
    pub session: String,
    /// The run's time: part of every client token.
    pub run: String,
    /// How often the other side takes calls.
    pub rates: Rates,
    /// The longest that a call may take.
    pub call_timeout: Duration,
}

/// One account and the way in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Login {
    pub alias: String,
    pub account: AccountId,
    /// Name or ARN; none: the base credentials are the account's own.
    pub role: Option<String>,
    pub external_id: Option<String>,
    pub profile: Option<String>,
}

/// Why an account could not be entered.
#[derive(Debug, thiserror::Error)]
pub enum ConnectError {
    #[error("the certificates of AWS_CA_BUNDLE cannot be used: {0}")]
    Tls(String),
    #[error("no credentials for account `{alias}` ({account}): {why}")]
    Credentials { alias: String, account: AccountId, why: String },
    #[error("account `{alias}` is configured as {wanted}, but the credentials belong to {found}")]
    WrongAccount { alias: String, wanted: AccountId, found: String },
}

impl ConnectError {
    /// The alias of the account that could not be entered.
    #[must_use]
    pub fn alias(&self) -> Option<&str> {
        match self {
            Self::Tls(_) => None,
            Self::Credentials { alias, .. } | Self::WrongAccount { alias, .. } => Some(alias),
        }
    }
}

/// The accounts of a run, by alias.
pub struct Accounts {
    by_alias: HashMap<String, Arc<Aws>>,
    tally: Arc<Tally>,
    runs: Arc<Runs>,
}

impl Accounts {
    /// Enters every account, many at once.
    ///
    /// # Errors
    /// The first account that has no credentials, or credentials of another account.
    pub async fn connect(settings: &Settings, logins: &[Login]) -> Result<Self, ConnectError> {
        let http = clients::http_client(settings)?;
        let (gate, tally) = (Gate::new(settings.rates.clone(), Gate::AT_ONCE), Arc::new(Tally::default()));
        let runs = Arc::new(Runs::new(&settings.run));
        let entered = stream::iter(logins).map(|login| enter(settings, login, &http)).buffered(AT_ONCE);
        let entered: Vec<_> = entered.try_collect().await?;
        let shared = Common { gate, tally: tally.clone(), runs: runs.clone(), lasting: Arc::default() };
        let account = |login: &Login, entered| Arc::new(aws(settings, login, entered, &shared));
        let by_alias =
            logins.iter().zip(entered).map(|(login, entered)| (login.alias.clone(), account(login, entered)));
        let by_alias = by_alias.collect();
        Ok(Self { by_alias, tally, runs })
    }

    /// # Panics
    /// If the alias was not connected: the graph names only configured accounts.
    #[must_use]
    pub fn at(&self, alias: &str) -> &Arc<Aws> {
        self.by_alias.get(alias).unwrap_or_else(|| panic!("account `{alias}` was not connected"))
    }

    /// How often AWS was called, over all accounts.
    #[must_use]
    pub fn tally(&self) -> &Tally {
        &self.tally
    }

    /// The number of this run, by target, from its lease.
    pub fn number_runs(&self, numbers: BTreeMap<String, u64>) {
        self.runs.number(numbers);
    }

    /// Before a new reading: drops answers shared between kinds, and says whether what nobody wants any more is looked for.
    pub async fn begin(&self, everywhere: bool) {
        for aws in self.by_alias.values() {
            aws.begin(everywhere).await;
        }
    }
}

async fn enter(
    settings: &Settings,
    login: &Login,
    http: &SharedHttpClient,
) -> Result<(SdkConfig, Renewed), ConnectError> {
    let (sdk, credentials) = clients::sdk_config(settings, login, http).await;
    let found = account_of(&sdk, login).await?;
    if found != login.account.as_str() {
        return Err(ConnectError::WrongAccount { alias: login.alias.clone(), wanted: login.account.clone(), found });
    }
    Ok((sdk, credentials))
}

/// The account the credentials belong to: the provider often knows, otherwise STS is asked.
async fn account_of(sdk: &SdkConfig, login: &Login) -> Result<String, ConnectError> {
    let failed =
        |why: String| ConnectError::Credentials { alias: login.alias.clone(), account: login.account.clone(), why };
    let provider = sdk.credentials_provider().ok_or_else(|| failed("no provider is configured".to_owned()))?;
    let credentials = provider.provide_credentials().await.map_err(|error| failed(words(&error)))?;
    if let Some(account) = credentials.account_id() {
        return Ok(account.as_str().to_owned());
    }
    let identity = aws_sdk_sts::Client::new(&clients::patient(sdk)).get_caller_identity().send().await;
    let identity = identity.map_err(|error| failed(words(&error)))?;
    identity.account.ok_or_else(|| failed("sts:GetCallerIdentity answered without an account".to_owned()))
}

fn words(error: &dyn std::error::Error) -> String {
    let mut words = error.to_string();
    let mut next = error.source();
    while let Some(cause) = next {
        words = format!("{words}: {cause}");
        next = cause.source();
    }
    words
}

/// What all accounts share.
struct Common {
    gate: Arc<Gate>,
    tally: Arc<Tally>,
    runs: Arc<Runs>,
    lasting: Arc<Lasting>,
}

fn aws(settings: &Settings, login: &Login, (sdk, credentials): (SdkConfig, Renewed), common: &Common) -> Aws {
    let sdk = &sdk;
    Aws {
        account: login.account.clone(),
        region: settings.region.clone(),
        partition: settings.partition,
        names: settings.names.clone(),
        own_tags: settings.own_tags.clone(),
        runs: common.runs.clone(),
        emulated: !settings.is_own_emulator && is_emulator(settings.endpoint.as_deref()),
        acm: aws_sdk_acm::Client::new(sdk),
        apigateway: aws_sdk_apigateway::Client::new(sdk),
        dynamodb: aws_sdk_dynamodb::Client::new(sdk),
        ec2: aws_sdk_ec2::Client::new(sdk),
        elb: aws_sdk_elasticloadbalancingv2::Client::new(sdk),
        iam: aws_sdk_iam::Client::new(sdk),
        kms: aws_sdk_kms::Client::new(sdk),
        lambda: aws_sdk_lambda::Client::new(sdk),
        logs: aws_sdk_cloudwatchlogs::Client::new(sdk),
        route53: aws_sdk_route53::Client::new(sdk),
        s3: s3(settings, sdk),
        secrets: aws_sdk_secretsmanager::Client::new(sdk),
        sts: aws_sdk_sts::Client::new(sdk),
        tagging: aws_sdk_resourcegroupstagging::Client::new(sdk),
        once: Once::default(),
        lasting: common.lasting.clone(),
        credentials,
        gate: common.gate.clone(),
        tally: common.tally.clone(),
    }
}

/// A custom endpoint has no host per bucket.
fn s3(settings: &Settings, sdk: &SdkConfig) -> aws_sdk_s3::Client {
    let config = aws_sdk_s3::config::Builder::from(sdk).force_path_style(settings.endpoint.is_some());
    aws_sdk_s3::Client::from_conf(config.build())
}
