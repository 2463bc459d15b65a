//! Further certificates of a listener (`elasticloadbalancing:*ListenerCertificates`), chosen by SNI. Not taggable.

use model::{Calls, CertificateArn, CreateSafety, Facts, Input, Kind, ListenerArn};
use serde::{Deserialize, Serialize};

/// Adds one certificate to a listener.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ListenerCertificate {
    pub listener: Input<ListenerArn>,
    pub certificate: Input<CertificateArn>,
}

impl Kind for ListenerCertificate {
    const FACTS: Facts = Facts {
        kind: "listener-certificate",
        title: "listener certificate",
        located_by: &["certificate", "listener"],
        replace_on: &["certificate", "listener"],
        create_first: true,
        calls: Calls {
            create: &["elasticloadbalancing:AddListenerCertificates"],
            delete: &["elasticloadbalancing:RemoveListenerCertificates"],
            ..Calls::NONE
        },
        ..Facts::of(CreateSafety::Relation)
    };
}

#[cfg(feature = "live")]
mod live {
    use aws_sdk_elasticloadbalancingv2::types;
    use engine::{CallError, Made, State};
    use futures::future::try_join_all;
    use model::{Address, Kind as _, Outputs};

    use super::ListenerCertificate;
    use crate::{
        Certificate, Live, Seen, Wanted,
        aws::{Aws, absent, acm, elb, owner, ready},
    };

    impl Live for ListenerCertificate {
        async fn read(aws: &Aws, wanted: &[Wanted<Self>]) -> Result<Vec<Seen<Self>>, CallError> {
            let found = try_join_all(wanted.iter().map(|wanted| async {
                let Some(listener) = wanted.spec.listener.if_known() else { return Ok(None) };
                Ok(seen(wanted, &elb::certificates(aws, listener.as_str()).await?))
            }));
            let mut found: Vec<_> = found.await?.into_iter().flatten().collect();
            if aws.looks_everywhere().await {
                let listeners = elb::our_listeners(aws).await?;
                let unwanted = listeners.iter().map(|listener| unwanted(aws, listener, wanted));
                found.extend(try_join_all(unwanted).await?.into_iter().flatten());
            }
            Ok(found)
        }

        async fn create(aws: &Aws, at: &Address, want: &Self) -> Result<Made, CallError> {
            let call = aws.elb.add_listener_certificates().listener_arn(want.listener.as_str());
            let call = call.certificates(certificate(want));
            aws.call("elasticloadbalancing:AddListenerCertificates", at, call.send()).await?;
            Ok(ready(Outputs::new()))
        }

        async fn delete(aws: &Aws, seen: &Seen<Self>) -> Result<(), CallError> {
            let call = aws.elb.remove_listener_certificates().listener_arn(seen.spec.listener.as_str());
            let call = call.certificates(certificate(&seen.spec));
            let answer = aws.call("elasticloadbalancing:RemoveListenerCertificates", &seen.address, call.send()).await;
            absent(answer).map(drop)
        }
    }

    /// The relation has no tags, but what it adds to our listener does: it belongs to the target of its certificate.
    async fn unwanted(
        aws: &Aws,
        listener: &str,
        wanted: &[Wanted<ListenerCertificate>],
    ) -> Result<Vec<Seen<ListenerCertificate>>, CallError> {
        let is_wanted = |arn: &str| {
            wanted.iter().filter_map(|it| it.spec.certificate.if_known()).any(|known| known.as_str() == arn)
        };
        let listed = elb::certificates(aws, listener).await?;
        let further = listed.iter().filter(|found| found.is_default != Some(true));
        let further = further.filter_map(|found| found.certificate_arn()).filter(|arn| !is_wanted(arn));
        let found = try_join_all(further.map(|arn| async move {
            let tags = acm::tags(aws, arn).await?;
            let owner = tags.as_ref().as_ref().and_then(|tags| owner::owner::<Certificate>(aws, tags));
            Ok(owner.map(|owner| relation(&owner, listener, arn)))
        }));
        Ok(found.await?.into_iter().flatten().collect())
    }

    fn relation(owner: &Address, listener: &str, certificate: &str) -> Seen<ListenerCertificate> {
        Seen {
            address: Address::new(owner.target(), ListenerCertificate::FACTS.kind, owner.name()),
            spec: ListenerCertificate { listener: listener.into(), certificate: certificate.into() },
            outputs: Outputs::new(),
            state: State::Ready,
            identity: certificate.to_owned(),
        }
    }

    fn certificate(of: &ListenerCertificate) -> types::Certificate {
        types::Certificate::builder().certificate_arn(of.certificate.as_str()).build()
    }

    /// The default certificate is listed as well, and does not count.
    fn seen(wanted: &Wanted<ListenerCertificate>, found: &[types::Certificate]) -> Option<Seen<ListenerCertificate>> {
        let arn = wanted.spec.certificate.if_known()?.as_str();
        let is_it =
            |found: &&types::Certificate| found.is_default != Some(true) && found.certificate_arn() == Some(arn);
        found.iter().find(is_it).map(|_| Seen {
            address: wanted.address.clone(),
            spec: wanted.spec.clone(),
            outputs: Outputs::new(),
            state: State::Ready,
            identity: arn.to_owned(),
        })
    }
}
