//! Platforms and environments that share accounts never see each other's objects.

use std::collections::BTreeSet;

use tests::{Account, Call, Folder, Platform, inventory, normal};

const HUB: &str = "111111111111";
const FOOD: &str = "222222222222";

#[tokio::test]
async fn two_platforms_in_the_same_accounts() {
    let first = Platform::new(in_accounts("first"));
    let _ = first.run("up --yes").exits(0);
    let accounts = accounts(&first).await;
    let alone = everything(&accounts).await;

    let second = in_accounts("second");
    second.edit(
        "platform.toml",
        "name = \"demo\"",
        "name = \"shop\"\nenvironments.local = { region = \"eu-west-1\", domain = \"shop.example\" }",
    );
    let second = Platform::beside(second, &first);
    let _ = second.run("up --yes").exits(0);
    let both = everything(&accounts).await;
    assert!(both.len() >= 2 * alone.len() - 2, "the second platform took objects of the first: {both:#?}");
    sees_only_itself(&first, "food.internal.example");
    sees_only_itself(&second, "food.shop.example");

    prunes_what_a_service_no_longer_has(&second, &accounts, &both).await;
    sees_only_itself(&first, "food.internal.example");
    prunes_what_a_service_had_in_the_hub(&second, &accounts).await;
    sees_only_itself(&first, "food.internal.example");
    let _ = second.run("down --all --yes").exits(0);
    sees_only_itself(&first, "food.internal.example");
    assert_eq!(without_dead_keys(everything(&accounts).await), alone);
}

/// A table, a function and its route that came and went again: of everything they brought nothing stays.
async fn prunes_what_a_service_no_longer_has(platform: &Platform, accounts: &[Account], before: &BTreeSet<String>) {
    let file = "microservice-accounts/food/service.toml";
    let (small, more) = (platform.read(file), include_str!("../fixture/more.toml"));
    platform.write(file, &format!("{small}{more}"));
    let _ = platform.run("up --yes").exits(0);
    assert!(everything(accounts).await.len() > before.len() + 3, "nothing came");

    platform.write(file, &small);
    let left_alone = platform.run("up --yes").exits(0);
    assert!(left_alone.out.contains("Left alone"), "{}", left_alone.out);
    let _ = platform.run("up --prune --yes").exits(0);
    // What is deployed anew has another id.
    assert_eq!(normals(&everything(accounts).await), normals(before));
}

/// Without its folder a service's account is not known; the hub is, and there nothing of the service stays.
async fn prunes_what_a_service_had_in_the_hub(platform: &Platform, accounts: &[Account]) {
    let file = "microservice-accounts/food/service.toml";
    let service = platform.read(file);
    platform.remove("microservice-accounts/food");
    let _ = platform.run("up --prune --yes").exits(0);
    let hub: BTreeSet<String> = inventory(&accounts[0]).await.into_iter().collect();
    let of_food: Vec<_> = hub.iter().filter(|line| line.contains("food") && line.contains("shop")).collect();
    assert_eq!(of_food, [""; 0], "{hub:#?}");
    platform.write(file, &service);
}

#[tokio::test]
async fn two_environments_in_the_same_accounts() {
    let folder = in_accounts("environments");
    import_certificates(&folder);
    let platform = Platform::new(folder);
    let _ = platform.run("up --yes").exits(0);
    let accounts = accounts(&platform).await;
    let alone = everything(&accounts).await;

    let dev = |arguments: &str| {
        let mut command = platform.command(&format!("{arguments} --env dev"));
        command.env("AWS_ENDPOINT_URL", platform.endpoint());
        command.env("AWS_ACCESS_KEY_ID", "somebody").env("AWS_SECRET_ACCESS_KEY", "somebody");
        tests::Run::of(arguments, command.output().expect("the program runs"))
    };
    let up = dev("up --yes").exits(0).says("WARNING: AWS_ENDPOINT_URL is set");
    assert!(up.out.contains("`up` takes about "), "{}", up.out);
    let _ = dev("plan").exits(0);
    sees_only_itself(&platform, "food.internal.example");
    let _ = dev("down --all --yes").exits(0);
    sees_only_itself(&platform, "food.internal.example");
    let kept = |line: &String| {
        line.starts_with("table demo-dev-") || line.starts_with("log-group ") && line.contains("demo-dev")
    };
    let mut left: BTreeSet<String> = without_dead_keys(everything(&accounts).await);
    assert!(left.iter().any(kept), "outside `local` data is kept: {left:#?}");
    left.retain(|line| alone.contains(line) || !(kept(line) || line.starts_with("key")));
    assert_eq!(left, alone);
}

