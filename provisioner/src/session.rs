//! What every command that talks to AWS needs: configuration, accounts, drivers and the graph.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use config::{Certificate, Config};
use engine::{Drivers, Estimate, Pace, Plan, Rates, Reading, Scope, Told, estimate};
use kinds::{
    api_body::ApiDocument,
    aws::{Accounts, Settings},
    certificate::CertificateSource,
};
use platform::{Materials, Platform};

use crate::{artifacts, cli::Global, environment::Surroundings, failure::Failure, logins::logins};

/// A run: one environment's configuration and the way into its accounts.
pub(crate) struct Session {
    pub config: Config,
    pub platform: Platform,
    pub accounts: Arc<Accounts>,
    pub drivers: Drivers,
    pub pace: Pace,
    /// The hub's account was entered; else only those of the targets, with the services' roles alone.
    pub with_hub: bool,
    /// The AWS API's address when it is not AWS's own.
    pub endpoint: Option<String>,
}

/// What a command does with the functions' code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Code {
    /// It ships it: every binary must be there.
    Needed,
    /// It only compares it, if it is there.
    Compared,
    /// It looks away.
    Ignored,
}

/// Reads the configuration, or says everything that is wrong with it.
///
/// # Errors
/// All mistakes of all files.
pub(crate) fn configuration(global: &Global) -> Result<Config, Failure> {
    let root = root(global)?;
    config::load(&root, global.env.as_deref()).map_err(Failure::mistakes)
}

/// The folder with `platform.toml`: given, or the nearest one upwards.
///
/// # Errors
/// If there is none.
pub(crate) fn root(global: &Global) -> Result<PathBuf, Failure> {
    if let Some(given) = &global.directory {
        let missing = || Failure::usage(format!("no `platform.toml` in `{}`", given.display()));
        return given.join("platform.toml").is_file().then(|| given.clone()).ok_or_else(missing);
    }
    let here = std::env::current_dir()?;
    let found = here.ancestors().find(|folder| folder.join("platform.toml").is_file());
    let missing = || Failure::usage("no `platform.toml` here or above").hint("name its folder with `-C DIR`");
    found.map(Path::to_owned).ok_or_else(missing)
}

impl Session {
    /// Enters the accounts and makes the graph; nothing of the platform is read yet.
    ///
    /// # Errors
    /// Mistakes in the configuration, missing code, accounts that let nobody in.
    pub(crate) async fn open(
        global: &Global,
        surroundings: &Surroundings,
        targets: &[String],
        code: Code,
    ) -> Result<Self, Failure> {
        let config = configuration(global)?;
        check_targets(&config, targets)?;
        let materials = materials(&config, global, surroundings, targets, code)?;
        let endpoint = surroundings.endpoint(&config)?;
        if let Some(url) = surroundings.foreign_endpoint(&config) {
            surroundings.say(&format!(
                "WARNING: AWS_ENDPOINT_URL is set: every call of `{}` goes to {url}",
                config.environment
            ));
        }
        let settings = settings(&config, surroundings, endpoint.clone())?;
        let (accounts, with_hub) = enter(&config, &settings, targets).await?;
        let platform = platform::join(&config, &materials, with_hub).map_err(|flaws| {
            let flaws: Vec<String> = flaws.iter().map(ToString::to_string).collect();
            Failure::new(format!("the blueprints contradict themselves: {}", flaws.join("; ")))
        })?;
        let accounts = Arc::new(accounts);
        let drivers = kinds::drivers(&accounts).into_iter().collect();
        let pace = Pace { rates: settings.rates, ..Pace::default() };
        Ok(Self { config, platform, accounts, drivers, pace, with_hub, endpoint })
    }

    /// Reads everything in scope anew.
    pub(crate) async fn read(&self, scope: &Scope) -> Reading {
        self.read_after(scope, &Told::new()).await
    }

    /// Reads everything in scope anew but for what AWS told in its answers to a run.
    pub(crate) async fn read_after(&self, scope: &Scope, told: &Told) -> Reading {
        self.accounts.begin(scope.everywhere).await;
        engine::read_again(&self.drivers, &self.platform.graph, scope, told).await
    }

    /// How long the plan will take; an emulator takes none of the time that AWS does.
    pub(crate) fn estimate(&self, plan: &Plan) -> Option<Estimate> {
        let is_aws = !self.config.is_local();
        is_aws.then(|| estimate(&self.drivers, &self.platform.graph, plan, &self.pace.rates))?
    }
}

fn check_targets(config: &Config, targets: &[String]) -> Result<(), Failure> {
    let known: BTreeSet<&str> =
        [config::CONSUMER].into_iter().chain(config.services.keys().map(String::as_str)).collect();
    let unknown: Vec<&str> = targets.iter().map(String::as_str).filter(|target| !known.contains(target)).collect();
    if unknown.is_empty() {
        return Ok(());
    }
    let known: Vec<&str> = known.into_iter().collect();
    Err(Failure::usage(format!("no target `{}`", unknown.join("`, `")))
        .hint(format!("targets are `{}`", known.join("`, `"))))
}

