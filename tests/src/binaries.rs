//! The program and the functions, built once for each run of the tests.

use std::{
    ffi::OsStr,
    fs::{self, File},
    io,
    path::{Path, PathBuf},
    process::{Command, Stdio},
    sync::LazyLock,
};

/// The functions of the repository's own services, and one of these tests'.
const FUNCTIONS: [&str; 4] = ["create-order", "get-order", "list-orders", "weather"];
/// Any test target of this crate. With one among what is built, and for the whole workspace, cargo takes the same features of
/// every dependency as `cargo test --workspace` did, and nothing is compiled twice.
const ANY_TEST: &str = "tidy";

/// Where the built programs are.
#[derive(Debug)]
pub struct Binaries {
    pub provisioner: PathBuf,
    /// A folder with `<binary>/bootstrap`, as `--artifacts` takes it.
    pub artifacts: PathBuf,
    /// For files that tests leave to each other, below cargo's target folder.
    pub shared: PathBuf,
}

/// Builds what is not built, the first time it is asked.
///
/// # Panics
/// If something does not compile.
pub fn binaries() -> &'static Binaries {
    static BUILT: LazyLock<Binaries> = LazyLock::new(|| build().expect("cargo builds the programs"));
    &BUILT
}

fn build() -> io::Result<Binaries> {
    // This very test is `<target>/<profile>/deps/<name>`.
    let own = std::env::current_exe()?;
    let built = own.ancestors().nth(2).expect("tests lie two folders deep").to_owned();
    let shared = built.with_file_name("tmp").join("end-to-end");
    let artifacts = shared.join("artifacts");
    fs::create_dir_all(&artifacts)?;
    let lock = File::create(shared.join("build.lock"))?;
    lock.lock()?;
    compile(&built)?;
    for function in FUNCTIONS {
        ship(&built.join(function), &artifacts.join(function))?;
    }
    Ok(Binaries { provisioner: built.join("provisioner"), artifacts, shared })
}

fn compile(built: &Path) -> io::Result<()> {
    let profile = match built.file_name().and_then(|name| name.to_str()) {
        Some("debug") | None => "dev",
        Some(other) => other,
    };
    let mut cargo = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    cargo.args(["build", "--quiet", "--workspace", "--profile", profile, "--test", ANY_TEST, "--bin", "provisioner"]);
    cargo.args(FUNCTIONS.iter().flat_map(|function| ["--bin", function]));
    cargo.arg("--target-dir").arg(built.parent().expect("a profile's folder lies in the target folder"));
    // What cargo told this test about itself would make build scripts that look at it run again.
    let told =
        |name: &OsStr| ["CARGO_PKG_", "CARGO_MANIFEST_"].iter().any(|start| name.to_string_lossy().starts_with(start));
    for (name, _) in std::env::vars_os().filter(|(name, _)| told(name)) {
        cargo.env_remove(name);
    }
    let done = cargo.current_dir(env!("CARGO_MANIFEST_DIR")).stdin(Stdio::null()).output()?;
    let said = String::from_utf8_lossy(&done.stderr);
    if done.status.success() { Ok(()) } else { Err(io::Error::other(format!("cargo build failed:\n{said}"))) }
}

/// Copies a program to where functions are looked for, without the debug information that would be zipped every time.
fn ship(program: &Path, folder: &Path) -> io::Result<()> {
    let (bootstrap, half) = (folder.join("bootstrap"), folder.join("half"));
    let age = |path: &Path| fs::metadata(path).and_then(|file| file.modified());
    if age(&bootstrap).is_ok_and(|copied| age(program).is_ok_and(|made| made <= copied)) {
        return Ok(());
    }
    fs::create_dir_all(folder)?;
    // A machine that compiles Rust has a linker, but maybe not its companions.
    let stripped = Command::new("strip").arg("-o").arg(&half).arg(program).output();
    if !stripped.is_ok_and(|done| done.status.success()) {
        fs::copy(program, &half)?;
    }
    fs::rename(half, bootstrap)
}
