//! Laws of custom domain names and base path mappings.

use engine::State;
use kinds::{ApiDomain, BasePathMapping, Live};
use model::Input;

use super::{at, deployed_api};
use crate::world::World;

fn domain(world: &World) -> ApiDomain {
    // A name of this test's own: they are unique in a Region.
    let name = format!("{}.laws.example", world.aws.account);
    ApiDomain { name: name.into(), certificate: certificate(world, "1") }
}

fn certificate(world: &World, id: &str) -> Input<model::CertificateArn> {
    world.aws.arn("acm", &format!("certificate/{id}")).into()
}

#[tokio::test]
async fn domains_keep_the_laws() {
    let world = World::new().await;
    let want = domain(&world);
    let renewed = ApiDomain { certificate: certificate(&world, "2"), ..want.clone() };
    world.keeps_the_laws("main", want, [renewed]).await;
}

#[tokio::test]
async fn a_domain_that_is_not_ours_is_foreign() {
    let world = World::new().await;
    let want = domain(&world);
    world.aws.apigateway.create_domain_name().domain_name(want.name.as_str()).send().await.expect("a domain");
    let seen = world.find(&at::<ApiDomain>("main"), &want).await.expect("the domain");
    assert!(matches!(&seen.state, State::Foreign(why) if why.contains(want.name.as_str())), "{:?}", seen.state);
}

/// The id of an API with a stage `live`.
async fn served_api(world: &World, name: &str) -> String {
    let (api, deployment) = deployed_api(world, name).await;
    stage(world, &api, &deployment, "live").await;
    api
}

async fn stage(world: &World, api: &str, deployment: &str, name: &str) {
    let call = world.aws.apigateway.create_stage().rest_api_id(api).stage_name(name).deployment_id(deployment);
    call.set_tags(Some([("test".to_owned(), "laws".to_owned())].into())).send().await.expect("a stage");
}

async fn mapping(world: &World, api: &str) -> BasePathMapping {
    let domain = world.make(&at::<ApiDomain>("main"), &domain(world)).await;
    let domain = Input::from(domain.output(ApiDomain::NAME).expect("a name"));
    BasePathMapping { domain, path: "(none)".to_owned(), api: api.into(), stage: "live".into() }
}

#[tokio::test]
async fn base_path_mappings_keep_the_laws() {
    let world = World::new().await;
    let (api, deployment) = deployed_api(&world, "one").await;
    stage(&world, &api, &deployment, "live").await;
    stage(&world, &api, &deployment, "next").await;
    let other = served_api(&world, "other").await;
    let want = mapping(&world, &api).await;
    let variations = [
        BasePathMapping { stage: "next".into(), ..want.clone() },
        BasePathMapping { api: other.as_str().into(), ..want.clone() },
        want.clone(),
    ];
    world.keeps_the_laws("main", want, variations).await;
}

#[tokio::test]
async fn a_mapping_at_another_path_is_ours_if_it_leads_to_our_api() {
    let world = World::new().await;
    let (api, other) = (served_api(&world, "one").await, served_api(&world, "other").await);
    let whole = mapping(&world, &api).await;
    let want = BasePathMapping { path: "orders".to_owned(), ..whole.clone() };
    let mapping_at = at::<BasePathMapping>("main");
    let theirs = BasePathMapping { path: "theirs".to_owned(), api: other.as_str().into(), ..whole.clone() };
    BasePathMapping::create(&world.aws, &mapping_at, &theirs).await.expect("somebody's mapping");
    assert!(world.find(&mapping_at, &want).await.is_none());
    BasePathMapping::create(&world.aws, &mapping_at, &whole).await.expect("where it was before");
    assert_eq!(world.find(&mapping_at, &want).await.expect("the former one").spec, whole);
}
