//! A platform with an emulator of its own.

use std::{ops::Deref, path::PathBuf};

use local::{
    daemon::Daemon,
    emulator::{Emulator, Generation},
};
use serde_json::Value;

use crate::{Account, Answer, Call, Folder, NoAnswer, binaries};

/// A folder whose emulator runs. What it started in the background ends with the value, however the test goes.
pub struct Platform {
    folder: Folder,
    emulator: Emulator,
    is_guest: bool,
}

impl Platform {
    /// Starts the emulator in the folder's own state, so that the program finds it there.
    ///
    /// # Panics
    /// If it does not start.
    #[must_use]
    pub fn new(folder: Folder) -> Self {
        let emulator = Emulator::ensure_with_venv(&folder.state(), &venv(), |_| ()).expect("an emulator");
        Self { folder, emulator, is_guest: false }
    }

    /// Another platform on the same emulator, with a door of its own; it must not outlive its host.
    #[must_use]
    pub fn beside(folder: Folder, host: &Platform) -> Self {
        let folder = folder.with("AWS_ENDPOINT_URL", &host.endpoint());
        Self { folder, emulator: host.emulator.clone(), is_guest: true }
    }

    /// The repository's own configuration.
    #[must_use]
    pub fn own(test: &str) -> Self {
        Self::new(Folder::own(test))
    }

    #[must_use]
    pub fn endpoint(&self) -> String {
        self.emulator.endpoint()
    }

    /// The program finds this port where it looks for its emulator, and takes what listens there for it.
    ///
    /// # Panics
    /// If the emulator left no record.
    pub fn stand_in(&self, port: u16) {
        let record = Daemon::new(self.state().join("local"), "emulator").record_path();
        let text = std::fs::read_to_string(&record).expect("the emulator's record");
        let mut told: Value = serde_json::from_str(&text).expect("JSON");
        told["port"] = port.into();
        std::fs::write(record, told.to_string()).expect("the emulator's record");
    }

    /// Changes with every AWS call that may have changed something.
    ///
    /// # Panics
    /// If the emulator is gone.
    #[must_use]
    pub fn generation(&self) -> Generation {
        self.emulator.generation().expect("the emulator answers")
    }

    /// The account of a target.
    ///
    /// # Panics
    /// If there is no such target.
    pub async fn account(&self, target: &str) -> Account {
        Account::enter(&self.endpoint(), &self.account_id(target)).await
    }

    /// # Panics
    /// If there is no such target.
    #[must_use]
    pub fn account_id(&self, target: &str) -> String {
        let targets = self.run("targets --json").exits(0).json();
        let found = targets.as_array().into_iter().flatten().find(|it| it["target"] == target);
        found.and_then(|it| it["account"].as_str()).unwrap_or_else(|| panic!("no `{target}` in {targets}")).to_owned()
    }

    /// An output of what exists, such as `food/rest-api/main` and `id`.
    ///
    /// # Panics
    /// If there is none.
    #[must_use]
    pub fn output(&self, address: &str, name: &str) -> String {
        let outputs = self.run("outputs --json").exits(0).json();
        let found = &outputs["outputs"][address][name];
        found.as_str().unwrap_or_else(|| panic!("no text `{address}#{name}` in {outputs}")).to_owned()
    }

    /// Sends a request through the door.
    ///
    /// # Errors
    /// Why there was no answer.
    ///
    /// # Panics
    /// If the door is not open.
    pub fn send(&self, call: &Call<'_>) -> Result<Answer, NoAnswer> {
        let door = Daemon::door(&self.state()).running().expect("the door's record").expect("the door is open");
        call.send(door.port, &self.authority())
    }

    /// The same, answered.
    ///
    /// # Panics
    /// If it is not.
    #[must_use]
    pub fn answer(&self, call: &Call<'_>) -> Answer {
        self.send(call).unwrap_or_else(|why| panic!("{} {}{}: {why}", call.method, call.host, call.path))
    }

    /// `trace --json` of a request, whatever its end.
    #[must_use]
    pub fn trace(&self, call: &Call<'_>) -> Value {
        let mut command = self.command(&format!("trace https://{}{} -X {} --json", call.host, call.path, call.method));
        for (name, value) in &call.headers {
            command.arg("-H").arg(format!("{name}: {value}"));
        }
        crate::Run::of("trace", command.output().expect("the program runs")).json()
    }

    /// The certificate authority that clients trust.
    #[must_use]
    pub fn authority(&self) -> PathBuf {
        self.state().join("local/ca/ca.pem")
    }
}

impl Deref for Platform {
    type Target = Folder;

    fn deref(&self) -> &Folder {
        &self.folder
    }
}

impl Drop for Platform {
    fn drop(&mut self) {
        // A test that fails ends them all the same; what cannot be ended is said by the second one.
        let door = Daemon::door(&self.state()).stop();
        let emulator = if self.is_guest { Ok(true) } else { Emulator::stop(&self.state()) };
        if !std::thread::panicking() {
            door.expect("the door ends");
            emulator.expect("the emulator ends");
        }
    }
}

/// The emulator's Python packages, shared by all tests of all crates, so that they are installed once.
#[must_use]
pub fn venv() -> PathBuf {
    binaries().shared.with_file_name("emulator").join("venv")
}
