//! The certificate authority of the local platform: a root made once, and leaf certificates for what is provisioned.
//!
//! Files, below `<state_dir>/local/ca/`: `ca.pem` (the root: give it to `curl --cacert`), `ca-key.pem`, and one folder per
//! certificate, named by its SHA-256 fingerprint, with `certificate.pem` and `key.pem`; `names/` says which certificate serves a
//! set of names now. Keys are readable by their owner only. Nothing here is ever put into a system's trust store.

use std::fs;
use std::path::{Path, PathBuf};

use rcgen::{
    BasicConstraints, CertificateParams, DistinguishedName, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair,
    KeyUsagePurpose,
};
use rustls::RootCertStore;
use rustls_pki_types::CertificateDer;
use rustls_pki_types::pem::PemObject;
use sha2::{Digest, Sha256};
use time::{Duration, OffsetDateTime};

use crate::LocalError;
use crate::files::{self, Access};

/// How long the root is valid: it only has to outlive the checkout.
const ROOT_LIFE: Duration = Duration::days(3650);
/// How long a leaf is valid. Browsers and Apple's libraries refuse more than 398 days.
const LEAF_LIFE: Duration = Duration::days(365);
/// A leaf this close to its end is replaced when asked for.
const RENEW_BEFORE: Duration = Duration::days(30);
/// Certificates begin a little in the past, for clocks that differ.
const SLACK: Duration = Duration::hours(1);

/// The local root and everything it issued.
pub struct Authority {
    folder: PathBuf,
    root_pem: String,
    issuer: Issuer<'static, KeyPair>,
}

/// A certificate with its key, in the form certificate stores import.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Issued {
    pub certificate_pem: String,
    /// PKCS #8.
    pub private_key_pem: String,
    /// The issuers of the certificate: the root alone.
    pub chain_pem: String,
    /// SHA-256 of the certificate's DER form, in lowercase hexadecimal digits.
    pub fingerprint: String,
}

impl Authority {
    /// The authority of this state folder; its root is made at the first use. Two at once get the same root.
    pub fn open(state_dir: &Path) -> Result<Authority, LocalError> {
        let folder = state_dir.join("local/ca");
        files::make_dir(&folder)?;
        let _making = files::lock(&folder.join("lock"))?;
        let (root_pem, key) = match (read(&root_path(&folder))?, read(&folder.join("ca-key.pem"))?) {
            (Some(root_pem), Some(key_pem)) => (root_pem, parse_key(&key_pem)?),
            _ => make_root(&folder)?,
        };
        let issuer = Issuer::from_ca_cert_pem(&root_pem, key).map_err(LocalError::certificate("read the root"))?;
        Ok(Authority { folder, root_pem, issuer })
    }

    /// Where the root certificate is, for `curl --cacert`.
    pub fn root_path(&self) -> PathBuf {
        root_path(&self.folder)
    }

    /// Where a certificate issued here lies, by its fingerprint.
    pub fn certificate_path(&self, fingerprint: &str) -> PathBuf {
        self.folder.join(fingerprint).join("certificate.pem")
    }

    /// Where its key lies, readable by its owner only.
    pub fn key_path(&self, fingerprint: &str) -> PathBuf {
        self.folder.join(fingerprint).join("key.pem")
    }

    /// The root certificate.
    pub fn root_pem(&self) -> &str {
        &self.root_pem
    }

    /// A certificate for exactly these DNS names, the first of which is its subject; wildcards are welcome.
    ///
    /// The same set of names gives the same certificate until it nears its end; their order does not matter after the first time.
    ///
    /// # Errors
    /// No name at all, one that cannot stand in a certificate, or files that cannot be written.
    pub fn issue(&self, names: &[String]) -> Result<Issued, LocalError> {
        let _issuing = files::lock(&self.folder.join("lock"))?;
        let current = self.folder.join("names").join(set_digest(names));
        if let Some(fingerprint) = files::read_if_there(&current)?
            && let Some(issued) = self.find(&fingerprint)?
            && expires(&issued.certificate_pem)? - RENEW_BEFORE > OffsetDateTime::now_utc()
        {
            return Ok(issued);
        }
        let issued = self.make(names)?;
        self.keep(&issued)?;
        files::make_dir(&self.folder.join("names"))?;
        files::write_whole(&current, issued.fingerprint.as_bytes(), Access::Shared)?;
        Ok(issued)
    }

    /// The private key of a certificate that was issued here, given the certificate (the first, if it is a chain).
    pub fn key_for(&self, certificate_pem: &str) -> Result<Option<String>, LocalError> {
        Ok(self.find(&fingerprint(certificate_pem)?)?.map(|issued| issued.private_key_pem))
    }

    /// A certificate that was issued here, by its fingerprint.
    pub fn find(&self, fingerprint: &str) -> Result<Option<Issued>, LocalError> {
        let folder = self.folder.join(fingerprint);
        let (certificate, key) = (read(&folder.join("certificate.pem"))?, read(&folder.join("key.pem"))?);
        Ok(certificate.zip(key).map(|(certificate_pem, private_key_pem)| Issued {
            certificate_pem,
            private_key_pem,
            chain_pem: self.root_pem.clone(),
            fingerprint: fingerprint.to_owned(),
        }))
    }

