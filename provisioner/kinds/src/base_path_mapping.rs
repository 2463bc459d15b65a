//! Base path mappings (`apigateway:*BasePathMapping`). Found at the domain, by path; not taggable.

use model::{ApiId, CreateSafety, DomainName, Facts, Input, Kind, StageName};
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
        ..Facts::of(CreateSafety::Relation)
    };
}
