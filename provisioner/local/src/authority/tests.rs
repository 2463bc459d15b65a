//! What certificate stores, clients and the door rely on.

use std::os::unix::fs::PermissionsExt;

use super::*;

fn names(names: &[&str]) -> Vec<String> {
    names.iter().map(|&name| name.to_owned()).collect()
}

#[test]
fn the_same_names_give_the_same_certificate_in_any_order_and_run() {
    let state = tempfile::tempdir().expect("a folder");
    let first = Authority::open(state.path()).expect("a root");
    let issued = first.issue(&names(&["food.example", "*.example"])).expect("a certificate");
    let again = Authority::open(state.path()).expect("the same root");
    assert_eq!(first.root_pem(), again.root_pem());
    assert_eq!(again.issue(&names(&["*.example", "food.example"])).expect("again"), issued);
    assert_ne!(again.issue(&names(&["food.example"])).expect("fewer names").fingerprint, issued.fingerprint);
}

#[test]
fn a_key_is_found_by_its_certificate_and_unknown_ones_are_not() {
    let state = tempfile::tempdir().expect("a folder");
    let other = tempfile::tempdir().expect("a folder");
    let authority = Authority::open(state.path()).expect("a root");
    let issued = authority.issue(&names(&["a.example"])).expect("a certificate");
    let chain = format!("{}{}", issued.certificate_pem, issued.chain_pem);
    assert_eq!(authority.key_for(&chain).expect("readable").as_deref(), Some(issued.private_key_pem.as_str()));
    assert_eq!(authority.find(&issued.fingerprint).expect("readable"), Some(issued));

    let stranger = Authority::open(other.path()).expect("a root").issue(&names(&["a.example"])).expect("a certificate");
    assert_eq!(authority.key_for(&stranger.certificate_pem).expect("readable"), None);
    assert!(authority.key_for("no certificate").is_err());
}

#[test]
fn a_leaf_is_what_stores_and_clients_accept() {
    let state = tempfile::tempdir().expect("a folder");
    let authority = Authority::open(state.path()).expect("a root");
    let issued = authority.issue(&names(&["a.example", "*.b.example"])).expect("a certificate");
    let (leaf_der, root_der) = (first_der(&issued.certificate_pem), first_der(authority.root_pem()));
    let (leaf_der, root_der) = (leaf_der.expect("PEM"), root_der.expect("PEM"));
    let (_, leaf) = x509_parser::parse_x509_certificate(&leaf_der).expect("X.509");
    let (_, root) = x509_parser::parse_x509_certificate(&root_der).expect("X.509");

    assert_eq!(leaf.issuer(), root.subject());
    let life = leaf.validity().not_after.timestamp() - leaf.validity().not_before.timestamp();
    assert!(life <= 398 * 24 * 3600, "{life} seconds");
    let alternatives = leaf.subject_alternative_name().expect("well-formed").expect("there").value.general_names.len();
    assert_eq!(alternatives, 2);
    assert!(root.is_ca() && !leaf.is_ca());
    assert!(issued.private_key_pem.starts_with("-----BEGIN PRIVATE KEY-----"), "PKCS #8");
}

#[test]
fn a_certificate_near_its_end_is_replaced_and_its_key_still_found() {
    let state = tempfile::tempdir().expect("a folder");
    let authority = Authority::open(state.path()).expect("a root");
    let names = names(&["a.example"]);
    let key = new_key().expect("a key");
    let mut params = leaf(&names).expect("parameters");
    params.not_after = OffsetDateTime::now_utc() + RENEW_BEFORE - Duration::hours(1);
    let made = params.signed_by(&key, &authority.issuer).expect("a certificate");
    let old = Issued {
        certificate_pem: made.pem(),
        private_key_pem: key.serialize_pem(),
        chain_pem: authority.root_pem.clone(),
        fingerprint: files::hex(&Sha256::digest(made.der())),
    };
    authority.keep(&old).expect("kept");
    let current = authority.folder.join("names");
    files::make_dir(&current).expect("a folder");
    std::fs::write(current.join(set_digest(&names)), &old.fingerprint).expect("written");

    let new = authority.issue(&names).expect("a certificate");
    assert_ne!(new.fingerprint, old.fingerprint);
    assert!(authority.key_for(&old.certificate_pem).expect("readable").is_some());
}

#[test]
fn keys_are_for_their_owner_only() {
    let state = tempfile::tempdir().expect("a folder");
    let authority = Authority::open(state.path()).expect("a root");
    let issued = authority.issue(&names(&["a.example"])).expect("a certificate");
    let folder = state.path().join("local/ca");
    for key in [folder.join("ca-key.pem"), folder.join(&issued.fingerprint).join("key.pem")] {
        let mode = std::fs::metadata(&key).expect("there").permissions().mode();
        assert_eq!(mode & 0o777, 0o600, "{}", key.display());
    }
}

#[test]
fn a_certificate_without_a_name_is_refused() {
    let state = tempfile::tempdir().expect("a folder");
    let error = Authority::open(state.path()).expect("a root").issue(&[]).expect_err("no names");
    assert_eq!(error.to_string(), "cannot issue a certificate: it has no name");
}
