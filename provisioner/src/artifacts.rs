//! The functions' code: found, checked and zipped so that the same binary always gives the same bytes.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    io::{Cursor, Write},
    path::{Path, PathBuf},
};

use base64::{Engine as _, prelude::BASE64_STANDARD};
use config::Config;
use goblin::elf::{Elf, header};
use kinds::function::{Architecture, Code};
use local::{
    LocalError,
    files::{self, Access, hex},
};
use microservice_accounts::Artifact;
use ring::digest::{SHA256, digest};
use zip::{CompressionMethod, DateTime, ZipWriter, write::SimpleFileOptions};

/// Lambda takes zips up to this size in the call itself.
const LARGEST_ZIP: u64 = 50 * 1024 * 1024;
/// Other versions of this program may zip otherwise.
const ZIPPER: &str = env!("CARGO_PKG_VERSION");

/// A `bootstrap` that cannot be shipped, and what to do.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ArtifactError {
    #[error("no code for {}: run `{command}` first", .binaries.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", "))]
    Missing { binaries: Vec<String>, command: &'static str },
    #[error("`{path}` is a debug build, which is for `local` only: run `cargo lambda build --release`")]
    Debug { path: String },
    #[error("`{path}` is not an executable that Lambda can run: {why}")]
    NotRunnable { path: String, why: String },
    #[error("`{path}` gives a zip of {size} bytes, more than the 50 MB that Lambda takes")]
    TooLarge { path: String, size: u64 },
    #[error("`{path}`: {source}")]
    Io { path: String, source: std::io::Error },
    #[error(transparent)]
    Store(#[from] LocalError),
}

/// Finds and zips the binary of every function of these services.
///
/// Zips are kept in `store`, named by their hash, with a note of what each was made from: zipping takes longer than a plan.
///
/// # Errors
/// All missing binaries at once, or the first that cannot be shipped.
pub(crate) fn collect(
    config: &Config,
    services: &BTreeSet<String>,
    folders: &[PathBuf],
    store: &Path,
) -> Result<BTreeMap<String, Artifact>, ArtifactError> {
    let binaries = binaries(config, services);
    let found: Vec<(String, Option<PathBuf>)> =
        binaries.into_iter().map(|name| (name.clone(), find(folders, &name))).collect();
    let missing: Vec<String> = found.iter().filter(|(_, path)| path.is_none()).map(|(name, _)| name.clone()).collect();
    if !missing.is_empty() {
        let command = if config.is_local() { "cargo lambda build" } else { "cargo lambda build --release" };
        return Err(ArtifactError::Missing { binaries: missing, command });
    }
    let found = found.into_iter().filter_map(|(name, path)| Some((name, path?)));
    side_by_side(found, |(name, path)| Ok((name, artifact(config, &path, store)?)))
}

/// Each on a thread of its own: zipping is all that the processor does at this time.
fn side_by_side<T: Send, R: Send, E: Send, C: FromIterator<R>>(
    all: impl Iterator<Item = T>,
    each: impl Fn(T) -> Result<R, E> + Sync,
) -> Result<C, E> {
    std::thread::scope(|scope| {
        let threads: Vec<_> = all.map(|one| scope.spawn(|| each(one))).collect();
        threads.into_iter().map(|thread| thread.join().expect("zipping does not panic")).collect()
    })
}

/// Stand-ins for commands that change no code: what is deployed is not compared.
#[must_use]
pub(crate) fn unknown(config: &Config) -> BTreeMap<String, Artifact> {
    let all = config.services.keys().cloned().collect();
    let code = Code { sha256: String::new(), zip: String::new() };
    let artifact = Artifact { code, architecture: Architecture::X86_64 };
    binaries(config, &all).into_iter().map(|name| (name, artifact.clone())).collect()
}

/// Where `cargo lambda build` puts binaries, in the order they are looked for.
#[must_use]
pub(crate) fn folders(root: &Path, given: Option<&Path>, target_dir: Option<&Path>) -> Vec<PathBuf> {
    match given {
        Some(folder) => vec![folder.to_owned()],
        None => target_dir
            .into_iter()
            .map(Path::to_owned)
            .chain([root.join("target")])
            .map(|dir| dir.join("lambda"))
            .collect(),
    }
}

fn binaries(config: &Config, services: &BTreeSet<String>) -> BTreeSet<String> {
    let chosen = config.services.iter().filter(|(name, _)| services.contains(*name));
    chosen.flat_map(|(_, service)| service.functions.values().map(|function| function.binary.clone())).collect()
}

fn find(folders: &[PathBuf], binary: &str) -> Option<PathBuf> {
    folders.iter().map(|folder| folder.join(binary).join("bootstrap")).find(|path| path.is_file())
}

fn artifact(config: &Config, path: &Path, store: &Path) -> Result<Artifact, ArtifactError> {
    let shown = path.display().to_string();
    let io = |source| ArtifactError::Io { path: shown.clone(), source };
    let bytes = fs::read(path).map_err(io)?;
    let inspected = inspect(&bytes).map_err(|why| ArtifactError::NotRunnable { path: shown.clone(), why })?;
    if inspected.debug && !config.is_local() {
        return Err(ArtifactError::Debug { path: shown });
    }
    let sha256 = kept(store, &bytes)?;
    let zip = zip_path(store, &sha256);
    let size = fs::metadata(&zip).map_err(io)?.len();
    if size > LARGEST_ZIP {
        return Err(ArtifactError::TooLarge { path: shown, size });
    }
    let code = Code { sha256, zip: zip.display().to_string() };
    Ok(Artifact { code, architecture: inspected.architecture })
}

struct Inspected {
    architecture: Architecture,
    /// Line tables or more: cargo's `dev` profile.
    debug: bool,
}

/// Reads the ELF header: the file's name says nothing of its architecture.
fn inspect(bytes: &[u8]) -> Result<Inspected, String> {
    let elf = Elf::parse(bytes).map_err(|error| format!("it is no ELF file ({error})"))?;
    let architecture = match elf.header.e_machine {
        header::EM_AARCH64 => Architecture::Arm64,
        header::EM_X86_64 => Architecture::X86_64,
        other => return Err(format!("its machine type is {other}, neither x86-64 nor aarch64")),
    };
    let sections = elf.section_headers.iter().filter_map(|section| elf.shdr_strtab.get_at(section.sh_name));
    let debug = sections.into_iter().any(|name| name == ".debug_info");
    Ok(Inspected { architecture, debug })
}

/// One entry, `bootstrap`, mode 0755, with the earliest time a zip can hold.
fn zipped(bytes: &[u8]) -> zip::result::ZipResult<Vec<u8>> {
    let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
    let options = SimpleFileOptions::default()
        .compression_method(CompressionMethod::Deflated)
        .last_modified_time(DateTime::default())
        .unix_permissions(0o755);
    writer.start_file("bootstrap", options)?;
    writer.write_all(bytes)?;
    Ok(writer.finish()?.into_inner())
}

/// Zips a binary into the store, unless it was before; gives the zip's SHA-256 in base64.
fn kept(store: &Path, bytes: &[u8]) -> Result<String, LocalError> {
    let note = store.join(format!("{}-{ZIPPER}", hex(digest(&SHA256, bytes).as_ref())));
    if let Ok(sha256) = fs::read_to_string(&note)
        && zip_path(store, &sha256).is_file()
    {
        return Ok(sha256);
    }
    let zip = zipped(bytes).expect("memory takes a zip of one file");
    let sha256 = BASE64_STANDARD.encode(digest(&SHA256, &zip));
    files::make_dir(store)?;
    files::write_whole(&zip_path(store, &sha256), &zip, Access::Shared)?;
    files::write_whole(&note, sha256.as_bytes(), Access::Shared)?;
    Ok(sha256)
}

/// `<SHA-256 in hexadecimal digits>.zip`, where the local door finds it by what a function says of its code.
pub(crate) fn zip_path(store: &Path, sha256: &str) -> PathBuf {
    store.join(format!("{}.zip", hex(&BASE64_STANDARD.decode(sha256).unwrap_or_default())))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_bytes_give_the_same_zip() {
        let (one, two) = (zipped(b"code").expect("a zip"), zipped(b"code").expect("a zip"));
        assert_eq!(one, two);
        assert_ne!(one, zipped(b"other").expect("a zip"));
    }

    #[test]
    fn what_was_zipped_once_is_not_zipped_again() {
        let store = std::env::temp_dir().join(format!("zips-{}", std::process::id()));
        let sha256 = kept(&store, b"code").expect("a zip");
        let zip = zip_path(&store, &sha256);
        assert_eq!(fs::read(&zip).expect("a file"), zipped(b"code").expect("a zip"));
        fs::write(&zip, b"another one's").expect("a file");
        assert_eq!(kept(&store, b"code").expect("known"), sha256);
        assert_eq!(fs::read(&zip).expect("a file"), b"another one's", "it was written again");
        fs::remove_file(&zip).expect("it was there");
        assert_eq!(kept(&store, b"code").expect("a zip"), sha256);
        assert!(zip.is_file(), "without the zip the note is worth nothing");
        fs::remove_dir_all(store).expect("it was there");
    }

    #[test]
    fn the_entry_is_called_bootstrap_and_may_be_executed() {
        let zip = zipped(b"code").expect("a zip");
        let mut archive = zip::ZipArchive::new(Cursor::new(zip)).expect("an archive");
        let entry = archive.by_index(0).expect("an entry");
        assert_eq!((entry.name(), entry.unix_mode().map(|mode| mode & 0o777)), ("bootstrap", Some(0o755)));
    }

    #[test]
    fn what_is_no_executable_is_refused() {
        assert!(inspect(b"#!/bin/sh\n").is_err());
    }

    #[test]
    fn this_test_itself_is_of_this_machine_and_a_debug_build() {
        let own = fs::read(std::env::current_exe().expect("a path")).expect("bytes");
        let inspected = inspect(&own).expect("an executable");
        let expected = if cfg!(target_arch = "aarch64") { Architecture::Arm64 } else { Architecture::X86_64 };
        assert_eq!(inspected.architecture, expected);
    }
}
