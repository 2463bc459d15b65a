//! Prefix lists that AWS manages (`ec2:DescribeManagedPrefixLists`): read, never made.

use model::{CreateSafety, Facts, Field, Kind, Output, PrefixListId};
use serde::{Deserialize, Serialize};

/// The addresses of one AWS service in the Region.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PrefixList {
    /// Such as `com.amazonaws.eu-west-1.dynamodb`.
    pub name: String,
}

impl PrefixList {
    pub const ID: Field<Self, PrefixListId> = Field::new("id");
}

impl Kind for PrefixList {
    const FACTS: Facts = Facts {
        kind: "prefix-list",
        title: "prefix list",
        outputs: &[Output::created("id")],
        ..Facts::of(CreateSafety::External)
    };
}

#[cfg(feature = "live")]
mod live {
    use aws_sdk_ec2::types::{Filter, ManagedPrefixList};
    use engine::{CallError, Made, State};
    use model::Address;

    use super::PrefixList;
    use crate::{
        Live, Seen, Wanted,
        aws::{Aws, outputs},
    };

    impl Live for PrefixList {
        /// Nobody else may give a list a name that starts with `com.amazonaws`.
        async fn read(aws: &Aws, wanted: &[Wanted<Self>]) -> Result<Vec<Seen<Self>>, CallError> {
            if wanted.is_empty() {
                return Ok(Vec::new());
            }
            let names = wanted.iter().map(|wanted| wanted.spec.name.clone()).collect();
            let named = Filter::builder().name("prefix-list-name").set_values(Some(names)).build();
            let pages = aws.ec2.describe_managed_prefix_lists().filters(named).into_paginator().items();
            let found: Vec<_> = aws.list("ec2:DescribeManagedPrefixLists", pages.send().try_collect()).await?;
            Ok(wanted.iter().filter_map(|wanted| seen(wanted, &found)).collect())
        }

        async fn create(aws: &Aws, at: &Address, want: &Self) -> Result<Made, CallError> {
            Err(aws
                .refuse(at, &format!("only AWS makes prefix lists, and there is no `{}` in {}", want.name, aws.region)))
        }

        async fn delete(_aws: &Aws, _seen: &Seen<Self>) -> Result<(), CallError> {
            Ok(())
        }
    }

    fn seen(wanted: &Wanted<PrefixList>, found: &[ManagedPrefixList]) -> Option<Seen<PrefixList>> {
        let list = found.iter().find(|list| list.prefix_list_name() == Some(&wanted.spec.name))?;
        let id = list.prefix_list_id.clone()?;
        Some(Seen {
            address: wanted.address.clone(),
            spec: wanted.spec.clone(),
            outputs: outputs([(PrefixList::ID.name, id.clone())]),
            state: State::Ready,
            identity: id,
        })
    }
}
