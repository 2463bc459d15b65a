//! The endpoint's policy, and which API the request is for: by domain and mapping.

use kinds::{ApiDomain, BasePathMapping, RestApi, VpcEndpoint};

use crate::{
    answer::Answer,
    model::{Found, text},
    policy::{Ask, Decision, Principal, decide},
    trace::Step,
    walk::{At, Next, Walk},
};

/// A header that names the API whatever the host says; the stage is then part of the path.
const API_HEADER: &str = "x-apigw-api-id";

/// Which API, which stage, which path.
pub(super) struct Aim<'a> {
    pub(super) api: &'a Found<RestApi>,
    pub(super) stage: String,
    /// Without base path (or stage), starting with `/`.
    pub(super) path: String,
    pub(super) domain: Option<&'a Found<ApiDomain>>,
    pub(super) base_path: Option<String>,
    /// `<partition>`, `<region>`: where all this is.
    pub(super) site: (String, String),
}

impl Aim<'_> {
    /// What the request invokes, as policies name it.
    pub(super) fn resource(&self, method: &str) -> String {
        let (partition, region) = &self.site;
        let (account, api) = (&self.api.account_id, self.api.output(RestApi::ID));
        format!("arn:{partition}:execute-api:{region}:{account}:{api}/{}/{method}{}", self.stage, self.path)
    }
}

/// The endpoint judges requests by the API they are for, so the API is looked up before and reported after.
pub(super) fn follow<'a>(walk: &mut Walk<'a>, endpoint: &'a Found<VpcEndpoint>) -> Next<Aim<'a>> {
    let mut ahead = walk.ahead();
    let aim = aim(&mut ahead, endpoint);
    if let Ok(aim) = &aim {
        policy(walk, endpoint, &aim.resource(&walk.request.method))?;
    }
    walk.join(ahead);
    aim
}

fn policy(walk: &mut Walk<'_>, endpoint: &Found<VpcEndpoint>, resource: &str) -> Next<()> {
    let at = At::of(endpoint, VpcEndpoint::ID);
    match decide(&endpoint.spec.policy, &invoke(resource, &context(endpoint))) {
        Decision::Allowed => walk.ok(Step::EndpointPolicy, at, format!("allows `{resource}`")),
        Decision::CannotTell(why) => walk.cannot_tell(Step::EndpointPolicy, at, why),
        Decision::Denied { explicit, why } => {
            let answer = Answer::not_authorized(resource, explicit);
            return Err(walk.refuse(
                Step::EndpointPolicy,
                at,
                format!("{why} on `{resource}`"),
                endpoint.mend(),
                answer,
            ));
        }
    }
    Ok(())
}

/// Private APIs are called without IAM identity.
pub(super) fn invoke<'a>(resource: &'a str, context: &'a [(&'a str, Option<&'a str>)]) -> Ask<'a> {
    Ask { principal: Principal::Anonymous, action: "execute-api:Invoke", resource: Some(resource), context }
}

/// What policies may ask about a request that came through the endpoint.
pub(super) fn context(endpoint: &Found<VpcEndpoint>) -> [(&'static str, Option<&str>); 6] {
    [
        ("aws:SourceVpce", Some(endpoint.output(VpcEndpoint::ID))),
        ("aws:SourceVpc", Some(text(&endpoint.spec.vpc))),
        ("aws:SecureTransport", Some("true")),
        ("aws:PrincipalArn", None),
        ("aws:PrincipalAccount", None),
        ("aws:PrincipalOrgID", None),
    ]
}

fn aim<'a>(walk: &mut Walk<'a>, endpoint: &Found<VpcEndpoint>) -> Next<Aim<'a>> {
    let request = walk.request;
    let site = site(endpoint);
    if let Some(id) = request.values(API_HEADER).next() {
        return by_header(walk, id, site);
    }
    let domain = domain(walk)?;
    let (mapping, base_path, path) = mapping(walk, domain)?;
    let id = text(&mapping.spec.api);
    let api = walk.model.apis.all(id).find(|api| api.account_id == mapping.account_id);
    let at = At::named(mapping, format!("{} → {id}/{}", mapping.spec.path, text(&mapping.spec.stage)));
    let Some(api) = api else {
        let why = format!("leads to API `{id}`, which is not there");
        return Err(walk.refuse(Step::Mapping, at, why, mapping.mend(), Answer::forbidden()));
    };
    walk.ok(Step::Mapping, at, format!("`{}` leads to API `{}`", mapping.spec.path, api.spec.name));
    Ok(Aim { api, stage: text(&mapping.spec.stage).to_owned(), path, domain: Some(domain), base_path, site })
}

