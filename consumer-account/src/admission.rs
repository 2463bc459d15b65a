//! What a service has in the hub: its rule, its certificate, its name. All of it belongs to the service's target.

use config::Config;
use kinds::{
    Certificate, HostedZone, Listener, ListenerCertificate, ListenerRule, LoadBalancer, RecordSet, TargetGroup,
    certificate::CertificateSource,
    listener_rule::{RuleAction, RuleCondition},
    record_set::RecordTarget,
};
use model::{Address, Graph, Handle};

use crate::{Handles, TARGET, dns};

/// A service that wants to be reachable through the hub.
#[derive(Clone, Debug)]
pub struct Admission<'a> {
    /// Its target.
    pub service: &'a str,
    /// The name clients use.
    pub host: &'a str,
    /// Where its certificate at the listener comes from. An imported one of the hub's covers all names already: None.
    pub certificate: Option<CertificateSource>,
}

/// Declares the service's objects in the hub; their addresses are what waits when only the hub's owner may make them.
pub fn admit(config: &Config, own: &Handles, admission: &Admission<'_>, graph: &mut Graph) -> Vec<Address> {
    let mut admitted = vec![rule(own, admission, graph), record(own, admission, graph)];
    admitted.extend(certificate(config, own, admission, graph));
    admitted
}

fn rule(own: &Handles, admission: &Admission<'_>, graph: &mut Graph) -> Address {
    let rule = ListenerRule {
        listener: own.listener.get(Listener::ARN),
        priority: None,
        condition: RuleCondition::Host(vec![admission.host.to_owned()]),
        action: RuleAction::Forward(own.target_group.get(TargetGroup::ARN)),
    };
    graph.add(TARGET, admission.service, "host", rule).address
}

fn record(own: &Handles, admission: &Admission<'_>, graph: &mut Graph) -> Address {
    let record = RecordSet {
        zone: own.zone.get(HostedZone::ID),
        name: admission.host.into(),
        target: RecordTarget::Alias {
            dns_name: own.balancer.get(LoadBalancer::DNS_NAME),
            zone: own.balancer.get(LoadBalancer::ZONE_ID),
        },
    };
    graph.add(TARGET, admission.service, "host", record).address
}

fn certificate(config: &Config, own: &Handles, admission: &Admission<'_>, graph: &mut Graph) -> Vec<Address> {
    let Some(source) = &admission.certificate else { return Vec::new() };
    let certificate: Handle<Certificate> = graph.add(
        TARGET,
        admission.service,
        "listener",
        Certificate {
            domain: admission.host.into(),
            names: dns::names(source, admission.host),
            source: source.clone(),
        },
    );
    dns::validated(config, admission.service, &certificate, source, graph);
    let shown = ListenerCertificate {
        listener: own.listener.get(Listener::ARN),
        certificate: certificate.get(Certificate::ARN),
    };
    let shown = graph.add(TARGET, admission.service, "host", shown);
    vec![certificate.address, shown.address]
}
