//! The OpenAPI documents of the APIs that exist, exported from them: what their gateways check and how they answer.

use std::{collections::HashMap, sync::Arc};

use futures::future::join_all;
use kinds::{ApiBody, ApiStage};
use local::door::Document;
use reach::{Object, World};
use serde_json::Value;

use crate::session::Session;

/// By the API's id, with the revision that they were read at.
pub(super) type Documents = HashMap<String, (String, Arc<Document>)>;

/// Those of the APIs in this world; what did not change is not read again.
pub(super) async fn read(session: &Session, world: &World, known: &Documents) -> Documents {
    let of = |kind: &'static str| world.objects.iter().filter(move |object| object.address.kind() == kind);
    let bodies: HashMap<&str, &str> = of("api-body").filter_map(revision).collect();
    let stages = of("api-stage").filter_map(|object| {
        let stage: ApiStage = serde_json::from_value(object.spec.clone()).ok()?;
        let api = stage.api.if_known()?.as_str().to_owned();
        let revision = (*bodies.get(api.as_str())?).to_owned();
        Some((object, stage, api, revision))
    });
    let documents = stages.map(async |(object, stage, api, revision)| match known.get(&api) {
        Some(same) if same.0 == revision => (api, same.clone()),
        _ => {
            let document = export(session, object, &api, stage.name.as_str()).await;
            (api, (revision, Arc::new(document)))
        }
    });
    join_all(documents).await.into_iter().collect()
}

fn revision(body: &Object) -> Option<(&str, &str)> {
    Some((body.spec["api"].as_str()?, body.outputs.get(ApiBody::REVISION.name)?.as_str()?))
}

/// Without a document nothing is checked.
async fn export(session: &Session, object: &Object, api: &str, stage: &str) -> Document {
    let aws = session.accounts.at(&object.account);
    let call = aws.apigateway.get_export().rest_api_id(api).stage_name(stage);
    let call = call.export_type("oas30").parameters("extensions", "apigateway").accepts("application/json");
    let said = match aws.list("apigateway:GetExport", call.send()).await {
        Ok(answer) => answer.body.map(|body| serde_json::from_slice::<Value>(body.as_ref()).unwrap_or_default()),
        Err(error) => {
            tracing::warn!(%error, api, "the API's document could not be exported: requests are not validated");
            None
        }
    };
    said.map(|said| Document::new(&said)).unwrap_or_default()
}
