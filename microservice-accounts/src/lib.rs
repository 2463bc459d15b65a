//! One service's account as a pure blueprint, applied once per service: functions, tables and a private API in front.
//!
//! It states what it needs from others ([`Imports`]); it knows neither the hub nor what the service is about: functions,
//! routes and tables come from `service.toml`. Read `api.rs` first.

mod api;
mod compute;
mod data;
mod network;

use std::collections::BTreeMap;

use config::{Config, Service};
use kinds::{
    ApiBody, ApiDomain, Function, FunctionAlias, KmsKey, LogGroup, LogRetention, RestApi, Role, SecurityGroup,
    SharedSecret, Subnet, Table, Vpc,
    api_body::ApiDocument,
    certificate::CertificateSource,
    documents::Site,
    function::{Architecture, Code},
};
use model::{AccountId, Graph, Handle, Input, OnDown, SecretArn, VpcEndpointId};

/// The alias through which functions are called.
pub(crate) const LIVE: &str = "live";

/// A binary, zipped.
#[derive(Clone, Debug, PartialEq)]
pub struct Artifact {
    pub code: Code,
    pub architecture: Architecture,
}

/// How the service learns which endpoint may call it.
#[derive(Clone, Debug)]
pub struct Caller {
    /// The hub's secret; reading it with this account's role is proven before the API is made.
    pub secret: Input<SecretArn>,
    /// The endpoint itself when the hub is in the same graph; otherwise what the secret says.
    pub endpoint: Option<Input<VpcEndpointId>>,
}

/// What the service needs from others.
#[derive(Clone, Debug)]
pub struct Imports {
    pub caller: Caller,
    /// By binary; every function's binary is there.
    pub artifacts: BTreeMap<String, Artifact>,
    /// Where the certificate of the custom domain comes from.
    pub certificate: CertificateSource,
    /// What the service's OpenAPI document says, if it has one.
    pub document: Option<ApiDocument>,
}

/// Names only; declaring cannot fail.
#[derive(Clone, Debug)]
pub struct Handles {
    vpc: Handle<Vpc>,
    subnets: Vec<Handle<Subnet>>,
    functions_group: Handle<SecurityGroup>,
    key: Handle<KmsKey>,
    tables: BTreeMap<String, Handle<Table>>,
    roles: BTreeMap<String, Handle<Role>>,
    functions: BTreeMap<String, Handle<Function>>,
    aliases: BTreeMap<String, Handle<FunctionAlias>>,
    secret: Handle<SharedSecret>,
    api: Handle<RestApi>,
    body: Handle<ApiBody>,
    domain: Handle<ApiDomain>,
}

/// One service as its blueprint sees it.
pub(crate) struct Blueprint<'a> {
    pub(crate) config: &'a Config,
    pub(crate) service: &'a Service,
    /// Its target.
    pub(crate) name: &'a str,
    /// The alias of the account that holds it; services may share one.
    pub(crate) place: &'a str,
    pub(crate) account: AccountId,
    pub(crate) own: &'a Handles,
    pub(crate) imports: &'a Imports,
}

impl Blueprint<'_> {
    pub(crate) fn site(&self) -> Site<'_> {
        Site { partition: &self.config.partition, region: &self.config.region, account: self.account.as_str() }
    }

    /// A name of the service's, at most `max` characters.
    pub(crate) fn called(&self, name: &str, max: usize) -> String {
        self.config.names().name(self.name, name, max)
    }

    /// A log group that is called `name` here and `path` at AWS, and how long it keeps.
    pub(crate) fn logs(&self, name: &str, path: String, graph: &mut Graph) -> Handle<LogGroup> {
        let handle: Handle<LogGroup> = Handle::declare(self.name, name);
        let group = LogGroup { name: path, key: self.own.key.get(KmsKey::ARN) };
        graph.define(self.place, &handle, group).on_down = self.on_down();
        let retention = LogRetention { group: handle.get(LogGroup::ARN), days: self.service.log_retention_days };
        graph.define(self.place, &Handle::declare(self.name, name), retention).on_down = self.on_down();
        handle
    }

    /// What is marked as kept by the configuration stays on `down`.
    pub(crate) fn on_down(&self) -> OnDown {
        match self.config.on_down(self.name) {
            config::OnDown::Keep => OnDown::Keep,
            config::OnDown::Delete => OnDown::Delete,
        }
    }
}

/// Names what the service will have.
#[must_use]
pub fn declare(name: &str, service: &Service) -> Handles {
    fn by_name<K: model::Kind, V>(target: &str, of: &BTreeMap<String, V>) -> BTreeMap<String, Handle<K>> {
        of.keys().map(|key| (key.clone(), Handle::declare(target, key))).collect()
    }
    Handles {
        vpc: Handle::declare(name, "main"),
        subnets: (1..=service.network.zones.len()).map(|n| Handle::declare(name, &format!("private-{n}"))).collect(),
        functions_group: Handle::declare(name, "functions"),
        key: Handle::declare(name, "main"),
        tables: by_name(name, &service.tables),
        roles: by_name(name, &service.functions),
        functions: by_name(name, &service.functions),
        aliases: by_name(name, &service.functions),
        secret: Handle::declare(name, "hub"),
        api: Handle::declare(name, "main"),
        body: Handle::declare(name, "main"),
        domain: Handle::declare(name, "main"),
    }
}

/// Says what everything of the service is. `place` is the alias of the account that holds it.
///
/// # Panics
/// If a function's binary is not among the artifacts: they are looked for before.
pub fn define(config: &Config, name: &str, place: &str, own: &Handles, imports: &Imports, graph: &mut Graph) {
    let service = &config.services[name];
    let blueprint = Blueprint { config, service, name, place, account: config.account_id(place), own, imports };
    network::define(&blueprint, graph);
    data::define(&blueprint, graph);
    compute::define(&blueprint, graph);
    api::define(&blueprint, graph);
}
