//! What is measured: a bare hello, the functions, and the same routes in Python.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::Command;

use bytes::Bytes;

use crate::Failed;

/// The functions, and the recorded event that each is sent.
const FUNCTIONS: [(&str, &str); 3] =
    [("create-order", "create.json"), ("list-orders", "list.json"), ("get-order", "get.json")];
const HELLO: &str = "hello";

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Language {
    /// Rust without a line of ours: what all others are compared with.
    Hello,
    Rust,
    Python,
}

#[derive(Clone, Debug)]
pub(crate) struct Program {
    pub(crate) name: String,
    pub(crate) language: Language,
    pub(crate) command: Vec<PathBuf>,
    /// Where it runs.
    pub(crate) folder: Option<PathBuf>,
    pub(crate) event: Bytes,
    /// Bytes of `bootstrap`, where there is one.
    pub(crate) size: Option<f64>,
}

/// Builds the functions and the bare hello; returns the folder that has them.
pub(crate) fn build_all(root: &Path, target: &Path) -> Result<PathBuf, Failed> {
    // One build each, so that the bare hello has no feature of a crate that only the functions ask for.
    build(root, target, HELLO)?;
    build(root, target, "orders")?;
    Ok(target.join("lambda"))
}

/// The bare hello, which is the first, and the functions.
pub(crate) fn rust(root: &Path, artifacts: &Path) -> Result<Vec<Program>, Failed> {
    let functions = FUNCTIONS.map(|(name, file)| (name, Language::Rust, file));
    let all = [(HELLO, Language::Hello, "get.json")].into_iter().chain(functions);
    let program = |(name, language, file): (&str, Language, &str)| {
        let bootstrap = artifacts.join(name).join("bootstrap");
        let size = std::fs::metadata(&bootstrap).map_err(|error| format!("{}: {error}", bootstrap.display()))?.len();
        Ok(Program {
            name: name.to_owned(),
            language,
            command: vec![bootstrap],
            folder: None,
            event: event(root, file)?,
            size: Some(size as f64),
        })
    };
    all.map(program).collect()
}

/// The same routes in Python.
pub(crate) fn python(root: &Path, target: &Path) -> Result<Vec<Program>, Failed> {
    let folder = root.join("functions/bench/python");
    let requirements = std::fs::read_to_string(folder.join("requirements.txt"))?;
    let interpreter = local::venv::ensure(&target.join("measure/venv"), &requirements, || ())?;
    let program = |(name, file): (&str, &str)| {
        let handler = format!("handler.{}", name.replace('-', "_"));
        Ok(Program {
            name: format!("{name}, Python"),
            language: Language::Python,
            command: vec![interpreter.clone(), "-m".into(), "awslambdaric".into(), handler.into()],
            folder: Some(folder.clone()),
            event: event(root, file)?,
            size: None,
        })
    };
    FUNCTIONS.into_iter().map(program).collect()
}

fn event(root: &Path, file: &str) -> Result<Bytes, Failed> {
    Ok(std::fs::read(root.join("functions/orders/tests/events").join(file))?.into())
}

/// As they are shipped, by the cargo-lambda on the `PATH` or the one that `./demo` installs.
fn build(root: &Path, target: &Path, package: &str) -> Result<(), Failed> {
    let tools = root.join(".provisioner/tools/bin");
    let path = std::env::var_os("PATH").unwrap_or_default();
    let path = std::env::join_paths(std::env::split_paths(&path).chain([tools]))?;
    let mut cargo = Command::new("cargo");
    cargo.args(["lambda", "build", "--release", "--package", package]).current_dir(root);
    // What cargo told this program about itself would make build scripts that look at it run again.
    let told =
        |name: &OsStr| ["CARGO_PKG_", "CARGO_MANIFEST_"].iter().any(|start| name.to_string_lossy().starts_with(start));
    for (name, _) in std::env::vars_os().filter(|(name, _)| told(name)) {
        cargo.env_remove(name);
    }
    run(cargo.env("PATH", path).env("CARGO_TARGET_DIR", target))
        .map_err(|error| format!("{error}\nif there is no cargo-lambda: `./demo` installs one").into())
}

/// Runs a command to its end; what it wrote is in the error if it fails.
fn run(command: &mut Command) -> Result<(), Failed> {
    let program = command.get_program().to_string_lossy().into_owned();
    let output = command.output().map_err(|error| format!("{program}: {error}"))?;
    if output.status.success() {
        return Ok(());
    }
    Err(format!("{program}: {}\n{}", output.status, String::from_utf8_lossy(&output.stderr).trim()).into())
}
