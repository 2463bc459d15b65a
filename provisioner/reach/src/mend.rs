//! What mends a broken hop: `up` of its target, or, where that would change nothing, an edit before it.

use std::collections::{BTreeMap, BTreeSet};

use ipnet::Ipv4Net;
use kinds::{ApiBody, ApiDeployment, ApiStage, LoadBalancer, RestApi, SecurityGroup, SecurityGroupRule};
use model::{Address, Kind};

use crate::{model::Found, walk::Walk};

/// What the configuration says: for the words that mend, never for the judgement of a request.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Wanted {
    /// The service that is called by each host.
    pub hosts: BTreeMap<String, String>,
    /// Objects that are not as configured, those that are missing included; none when nobody compared.
    pub differing: Option<BTreeSet<Address>>,
}

/// The target whose network all services are reached through.
const HUB: &str = "consumer";

/// What decides which routes an API serves.
const ROUTES: &[&str] = &[RestApi::FACTS.kind, ApiBody::FACTS.kind, ApiDeployment::FACTS.kind, ApiStage::FACTS.kind];

/// What decides who may connect to the balancer.
const CLIENTS: &[&str] = &[LoadBalancer::FACTS.kind, SecurityGroup::FACTS.kind, SecurityGroupRule::FACTS.kind];

/// The command that mends what a target owns.
pub(crate) fn up(target: &str) -> String {
    format!("provisioner up {target}")
}

impl<K> Found<K> {
    /// The command that mends it.
    pub(crate) fn mend(&self) -> Option<String> {
        Some(up(self.address.target()))
    }
}

impl Wanted {
    /// Whether `up` would leave these kinds of a target's objects as they are.
    fn has(&self, target: &str, kinds: &[&str]) -> bool {
        let concerns = |address: &Address| address.target() == target && kinds.contains(&address.kind());
        self.differing.as_ref().is_some_and(|differing| !differing.iter().any(concerns))
    }
}

impl Walk<'_> {
    /// For the host's own service.
    pub(crate) fn mend_service(&self) -> Option<String> {
        match self.service {
            Some(service) => Some(up(service)),
            None => self.no_service(),
        }
    }

    /// For the host's own service where the hub, which it needs, is not there either.
    pub(crate) fn mend_all(&self) -> Option<String> {
        match self.service {
            Some(service) => Some(up(&format!("{HUB} {service}"))),
            None => self.no_service(),
        }
    }

    fn no_service(&self) -> Option<String> {
        let known = !self.model.wanted().hosts.is_empty();
        known.then(|| "call a service by its name: `provisioner outputs` prints their addresses".to_owned())
    }

    /// For a route that the API does not serve: it may be configured, and only not be there.
    pub(crate) fn mend_route(&self, api: &Found<RestApi>) -> Option<String> {
        let service = api.address.target();
        if !self.model.wanted().has(service, ROUTES) {
            return api.mend();
        }
        let file = format!("microservice-accounts/{service}/service.toml");
        Some(format!("add the route to {file}, then `{}`", up(service)))
    }

    /// For clients that the balancer does not let in: nobody may have said that they may.
    pub(crate) fn mend_clients(&self, balancer: &Found<LoadBalancer>, own: Option<Ipv4Net>) -> Option<String> {
        let hub = balancer.address.target();
        let Some(block) = self.request.from.or(own).filter(|_| self.model.wanted().has(hub, CLIENTS)) else {
            return balancer.mend();
        };
        let note = own.filter(|_| self.request.from.is_some());
        let note = note.map(|own| format!(" (when that is empty it means {own})")).unwrap_or_default();
        Some(format!("add {block} to `client_cidrs` in consumer-account/account.toml{note}, then `{}`", up(hub)))
    }
}
