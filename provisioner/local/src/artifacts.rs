//! The code of functions, stored by its content: `<state_dir>/artifacts/<sha256>/bootstrap`.
//!
//! What AWS reports of a function's code is the base64 of the SHA-256 of its deployment package; that leads back to the program here.

use std::io::{Cursor, Read};
use std::path::{Path, PathBuf};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest, Sha256};

use crate::LocalError;
use crate::files::{self, Access};

/// What Lambda runs of a deployment package for an OS-only runtime.
const ENTRY: &str = "bootstrap";
/// Lambda's limit for an unpacked deployment package, in bytes.
const UNPACKED_LIMIT: u64 = 250 * 1024 * 1024;

/// A store of deployment packages, unpacked.
#[derive(Clone, Debug)]
pub struct Artifacts {
    folder: PathBuf,
}

impl Artifacts {
    /// The store below this state folder. Nothing is read or made yet.
    pub fn new(state_dir: &Path) -> Artifacts {
        Artifacts { folder: state_dir.join("artifacts") }
    }

    /// Unpacks the `bootstrap` of a deployment package, unless it is there already.
    ///
    /// Gives the package's SHA-256 in base64: Lambda's `CodeSha256`.
    ///
    /// # Errors
    /// Not a zip archive, no `bootstrap` in it, or larger than Lambda takes.
    pub fn put(&self, package: &[u8]) -> Result<String, LocalError> {
        let digest = Sha256::digest(package);
        let code_sha256 = STANDARD.encode(digest);
        if self.bootstrap_path(&code_sha256).is_none() {
            let folder = self.folder.join(files::hex(&digest));
            let program = unpack(package)?;
            files::make_dir(&folder)?;
            files::write_whole(&folder.join(ENTRY), &program, Access::Program)?;
        }
        Ok(code_sha256)
    }

    /// The program of the package with this `CodeSha256`, if it was put here.
    pub fn bootstrap_path(&self, code_sha256: &str) -> Option<PathBuf> {
        let digest = STANDARD.decode(code_sha256).ok().filter(|digest| digest.len() == 32)?;
        Some(self.folder.join(files::hex(&digest)).join(ENTRY)).filter(|path| path.is_file())
    }
}

fn unpack(package: &[u8]) -> Result<Vec<u8>, LocalError> {
    let bad = |what: String| LocalError::Package { what };
    let mut archive =
        zip::ZipArchive::new(Cursor::new(package)).map_err(|error| bad(format!("is not a zip archive: {error}")))?;
    let entry = archive.by_name(ENTRY).map_err(|_| bad(format!("has no `{ENTRY}` at its top")))?;
    let mut program = Vec::new();
    let read = entry.take(UNPACKED_LIMIT + 1).read_to_end(&mut program);
    read.map_err(|error| bad(format!("cannot be unpacked: {error}")))?;
    if program.len() as u64 > UNPACKED_LIMIT {
        return Err(bad("unpacks to more than 250 MB".to_owned()));
    }
    Ok(program)
}

#[cfg(test)]
mod tests {
    use std::io::Write;
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    fn package(name: &str, program: &[u8]) -> Vec<u8> {
        let mut writer = zip::ZipWriter::new(Cursor::new(Vec::new()));
        writer.start_file(name, zip::write::SimpleFileOptions::default()).expect("an entry");
        writer.write_all(program).expect("its bytes");
        writer.finish().expect("an archive").into_inner()
    }

    #[test]
    fn a_package_is_found_again_by_its_code_sha256() {
        let state = tempfile::tempdir().expect("a folder");
        let store = Artifacts::new(state.path());
        let package = package("bootstrap", b"#!/bin/sh\n");
        let code_sha256 = store.put(&package).expect("a package");
        assert_eq!(code_sha256, STANDARD.encode(Sha256::digest(&package)));

        let path = store.bootstrap_path(&code_sha256).expect("it is there");
        assert_eq!(std::fs::read(&path).expect("readable"), b"#!/bin/sh\n");
        assert_eq!(std::fs::metadata(&path).expect("there").permissions().mode() & 0o777, 0o755);
    }

    #[test]
    fn putting_the_same_twice_leaves_the_first_alone() {
        let state = tempfile::tempdir().expect("a folder");
        let store = Artifacts::new(state.path());
        let package = package("bootstrap", b"one");
        let code_sha256 = store.put(&package).expect("a package");
        let made = |path: PathBuf| std::fs::metadata(path).expect("there").modified().expect("a time");
        let first = made(store.bootstrap_path(&code_sha256).expect("it is there"));
        assert_eq!(store.put(&package).expect("again"), code_sha256);
        assert_eq!(made(store.bootstrap_path(&code_sha256).expect("it is there")), first);
    }

    #[test]
    fn what_is_not_a_package_is_refused() {
        let state = tempfile::tempdir().expect("a folder");
        let store = Artifacts::new(state.path());
        assert!(store.put(b"no zip").is_err());
        let error = store.put(&package("other", b"x")).expect_err("no bootstrap");
        assert_eq!(error.to_string(), "the deployment package has no `bootstrap` at its top");
        assert_eq!(store.bootstrap_path("AAAA"), None);
        assert_eq!(store.bootstrap_path("../../etc"), None);
    }
}
