//! Certificates of every source.

use std::time::{Duration, Instant};

use engine::{Class, State};
use kinds::{Certificate, Live, aws::pem::Leaf, certificate::CertificateSource};
use serde_json::json;
use tempfile::TempDir;

use super::hub::{at, shared};

/// With a wildcard, which sorts first.
fn requested(domain: &str) -> Certificate {
    let names = vec![format!("*.{domain}").into(), domain.into()];
    Certificate { domain: domain.into(), names, source: CertificateSource::Request }
}

#[tokio::test]
async fn requested_certificates_keep_the_laws() {
    let world = shared().await;
    world.keeps_the_laws("requested", requested("requested.example"), []).await;
}

#[tokio::test]
async fn certificates_of_a_private_authority_keep_the_laws() {
    let world = shared().await;
    let authority = world.aws.arn("acm-pca", "certificate-authority/00000000-0000-0000-0000-000000000000");
    let want = Certificate { source: CertificateSource::PrivateCa { authority }, ..requested("private.example") };
    world.keeps_the_laws("private", want, []).await;
}

#[tokio::test]
async fn imported_certificates_keep_the_laws() {
    let (world, files) = (shared().await, TempDir::new().expect("a folder"));
    let want = imported(&files, "one", &["*.internal.example", "internal.example"]);
    let next = imported(&files, "two", &["*.internal.example"]);
    world.keeps_the_laws("imported", want.clone(), [next, want]).await;
}

#[tokio::test]
async fn an_imported_certificate_keeps_its_arn_and_tells_what_is_in_the_file() {
    let (world, files) = (shared().await, TempDir::new().expect("a folder"));
    let first = imported(&files, "one", &["internal.example", "*.internal.example"]);
    let seen = world.make(&at::<Certificate>("reimported"), &first).await;
    assert_eq!(seen.state, State::Ready);
    assert_eq!(seen.outputs["names"], json!(["*.internal.example", "internal.example"]));
    assert!(seen.outputs["not_after"].as_i64().expect("seconds") > 0);
    let arn = seen.output(Certificate::ARN).expect("an ARN");
    let seen = world.change(seen, &imported(&files, "two", &["other.example"])).await;
    assert_eq!(seen.output(Certificate::ARN), Some(arn));
    assert_eq!(seen.outputs["names"], json!(["other.example"]));
}

#[tokio::test]
async fn a_file_that_somebody_else_imported_over_ours_is_seen() {
    let (world, files) = (shared().await, TempDir::new().expect("a folder"));
    let want = imported(&files, "one", &["internal.example"]);
    let seen = world.make(&at::<Certificate>("overwritten"), &want).await;
    let made = rcgen::CertificateParams::new(vec!["theirs.example".to_owned()]).map(|mut params| {
        params.not_after = rcgen::date_time_ymd(2040, 1, 1);
        let key = rcgen::KeyPair::generate().expect("a key");
        (params.self_signed(&key).expect("a certificate").pem(), key.serialize_pem())
    });
    let (certificate, key) = made.expect("names");
    let blob = |text: String| aws_sdk_acm::primitives::Blob::new(text);
    let call = world.aws.acm.import_certificate().set_certificate_arn(seen.output(Certificate::ARN));
    call.certificate(blob(certificate)).private_key(blob(key)).send().await.expect("an import");
    let seen = world.find(&at::<Certificate>("overwritten"), &want).await.expect("the certificate");
    assert_ne!(seen.spec.source, want.source);
    assert_eq!(seen.outputs["names"], json!(["theirs.example"]));
    world.change(seen, &want).await;
}

#[tokio::test]
async fn a_requested_certificate_tells_its_record_at_once_and_its_arn_when_it_is_issued() {
    let world = shared().await;
    let want = requested("issued.example");
    let made = Certificate::create(&world.aws, &at::<Certificate>("issued"), &want).await.expect("a certificate");
    assert!(matches!(made.state, State::Pending(_)) && !made.outputs.contains_key(Certificate::ARN.name));

    let deadline = Instant::now() + Duration::from_secs(30);
    loop {
        let seen = world.find(&at::<Certificate>("issued"), &want).await.expect("the certificate");
        let record = seen.output(Certificate::VALIDATION_NAME).expect("a record to make");
        assert!(record.starts_with('_') && record.ends_with("issued.example"), "{record}");
        assert!(!seen.output(Certificate::VALIDATION_VALUE).expect("a value").ends_with('.'));
        let is_ready = seen.state == State::Ready;
        assert_eq!(seen.output(Certificate::ARN).is_some(), is_ready);
        assert_eq!(seen.outputs.contains_key("not_after"), is_ready);
        if is_ready {
            break;
        }
        assert_eq!(seen.state, State::Pending("PENDING_VALIDATION".to_owned()));
        assert!(Instant::now() < deadline, "it is not issued");
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}

#[tokio::test]
async fn another_source_shows_in_a_field_that_replaces() {
    let (world, files) = (shared().await, TempDir::new().expect("a folder"));
    let want = requested("another-source.example");
    world.make(&at::<Certificate>("another-source"), &want).await;
    let private = Certificate { source: CertificateSource::PrivateCa { authority: "arn".to_owned() }, ..want.clone() };
    let import = Certificate { domain: want.domain, ..imported(&files, "one", &["another-source.example"]) };
    for other in [private, import] {
        let seen = world.find(&at::<Certificate>("another-source"), &other).await.expect("the old one");
        assert_ne!(seen.spec.names, other.names);
    }
}

#[tokio::test]
async fn files_that_are_missing_or_not_those_of_the_plan_are_refused() {
    let (world, files) = (shared().await, TempDir::new().expect("a folder"));
    let want = imported(&files, "one", &["files.example"]);
    imported(&files, "one", &["files.example"]);
    let error = Certificate::create(&world.aws, &at::<Certificate>("files"), &want).await.expect_err("another file");
    assert!(error.class == Class::Fatal && error.message.contains("no longer the file"), "{error}");
    std::fs::remove_file(files.path().join("one.pem")).expect("a file");
    let error = Certificate::create(&world.aws, &at::<Certificate>("files"), &want).await.expect_err("no file");
    assert!(error.message.contains("cannot be read"), "{error}");
}

#[tokio::test]
async fn certificates_without_our_tags_are_not_ours() {
    let world = shared().await;
    world.certificate("untagged.example").await;
    assert!(world.find(&at::<Certificate>("untagged"), &requested("untagged.example")).await.is_none());
}

/// Writes a new certificate and its key. The name in the configuration need not be one in the file.
fn imported(files: &TempDir, name: &str, names: &[&str]) -> Certificate {
    let names: Vec<String> = names.iter().map(|&name| name.to_owned()).collect();
    let made = rcgen::generate_simple_self_signed(names).expect("a certificate");
    let path = |ending: &str| files.path().join(format!("{name}{ending}"));
    std::fs::write(path(".pem"), made.cert.pem()).expect("a file");
    std::fs::write(path(".key"), made.signing_key.serialize_pem()).expect("a file");
    let text = |ending: &str| path(ending).to_str().expect("a readable path").to_owned();
    let fingerprint = Leaf::parse(made.cert.pem().as_bytes()).expect("a certificate").fingerprint;
    let (certificate, private_key) = (text(".pem"), text(".key"));
    let source = CertificateSource::Import { fingerprint, certificate, private_key, chain: None };
    Certificate { domain: "imported.example".into(), names: Vec::new(), source }
}
