//! The stage, and what it serves: a frozen copy of the API's body, not the body itself.
//!
//! A change of routes or policy that was not deployed has no effect: AWS serves the deployment's copy. The rules:
//! - The deployment froze the revision that the body still has: the body is what is served.
//! - Its revision is another: "changed, not deployed", broken. If the copy is remembered (see `Snapshots`), requests
//!   are judged by it, and get through as before the change. If not, they are judged by the body; where that would
//!   refuse, the copy may not, so the answer is "cannot tell".
//! - The deployment is not one of ours: broken, because nobody knows when it was made. The body is the best guess there
//!   is (a deployment by hand usually follows a change by hand), and it decides.

use kinds::{ApiBody, ApiDeployment, ApiStage, RestApi, api_body::ApiDocument};

use crate::{
    answer::Answer,
    hops::endpoint::Aim,
    model::{Found, absolute, text},
    trace::Step,
    walk::{At, Next, Walk},
};

/// What answers requests.
pub(super) struct Served {
    pub(super) body: ApiBody,
    pub(super) deployment: String,
    /// The body may differ from what is served.
    pub(super) doubtful: bool,
}

pub(super) fn follow<'a>(walk: &mut Walk<'a>, aim: &Aim<'a>) -> Next<Served> {
    let api = aim.api.output(RestApi::ID);
    let named = |stage: &&Found<ApiStage>| stage.spec.name.as_str() == aim.stage;
    let Some(stage) = walk.model.stages.all(api).find(named) else {
        let why = format!("API `{api}` has no stage `{}`", aim.stage);
        return Err(walk.refuse(Step::Stage, At::missing(&aim.stage), why, aim.api.mend(), Answer::forbidden()));
    };
    walk.ok(Step::Stage, At::named(stage, stage.spec.name.as_str()), format!("of API `{api}`"));
    Ok(deployed(walk, aim, text(&stage.spec.deployment)))
}

fn deployed(walk: &mut Walk<'_>, aim: &Aim<'_>, id: &str) -> Served {
    let live = walk.model.bodies.one(aim.api.output(RestApi::ID));
    let (body, deployment) = (body(aim, live), id.to_owned());
    let Some(found) = walk.model.deployments.one(id) else {
        let why = "the stage serves a deployment that is not ours: judged by what the API is now";
        walk.broken(Step::Deployment, At::missing(id), why, aim.api.mend());
        return Served { body, deployment, doubtful: false };
    };
    let (at, frozen) = (At::of(found, ApiDeployment::ID), text(&found.spec.revision));
    if live.is_some_and(|live| live.output(ApiBody::REVISION) == frozen) {
        walk.ok(Step::Deployment, at, format!("revision `{frozen}`, the latest"));
        return Served { body, deployment, doubtful: false };
    }
    let changed = format!("changed, not deployed: revision `{frozen}` is served");
    match walk.model.snapshots().deployments.get(id) {
        Some(copy) => {
            walk.broken(Step::Deployment, at, changed, aim.api.mend());
            Served { body: copy.clone(), deployment, doubtful: false }
        }
        None => {
            walk.broken(
                Step::Deployment,
                at,
                format!("{changed}, and AWS does not tell what it holds"),
                aim.api.mend(),
            );
            Served { body, deployment, doubtful: true }
        }
    }
}

/// An API without a body has no routes, but a policy all the same.
fn body(aim: &Aim<'_>, live: Option<&Found<ApiBody>>) -> ApiBody {
    live.map(absolute).unwrap_or_else(|| ApiBody {
        api: aim.api.output(RestApi::ID).into(),
        title: aim.api.spec.name.clone(),
        description: aim.api.spec.description.clone(),
        routes: Vec::new(),
        policy: crate::policy::expanded(&aim.api.spec.policy, aim.api.output(RestApi::ID)),
        document: ApiDocument::none(),
    })
}
