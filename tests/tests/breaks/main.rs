//! What breaks a request: each break is made behind the program's back, and its effect is seen by `trace` and by a real
//! request through the door. What AWS does then is written down in the tables, from its documentation. `up` mends it.

mod hub;
mod service;
mod world;

use serde_json::Value;
use tests::{Call, Folder, NoAnswer, Platform};
use world::{Break, End, World};

#[tokio::test]
async fn what_breaks_in_the_hub() {
    let platform = Platform::new(Folder::small("hub", &["food"]));
    let _ = platform.run("up --yes").exits(0);
    let world = World::new(&platform, "food").await;
    assert!(world.is_whole(), "the request does not get through before anything is broken");
    for broken in hub::breaks() {
        break_and_mend(&platform, &[(&world, broken)]).await;
    }
    a_rule_of_somebody_else_stays(&platform, &world).await;
    let _ = platform.run("status").exits(0);
}

/// Two services, so that two breaks are mended at once.
#[tokio::test]
async fn what_breaks_in_a_service() {
    let platform = Platform::new(Folder::small("service", &["food", "beverage"]));
    let _ = platform.run("up --yes").exits(0);
    let worlds = [World::new(&platform, "food").await, World::new(&platform, "beverage").await];
    assert!(worlds.iter().all(World::is_whole), "requests do not get through before anything is broken");
    for pair in service::breaks().chunks(worlds.len()) {
        break_and_mend(&platform, &worlds.iter().zip(pair.iter().copied()).collect::<Vec<_>>()).await;
    }
    let _ = platform.run("status").exits(0);
}

async fn break_and_mend(platform: &Platform, broken: &[(&World<'_>, Break)]) {
    for (world, broken) in broken {
        (broken.make)(world).await;
    }
    for (world, broken) in broken {
        the_request_says(world, broken);
        the_trace_says(world, broken);
    }
    let names: Vec<&str> = broken.iter().map(|(_, broken)| broken.name).collect();
    let up = platform.run("up --yes");
    assert_eq!(up.code, Some(0), "`up` does not mend {names:?}\n{}\n{}", up.out, up.err);
    for (world, broken) in broken {
        let call = world.call(broken.request);
        let answer = platform.send(&call).map(|answer| answer.status);
        assert_eq!(
            answer,
            Ok(broken.request.healthy()),
            "after `up` mended {}:\n{}",
            broken.name,
            platform.trace(&call)
        );
    }
}

fn the_request_says(world: &World<'_>, broken: &Break) {
    let answer = world.platform.send(&world.call(broken.request));
    let name = broken.name;
    match (broken.end, answer) {
        (End::Refused(status, words), Ok(answer)) => {
            assert_eq!(answer.status, status, "{name}: {}", answer.body);
            assert!(answer.body.contains(words), "{name}: {}", answer.body);
        }
        (End::Fails(status) | End::Works(status) | End::AsDeployed(status), Ok(answer)) => {
            assert_eq!(answer.status, status, "{name}: {}", answer.body);
            assert!(
                answer.header("x-request-id").is_some(),
                "{name}: the function did not answer: {:?}",
                answer.headers
            );
        }
        (End::Silence, Err(why)) => assert_eq!(why, NoAnswer::Silence, "{name}"),
        (End::WrongCertificate, Err(why)) => assert_eq!(why, NoAnswer::WrongCertificate, "{name}"),
        (end, answer) => panic!("{name}: {end:?} was expected, and the client got {answer:?}"),
    }
}

fn the_trace_says(world: &World<'_>, broken: &Break) {
    let trace = world.platform.trace(&world.call(broken.request));
    let (name, outcome) = (broken.name, &trace["outcome"]);
    match broken.end {
        End::Refused(status, words) => {
            let refused = &outcome["refused"];
            assert_eq!(
                (&refused["by"], &refused["answer"]["status"]),
                (&broken.at.into(), &status.into()),
                "{name}: {trace}"
            );
            assert!(refused["answer"]["body"].as_str().is_some_and(|body| body.contains(words)), "{name}: {trace}");
        }
        End::Silence | End::WrongCertificate => {
            assert_eq!(outcome["no-connection"]["by"], broken.at, "{name}: {trace}");
        }
        End::AsDeployed(_) => assert!(outcome["unknown"].is_object(), "{name}: {trace}"),
        End::Fails(_) | End::Works(_) => assert!(outcome["reaches"].is_object(), "{name}: {trace}"),
    }
    if !matches!(broken.request, world::Request::NamingTheApi) {
        let hop = hop(&trace, broken.at);
        assert_eq!(hop["verdict"], "broken", "{name}: {trace}");
        assert!(hop["mend"].as_str().is_some_and(|mend| mend.starts_with("provisioner up ")), "{name}: {hop}");
    }
}

fn hop<'a>(trace: &'a Value, step: &str) -> &'a Value {
    let mut hops = trace["hops"].as_array().into_iter().flatten();
    hops.rfind(|hop| hop["step"] == step).unwrap_or_else(|| panic!("no hop `{step}` in {trace}"))
}

/// A rule in front of ours takes the requests, is seen, and is nobody's to remove but its owner's.
async fn a_rule_of_somebody_else_stays(platform: &Platform, world: &World<'_>) {
    let rule = hub::put_a_rule_in_front(world).await;
    let call = Call::get(&world.host, "/orders");
    assert_eq!(platform.answer(&call).status, 503);
    let trace = platform.trace(&call);
    assert_eq!(trace["outcome"]["refused"]["by"], "rule", "{trace}");
    let _ = platform.run("up --yes").exits(0);
    assert_eq!(platform.answer(&call).status, 503, "`up` removed a rule of somebody else");
    hub::remove_rule(world, &rule).await;
    assert_eq!(platform.answer(&call).status, 200);
}
