//! A service as data: a two-route one that has nothing to do with orders, written out for a reviewer to read.

use std::{collections::BTreeMap, path::Path};

use kinds::{
    certificate::CertificateSource,
    function::{Architecture, Code},
};
use microservice_accounts::{Artifact, Caller, Imports};
use model::{Graph, Sealed};

fn service(environment: &str, endpoint: Option<&str>) -> Sealed {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/platform");
    let config = config::load(&root, Some(environment)).unwrap_or_else(|mistakes| panic!("{mistakes}"));
    let code = Code { sha256: "aGFzaA==".to_owned(), zip: "show.zip".to_owned() };
    let artifact = Artifact { code, architecture: Architecture::Arm64 };
    let imports = Imports {
        document: None,
        caller: Caller {
            secret: "arn:aws:secretsmanager:eu-west-1:111111111111:secret:demo-dev/consumer/endpoint-AbCdEf".into(),
            endpoint: endpoint.map(Into::into),
        },
        artifacts: BTreeMap::from([("show".to_owned(), artifact)]),
        certificate: CertificateSource::Request,
    };
    let mut graph = Graph::new();
    let own = microservice_accounts::declare("food", &config.services["food"]);
    microservice_accounts::define(&config, "food", "food", &own, &imports, &mut graph);
    graph.seal().expect("the blueprint has no flaws")
}

#[test]
fn a_service_is_as_written_down() {
    insta::with_settings!({snapshot_path => "golden", prepend_module_to_snapshot => false}, {
        insta::assert_json_snapshot!("service-dev", service("dev", Some("vpce-1234")).to_json());
    });
}

#[test]
fn alone_it_takes_the_endpoint_from_the_secret() {
    let graph = service("dev", None);
    let policy = graph.nodes().find(|node| node.facts.kind == "rest-api").map(|node| node.spec["policy"].to_string());
    assert!(policy.is_some_and(|policy| policy.contains("food/shared-secret/hub#vpc_endpoint_id")));
}

#[test]
fn functions_wait_for_their_log_groups() {
    let graph = service("dev", None);
    let function = graph.nodes().find(|node| node.facts.kind == "function").expect("a function");
    assert!(function.after.iter().any(|(address, _)| address.kind() == "log-group"));
}
