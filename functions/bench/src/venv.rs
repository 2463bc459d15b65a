//! The Python handler's packages, exactly those of its `requirements.txt`, in a virtual environment of their own.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::Failed;
use crate::programs::run;

/// What to call when there is no uv; all are in Lambda.
const INTERPRETERS: [&str; 5] = ["python3.11", "python3", "python3.12", "python3.13", "python3.14"];
const PIP: [&str; 5] = ["install", "--quiet", "--require-hashes", "--only-binary=:all:", "--requirement"];

/// The environment's interpreter; the environment is built first unless it is there, complete and of these requirements.
pub(crate) fn ensure(requirements: &Path, venv: &Path) -> Result<PathBuf, Failed> {
    let (wanted, marker, python) = (fs::read(requirements)?, venv.join("requirements.txt"), venv.join("bin/python"));
    if fs::read(&marker).is_ok_and(|built| built == wanted) && python.exists() {
        return Ok(python);
    }
    let _ = fs::remove_dir_all(venv);
    if run(Command::new("uv").arg("--version")).is_ok() {
        run(Command::new("uv").args(["venv", "--quiet", "--no-project", "--python", ">=3.11"]).arg(venv))?;
        run(Command::new("uv").arg("pip").args(PIP).arg(requirements).arg("--python").arg(&python))?;
    } else {
        let found = INTERPRETERS.into_iter().find(|python| is_new_enough(python));
        run(Command::new(found.ok_or("no Python 3.11 or later with venv; see `--no-python`")?)
            .args(["-m", "venv"])
            .arg(venv))?;
        run(Command::new(&python).args(["-m", "pip", "--disable-pip-version-check"]).args(PIP).arg(requirements))?;
    }
    fs::write(marker, wanted)?;
    Ok(python)
}

fn is_new_enough(python: &str) -> bool {
    let asked = "import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))";
    run(Command::new(python).args(["-c", asked])).is_ok()
}
