//! ACM certificates (`acm:*Certificate`): requested, imported or issued by a private CA. Found by tag.

use model::{Calls, CertificateArn, CreateSafety, DnsName, Facts, Field, Kind, Output};
use serde::{Deserialize, Serialize};

/// Where it comes from.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum CertificateSource {
    /// PEM files; the fingerprint is the leaf's SHA-256 in lower-case hexadecimal and stands for all of them.
    Import { fingerprint: String, certificate: String, private_key: String, chain: Option<String> },
    /// Issued by the AWS Private CA with this ARN.
    PrivateCa { authority: String },
    /// Issued by ACM once the validation record is in the public zone.
    Request,
}

/// A certificate for a name.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Certificate {
    /// The common name, at most 64 characters.
    pub domain: DnsName,
    /// All names, `domain` among them, in ascending order. Empty for imported ones: their file says.
    pub names: Vec<DnsName>,
    pub source: CertificateSource,
}

impl Certificate {
    /// Known when ISSUED: neither a listener nor a domain takes it before.
    pub const ARN: Field<Self, CertificateArn> = Field::new("arn");
    /// The record that proves the name; of requested ones only, seconds after the request.
    pub const VALIDATION_NAME: Field<Self, DnsName> = Field::new("validation_name");
    pub const VALIDATION_VALUE: Field<Self, DnsName> = Field::new("validation_value");
}

/// Every name in it, as a JSON array in ascending order.
const NAMES: &str = "names";
/// When it expires, in seconds since 1970; of issued ones.
const NOT_AFTER: &str = "not_after";

impl Kind for Certificate {
    const FACTS: Facts = Facts {
        kind: "certificate",
        title: "certificate",
        replace_on: &["domain", "names"],
        create_first: true,
        outputs: &[
            Output::ready("arn"),
            Output::created(NAMES),
            Output::ready(NOT_AFTER),
            Output::created("validation_name"),
            Output::created("validation_value"),
        ],
        calls: Calls {
            create: &["acm:RequestCertificate"],
            delete: &["acm:DeleteCertificate"],
            also: &["acm:AddTagsToCertificate", "acm:ImportCertificate"],
            ..Calls::NONE
        },
        typical_seconds: 180,
        deadline_seconds: 2700,
        ..Facts::of(CreateSafety::TagFirst)
    };
}

#[cfg(feature = "live")]
mod seen;

#[cfg(feature = "live")]
mod live {
    use aws_sdk_acm::{
        primitives::Blob,
        types::{CertificateSummary, CertificateType, Filters, KeyAlgorithm, Tag, ValidationMethod},
    };
    use engine::{CallError, Made};
    use futures::{StreamExt as _, TryStreamExt as _, stream};
    use model::{Address, DnsName, Tags};
    use serde_json::json;

    use super::{Certificate, CertificateSource, NAMES, seen};
    use crate::{
        Live, Seen, Wanted,
        aws::{Aws, absent, acm, outputs, owner, pem::Leaf, pending, ready},
    };

    /// AWS allows about ten calls a second of each sort.
    const LOOKS_AT_ONCE: usize = 4;

    impl Live for Certificate {
        async fn read(aws: &Aws, wanted: &[Wanted<Self>]) -> Result<Vec<Seen<Self>>, CallError> {
            let everywhere = aws.looks_everywhere().await;
            if wanted.is_empty() && !everywhere {
                return Ok(Vec::new());
            }
            let is_likely = |summary: &CertificateSummary| everywhere || may_be_wanted(summary, wanted);
            let candidates = list(aws).await?.into_iter().filter(is_likely);
            let looks = stream::iter(candidates).map(|summary| look(aws, summary, wanted)).buffered(LOOKS_AT_ONCE);
            Ok(looks.try_collect::<Vec<_>>().await?.into_iter().flatten().collect())
        }