    fn make(&self, names: &[String]) -> Result<Issued, LocalError> {
        let key = new_key()?;
        let params = leaf(names)?;
        let made = params.signed_by(&key, &self.issuer).map_err(LocalError::certificate("issue a certificate"))?;
        Ok(Issued {
            certificate_pem: made.pem(),
            private_key_pem: key.serialize_pem(),
            chain_pem: self.root_pem.clone(),
            fingerprint: files::hex(&Sha256::digest(made.der())),
        })
    }

    /// The key goes last: a certificate without a key is not found, so an interruption leaves nothing half.
    fn keep(&self, issued: &Issued) -> Result<(), LocalError> {
        let folder = self.folder.join(&issued.fingerprint);
        files::make_dir(&folder)?;
        files::write_whole(&folder.join("certificate.pem"), issued.certificate_pem.as_bytes(), Access::Shared)?;
        files::write_whole(&folder.join("key.pem"), issued.private_key_pem.as_bytes(), Access::Private)
    }
}

/// SHA-256 of the first certificate in a PEM text, in lowercase hexadecimal digits.
pub fn fingerprint(certificate_pem: &str) -> Result<String, LocalError> {
    Ok(files::hex(&Sha256::digest(first_der(certificate_pem)?)))
}

/// How many certificates a PEM text holds, if TLS can trust each of them as a root.
pub fn roots(pem: &[u8]) -> Result<usize, LocalError> {
    let mut roots = RootCertStore::empty();
    for der in CertificateDer::pem_slice_iter(pem) {
        let der = der.map_err(LocalError::certificate("read a certificate"))?;
        roots.add(der).map_err(LocalError::certificate("trust a certificate"))?;
    }
    Ok(roots.len())
}

fn root_path(folder: &Path) -> PathBuf {
    folder.join("ca.pem")
}

fn read(path: &Path) -> Result<Option<String>, LocalError> {
    files::read_if_there(path)
}

fn make_root(folder: &Path) -> Result<(String, KeyPair), LocalError> {
    let key = new_key()?;
    let mut params = CertificateParams::default();
    params.distinguished_name = named("provisioner local root");
    params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    (params.not_before, params.not_after) = life(ROOT_LIFE);
    let root_pem = params.self_signed(&key).map_err(LocalError::certificate("make the root"))?.pem();
    for entry in fs::read_dir(folder).map_err(LocalError::file("read", folder))?.flatten() {
        let _ = fs::remove_dir_all(entry.path()); // what an earlier root issued is worth nothing under this one
    }
    files::write_whole(&folder.join("ca-key.pem"), key.serialize_pem().as_bytes(), Access::Private)?;
    files::write_whole(&root_path(folder), root_pem.as_bytes(), Access::Shared)?;
    Ok((root_pem, key))
}

fn leaf(names: &[String]) -> Result<CertificateParams, LocalError> {
    let action = "issue a certificate";
    let subject = names.first().ok_or("it has no name").map_err(LocalError::certificate(action))?;
    let mut params = CertificateParams::new(names).map_err(LocalError::certificate(action))?;
    params.distinguished_name = named(subject);
    params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
    params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
    params.use_authority_key_identifier_extension = true;
    (params.not_before, params.not_after) = life(LEAF_LIFE);
    Ok(params)
}

/// A subject of one common name, cut to the 64 characters that X.509 allows there.
fn named(name: &str) -> DistinguishedName {
    let mut subject = DistinguishedName::new();
    subject.push(DnType::CommonName, name.chars().take(64).collect::<String>());
    subject
}

fn life(length: Duration) -> (OffsetDateTime, OffsetDateTime) {
    let start = OffsetDateTime::now_utc() - SLACK;
    (start, start + length)
}

/// ECDSA on P-256: taken by certificate stores and load balancers alike.
fn new_key() -> Result<KeyPair, LocalError> {
    KeyPair::generate_for(&rcgen::PKCS_ECDSA_P256_SHA256).map_err(LocalError::certificate("make a key"))
}

fn parse_key(pem: &str) -> Result<KeyPair, LocalError> {
    KeyPair::from_pem(pem).map_err(LocalError::certificate("read the root's key"))
}

fn first_der(pem: &str) -> Result<CertificateDer<'static>, LocalError> {
    CertificateDer::from_pem_slice(pem.as_bytes()).map_err(LocalError::certificate("read a certificate"))
}

fn expires(certificate_pem: &str) -> Result<OffsetDateTime, LocalError> {
    let der = first_der(certificate_pem)?;
    let (_, parsed) =
        x509_parser::parse_x509_certificate(&der).map_err(LocalError::certificate("read a certificate"))?;
    Ok(parsed.validity().not_after.to_datetime())
}

/// A file name for a set of names, the same in whatever order they come.
fn set_digest(names: &[String]) -> String {
    let mut sorted: Vec<String> = names.iter().map(|name| name.to_lowercase()).collect();
    sorted.sort();
    sorted.dedup();
    files::hex(&Sha256::digest(sorted.join("\n")))
}

#[cfg(test)]
mod tests;
