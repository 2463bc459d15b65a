//! Services are what their files say: any number, about anything, in any account.

use std::collections::BTreeSet;

use tests::{Call, Folder, Platform, inventory};

const WEATHER: &str = include_str!("../fixture/weather.toml");

/// More services than a hub has certificates for: one imported certificate covers them.
const MANY: usize = 50;
/// AWS calls for one object of a plan that finds nothing to do, where the services share an account.
const PLAN_CALLS: f64 = 0.4;

/// One account for all services.
const SHARED: &str = "\n[environments.local]\naccount = { id = \"444444444444\" }\n";

#[test]
fn a_copied_folder_with_a_new_name_is_a_service() {
    let platform = Platform::new(Folder::small("copied", &["food"]));
    let _ = platform.run("up --yes").exits(0);
    platform.copy("microservice-accounts/food", "microservice-accounts/dessert");
    let _ = platform.run("up dessert --yes").exits(0);
    assert_eq!(platform.answer(&Call::get("dessert.internal.example", "/orders")).status, 200);
    assert_eq!(platform.answer(&Call::get("food.internal.example", "/orders")).status, 200);
    let _ = platform.run("status").exits(0);
}

#[test]
fn a_service_need_not_be_about_orders() {
    let folder = Folder::hub_only("weather");
    folder.write("microservice-accounts/weather/service.toml", WEATHER);
    let platform = Platform::new(folder);
    let _ = platform.run("up --yes").exits(0);
    let host = "weather.internal.example";
    let told = platform.answer(&Call::get(host, "/weather/Utrecht"));
    assert_eq!((told.status, told.body.as_str()), (200, "Utrecht: rain"));
    let noted = platform.answer(&Call::post(host, "/weather", "{\"wind\": 3}"));
    assert_eq!((noted.status, noted.body.as_str()), (202, "noted: {\"wind\": 3}"));
    assert_eq!(platform.answer(&Call::get(host, "/weather")).status, 403, "GET /weather is no route");

    // What the file says next is what runs next, and nothing else changes.
    platform.edit("microservice-accounts/weather/service.toml", "\"rain\"", "\"sun\"");
    let plan = platform.run("plan --json").exits(2).json();
    let changed = plan["changes"].as_array().expect("changes").iter().filter_map(|change| change["kind"].as_str());
    let changed: BTreeSet<_> = changed.collect();
    assert_eq!(changed, ["function", "function-alias", "function-version"].into(), "{plan}");
    let _ = platform.run("up weather --yes").exits(0);
    assert_eq!(platform.answer(&Call::get(host, "/weather/Utrecht")).body, "Utrecht: sun");
}

/// In one account, the same calls tell of all services; only what AWS tells of one object alone is asked of each.
#[test]
fn a_full_hub_is_read_in_few_calls() {
    let names: Vec<String> = (1..=MANY).map(|number| format!("s{number}")).collect();
    let folder = sharing("many", &names.iter().map(String::as_str).collect::<Vec<_>>()).with_tiny_code();
    let certificate = folder.certify("internal.example", &["consumer-account"]);
    let hub = "consumer-account/account.toml";
    folder.write(hub, &format!("{}\n[environments.local]\n{certificate}\n", folder.read(hub)));
    let platform = Platform::new(folder);
    let _ = platform.run("up --yes").exits(0);
    platform.run("plan -v").exits(0).calls_at_most(PLAN_CALLS);
}

/// Small services in one account.
fn sharing(test: &str, services: &[&str]) -> Folder {
    let folder = Folder::small(test, services);
    for service in services {
        let file = format!("microservice-accounts/{service}/service.toml");
        folder.write(&file, &(folder.read(&file) + SHARED));
    }
    folder
}

#[tokio::test]
async fn services_may_share_an_account() {
    let platform = Platform::new(sharing("shared", &["food", "beverage"]));
    assert_eq!(platform.account_id("food"), platform.account_id("beverage"));
    let _ = platform.run("up --yes").exits(0);
    let status = |service: &str| platform.answer(&Call::get(&format!("{service}.internal.example"), "/orders")).status;
    assert_eq!((status("food"), status("beverage")), (200, 200));

    let _ = platform.run("down beverage --yes").exits(0);
    assert_eq!(status("food"), 200, "what was taken down was not alone in its account");
    let _ = platform.run("status food consumer").exits(0);
    let account = platform.account("food").await;
    let left: Vec<String> = inventory(&account).await.into_iter().filter(|line| line.contains("beverage")).collect();
    assert_eq!(left, [""; 0]);
    let _ = platform.run("down --all --yes").exits(0);
    let left = inventory(&account).await;
    assert!(left.iter().all(|line| line.ends_with("pending deletion")), "{left:?}");
}