        async fn create(aws: &Aws, at: &Address, want: &Self) -> Result<Made, CallError> {
            if let CertificateSource::Import { .. } = &want.source {
                return import(aws, at, want, None).await;
            }
            let further: Vec<String> = want.names.iter().filter(|name| **name != want.domain).map(text).collect();
            let mut call = aws
                .acm
                .request_certificate()
                .domain_name(want.domain.as_str())
                .set_subject_alternative_names(Some(further).filter(|further| !further.is_empty()))
                .idempotency_token(aws.token(at, want))
                .key_algorithm(KeyAlgorithm::Rsa2048)
                .set_tags(Some(tags(aws, at)));
            call = match &want.source {
                CertificateSource::PrivateCa { authority } => call.certificate_authority_arn(authority),
                _ => call.validation_method(ValidationMethod::Dns),
            };
            aws.call("acm:RequestCertificate", at, call.send()).await?;
            Ok(pending(outputs([(NAMES, json!(want.names))]), "requested"))
        }

        /// Only a new file changes in place: under the same ARN, so that whoever uses it notices nothing.
        async fn update(aws: &Aws, seen: &Seen<Self>, want: &Self, _fields: &[String]) -> Result<Made, CallError> {
            match (&seen.spec.source, &want.source) {
                (CertificateSource::Import { .. }, CertificateSource::Import { .. }) => {
                    import(aws, &seen.address, want, Some(arn(seen))).await
                }
                _ => Err(aws.refuse(&seen.address, "its source cannot change in place")),
            }
        }

        /// AWS lets go of a certificate some minutes after its last user went.
        async fn delete(aws: &Aws, seen: &Seen<Self>) -> Result<(), CallError> {
            let call = aws.acm.delete_certificate().certificate_arn(arn(seen));
            absent(aws.call("acm:DeleteCertificate", &seen.address, call.send()).await).map(drop)
        }
    }

    /// Of every key type: without the filter AWS lists RSA keys of up to 2048 bits only.
    async fn list(aws: &Aws) -> Result<Vec<CertificateSummary>, CallError> {
        let all = KeyAlgorithm::values().iter().map(|algorithm| KeyAlgorithm::from(*algorithm)).collect();
        let filters = Filters::builder().set_key_types(Some(all)).build();
        let pages = aws.acm.list_certificates().includes(filters).into_paginator().items();
        aws.list("acm:ListCertificates", pages.send().try_collect()).await
    }

    /// Tags cost a call each, so only likely ones are asked. The name of an imported one is in its file, whatever the
    /// spec says.
    fn may_be_wanted(summary: &CertificateSummary, wanted: &[Wanted<Certificate>]) -> bool {
        let is_imported = summary.r#type == Some(CertificateType::Imported);
        wanted.iter().any(|wanted| match wanted.spec.source {
            CertificateSource::Import { .. } if is_imported => true,
            _ => summary.domain_name() == Some(wanted.spec.domain.as_str()),
        })
    }

