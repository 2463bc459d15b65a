//! The commit that the configuration is at, for the record of a run.

use std::{path::Path, process::Command};

/// The commit's hash and whether something in the folder is not committed; none outside a repository or without git.
pub(crate) fn of(folder: &Path) -> Option<(String, bool)> {
    let commit = git(folder, &["rev-parse", "HEAD"])?;
    let changed = git(folder, &["status", "--porcelain", "--", "."])?;
    Some((commit, !changed.is_empty()))
}

fn git(folder: &Path, arguments: &[&str]) -> Option<String> {
    let done = Command::new("git").arg("-C").arg(folder).args(arguments).output().ok()?;
    let said = String::from_utf8(done.stdout).ok()?;
    done.status.success().then(|| said.trim().to_owned())
}
