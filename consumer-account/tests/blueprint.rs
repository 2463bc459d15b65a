//! The hub as data: what each configuration gives, written out for a reviewer to read.

use std::path::Path;

use consumer_account::{Admission, Imports, Tenant};
use kinds::certificate::CertificateSource;
use model::{Graph, Sealed};
use serde_json::Value;

fn config(environment: &str) -> config::Config {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/platform");
    config::load(&root, Some(environment)).unwrap_or_else(|mistakes| panic!("{mistakes}"))
}

fn tenant(account: &str) -> Tenant {
    let reader = format!("arn:aws:iam::{account}:role/platform-provisioner").as_str().into();
    Tenant { account: account.into(), readers: vec![reader] }
}

fn hub(environment: &str, services: &[&str]) -> Sealed {
    let config = config(environment);
    let mut graph = Graph::new();
    let own = consumer_account::declare(&config);
    let imports = Imports { tenants: vec![tenant("222222222222")], certificate: CertificateSource::Request };
    consumer_account::define(&config, &own, &imports, &mut graph);
    for service in services {
        let host = config.host(service);
        let certificate = Some(CertificateSource::Request);
        consumer_account::admit(&config, &own, &Admission { service, host: &host, certificate }, &mut graph);
    }
    graph.seal().expect("the blueprint has no flaws")
}

fn without_admitted(graph: &Sealed) -> Value {
    let mut all = graph.to_json();
    let nodes = all.as_object_mut().expect("a graph is an object");
    nodes.retain(|address, _| address.starts_with("consumer/"));
    all
}

#[test]
fn the_hub_with_one_service_is_as_written_down() {
    insta::with_settings!({snapshot_path => "golden", prepend_module_to_snapshot => false}, {
        insta::assert_json_snapshot!("hub-dev", hub("dev", &["food"]).to_json());
    });
}

#[test]
fn a_service_changes_nothing_of_the_hubs_own() {
    assert_eq!(without_admitted(&hub("dev", &[])), without_admitted(&hub("dev", &["food", "beverage"])));
}

#[test]
fn the_same_configuration_gives_the_same_bytes() {
    assert_eq!(hub("dev", &["food"]).to_json().to_string(), hub("dev", &["food"]).to_json().to_string());
}

#[test]
fn two_environments_share_no_name() {
    let names = |environment| -> Vec<String> {
        let graph = hub(environment, &["food"]);
        graph.nodes().filter_map(|node| node.spec.get("name")?.as_str().map(str::to_owned)).collect()
    };
    let (dev, prod) = (names("dev"), names("prod"));
    assert!(!dev.is_empty() && dev.iter().all(|name| !prod.contains(name)), "{dev:?} {prod:?}");
}
