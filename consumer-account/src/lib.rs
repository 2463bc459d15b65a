//! The hub as a pure blueprint: configuration in, graph out; no clock, no randomness, no I/O, no SDK.
//!
//! It states what it needs from others ([`Imports`]) and what it offers ([`Exports`]); it knows no service. What a service
//! has in the hub is declared by [`admit`], on the service's own account of the graph: nobody edits the hub to add one.
//! Read `ingress.rs` first: it is the way of a request.

mod admission;
mod dns;
mod endpoint;
mod ingress;
mod network;
mod secret;

pub use admission::{Admission, admit};
use config::Config;
use kinds::{
    Certificate, HostedZone, KmsKey, Listener, LoadBalancer, LogGroup, Secret, SecretPolicy, SecurityGroup, Subnet,
    TargetGroup, Vpc, VpcEndpoint, certificate::CertificateSource, documents::Site,
};
use model::{Address, Arn, Graph, Handle, Input, OnDown, SecretArn, VpcEndpointId};

/// The hub's target and account alias.
pub const TARGET: &str = config::CONSUMER;

/// A service's account as the hub lets it in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tenant {
    pub account: model::AccountId,
    /// Role ARNs, patterns allowed, that may read the secret.
    pub readers: Vec<Arn>,
}

/// What the hub needs from others.
#[derive(Clone, Debug)]
pub struct Imports {
    /// Every account that holds a service, once.
    pub tenants: Vec<Tenant>,
    /// Where the listener's default certificate comes from.
    pub certificate: CertificateSource,
}

/// What the hub offers to services; the rest is private.
#[derive(Clone, Debug)]
pub struct Exports {
    pub endpoint: Input<VpcEndpointId>,
    pub secret: Input<SecretArn>,
}

/// Names only; declaring cannot fail.
#[derive(Clone, Debug)]
pub struct Handles {
    vpc: Handle<Vpc>,
    private: Vec<Handle<Subnet>>,
    endpoint_subnets: Vec<Handle<Subnet>>,
    balancer_group: Handle<SecurityGroup>,
    endpoint_group: Handle<SecurityGroup>,
    endpoint: Handle<VpcEndpoint>,
    key: Handle<KmsKey>,
    flow_log_group: Handle<LogGroup>,
    balancer: Handle<LoadBalancer>,
    listener: Handle<Listener>,
    target_group: Handle<TargetGroup>,
    certificate: Handle<Certificate>,
    zone: Handle<HostedZone>,
    secret: Handle<Secret>,
    secret_policy: Handle<SecretPolicy>,
}

impl Handles {
    #[must_use]
    pub fn exports(&self) -> Exports {
        Exports { endpoint: self.endpoint.get(VpcEndpoint::ID), secret: self.secret_policy.get(SecretPolicy::SECRET) }
    }

    /// What names the accounts that the hub serves: a new one is let in by a change of these.
    #[must_use]
    pub fn guards(&self) -> Vec<Address> {
        vec![self.key.address.clone(), self.secret_policy.address.clone(), self.endpoint.address.clone()]
    }
}

/// Names what the hub will have.
#[must_use]
pub fn declare(config: &Config) -> Handles {
    let subnets = |part: &str| {
        (1..=config.hub.network.zones.len()).map(|n| Handle::declare(TARGET, &format!("{part}-{n}"))).collect()
    };
    Handles {
        vpc: Handle::declare(TARGET, "main"),
        private: subnets("private"),
        endpoint_subnets: subnets("endpoint"),
        balancer_group: Handle::declare(TARGET, "balancer"),
        endpoint_group: Handle::declare(TARGET, "endpoint"),
        endpoint: Handle::declare(TARGET, "execute-api"),
        key: Handle::declare(TARGET, "main"),
        flow_log_group: Handle::declare(TARGET, "flow-log"),
        balancer: Handle::declare(TARGET, "main"),
        listener: Handle::declare(TARGET, "https"),
        target_group: Handle::declare(TARGET, "endpoint"),
        certificate: Handle::declare(TARGET, "main"),
        zone: Handle::declare(TARGET, "internal"),
        secret: Handle::declare(TARGET, "endpoint"),
        secret_policy: Handle::declare(TARGET, "endpoint"),
    }
}

/// Says what everything in the hub is.
pub fn define(config: &Config, own: &Handles, imports: &Imports, graph: &mut Graph) {
    network::define(config, own, graph);
    secret::define(config, own, imports, graph);
    endpoint::define(config, own, imports, graph);
    dns::define(config, own, imports, graph);
    ingress::define(config, own, graph);
}

fn site<'a>(config: &'a Config, account: &'a model::AccountId) -> Site<'a> {
    Site { partition: &config.partition, region: &config.region, account: account.as_str() }
}

/// What is marked as kept by the configuration stays on `down`.
fn on_down(config: &Config) -> OnDown {
    match config.on_down(TARGET) {
        config::OnDown::Keep => OnDown::Keep,
        config::OnDown::Delete => OnDown::Delete,
    }
}

/// What changes when the network is laid out anew: part of the names of what can exist beside its replacement.
fn network_salt(config: &Config) -> String {
    format!("{} {:?}", config.hub.network.cidr, config.hub.network.zones)
}
