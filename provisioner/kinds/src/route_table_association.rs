//! Route table associations (`ec2:AssociateRouteTable`). Not taggable: found at the table, by subnet.

use model::{Calls, CreateSafety, Facts, Field, Input, Kind, Output, RouteTableAssociationId, RouteTableId, SubnetId};
use serde::{Deserialize, Serialize};

/// Says that a subnet uses a route table. A subnet has at most one association.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RouteTableAssociation {
    pub route_table: Input<RouteTableId>,
    pub subnet: Input<SubnetId>,
}

impl RouteTableAssociation {
    /// Another one after every change of the table.
    pub const ID: Field<Self, RouteTableAssociationId> = Field::new("id");
}

impl Kind for RouteTableAssociation {
    const FACTS: Facts = Facts {
        kind: "route-table-association",
        title: "route table association",
        located_by: &["subnet"],
        replace_on: &["subnet"],
        create_first: true,
        outputs: &[Output { changes: true, ..Output::created("id") }],
        calls: Calls {
            create: &["ec2:AssociateRouteTable"],
            update: &["ec2:ReplaceRouteTableAssociation"],
            delete: &["ec2:DisassociateRouteTable"],
            ..Calls::NONE
        },
        ..Facts::of(CreateSafety::Relation)
    };
}

#[cfg(feature = "live")]
mod live {
    use aws_sdk_ec2::types::{self, RouteTableAssociationStateCode as Code};
    use engine::{CallError, Made, State};
    use model::Address;

    use super::RouteTableAssociation;
    use crate::{
        Live, Seen, Wanted,
        aws::{Aws, absent, ec2, outputs, ready},
    };

    impl Live for RouteTableAssociation {
        async fn read(aws: &Aws, wanted: &[Wanted<Self>]) -> Result<Vec<Seen<Self>>, CallError> {
            if wanted.iter().all(|wanted| wanted.spec.subnet.if_known().is_none()) {
                return Ok(Vec::new());
            }
            let tables = ec2::route_tables(aws).await?;
            let all: Vec<_> = tables.iter().flat_map(types::RouteTable::associations).collect();
            Ok(wanted.iter().filter_map(|wanted| seen(wanted, &all)).collect())
        }

        async fn create(aws: &Aws, at: &Address, want: &Self) -> Result<Made, CallError> {
            let (table, subnet) = (want.route_table.as_str(), want.subnet.as_str());
            let call = aws.ec2.associate_route_table().route_table_id(table).subnet_id(subnet);
            let id = aws.call("ec2:AssociateRouteTable", at, call.send()).await?.association_id;
            Ok(ready(outputs([(Self::ID.name, aws.sent(at, "associationId", id)?)])))
        }

        /// The table is all that can change; the subnet is never without one meanwhile.
        async fn update(aws: &Aws, seen: &Seen<Self>, want: &Self, _fields: &[String]) -> Result<Made, CallError> {
            let (at, table) = (&seen.address, want.route_table.as_str());
            let call = aws
                .ec2
                .replace_route_table_association()
                .set_association_id(seen.output(Self::ID))
                .route_table_id(table);
            let id = aws.call("ec2:ReplaceRouteTableAssociation", at, call.send()).await?.new_association_id;
            Ok(ready(outputs([(Self::ID.name, aws.sent(at, "newAssociationId", id)?)])))
        }

        async fn delete(aws: &Aws, seen: &Seen<Self>) -> Result<(), CallError> {
            let call = aws.ec2.disassociate_route_table().set_association_id(seen.output(Self::ID));
            absent(aws.call("ec2:DisassociateRouteTable", &seen.address, call.send()).await).map(drop)
        }
    }

    /// A subnet that is ours has no associations but ours, whatever table they name.
    fn seen(
        wanted: &Wanted<RouteTableAssociation>,
        all: &[&types::RouteTableAssociation],
    ) -> Option<Seen<RouteTableAssociation>> {
        let subnet = wanted.spec.subnet.if_known()?.as_str();
        let found = all.iter().find(|found| found.subnet_id() == Some(subnet) && !is_ending(found))?;
        let id = found.route_table_association_id.clone()?;
        Some(Seen {
            address: wanted.address.clone(),
            spec: RouteTableAssociation { route_table: found.route_table_id.clone()?.into(), subnet: subnet.into() },
            outputs: outputs([(RouteTableAssociation::ID.name, id.clone())]),
            state: state(found),
            identity: id,
        })
    }

    fn code(association: &types::RouteTableAssociation) -> Option<&Code> {
        association.association_state.as_ref()?.state.as_ref()
    }

    fn is_ending(association: &types::RouteTableAssociation) -> bool {
        matches!(code(association), Some(Code::Disassociated | Code::Disassociating))
    }

    fn state(association: &types::RouteTableAssociation) -> State {
        let why = association.association_state.as_ref().and_then(|state| state.status_message.clone());
        match code(association) {
            Some(Code::Associating) => State::Pending("associating".to_owned()),
            Some(Code::Failed) => State::Broken(why.unwrap_or_else(|| "failed".to_owned())),
            _ => State::Ready,
        }
    }
}
