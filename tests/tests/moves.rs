//! Networks that move while requests come in.

use tests::{Call, Folder, Platform};

const FOOD: &str = "food.internal.example";

#[test]
fn subnets_move_and_the_old_ones_stay_until_nobody_uses_them() {
    let platform = Platform::new(Folder::small("moves", &["food"]));
    let _ = platform.run("up --yes").exits(0);
    let hub = "consumer-account/account.toml";
    platform.edit(hub, "[\"10.0.15.0/28\", \"10.0.15.16/28\"]", "[\"10.0.15.64/28\", \"10.0.15.80/28\"]");
    platform.edit(hub, "[\"10.0.0.0/24\", \"10.0.1.0/24\"]", "[\"10.0.2.0/24\", \"10.0.3.0/24\"]");
    let service = "microservice-accounts/food/service.toml";
    platform.edit(service, "[\"10.9.0.0/26\", \"10.9.0.64/26\"]", "[\"10.9.0.128/26\", \"10.9.0.192/26\"]");

    let up = platform.run("up --yes").exits(0).says("nothing is left to do");
    let at = |words: &str| up.line_of(words);
    for (user, subnet) in [
        ("updated consumer/load-balancer/main", "consumer/subnet/private-1"),
        ("updated consumer/vpc-endpoint/execute-api", "consumer/subnet/endpoint-1"),
        ("updated food/function/list", "food/subnet/private-1"),
    ] {
        assert!(at(&format!("created {subnet}")) < at(user), "{subnet} is not there when it is needed");
        assert!(at(user) < at(&format!("deleted {subnet}")), "{subnet} goes while it is used");
    }
    let _ = platform.run("plan --prune").exits(0);
    assert_eq!(platform.answer(&Call::get(FOOD, "/orders")).status, 200);
}

#[test]
fn a_new_endpoint_is_let_in_by_every_service_before_the_old_one_goes() {
    let platform = Platform::new(Folder::small("anew", &["food"]));
    let _ = platform.run("up --yes").exits(0);
    let hub = "consumer-account/account.toml";
    platform.write(hub, &platform.read(hub).replace("10.0.", "10.50."));

    let up = platform.run("up --yes").exits(0).says("nothing is left to do");
    let at = |words: &str| up.line_of(words);
    let old = at("deleted consumer/vpc-endpoint/execute-api");
    for change in ["updated food/rest-api/main", "created food/api-deployment/main", "updated food/api-stage/live"] {
        assert!(at(change) < old, "{change} comes after the old endpoint went\n{}", up.err);
    }
    let _ = platform.run("plan --prune").exits(0);
    assert_eq!(platform.answer(&Call::get(FOOD, "/orders")).status, 200);
}
