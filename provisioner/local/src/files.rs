//! Files as everything here writes them: whole or not at all, private where they hold secrets, locked where two could meet.

use std::fs::{self, File, OpenOptions};
use std::io::Write;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use crate::LocalError;

/// Who may read a file.
#[derive(Clone, Copy)]
pub enum Access {
    /// Everyone; only the owner writes.
    Shared = 0o644,
    /// The owner alone: keys.
    Private = 0o600,
    /// Everyone, and it runs.
    Program = 0o755,
}

/// Writes `bytes` to `path` such that a reader, or a next run after an interruption, sees all of them or none.
///
/// # Errors
/// If the system does not let us.
pub fn write_whole(path: &Path, bytes: &[u8], access: Access) -> Result<(), LocalError> {
    let draft = draft_of(path);
    write_draft(&draft, bytes, access).map_err(LocalError::file("write", &draft))?;
    fs::rename(&draft, path).map_err(LocalError::file("write", path))
}

fn write_draft(draft: &Path, bytes: &[u8], access: Access) -> std::io::Result<()> {
    let _ = fs::remove_file(draft); // left by a process of the same number that was interrupted
    let mut file = OpenOptions::new().write(true).create_new(true).mode(access as u32).open(draft)?;
    file.write_all(bytes)
}

/// A name beside `path` that no other process and no other thread writes to.
fn draft_of(path: &Path) -> PathBuf {
    let thread = format!("{:?}", std::thread::current().id());
    let number: String = thread.chars().filter(char::is_ascii_digit).collect();
    path.with_extension(format!("draft-{}-{number}", std::process::id()))
}

/// Makes a folder and everything above it.
///
/// # Errors
/// If the system does not let us.
pub fn make_dir(path: &Path) -> Result<(), LocalError> {
    fs::create_dir_all(path).map_err(LocalError::file("make the folder", path))
}

/// Opens `path` for appending, as logs are.
pub(crate) fn open_log(path: &Path) -> Result<File, LocalError> {
    OpenOptions::new().create(true).append(true).open(path).map_err(LocalError::file("open", path))
}

/// The text of a file, or `None` where there is none.
pub(crate) fn read_if_there(path: &Path) -> Result<Option<String>, LocalError> {
    match fs::read_to_string(path) {
        Ok(text) => Ok(Some(text)),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(LocalError::file("read", path)(error)),
    }
}

/// Opens, making it where missing, a file that exists to be locked.
pub(crate) fn lock_file(path: &Path) -> Result<File, LocalError> {
    OpenOptions::new()
        .create(true)
        .truncate(false)
        .read(true)
        .write(true)
        .open(path)
        .map_err(LocalError::file("open", path))
}

/// Waits for, and holds until the value is dropped, the lock on `path`.
pub(crate) fn lock(path: &Path) -> Result<File, LocalError> {
    let file = lock_file(path)?;
    file.lock().map_err(LocalError::file("lock", path))?;
    Ok(file)
}

/// Bytes as lowercase hexadecimal digits.
pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
