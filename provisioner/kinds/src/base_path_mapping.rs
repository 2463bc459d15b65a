//! Base path mappings (`apigateway:*BasePathMapping`). Found at the domain, by path; not taggable.

use model::{ApiId, Calls, CreateSafety, DomainName, Facts, Input, Kind, StageName};
use serde::{Deserialize, Serialize};

/// Sends a domain's requests to a stage.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BasePathMapping {
    pub domain: Input<DomainName>,
    /// One segment, or `(none)` for the whole domain.
    pub path: String,
    pub api: Input<ApiId>,
    pub stage: Input<StageName>,
}

impl Kind for BasePathMapping {
    const FACTS: Facts = Facts {
        kind: "base-path-mapping",
        title: "base path mapping",
        located_by: &["domain"],
        replace_on: &["domain", "path"],
        calls: Calls {
            create: &["apigateway:CreateBasePathMapping"],
            update: &["apigateway:UpdateBasePathMapping"],
            delete: &["apigateway:DeleteBasePathMapping"],
            ..Calls::NONE
        },
        ..Facts::of(CreateSafety::Relation)
    };
}

#[cfg(feature = "live")]
mod live {
    use std::collections::BTreeMap;

    use aws_sdk_apigateway::types::{self, PatchOperation};
    use engine::{CallError, Class, Made, State};
    use futures::future::try_join_all;
    use model::{Address, Outputs};

    use super::BasePathMapping;
    use crate::{
        Live, Seen, Wanted,
        aws::{Aws, Gap, absent, apigateway, ready, telling},
    };

    impl Live for BasePathMapping {
        async fn read(aws: &Aws, wanted: &[Wanted<Self>]) -> Result<Vec<Seen<Self>>, CallError> {
            let mut domains: BTreeMap<&str, Vec<&Wanted<Self>>> = BTreeMap::new();
            for (domain, wanted) in wanted.iter().filter_map(|wanted| Some((wanted.spec.domain.if_known()?, wanted))) {
                domains.entry(domain.as_str()).or_default().push(wanted);
            }
            let found = try_join_all(domains.into_iter().map(|(domain, wanted)| read_of(aws, domain, wanted))).await?;
            Ok(found.into_iter().flatten().collect())
        }

        async fn create(aws: &Aws, at: &Address, want: &Self) -> Result<Made, CallError> {
            let call = aws
                .apigateway
                .create_base_path_mapping()
                .domain_name(want.domain.as_str())
                .base_path(&want.path)
                .rest_api_id(want.api.as_str())
                .stage(want.stage.as_str());
            let made = aws.call("apigateway:CreateBasePathMapping", at, call.send()).await?;
            let mapping = types::BasePathMapping::builder().set_base_path(made.base_path);
            let mapping = mapping.set_rest_api_id(made.rest_api_id).set_stage(made.stage).build();
            Ok(telling(ready(Outputs::new()), Some(spec(want, &mapping))))
        }

        async fn update(aws: &Aws, seen: &Seen<Self>, want: &Self, fields: &[String]) -> Result<Made, CallError> {
            let patch: Vec<PatchOperation> = fields.iter().filter_map(|field| operation(want, field)).collect();
            let call = aws
                .apigateway
                .update_base_path_mapping()
                .domain_name(want.domain.as_str())
                .base_path(&want.path)
                .set_patch_operations(Some(patch));
            aws.call("apigateway:UpdateBasePathMapping", &seen.address, call.send()).await?;
            Ok(ready(Outputs::new()))
        }

        async fn delete(aws: &Aws, seen: &Seen<Self>) -> Result<(), CallError> {
            let domain = seen.spec.domain.as_str();
            let call = aws.apigateway.delete_base_path_mapping().domain_name(domain).base_path(&seen.spec.path);
            absent(aws.call("apigateway:DeleteBasePathMapping", &seen.address, call.send()).await).map(drop)
        }
    }

    fn operation(want: &BasePathMapping, field: &str) -> Option<PatchOperation> {
        match field {
            "api" => Some(apigateway::replace("/restapiId", want.api.as_str())),
            "stage" => Some(apigateway::replace("/stage", want.stage.as_str())),
            _ => None,
        }
    }

    /// One domain's mappings: those at wanted paths, and one that leads to a wanted API from the path it had before.
    async fn read_of(
        aws: &Aws,
        domain: &str,
        wanted: Vec<&Wanted<BasePathMapping>>,
    ) -> Result<Vec<Seen<BasePathMapping>>, CallError> {
        let found = mappings(aws, domain, &wanted[0].address).await?;
        let here = |wanted: &Wanted<BasePathMapping>| found.iter().any(|mapping| path(mapping) == wanted.spec.path);
        let moved = |wanted: &Wanted<BasePathMapping>, mapping: &types::BasePathMapping| {
            let api = wanted.spec.api.if_known().map(|api| api.as_str());
            !here(wanted) && api.is_some() && mapping.rest_api_id() == api
        };
        let whose = |mapping: &types::BasePathMapping| {
            let at_its_path = wanted.iter().find(|wanted| wanted.spec.path == path(mapping));
            at_its_path.or_else(|| wanted.iter().find(|wanted| moved(wanted, mapping)))
        };
        Ok(found.iter().filter_map(|mapping| Some(seen(whose(mapping)?, mapping))).collect())
    }

    async fn mappings(aws: &Aws, domain: &str, at: &Address) -> Result<Vec<types::BasePathMapping>, CallError> {
        let call = aws.apigateway.get_base_path_mappings().domain_name(domain).limit(apigateway::PAGE);
        let pages = call.into_paginator().items();
        match absent(aws.call("apigateway:GetBasePathMappings", at, pages.send().try_collect()).await) {
            Err(error) if error.class == Class::Unknown && aws.may_have(Gap::FirstBasePathMapping) => Ok(Vec::new()),
            answer => answer.map(Option::unwrap_or_default),
        }
    }

    /// The whole domain's path may come as nothing at all.
    fn path(mapping: &types::BasePathMapping) -> &str {
        mapping.base_path().filter(|path| !path.is_empty()).unwrap_or("(none)")
    }

    fn seen(wanted: &Wanted<BasePathMapping>, mapping: &types::BasePathMapping) -> Seen<BasePathMapping> {
        Seen {
            address: wanted.address.clone(),
            identity: format!("{} {}", wanted.spec.domain.as_str(), path(mapping)),
            spec: spec(&wanted.spec, mapping),
            outputs: Outputs::new(),
            state: State::Ready,
        }
    }

    fn spec(want: &BasePathMapping, mapping: &types::BasePathMapping) -> BasePathMapping {
        BasePathMapping {
            domain: want.domain.clone(),
            path: path(mapping).to_owned(),
            api: mapping.rest_api_id().unwrap_or_default().into(),
            stage: mapping.stage().unwrap_or_default().into(),
        }
    }
}