fn materials(
    config: &Config,
    global: &Global,
    surroundings: &Surroundings,
    targets: &[String],
    code: Code,
) -> Result<Materials, Failure> {
    let imported = platform::imports(config)
        .into_iter()
        .map(|(host, certificate)| Ok((host.clone(), imported(config, surroundings, &host, &certificate)?)))
        .collect::<Result<BTreeMap<_, _>, Failure>>()?;
    Ok(Materials {
        artifacts: code_of(config, global, surroundings, targets, code)?,
        imported,
        documents: documents(config)?,
    })
}

/// What the services' OpenAPI documents say; that they are sound is known already.
fn documents(config: &Config) -> Result<BTreeMap<String, ApiDocument>, Failure> {
    let named = config.services.iter().filter_map(|(name, service)| Some((name, service.openapi.as_ref()?)));
    named
        .map(|(name, path)| {
            let file = config.root.join(path);
            let said = serde_json::from_slice(&std::fs::read(&file)?).map_err(std::io::Error::from)?;
            Ok((name.clone(), ApiDocument::of(file.display().to_string(), &said)))
        })
        .collect()
}

/// The binaries of the targets; other services keep what they have.
fn code_of(
    config: &Config,
    global: &Global,
    surroundings: &Surroundings,
    targets: &[String],
    code: Code,
) -> Result<BTreeMap<String, microservice_accounts::Artifact>, Failure> {
    let mut all = artifacts::unknown(config);
    let chosen = |name: &&String| targets.is_empty() || targets.contains(name);
    let services: BTreeSet<String> = config.services.keys().filter(chosen).cloned().collect();
    let folders = artifacts::folders(&config.root, global.artifacts.as_deref(), surroundings.target_dir.as_deref());
    let store = surroundings.state_dir(config).join("artifacts");
    match (code, artifacts::collect(config, &services, &folders, &store)) {
        (Code::Ignored, _) | (Code::Compared, Err(_)) => {}
        (_, found) => all.extend(found?),
    }
    Ok(all)
}

/// A certificate as the blueprints take it: files, and the fingerprint that stands for them.
fn imported(
    config: &Config,
    surroundings: &Surroundings,
    host: &str,
    certificate: &Certificate,
) -> Result<CertificateSource, Failure> {
    match certificate {
        Certificate::Import { certificate, private_key, chain } => {
            let at = |path: &String| config.root.join(path).display().to_string();
            let (leaf, key, chain) = (at(certificate), at(private_key), chain.as_ref().map(at));
            let fingerprint = local::authority::fingerprint(&std::fs::read_to_string(&leaf)?)?;
            Ok(CertificateSource::Import { fingerprint, certificate: leaf, private_key: key, chain })
        }
        _ => surroundings.locally_issued(config, host),
    }
}

fn settings(config: &Config, surroundings: &Surroundings, endpoint: Option<String>) -> Result<Settings, Failure> {
    Ok(Settings {
        region: config.region.clone(),
        partition: partition(&config.partition),
        names: config.names(),
        own_tags: config.tags.clone(),
        is_own_emulator: config.is_local() && !surroundings.names_endpoint(),
        endpoint,
        dummy_credentials: config.is_local(),
        ca_bundle: surroundings.ca_bundle()?,
        session: surroundings.session_name(),
        run: surroundings.run.clone(),
        rates: rates(config),
        call_timeout: Duration::from_secs(u64::from(config.lease.call_timeout_seconds)),
    })
}

/// An emulator takes calls as often as they are made.
fn rates(config: &Config) -> Rates {
    let usual: Rates = if config.is_local() { Rates::default() } else { kinds::rates::paced().collect() };
    usual.with(config.rates.clone())
}

fn partition(name: &str) -> &'static str {
    ["aws-cn", "aws-us-gov", "aws-eusc"].into_iter().find(|known| *known == name).unwrap_or("aws")
}

/// With both accounts' roles, or with the services' alone if each says where the hub's secret is.
async fn enter(config: &Config, settings: &Settings, targets: &[String]) -> Result<(Accounts, bool), Failure> {
    let refused = match Accounts::connect(settings, &logins(config, true)).await {
        Ok(accounts) => return Ok((accounts, true)),
        Err(error) => error,
    };
    let alone = !targets.is_empty() && targets.iter().all(|target| knows_secret(config, target));
    let hub_refused = refused.alias() == Some(config::CONSUMER);
    if !(hub_refused && alone) {
        return Err(refused.into());
    }
    let mut logins = logins(config, false);
    logins.retain(|login| {
        login.alias == config::PUBLIC_ZONE || targets.iter().any(|target| config.account_id(target) == login.account)
    });
    Ok((Accounts::connect(settings, &logins).await?, false))
}

fn knows_secret(config: &Config, target: &str) -> bool {
    config.services.get(target).is_some_and(|service| service.hub_secret_arn.is_some())
}
