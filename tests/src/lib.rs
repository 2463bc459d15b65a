//! What the end-to-end tests share. They run the real binary on the real emulator with the real functions, and look at
//! AWS themselves.
//!
//! [`Folder`] is a platform's configuration and the program in it; [`Platform`] is one with an emulator of its own, whose
//! background processes end with it; [`Account`] makes AWS calls behind the program's back; [`Call`] is an HTTPS request
//! through the local door. Nothing here depends on how the program is made, only on what it says and does.

mod account;
mod binaries;
mod call;
mod folder;
pub mod injury;
mod inventory;
mod platform;
pub mod relay;

pub use account::Account;
pub use binaries::{Binaries, binaries};
pub use call::{Answer, Call, NoAnswer};
pub use folder::{Folder, Run};
pub use inventory::{inventory, normal};
pub use platform::{Platform, venv};

use std::time::{Duration, Instant};

/// Long enough for anything here on a busy machine; only a broken test waits so long.
pub const PATIENCE: Duration = Duration::from_secs(120);

/// Looks until `holds` gives something.
///
/// # Panics
/// If it never does.
pub fn until<T>(what: &str, mut holds: impl FnMut() -> Option<T>) -> T {
    let deadline = Instant::now() + PATIENCE;
    loop {
        if let Some(value) = holds() {
            return value;
        }
        assert!(Instant::now() < deadline, "never happened: {what}");
        std::thread::park_timeout(Duration::from_millis(5));
    }
}
