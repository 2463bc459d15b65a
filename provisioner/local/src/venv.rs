//! Python packages: exactly those of a `requirements.txt`, in a virtual environment of their own.
//!
//! It is built beside its final place and renamed when complete, with a marker that names the requirements it was built from.
//! An interrupted build is thrown away by the next; a changed requirements file means a new build.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use sha2::{Digest, Sha256};

use crate::LocalError;
use crate::files::{self, Access};

/// The Pythons for which every pinned package has a ready-made wheel; oldest first.
const OLDEST_PYTHON: (u32, u32) = (3, 10);
const SUPPORTED: &str = ">=3.10,<3.15";
/// What to call when there is no uv, newest first, after plain `python3`.
const INTERPRETERS: [&str; 6] = ["python3", "python3.14", "python3.13", "python3.12", "python3.11", "python3.10"];
const PIP: [&str; 5] = ["install", "--quiet", "--require-hashes", "--only-binary=:all:", "--requirement"];

/// The environment's interpreter; the environment is built first, after a word of it, unless it is there already.
/// `requirements` names every package with its version and the SHA-256 of every file of it.
///
/// # Errors
/// No usable Python, or an installation that failed, with what it said.
pub fn ensure(venv: &Path, requirements: &str, building: impl FnOnce()) -> Result<PathBuf, LocalError> {
    if !is_complete(venv, requirements) {
        files::make_dir(venv.parent().unwrap_or(Path::new(".")))?;
        let _building = files::lock(&venv.with_extension("lock"))?;
        if !is_complete(venv, requirements) {
            building();
            build(venv, requirements)?;
        }
    }
    Ok(python_of(venv))
}

fn build(venv: &Path, wanted: &str) -> Result<(), LocalError> {
    let partial = venv.with_extension("partial");
    remove(&partial)?;
    files::make_dir(&partial)?;
    let requirements = partial.with_extension("requirements.txt");
    files::write_whole(&requirements, wanted.as_bytes(), Access::Shared)?;
    if runs("uv", &["--version"]) {
        build_with_uv(&partial, &requirements)
    } else {
        build_with_pip(&partial, &requirements)
    }?;
    files::write_whole(&marker_of(&partial), digest(wanted).as_bytes(), Access::Shared)?;
    let _ = fs::remove_file(&requirements);
    remove(venv)?;
    fs::rename(&partial, venv).map_err(LocalError::file("move into place", venv))
}

fn build_with_uv(venv: &Path, requirements: &Path) -> Result<(), LocalError> {
    run(Command::new("uv")
        .args(["venv", "--quiet", "--no-project", "--allow-existing", "--python", SUPPORTED])
        .arg(venv))?;
    run(Command::new("uv").arg("pip").args(PIP).arg(requirements).arg("--python").arg(python_of(venv)))
}

fn build_with_pip(venv: &Path, requirements: &Path) -> Result<(), LocalError> {
    let python = INTERPRETERS.into_iter().find(|python| is_new_enough(python)).ok_or(LocalError::NoPython)?;
    run(Command::new(python).args(["-m", "venv"]).arg(venv))?;
    run(Command::new(python_of(venv)).args(["-m", "pip", "--disable-pip-version-check"]).args(PIP).arg(requirements))
}

/// Debian's `python3` comes without `venv` and `ensurepip`; it is of no use here until `python3-venv` is installed.
fn is_new_enough(python: &str) -> bool {
    let (major, minor) = OLDEST_PYTHON;
    runs(python, &["-c", &format!("import sys, venv, ensurepip; sys.exit(sys.version_info < ({major}, {minor}))")])
}

/// Complete, made from these requirements, and its interpreter (a link out of it) still installed.
fn is_complete(venv: &Path, requirements: &str) -> bool {
    let built_from = fs::read_to_string(marker_of(venv));
    built_from.is_ok_and(|built_from| built_from == digest(requirements)) && python_of(venv).exists()
}

fn digest(requirements: &str) -> String {
    files::hex(&Sha256::digest(requirements))
}

fn marker_of(venv: &Path) -> PathBuf {
    venv.join("requirements.sha256")
}

fn python_of(venv: &Path) -> PathBuf {
    venv.join("bin/python")
}

fn remove(folder: &Path) -> Result<(), LocalError> {
    match fs::remove_dir_all(folder) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(LocalError::file("remove", folder)(error)),
        _ => Ok(()),
    }
}

fn runs(program: &str, arguments: &[&str]) -> bool {
    Command::new(program).args(arguments).output().is_ok_and(|output| output.status.success())
}

/// Runs a command to its end; what it wrote is in the error if it fails.
fn run(command: &mut Command) -> Result<(), LocalError> {
    let program = command.get_program().to_string_lossy().into_owned();
    let failed = |output: String| LocalError::Setup { program: program.clone(), output };
    let output = command.env_remove("PYTHONPATH").env_remove("PYTHONHOME").output();
    let output = output.map_err(|error| failed(error.to_string()))?;
    if output.status.success() {
        return Ok(());
    }
    let said = [output.stdout, output.stderr].map(|bytes| String::from_utf8_lossy(&bytes).trim().to_owned()).join("\n");
    Err(failed(format!("{}\n{}", output.status, said.trim())))
}
