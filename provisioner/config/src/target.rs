//! What the files of the hub and of a service have in common.

use std::path::Path;

use schemars::JsonSchema;
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::{
    Certificate, Hub, Service,
    check::{self, Setting},
    place::Place,
    schema,
};

/// Something `up` can be asked for, with a file of its own.
pub(crate) trait Target: JsonSchema + DeserializeOwned {
    /// The schema of the file, overrides included.
    fn schema() -> Value;

    /// Reports what is well-formed and yet cannot work.
    fn check(&self, at: &Place<'_>, setting: &Setting<'_>);

    /// Paths of the files that it names.
    fn paths(&mut self) -> Vec<&mut String>;

    /// Makes paths that are relative to `folder` relative to what `folder` is relative to.
    fn rebase(&mut self, folder: &Path) {
        for path in self.paths() {
            *path = folder.join(&*path).to_string_lossy().into_owned();
        }
    }
}

fn imported(certificate: Option<&mut Certificate>) -> Vec<&mut String> {
    match certificate {
        Some(Certificate::Import { certificate, private_key, chain }) => {
            [certificate, private_key].into_iter().chain(chain).collect()
        }
        _ => Vec::new(),
    }
}

impl Target for Hub {
    fn schema() -> Value {
        schema::account()
    }

    fn check(&self, at: &Place<'_>, setting: &Setting<'_>) {
        check::hub(at, self, setting);
    }

    fn paths(&mut self) -> Vec<&mut String> {
        imported(self.certificate.as_mut())
    }
}

impl Target for Service {
    fn schema() -> Value {
        schema::service()
    }

    fn check(&self, at: &Place<'_>, setting: &Setting<'_>) {
        check::service(at, self, setting);
    }

    fn paths(&mut self) -> Vec<&mut String> {
        imported(self.certificate.as_mut()).into_iter().chain(&mut self.openapi).collect()
    }
}
