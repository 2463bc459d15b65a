//! Certificates as PEM text.

use sha2::{Digest, Sha256};
use x509_parser::{certificate::X509Certificate, extensions::GeneralName, pem::parse_x509_pem};

/// What a leaf certificate says about itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Leaf {
    /// SHA-256 of the DER, in lower-case hexadecimal.
    pub fingerprint: String,
    /// Subject alternative names, in lower case and ascending order, each once. No client looks at the common name any more.
    pub names: Vec<String>,
    /// Seconds since 1970.
    pub not_before: i64,
    /// Seconds since 1970.
    pub not_after: i64,
}

/// Why a text is not a certificate.
#[derive(Clone, Debug, thiserror::Error, PartialEq, Eq)]
#[error("it is not a certificate in PEM form: {0}")]
pub struct NotACertificate(String);

impl Leaf {
    /// Reads the first certificate of the text.
    ///
    /// # Errors
    /// If there is none.
    pub fn parse(pem: &[u8]) -> Result<Self, NotACertificate> {
        let failed = |error: &dyn std::fmt::Display| NotACertificate(error.to_string());
        let (_, block) = parse_x509_pem(pem).map_err(|error| failed(&error))?;
        let certificate = block.parse_x509().map_err(|error| failed(&error))?;
        let digest = Sha256::digest(&block.contents);
        Ok(Self {
            fingerprint: digest.iter().map(|byte| format!("{byte:02x}")).collect(),
            names: names(&certificate),
            not_before: certificate.validity().not_before.timestamp(),
            not_after: certificate.validity().not_after.timestamp(),
        })
    }
}

fn names(certificate: &X509Certificate<'_>) -> Vec<String> {
    let extension = certificate.subject_alternative_name().ok().flatten();
    let names = extension.into_iter().flat_map(|extension| &extension.value.general_names);
    let names = names.filter_map(|name| match name {
        GeneralName::DNSName(name) => Some(name.to_ascii_lowercase()),
        _ => None,
    });
    let mut names: Vec<String> = names.collect();
    names.sort();
    names.dedup();
    names
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn other_texts_are_refused() {
        for text in ["", "no certificate", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"] {
            assert!(Leaf::parse(text.as_bytes()).is_err(), "{text}");
        }
    }
}
