//! Whatever the files say, loading ends in a configuration or in mistakes that can be shown.

use proptest::{collection::vec, prelude::*};

use crate::fixture::{Fixture, HUB, PLATFORM, SERVICE};

/// Any value of TOML, with keys and words that mean something now and then.
fn value() -> impl Strategy<Value = String> {
    let leaf = prop_oneof![
        any::<i64>().prop_map(|n| n.to_string()),
        any::<bool>().prop_map(|b| b.to_string()),
        any::<f32>().prop_map(|f| format!("{f:?}")),
        "[ -~]{0,8}".prop_map(|text| format!("{text:?}")),
        Just("\"${table:orders}\"".to_owned()),
        Just("\"10.0.0.0/16\"".to_owned()),
        Just("1979-05-27".to_owned()),
    ];
    leaf.prop_recursive(3, 12, 4, |inner| {
        let list = vec(inner.clone(), 0..4).prop_map(|items| format!("[{}]", items.join(", ")));
        let table = vec((key(), inner), 0..4).prop_map(|fields| {
            let fields: Vec<String> = fields.into_iter().map(|(key, value)| format!("{key} = {value}")).collect();
            format!("{{ {} }}", fields.join(", "))
        });
        prop_oneof![list, table]
    })
}

fn key() -> impl Strategy<Value = String> {
    let known = prop::sample::select(vec![
        "account",
        "certificate",
        "cidr",
        "environments",
        "functions",
        "id",
        "indexes",
        "local",
        "dev",
        "name",
        "network",
        "partition_key",
        "path",
        "routes",
        "source",
        "tables",
        "throttling",
        "zones",
        "\"a/b\"",
        "\"~\"",
        "\"ä\"",
    ]);
    prop_oneof![known.prop_map(str::to_owned), "[a-z]{1,3}"]
}

/// A valid file with one line replaced, or lines of anything.
fn file(valid: &'static str) -> impl Strategy<Value = String> {
    let count = valid.lines().count();
    let line = || (key(), value()).prop_map(|(key, value)| format!("{key} = {value}"));
    let replaced = (0..count, line()).prop_map(move |(at, line)| {
        let mut lines: Vec<&str> = valid.lines().collect();
        lines[at] = &line;
        lines.join("\n")
    });
    prop_oneof![4 => replaced, 2 => vec(line(), 0..6).prop_map(|lines| lines.join("\n")), 1 => any::<String>()]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 120, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn loading_never_panics(
        platform in file(include_str!("../platform/platform.toml")),
        hub in file(include_str!("../platform/consumer-account/account.toml")),
        service in file(include_str!("../platform/microservice-accounts/food/service.toml")),
        which in 0..8_u8,
    ) {
        let fixture = Fixture::new();
        for (bit, name, text) in [(1, PLATFORM, &platform), (2, HUB, &hub), (4, SERVICE, &service)] {
            if which & bit != 0 {
                fixture.write(name, text);
            }
        }
        for environment in [None, Some("local"), Some("prod"), Some("nowhere")] {
            if let Err(mistakes) = config::load(fixture.root(), environment) {
                prop_assert!(mistakes.iter().count() > 0 && !mistakes.render(true).is_empty());
                prop_assert!(mistakes.iter().all(|one| !one.help.is_empty() && !one.message.is_empty()), "{mistakes}");
            }
        }
        let _ = config::load_all(fixture.root());
    }

    /// Our own reading of the schemas lets nothing pass that a standard validator refuses.
    #[test]
    fn what_the_schema_refuses_is_a_mistake_in_that_file(
        service in file(include_str!("../platform/microservice-accounts/food/service.toml")),
    ) {
        let Ok(value) = toml::from_str::<serde_json::Value>(&service) else { return Ok(()) };
        if !jsonschema::is_valid(&config::schema::service(), &value) {
            let fixture = Fixture::new();
            fixture.write(SERVICE, &service);
            prop_assert!(fixture.mistakes(None).iter().any(|one| one.file == SERVICE), "{service}");
        }
    }
}
