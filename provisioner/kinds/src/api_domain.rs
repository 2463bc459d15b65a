//! REGIONAL custom domain names (`apigateway:* /domainnames`). Unique per Region over all of AWS; confirmed by tags.

use model::{Calls, CertificateArn, CreateSafety, DomainName, Facts, Field, Input, Kind, Output};
use serde::{Deserialize, Serialize};

/// The name by which the execute-api endpoint finds the API. Always TLS 1.2 or later.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ApiDomain {
    pub name: DomainName,
    /// In the same account and Region, ISSUED.
    pub certificate: Input<CertificateArn>,
}

impl ApiDomain {
    /// Known when AVAILABLE: a mapping needs that.
    pub const NAME: Field<Self, DomainName> = Field::new("name");
}

impl Kind for ApiDomain {
    const FACTS: Facts = Facts {
        kind: "api-domain",
        title: "custom domain name",
        replace_on: &["name"],
        outputs: &[Output::ready("name")],
        calls: Calls {
            create: &["apigateway:CreateDomainName"],
            update: &["apigateway:UpdateDomainName"],
            delete: &["apigateway:DeleteDomainName"],
            ..Calls::NONE
        },
        typical_seconds: 60,
        deadline_seconds: 900,
        ..Facts::of(CreateSafety::Named)
    };
}

#[cfg(feature = "live")]
mod live {
    use aws_sdk_apigateway::types::{
        DomainName, DomainNameStatus, EndpointConfiguration, EndpointType, SecurityPolicy,
    };
    use engine::{CallError, Class, Made, State};
    use model::{Address, Outputs};

    use super::ApiDomain;
    use crate::{
        Live, Seen, Wanted,
        aws::{Aws, absent, apigateway, outputs, owner::foreign, tag_map, telling},
    };

    impl Live for ApiDomain {
        async fn read(aws: &Aws, wanted: &[Wanted<Self>]) -> Result<Vec<Seen<Self>>, CallError> {
            let pages = aws.apigateway.get_domain_names().limit(apigateway::PAGE).into_paginator().items();
            let found: Vec<DomainName> = aws.list("apigateway:GetDomainNames", pages.send().try_collect()).await?;
            Ok(found.into_iter().filter_map(|domain| seen(aws, wanted, domain)).collect())
        }

        async fn create(aws: &Aws, at: &Address, want: &Self) -> Result<Made, CallError> {
            let call = aws
                .apigateway
                .create_domain_name()
                .domain_name(want.name.as_str())
                .regional_certificate_arn(want.certificate.as_str())
                .endpoint_configuration(EndpointConfiguration::builder().types(EndpointType::Regional).build())
                .security_policy(SecurityPolicy::Tls12)
                .set_tags(tag_map::tags(aws, at));
            match aws.call("apigateway:CreateDomainName", at, call.send()).await {
                Ok(made) => {
                    let certificate = made.regional_certificate_arn.map(|arn| arn.as_str().into());
                    let answered = certificate.map(|certificate| Self { certificate, ..want.clone() });
                    let made = self::made(want, made.domain_name_status.as_ref(), made.domain_name_status_message);
                    Ok(telling(made, answered))
                }
                Err(error) if error.class == Class::Exists => Err(whose(aws, at, want, error).await),
                Err(error) => Err(error),
            }
        }

        async fn update(aws: &Aws, seen: &Seen<Self>, want: &Self, _: &[String]) -> Result<Made, CallError> {
            let patch = apigateway::replace("/regionalCertificateArn", want.certificate.as_str());
            let call = aws.apigateway.update_domain_name().domain_name(want.name.as_str()).patch_operations(patch);
            let made = aws.call("apigateway:UpdateDomainName", &seen.address, call.send()).await?;
            Ok(self::made(want, made.domain_name_status.as_ref(), made.domain_name_status_message))
        }

        async fn delete(aws: &Aws, seen: &Seen<Self>) -> Result<(), CallError> {
            let call = aws.apigateway.delete_domain_name().domain_name(seen.spec.name.as_str());
            absent(aws.call("apigateway:DeleteDomainName", &seen.address, call.send()).await).map(drop)
        }
    }

    /// AWS says "already exists" of this account's domains and of everybody else's: only ours can be got.
    async fn whose(aws: &Aws, at: &Address, want: &ApiDomain, exists: CallError) -> CallError {
        let name = want.name.as_str();
        let call = aws.apigateway.get_domain_name().domain_name(name);
        match absent(aws.call("apigateway:GetDomainName", at, call.send()).await) {
            Ok(None) => CallError {
                class: Class::Fatal,
                message: format!("`{name}` belongs to another AWS account: custom domain names are unique in a Region"),
                ..exists
            },
            Ok(Some(_)) => exists,
            Err(error) => error,
        }
    }

    fn named(name: &str) -> Outputs {
        outputs([(ApiDomain::NAME.name, name)])
    }

    fn made(want: &ApiDomain, status: Option<&DomainNameStatus>, message: Option<String>) -> Made {
        Made::new(named(want.name.as_str()), state(status, message))
    }

    fn seen(aws: &Aws, wanted: &[Wanted<ApiDomain>], domain: DomainName) -> Option<Seen<ApiDomain>> {
        let name = domain.domain_name()?;
        let Some(address) = tag_map::owner::<ApiDomain>(aws, domain.tags()) else {
            let wanted = wanted.iter().find(|wanted| wanted.spec.name.as_str() == name)?;
            return Some(foreign(wanted, &format!("custom domain name `{name}`")));
        };
        Some(Seen {
            address,
            spec: ApiDomain {
                name: name.into(),
                certificate: domain.regional_certificate_arn().unwrap_or_default().into(),
            },
            outputs: named(name),
            identity: name.to_owned(),
            state: state(domain.domain_name_status.as_ref(), domain.domain_name_status_message.clone()),
        })
    }

    fn state(status: Option<&DomainNameStatus>, message: Option<String>) -> State {
        let message = message.unwrap_or_default();
        match status {
            None | Some(DomainNameStatus::Available) => State::Ready,
            Some(DomainNameStatus::Failed) => State::Broken(message),
            Some(status) => State::Pending(format!("{status} {message}").trim_end().to_owned()),
        }
    }
}