#[tokio::test]
async fn what_has_our_name_and_not_our_tags_is_never_touched() {
    let platform = Platform::new(in_accounts("foreign"));
    let food = Account::enter(&platform.endpoint(), FOOD).await;
    let name = "/demo-local/food/functions/list";
    food.logs.create_log_group().log_group_name(name).send().await.expect("a log group of somebody else's");
    let before = platform.generation();
    let up =
        platform.run("up --yes").exits(1).says("log-group:/demo-local/food/functions/list").says("nothing was changed");
    assert_eq!(platform.generation(), before, "something was changed\n{}", up.err);
    let _ = platform.run("down --all --yes").exits(0);
    assert_eq!(inventory(&food).await, [format!("log-group {name}")]);

    food.logs.delete_log_group().log_group_name(name).send().await.expect("its owner takes it away");
    let _ = platform.run("up --yes").exits(0);
}

/// The smallest platform, with its accounts named.
fn in_accounts(test: &str) -> Folder {
    let folder = Folder::small(test, &["food"]);
    for (file, id) in [("consumer-account/account.toml", HUB), ("microservice-accounts/food/service.toml", FOOD)] {
        let accounts = format!("\n[environments.local]\naccount = {{ id = \"{id}\" }}\n");
        let text = folder.read(file);
        let text = text.split("\n[environments").next().unwrap_or_default();
        folder.write(file, &format!("{text}{accounts}"));
    }
    folder
}

/// An environment `dev` beside `local`, in the same accounts, with certificates from files.
fn import_certificates(folder: &Folder) {
    folder.write(
        "platform.toml",
        "name = \"demo\"\n\n[environments.dev]\nregion = \"eu-west-1\"\ndomain = \"dev.example\"\n",
    );
    let certificate = folder.certify("dev.example", &["consumer-account", "microservice-accounts/food"]);
    for (path, id) in [("consumer-account/account.toml", HUB), ("microservice-accounts/food/service.toml", FOOD)] {
        let account = format!("account = {{ id = \"{id}\", role = \"provisioner\" }}");
        folder.write(path, &format!("{}\n[environments.dev]\n{account}\n{certificate}\n", folder.read(path)));
    }
}

async fn accounts(platform: &Platform) -> [Account; 2] {
    [Account::enter(&platform.endpoint(), HUB).await, Account::enter(&platform.endpoint(), FOOD).await]
}

fn normals(found: &BTreeSet<String>) -> Vec<String> {
    let mut lines: Vec<String> = found.iter().map(|line| normal(line)).collect();
    lines.sort();
    lines
}

async fn everything(accounts: &[Account]) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for account in accounts {
        found.extend(inventory(account).await);
    }
    found
}

fn without_dead_keys(mut found: BTreeSet<String>) -> BTreeSet<String> {
    found.retain(|line| !line.ends_with("pending deletion"));
    found
}

/// Nothing to do, nothing of others to prune, and requests get through.
fn sees_only_itself(platform: &Platform, host: &str) {
    let _ = platform.run("status").exits(0);
    let plan = platform.run("plan --prune").exits(0);
    assert!(!plan.out.contains("Left alone"), "{}", plan.out);
    assert_eq!(platform.answer(&Call::get(host, "/orders")).status, 200);
}
