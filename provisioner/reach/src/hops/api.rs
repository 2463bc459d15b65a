//! The API's own decisions: policy, route, integration.

use std::collections::{BTreeMap, BTreeSet};

use kinds::{RestApi, VpcEndpoint, api_body::ApiRoute};

use crate::{
    answer::Answer,
    hops::{
        endpoint::{Aim, context, invoke},
        stage::Served,
    },
    model::{Found, text},
    policy::{Decision, decide},
    template::{self, Fit},
    trace::Step,
    walk::{At, Next, Walk},
};

/// Lambda is called with POST, whatever the client's method.
const INTEGRATION_METHOD: &str = "POST";

/// The method that takes what no other method of its path takes.
const ANY: &str = "ANY";

/// The route that a request takes.
pub(super) struct Call {
    pub(super) route: ApiRoute,
    pub(super) parameters: BTreeMap<String, String>,
}

pub(super) fn follow(walk: &mut Walk<'_>, endpoint: &Found<VpcEndpoint>, aim: &Aim<'_>, served: &Served) -> Next<Call> {
    policy(walk, endpoint, aim, served)?;
    let call = route(walk, aim, served)?;
    integration(walk, aim, &call.route)?;
    Ok(call)
}

fn policy(walk: &mut Walk<'_>, endpoint: &Found<VpcEndpoint>, aim: &Aim<'_>, served: &Served) -> Next<()> {
    let at = At::of(aim.api, RestApi::ID);
    let resource = aim.resource(&walk.request.method);
    match decide(&served.body.policy, &invoke(&resource, &context(endpoint))) {
        Decision::Allowed => {
            walk.ok(Step::ApiPolicy, at, format!("lets endpoint `{}` in", endpoint.output(VpcEndpoint::ID)));
        }
        Decision::CannotTell(why) => walk.cannot_tell(Step::ApiPolicy, at, why),
        Decision::Denied { why, .. } if served.doubtful => {
            walk.cannot_tell(Step::ApiPolicy, at, format!("{why} once it is deployed"));
        }
        Decision::Denied { explicit, why } => {
            let answer = Answer::not_authorized(&resource, explicit);
            let why = format!("{why} through endpoint `{}`", endpoint.output(VpcEndpoint::ID));
            return Err(walk.refuse(Step::ApiPolicy, at, why, aim.api.mend(), answer));
        }
    }
    Ok(())
}

/// First the most specific path, then its method: another path is not tried for a method that this one lacks.
fn route(walk: &mut Walk<'_>, aim: &Aim<'_>, served: &Served) -> Next<Call> {
    let (method, path) = (walk.request.method.as_str(), aim.path.as_str());
    let at = At::missing(format!("{method} {path}"));
    let (resource, parameters) = resource(&served.body.routes, path).unzip();
    let found = resource.and_then(|resource| by_method(&served.body.routes, resource, method));
    let (Some(route), Some(parameters)) = (found, parameters) else {
        let why = lacks(&served.body.routes, resource, method, path);
        if served.doubtful {
            return Err(walk.lose(Step::Route, at, format!("{why} once it is deployed")));
        }
        return Err(walk.refuse(Step::Route, at, why, walk.mend_route(aim.api), Answer::no_route()));
    };
    let at = At::named(aim.api, format!("{} {}", route.method, route.path));
    walk.ok(Step::Route, at, format!("takes `{method} {path}`"));
    Ok(Call { route: route.clone(), parameters })
}

/// What the API has instead.
fn lacks(routes: &[ApiRoute], resource: Option<&str>, method: &str, path: &str) -> String {
    let listed = |texts: BTreeSet<&str>| texts.into_iter().collect::<Vec<_>>().join("`, `");
    match resource {
        None => format!("no path for `{path}` among `{}`", listed(routes.iter().map(|it| &*it.path).collect())),
        Some(resource) => {
            let methods = routes.iter().filter(|route| route.path == resource).map(|route| &*route.method);
            format!("`{resource}` has no {method}, only `{}`", listed(methods.collect()))
        }
    }
}

/// The path that fits best: at the first difference a literal goes before a variable, a variable before a greedy one.
fn resource<'b>(routes: &'b [ApiRoute], path: &str) -> Option<(&'b str, BTreeMap<String, String>)> {
    let fitting = routes.iter().filter_map(|route| Some((route.path.as_str(), template::fit(&route.path, path)?)));
    let best = fitting.min_by(|(_, a), (_, b)| -> std::cmp::Ordering { Vec::<Fit>::cmp(&a.fits, &b.fits) });
    best.map(|(path, found)| (path, found.parameters))
}

fn by_method<'b>(routes: &'b [ApiRoute], path: &str, method: &str) -> Option<&'b ApiRoute> {
    let with = |method: &str| routes.iter().find(|route| route.path == path && route.method == method);
    with(method).or_else(|| with(ANY))
}

fn integration(walk: &mut Walk<'_>, aim: &Aim<'_>, route: &ApiRoute) -> Next<()> {
    let at = At::named(aim.api, text(&route.function));
    if route.integration_method != INTEGRATION_METHOD {
        let why = format!("calls Lambda with {}; Lambda takes {INTEGRATION_METHOD} only", route.integration_method);
        return Err(walk.refuse(Step::Integration, at, why, aim.api.mend(), Answer::internal_error()));
    }
    walk.ok(Step::Integration, at, "a proxy event to this alias");
    Ok(())
}
