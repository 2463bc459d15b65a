//! Route tables (`ec2:*RouteTable`). Found by tag. Private ones: beside the local route they hold what gateway endpoints add.

use model::{Calls, CreateSafety, Facts, Field, Input, Kind, Output, RouteTableId, VpcId};
use serde::{Deserialize, Serialize};

/// A route table without routes of its own.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RouteTable {
    pub vpc: Input<VpcId>,
}

impl RouteTable {
    pub const ID: Field<Self, RouteTableId> = Field::new("id");
}

impl Kind for RouteTable {
    const FACTS: Facts = Facts {
        kind: "route-table",
        title: "route table",
        replace_on: &["vpc"],
        create_first: true,
        outputs: &[Output::created("id")],
        calls: Calls { create: &["ec2:CreateRouteTable"], delete: &["ec2:DeleteRouteTable"], ..Calls::NONE },
        ..Facts::of(CreateSafety::Token)
    };
}

#[cfg(feature = "live")]
mod live {
    use aws_sdk_ec2::types::{self, ResourceType};
    use engine::{CallError, Made, State};
    use model::{Address, Kind as _};

    use super::RouteTable;
    use crate::{
        Live, Seen, Wanted,
        aws::{Aws, absent, ec2, outputs, ready},
    };

    impl Live for RouteTable {
        async fn read(aws: &Aws, wanted: &[Wanted<Self>]) -> Result<Vec<Seen<Self>>, CallError> {
            if !ec2::has_networks(aws, wanted.iter().map(|wanted| &wanted.spec.vpc)).await? {
                return Ok(Vec::new());
            }
            Ok(ec2::route_tables(aws).await?.iter().filter_map(|table| seen(aws, table)).collect())
        }

        async fn create(aws: &Aws, at: &Address, want: &Self) -> Result<Made, CallError> {
            let call = aws
                .ec2
                .create_route_table()
                .client_token(aws.token(at, want))
                .vpc_id(want.vpc.as_str())
                .tag_specifications(ec2::tags(aws, at, ResourceType::RouteTable));
            let made = aws.call("ec2:CreateRouteTable", at, call.send()).await?.route_table;
            let id = aws.sent(at, "routeTableId", made.and_then(|table| table.route_table_id))?;
            Ok(ready(outputs([(Self::ID.name, id)])))
        }

        async fn delete(aws: &Aws, seen: &Seen<Self>) -> Result<(), CallError> {
            let call = aws.ec2.delete_route_table().set_route_table_id(seen.output(Self::ID));
            absent(aws.call("ec2:DeleteRouteTable", &seen.address, call.send()).await).map(drop)
        }
    }

    fn seen(aws: &Aws, table: &types::RouteTable) -> Option<Seen<RouteTable>> {
        let id = table.route_table_id.clone()?;
        Some(Seen {
            address: ec2::address(aws, RouteTable::FACTS.kind, table.tags.as_deref())?,
            spec: RouteTable { vpc: table.vpc_id.clone()?.into() },
            outputs: outputs([(RouteTable::ID.name, id.clone())]),
            state: State::Ready,
            identity: id,
        })
    }
}