fn by_header<'a>(walk: &mut Walk<'a>, id: &str, site: (String, String)) -> Next<Aim<'a>> {
    let Some(api) = walk.model.apis.one(id) else {
        let why = format!("header `{API_HEADER}` names API `{id}`, which is not there");
        return Err(walk.refuse(Step::Domain, At::missing(id), why, None, Answer::forbidden()));
    };
    walk.ok(Step::Domain, At::of(api, RestApi::ID), format!("header `{API_HEADER}` names the API, whatever the host"));
    let (stage, path) = first_segment(walk.request.bare_path());
    Ok(Aim { api, stage: stage.to_owned(), path: path.to_owned(), domain: None, base_path: None, site })
}

fn domain<'a>(walk: &mut Walk<'a>) -> Next<&'a Found<ApiDomain>> {
    let host = walk.request.host_name();
    let Some(domain) = walk.model.domains.one(&host) else {
        let why = format!("no custom domain is called `{host}`");
        return Err(walk.refuse(Step::Domain, At::missing(host), why, walk.mend_service(), Answer::forbidden()));
    };
    let at = At::named(domain, host);
    match domain.trouble() {
        Some(trouble) => Err(walk.refuse(Step::Domain, at, trouble, domain.mend(), Answer::forbidden())),
        None => {
            walk.ok(Step::Domain, at, format!("custom domain in account `{}`", domain.account_id));
            Ok(domain)
        }
    }
}

type Mapped<'a> = (&'a Found<BasePathMapping>, Option<String>, String);

/// A mapping of the path's first segment goes before one of the whole domain, and takes the segment away.
fn mapping<'a>(walk: &mut Walk<'a>, domain: &Found<ApiDomain>) -> Next<Mapped<'a>> {
    let (host, path) = (walk.request.host_name(), walk.request.bare_path());
    let (first, rest) = first_segment(path);
    let mut mappings = walk.model.mappings.all(&host).filter(|it| it.account_id == domain.account_id);
    let whole = |mapping: &&Found<BasePathMapping>| matches!(mapping.spec.path.as_str(), "(none)" | "");
    if let Some(mapping) = mappings.clone().find(|mapping| !first.is_empty() && mapping.spec.path == first) {
        return Ok((mapping, Some(first.to_owned()), rest.to_owned()));
    }
    if let Some(mapping) = mappings.find(whole) {
        return Ok((mapping, None, if path.starts_with('/') { path.to_owned() } else { format!("/{path}") }));
    }
    let why = format!("the domain has no mapping for `{path}`");
    Err(walk.refuse(Step::Mapping, At::missing(path), why, domain.mend(), Answer::forbidden()))
}

/// `/a/b/c` is `a` and `/b/c`; `/a` is `a` and `/`.
fn first_segment(path: &str) -> (&str, &str) {
    let path = path.strip_prefix('/').unwrap_or(path);
    match path.find('/') {
        Some(at) => path.split_at(at),
        None => (path, "/"),
    }
}

/// The endpoint's service says the Region (`com.amazonaws.eu-west-1.execute-api`), and by it the partition.
fn site(endpoint: &Found<VpcEndpoint>) -> (String, String) {
    let region = endpoint.spec.service.rsplit('.').nth(1).unwrap_or_default();
    let partition = match region.split('-').collect::<Vec<_>>().as_slice() {
        ["cn", ..] => "aws-cn",
        ["us", "gov", ..] => "aws-us-gov",
        ["eusc", ..] => "aws-eusc",
        _ => "aws",
    };
    (partition.to_owned(), region.to_owned())
}

#[cfg(test)]
mod tests {
    use super::first_segment;

    #[test]
    fn the_first_segment_is_cut_off() {
        for (path, parts) in
            [("/a/b/c", ("a", "/b/c")), ("/a", ("a", "/")), ("/", ("", "/")), ("", ("", "/")), ("//a", ("", "/a"))]
        {
            assert_eq!(first_segment(path), parts, "{path}");
        }
    }
}
