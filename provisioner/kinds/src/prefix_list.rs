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
    use aws_sdk_ec2::types::Filter;
    use engine::{CallError, Made, State};
    use futures::future::try_join_all;
    use model::Address;

    use super::PrefixList;
    use crate::{
        Live, Seen, Wanted,
        aws::{Aws, outputs},
    };

    impl Live for PrefixList {
        /// Nobody else may give a list a name that starts with `com.amazonaws`.
        async fn read(aws: &Aws, wanted: &[Wanted<Self>]) -> Result<Vec<Seen<Self>>, CallError> {
            let found = wanted.iter().map(|wanted| async {
                let id = aws.lasting_id(&wanted.spec.name, id(aws, &wanted.spec.name)).await?;
                Ok(id.map(|id| seen(wanted, id)))
            });
            Ok(try_join_all(found).await?.into_iter().flatten().collect())
        }

        async fn create(aws: &Aws, at: &Address, want: &Self) -> Result<Made, CallError> {
            Err(aws
                .refuse(at, &format!("only AWS makes prefix lists, and there is no `{}` in {}", want.name, aws.region)))
        }

        async fn delete(_aws: &Aws, _seen: &Seen<Self>) -> Result<(), CallError> {
            Ok(())
        }
    }

    async fn id(aws: &Aws, name: &str) -> Result<Option<String>, CallError> {
        let named = Filter::builder().name("prefix-list-name").values(name).build();
        let pages = aws.ec2.describe_managed_prefix_lists().filters(named).into_paginator().items();
        let found: Vec<_> = aws.list("ec2:DescribeManagedPrefixLists", pages.send().try_collect()).await?;
        let list = found.into_iter().find(|list| list.prefix_list_name() == Some(name));
        Ok(list.and_then(|list| list.prefix_list_id))
    }

    fn seen(wanted: &Wanted<PrefixList>, id: String) -> Seen<PrefixList> {
        Seen {
            address: wanted.address.clone(),
            spec: wanted.spec.clone(),
            outputs: outputs([(PrefixList::ID.name, id.clone())]),
            state: State::Ready,
            identity: id,
        }
    }
}
