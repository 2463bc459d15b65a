//! Further certificates of a listener (`elasticloadbalancing:*ListenerCertificates`), chosen by SNI. Not taggable.

use model::{CertificateArn, CreateSafety, Facts, Input, Kind, ListenerArn};
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
        ..Facts::of(CreateSafety::Relation)
    };
}

#[cfg(feature = "live")]
mod live {
    use aws_sdk_elasticloadbalancingv2::types::Certificate;
    use engine::{CallError, Made, State};
    use futures::future::try_join_all;
    use model::{Address, Outputs};

    use super::ListenerCertificate;
    use crate::{
        Live, Seen, Wanted,
        aws::{Aws, absent, elb, ready},
    };

    impl Live for ListenerCertificate {
        async fn read(aws: &Aws, wanted: &[Wanted<Self>]) -> Result<Vec<Seen<Self>>, CallError> {
            let found = try_join_all(wanted.iter().map(|wanted| async {
                let Some(listener) = wanted.spec.listener.if_known() else { return Ok(None) };
                Ok(seen(wanted, &elb::certificates(aws, listener.as_str()).await?))
            }));
            Ok(found.await?.into_iter().flatten().collect())
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

    fn certificate(of: &ListenerCertificate) -> Certificate {
        Certificate::builder().certificate_arn(of.certificate.as_str()).build()
    }

    /// The default certificate is listed as well, and does not count.
    fn seen(wanted: &Wanted<ListenerCertificate>, found: &[Certificate]) -> Option<Seen<ListenerCertificate>> {
        let arn = wanted.spec.certificate.if_known()?.as_str();
        let is_it = |found: &&Certificate| found.is_default != Some(true) && found.certificate_arn() == Some(arn);
        found.iter().find(is_it).map(|_| Seen {
            address: wanted.address.clone(),
            spec: wanted.spec.clone(),
            outputs: Outputs::new(),
            state: State::Ready,
            identity: arn.to_owned(),
        })
    }
}
