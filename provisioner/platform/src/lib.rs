//! Joins the blueprints: the only place that sees the hub and the services at once. Pure, and without the SDK, so that a
//! platform of any size can be planned and simulated.

use std::collections::{BTreeMap, BTreeSet};

use config::{Account, Certificate, Config};
use consumer_account::{Admission, Tenant};
use kinds::{api_body::ApiDocument, certificate::CertificateSource};
use microservice_accounts::{Artifact, Caller};
use model::{Address, Arn, Flaw, Graph, Sealed};

/// Everything outside the configuration that the graph is made from.
#[derive(Clone, Debug, Default)]
pub struct Materials {
    /// By binary.
    pub artifacts: BTreeMap<String, Artifact>,
    /// Imported certificates: by the host name they are for, the configuration's own files and the local authority's alike.
    pub imported: BTreeMap<String, CertificateSource>,
    /// The services' OpenAPI documents, by service; not all have one.
    pub documents: BTreeMap<String, ApiDocument>,
}

/// The whole platform, or the part of it that this user may see.
#[derive(Clone, Debug, Default)]
pub struct Platform {
    pub graph: Sealed,
    /// What only the hub's owner can make, by service; empty with both accounts' roles.
    pub waiting: BTreeMap<String, Vec<Address>>,
    /// What a service's `up` changes in the hub beside its own objects there.
    pub guards: Vec<Address>,
}

/// The graph over all accounts. Without the hub's account its objects, and those that services have in it, are left out.
///
/// # Errors
/// The flaws of a blueprint: a mistake in this program.
pub fn join(config: &Config, materials: &Materials, with_hub: bool) -> Result<Platform, Vec<Flaw>> {
    let mut graph = Graph::new();
    let hub = consumer_account::declare(config);
    if with_hub {
        let certificate = source(config, materials, config.certificate(config::CONSUMER), &config.domain);
        let imports = consumer_account::Imports { tenants: tenants(config), certificate };
        consumer_account::define(config, &hub, &imports, &mut graph);
    }
    let mut waiting = BTreeMap::new();
    for name in config.services.keys() {
        // Without the hub its objects are declared aside, to say what waits for its owner.
        let mut aside = Graph::new();
        let into = if with_hub { &mut graph } else { &mut aside };
        let host = config.host(name);
        let admission =
            Admission { service: name, host: &host, certificate: listener_certificate(config, materials, &host) };
        let admitted = consumer_account::admit(config, &hub, &admission, into);
        if !with_hub {
            waiting.insert(name.clone(), admitted);
        }
        service(config, materials, name, with_hub.then(|| hub.exports()), &mut graph);
    }
    Ok(Platform { graph: graph.seal()?, waiting, guards: hub.guards() })
}

fn service(
    config: &Config,
    materials: &Materials,
    name: &str,
    hub: Option<consumer_account::Exports>,
    graph: &mut Graph,
) {
    let place = place(config, name, hub.is_some());
    let own = microservice_accounts::declare(name, &config.services[name]);
    let known = config.services[name].hub_secret_arn.clone().unwrap_or_default();
    let caller = match hub {
        Some(hub) => Caller { secret: hub.secret, endpoint: Some(hub.endpoint) },
        None => Caller { secret: known.into(), endpoint: None },
    };
    let host = config.host(name);
    let imports = microservice_accounts::Imports {
        caller,
        artifacts: materials.artifacts.clone(),
        certificate: source(config, materials, config.certificate(name), &host),
        document: materials.documents.get(name).cloned(),
    };
    microservice_accounts::define(config, name, &place, &own, &imports, graph);
}

/// An imported certificate at the hub covers all services' names already.
fn listener_certificate(config: &Config, materials: &Materials, host: &str) -> Option<CertificateSource> {
    match config.certificate(config::CONSUMER) {
        Certificate::Import { .. } => None,
        other => Some(source(config, materials, other, host)),
    }
}

fn source(_config: &Config, materials: &Materials, wanted: &Certificate, host: &str) -> CertificateSource {
    match wanted {
        Certificate::Request => CertificateSource::Request,
        Certificate::PrivateCa { authority_arn } => CertificateSource::PrivateCa { authority: authority_arn.clone() },
        Certificate::Import { .. } | Certificate::LocalCa => {
            materials.imported.get(host).cloned().expect("imported certificates are gathered before the graph is made")
        }
    }
}

/// Every host that needs an imported or locally issued certificate, and the configuration's word on it.
#[must_use]
pub fn imports(config: &Config) -> Vec<(String, Certificate)> {
    let hub = config.certificate(config::CONSUMER);
    let mut hosts = vec![(config.domain.clone(), hub.clone())];
    for name in config.services.keys() {
        hosts.push((config.host(name), config.certificate(name).clone()));
    }
    hosts.retain(|(_, certificate)| matches!(certificate, Certificate::Import { .. } | Certificate::LocalCa));
    hosts
}

/// The accounts that hold services, once each, and the roles in them that may read the hub's secret.
pub fn tenants(config: &Config) -> Vec<Tenant> {
    let mut tenants: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for (name, service) in &config.services {
        let id = config.account_id(name);
        let readers = tenants.entry(id.as_str().to_owned()).or_default();
        readers.extend(readers_of(config, id.as_str(), service.account.role.as_deref()));
        let further = config.hub.allowed_service_principal_arns.iter();
        readers.extend(further.filter(|arn| arn.split(':').nth(4) == Some(id.as_str())).cloned());
    }
    let tenant = |(account, readers): (String, BTreeSet<String>)| Tenant {
        account: account.into(),
        readers: readers.into_iter().map(Arn::from).collect(),
    };
    tenants.into_iter().map(tenant).collect()
}

/// The role that provisions the account; any role or user of it when a profile decides.
fn readers_of(config: &Config, account: &str, role: Option<&str>) -> Vec<String> {
    let arn = |rest: &str| format!("arn:{}:iam::{account}:{rest}", config.partition);
    match role {
        Some(given) if given.starts_with("arn:") => vec![given.to_owned()],
        Some(name) => vec![arn(&format!("role/{name}"))],
        None => vec![arn("role/*"), arn("user/*")],
    }
}

/// The alias under which a service's account is entered: services in one account share the first one's, the hub's if it is
/// entered at all.
pub fn place(config: &Config, service: &str, with_hub: bool) -> String {
    let id = config.account_id(service);
    let mut aliases = accounts(config, with_hub).map(|(alias, _)| alias);
    aliases.find(|alias| config.account_id(alias) == id).unwrap_or(service).to_owned()
}

/// The configured accounts that may be entered.
pub fn accounts(config: &Config, with_hub: bool) -> impl Iterator<Item = (&str, &Account)> {
    config.accounts().filter(move |(alias, _)| with_hub || *alias != config::CONSUMER)
}