    async fn look(
        aws: &Aws,
        summary: CertificateSummary,
        wanted: &[Wanted<Certificate>],
    ) -> Result<Option<Seen<Certificate>>, CallError> {
        let arn = summary.certificate_arn().unwrap_or_default();
        let Some(tags) = acm::tags(aws, arn).await?.as_ref().clone() else { return Ok(None) };
        let Some(address) = owner::owner::<Certificate>(aws, &tags) else { return Ok(None) };
        let want = wanted.iter().find(|wanted| wanted.address == address).map(|wanted| &wanted.spec);
        if summary.r#type == Some(CertificateType::Imported) {
            if let Some(leaf) = unchanged(&summary, &tags, want).await {
                return Ok(Some(seen::of_import(address, &summary, leaf, want)));
            }
            let call = aws.acm.get_certificate().certificate_arn(arn);
            let answer = absent(aws.list("acm:GetCertificate", call.send()).await)?;
            let leaf = answer.and_then(|answer| Leaf::parse(answer.certificate?.as_bytes()).ok());
            return Ok(leaf.map(|leaf| seen::of_import(address, &summary, leaf, want)));
        }
        let call = aws.acm.describe_certificate().certificate_arn(arn);
        let answer = absent(aws.list("acm:DescribeCertificate", call.send()).await)?;
        Ok(answer
            .and_then(|answer| answer.certificate)
            .map(|detail| seen::of_request(address, &summary, &detail, want)))
    }

    /// The wanted file, if the tags say that it was imported and what is listed has its dates: then nobody imported another
    /// one since, and the certificate itself need not be fetched.
    async fn unchanged(summary: &CertificateSummary, tags: &Tags, want: Option<&Certificate>) -> Option<Leaf> {
        let CertificateSource::Import { fingerprint, certificate, .. } = &want?.source else { return None };
        let leaf = Leaf::parse(&tokio::fs::read(certificate).await.ok()?).ok()?;
        let listed = (summary.not_before()?.secs(), summary.not_after()?.secs());
        let is_same = tags.0.get(Tags::SPEC) == Some(fingerprint) && leaf.fingerprint == *fingerprint;
        (is_same && listed == (leaf.not_before, leaf.not_after)).then_some(leaf)
    }

    fn tags(aws: &Aws, at: &Address) -> Vec<Tag> {
        let tag = |(key, value): (String, String)| Tag::builder().key(key).value(value).build();
        aws.tags(at).0.into_iter().map(|pair| tag(pair).expect("a key is given")).collect()
    }

    /// Sends the files; `over` is the ARN of the one that they replace.
    async fn import(aws: &Aws, at: &Address, want: &Certificate, over: Option<String>) -> Result<Made, CallError> {
        let CertificateSource::Import { fingerprint, certificate, private_key, chain } = &want.source else {
            return Err(aws.refuse(at, "only files are imported"));
        };
        let leaf = file(aws, at, certificate).await?;
        let told = Leaf::parse(&leaf).map_err(|error| aws.refuse(at, &format!("`{certificate}`: {error}")))?;
        if told.fingerprint != *fingerprint {
            return Err(aws.refuse(at, &format!("`{certificate}` is no longer the file that was planned with")));
        }
        let mut call = aws.acm.import_certificate().certificate(Blob::new(leaf));
        call = call.private_key(Blob::new(file(aws, at, private_key).await?));
        call = call.set_certificate_arn(over.clone());
        if let Some(chain) = chain {
            call = call.certificate_chain(Blob::new(file(aws, at, chain).await?));
        }
        // A file that replaces another keeps its tags, and AWS refuses new ones with it.
        let spec = Tag::builder().key(Tags::SPEC).value(fingerprint).build().expect("a key is given");
        let new = || tags(aws, at).into_iter().chain([spec.clone()]).collect();
        let call = call.set_tags(over.is_none().then(new));
        let arn = aws.call("acm:ImportCertificate", at, call.send()).await?.certificate_arn;
        let arn = aws.sent(at, "CertificateArn", arn)?;
        if over.is_some() {
            let call = aws.acm.add_tags_to_certificate().certificate_arn(&arn).tags(spec);
            aws.call("acm:AddTagsToCertificate", at, call.send()).await?;
        }
        Ok(ready(seen::import_outputs(arn, &told)))
    }

    async fn file(aws: &Aws, at: &Address, path: &str) -> Result<Vec<u8>, CallError> {
        tokio::fs::read(path).await.map_err(|error| aws.refuse(at, &format!("`{path}` cannot be read: {error}")))
    }

    /// It is the last word of the identity also while the output is withheld.
    fn arn(seen: &Seen<Certificate>) -> String {
        let known = seen.output(Certificate::ARN);
        known.unwrap_or_else(|| seen.identity.rsplit(' ').next().unwrap_or_default().to_owned())
    }

    fn text(name: &DnsName) -> String {
        name.to_string()
    }
}
