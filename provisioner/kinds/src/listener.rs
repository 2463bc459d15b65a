//! HTTPS listeners (`elasticloadbalancing:*Listener`). Found at the load balancer, by port; confirmed by tags.

use model::{Calls, CertificateArn, CreateSafety, Facts, Field, Input, Kind, ListenerArn, LoadBalancerArn, Output};
use serde::{Deserialize, Serialize};

/// Takes HTTPS and answers 404 unless a rule says otherwise.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Listener {
    pub load_balancer: Input<LoadBalancerArn>,
    pub port: u16,
    /// Such as `ELBSecurityPolicy-TLS13-1-2-2021-06`.
    pub tls_policy: String,
    /// The one shown to clients that ask for no name, or for one without a certificate of its own.
    pub certificate: Input<CertificateArn>,
    /// The fixed answer for requests that no rule matches.
    pub default_status: u16,
}

impl Listener {
    pub const ARN: Field<Self, ListenerArn> = Field::new("arn");
}

impl Kind for Listener {
    const FACTS: Facts = Facts {
        kind: "listener",
        title: "listener",
        located_by: &["load_balancer"],
        replace_on: &["load_balancer"],
        create_first: true,
        // The ARNs of all its certificates, the default one first.
        outputs: &[Output::created("arn"), Output::changing("certificates")],
        calls: Calls {
            create: &["elasticloadbalancing:CreateListener"],
            update: &["elasticloadbalancing:ModifyListener"],
            delete: &["elasticloadbalancing:DeleteListener"],
            ..Calls::NONE
        },
        ..Facts::of(CreateSafety::Named)
    };
}

#[cfg(feature = "live")]
mod live {
    use std::collections::BTreeSet;

    use aws_sdk_elasticloadbalancingv2::types::{
        self, Action, ActionTypeEnum, Certificate, FixedResponseActionConfig, ProtocolEnum,
    };
    use engine::{CallError, Made, State};
    use futures::future::{try_join, try_join_all};
    use model::Address;
    use serde_json::json;

    use super::Listener;
    use crate::{
        Live, Seen, Wanted,
        aws::{
            Aws, absent,
            elb::{self, Claim, Owners},
            outputs,
            owner::foreign,
            ready,
        },
    };

    impl Live for Listener {
        async fn read(aws: &Aws, wanted: &[Wanted<Self>]) -> Result<Vec<Seen<Self>>, CallError> {
            let balancers: BTreeSet<&str> =
                wanted.iter().filter_map(|wanted| Some(wanted.spec.load_balancer.if_known()?.as_str())).collect();
            let found = balancers.into_iter().map(|balancer| read_at(aws, balancer, wanted));
            Ok(try_join_all(found).await?.into_iter().flatten().collect())
        }

        async fn create(aws: &Aws, at: &Address, want: &Self) -> Result<Made, CallError> {
            let call = aws
                .elb
                .create_listener()
                .load_balancer_arn(want.load_balancer.as_str())
                .port(i32::from(want.port))
                .protocol(ProtocolEnum::Https)
                .ssl_policy(&want.tls_policy)
                .certificates(certificate(want))
                .default_actions(default_action(want))
                .set_tags(elb::tags(aws, at));
            let made = aws.call("elasticloadbalancing:CreateListener", at, call.send()).await?.listeners;
            let made = made.unwrap_or_default().pop().and_then(|listener| listener.listener_arn);
            let arn = aws.sent(at, "ListenerArn", made)?;
            Ok(ready(outputs([(Self::ARN.name, arn)])))
        }

        async fn update(aws: &Aws, seen: &Seen<Self>, want: &Self, fields: &[String]) -> Result<Made, CallError> {
            let mut call = aws.elb.modify_listener().set_listener_arn(seen.output(Self::ARN));
            for field in fields {
                call = match field.as_str() {
                    "certificate" => call.certificates(certificate(want)),
                    "default_status" => call.default_actions(default_action(want)),
                    "port" => call.port(i32::from(want.port)),
                    "tls_policy" => call.protocol(ProtocolEnum::Https).ssl_policy(&want.tls_policy),
                    _ => call,
                };
            }
            aws.call("elasticloadbalancing:ModifyListener", &seen.address, call.send()).await?;
            Ok(ready(seen.outputs.clone()))
        }

        async fn delete(aws: &Aws, seen: &Seen<Self>) -> Result<(), CallError> {
            let call = aws.elb.delete_listener().set_listener_arn(seen.output(Self::ARN));
            absent(aws.call("elasticloadbalancing:DeleteListener", &seen.address, call.send()).await).map(drop)
        }
    }

    fn certificate(want: &Listener) -> Certificate {
        Certificate::builder().certificate_arn(want.certificate.as_str()).build()
    }

    fn default_action(want: &Listener) -> Action {
        let answer = FixedResponseActionConfig::builder().status_code(want.default_status.to_string());
        let answer = answer.content_type("text/plain").build();
        Action::builder().r#type(ActionTypeEnum::FixedResponse).fixed_response_config(answer).build()
    }

    async fn read_at(aws: &Aws, balancer: &str, wanted: &[Wanted<Listener>]) -> Result<Vec<Seen<Listener>>, CallError> {
        let (listeners, owners) = try_join(elb::listeners(aws, balancer), elb::owners_at(aws, balancer)).await?;
        let found = listeners.iter().map(|found| seen(aws, found, &owners, wanted));
        Ok(try_join_all(found).await?.into_iter().flatten().collect())
    }

    async fn seen(
        aws: &Aws,
        found: &types::Listener,
        owners: &Owners,
        wanted: &[Wanted<Listener>],
    ) -> Result<Option<Seen<Listener>>, CallError> {
        let (Some(arn), Some(spec)) = (found.listener_arn(), spec(found)) else { return Ok(None) };
        let takes_its_port = |want: &Listener| want.port == spec.port && want.load_balancer == spec.load_balancer;
        let address = match elb::claim(owners, arn, wanted, takes_its_port) {
            Some(Claim::Ours(address, _)) => address,
            Some(Claim::Foreign(wanted)) => return Ok(Some(foreign(wanted, "a listener on this port"))),
            None => return Ok(None),
        };
        let certificates = certificates(aws, arn).await?;
        let outputs = outputs([(Listener::ARN.name, json!(arn)), ("certificates", json!(certificates))]);
        Ok(Some(Seen { address, spec, outputs, state: State::Ready, identity: arn.to_owned() }))
    }

    /// The default one first.
    async fn certificates(aws: &Aws, listener: &str) -> Result<Vec<String>, CallError> {
        let found = elb::certificates(aws, listener).await?;
        let (default, others): (Vec<_>, Vec<_>) = found.iter().partition(|found| found.is_default == Some(true));
        Ok(default.into_iter().chain(others).filter_map(|found| found.certificate_arn.clone()).collect())
    }

    /// A listener that takes no HTTPS has no policy and no certificate; a default action that is no fixed answer has
    /// status 0.
    fn spec(found: &types::Listener) -> Option<Listener> {
        let default = found.certificates().first().and_then(|certificate| certificate.certificate_arn.clone());
        let answer = found.default_actions().first().and_then(|action| action.fixed_response_config());
        let status = answer.and_then(|answer| answer.status_code()?.parse().ok());
        Some(Listener {
            load_balancer: found.load_balancer_arn()?.into(),
            port: u16::try_from(found.port?).ok()?,
            tls_policy: found.ssl_policy.clone().unwrap_or_default(),
            certificate: default.unwrap_or_default().into(),
            default_status: status.unwrap_or_default(),
        })
    }
}
