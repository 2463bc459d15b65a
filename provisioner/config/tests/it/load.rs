//! What a valid platform loads as.

use std::path::Path;

use config::{CONSUMER, Certificate, Config, OnDown, PUBLIC_ZONE, load, load_all};

use crate::fixture::{Fixture, HUB, PLATFORM, SERVICE};

fn loaded(fixture: &Fixture, environment: Option<&str>) -> Config {
    load(fixture.root(), environment).unwrap_or_else(|mistakes| panic!("{mistakes}"))
}

#[test]
fn the_repositorys_own_platform_is_valid() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let all = load_all(&root).unwrap_or_else(|mistakes| panic!("{mistakes}"));
    assert!(all.contains_key("local") && all.contains_key("dev"));
    assert!(load(&root, None).unwrap_or_else(|mistakes| panic!("{mistakes}")).is_local());
}

#[test]
fn overrides_are_laid_over_the_base() {
    let config = loaded(&Fixture::new(), None);
    assert_eq!((config.environment.as_str(), config.partition.as_str()), ("dev", "aws"));
    assert_eq!(config.hub.account.id.as_deref(), Some("111111111111"));
    assert_eq!(config.hub.certificate, Some(Certificate::Request));
    assert_eq!(config.hub.network.zones, ["euw1-az1", "euw1-az2"]);
    assert_eq!(config.account_id("food").as_str(), "222222222222");
    assert_eq!(config.account_id(PUBLIC_ZONE).as_str(), "999999999999");
    assert_eq!(config.host("food"), "food.dev.shop.example.com");
    assert_eq!((config.on_down(CONSUMER), config.on_down("food")), (OnDown::Delete, OnDown::Keep));
    assert_eq!(config.names().prefix(), "demo-dev");
}

#[test]
fn local_needs_no_account_and_no_certificate() {
    let config = loaded(&Fixture::new(), Some("local"));
    assert_eq!((config.region.as_str(), config.domain.as_str()), ("eu-west-1", "internal.example"));
    assert!(config.is_local() && !config.protected);
    assert_eq!(config.certificate("food"), &Certificate::LocalCa);
    assert_eq!(config.on_down("food"), OnDown::Delete);
    assert_ne!(config.account_id(CONSUMER), config.account_id("food"));
    assert_eq!(config.accounts().map(|(alias, _)| alias).collect::<Vec<_>>(), [CONSUMER, "food"]);
}

#[test]
fn local_can_be_adjusted_in_part() {
    let fixture = Fixture::new();
    fixture.change(PLATFORM, "", "[environments.local]\ndomain = 'shop.test'");
    let config = loaded(&fixture, Some("local"));
    assert_eq!((config.region.as_str(), config.domain.as_str()), ("eu-west-1", "shop.test"));
}

#[test]
fn local_is_the_default_and_prod_is_protected() {
    let fixture = Fixture::new();
    fixture.change(PLATFORM, "default_environment = \"dev\"\n", "");
    assert!(loaded(&fixture, None).is_local());
    for file in ["tls/hub.pem", "tls/hub.key"] {
        let kind = if file.ends_with("key") { "PRIVATE KEY" } else { "CERTIFICATE" };
        fixture.write(&format!("consumer-account/{file}"), &format!("-----BEGIN {kind}-----\n"));
    }
    fixture.change(PLATFORM, "", "[environments.prod.public_zone]\nid = 'Z1'\naccount = { id = '999999999999' }");
    let config = loaded(&fixture, Some("prod"));
    assert!(config.protected);
    let Certificate::Import { certificate, .. } = config.certificate(CONSUMER) else { panic!("it is imported") };
    assert_eq!(certificate, "consumer-account/tls/hub.pem");
}

#[test]
fn an_environment_that_is_not_loaded_may_be_half_written() {
    let fixture = Fixture::new();
    fixture.change(PLATFORM, "", "[environments.staging]\nregion = 'us-east-1'\ndomain = 'staging.example.com'");
    fixture.change(HUB, "", "[environments.staging]\nlog_retention_days = 7");
    fixture.change(HUB, "", "[environments.staging.network]\nzones = ['use1-az1', 'use1-az2']");
    assert_eq!(fixture.mistakes(Some("dev")), []);
    let lacking: Vec<String> = fixture.mistakes(Some("staging")).into_iter().map(|one| one.message).collect();
    assert!(lacking.contains(&"`consumer` has no account in `staging`".to_owned()), "{lacking:?}");
    assert!(lacking.contains(&"`food` has no certificate in `staging`".to_owned()), "{lacking:?}");
    assert_eq!(lacking.iter().filter(|message| message.contains("is not in us-east-1")).count(), 2, "{lacking:?}");
}

#[test]
fn folders_without_a_service_are_no_services_and_copies_are() {
    let fixture = Fixture::new();
    fixture.write("microservice-accounts/src/lib.rs", "");
    fixture.write("microservice-accounts/tea/service.toml", &fixture.read(SERVICE));
    let config = loaded(&fixture, Some("local"));
    assert_eq!(config.services.keys().collect::<Vec<_>>(), ["food", "tea"]);
    assert_ne!(config.account_id("food"), config.account_id("tea"));
}

#[test]
fn mistakes_of_all_files_and_environments_come_together() {
    let fixture = Fixture::new();
    fixture.change(PLATFORM, "eu-central-1", "eu-central");
    fixture.change(HUB, "10.0.1.0/24", "10.0.1.1/24");
    fixture.change(HUB, "profile = \"hub-prod\"", "profle = \"hub-prod\"");
    fixture.change(SERVICE, "memory_mb = 256", "memory_mb = \"256\"");
    fixture.change(SERVICE, "/orders/{orderId}", "/orders/");
    fixture.change(SERVICE, "binary = \"get-order\"", "");
    fixture.write("microservice-accounts/tea/service.toml", "a = ");
    let found = fixture.mistakes(None);
    let places: Vec<_> =
        found.iter().map(|one| (one.file.rsplit('/').nth(1).unwrap_or(""), one.field.as_str())).collect();
    let wanted = [
        ("", "environments.prod.region"),
        ("consumer-account", "network.private_cidrs[1]"),
        ("consumer-account", "environments.prod.account.profle"),
        ("food", "functions.create-order.memory_mb"),
        ("food", "functions.get-order.binary"),
        ("food", "routes[1].path"),
        ("tea", ""),
    ];
    assert_eq!(places, wanted, "{found:#?}");
}
