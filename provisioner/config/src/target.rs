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

    fn certificate(&mut self) -> Option<&mut Certificate>;

    /// Makes paths that are relative to `folder` relative to what `folder` is relative to.
    fn rebase(&mut self, folder: &Path) {
        if let Some(Certificate::Import { certificate, private_key, chain }) = self.certificate() {
            for path in [certificate, private_key].into_iter().chain(chain) {
                *path = folder.join(&*path).to_string_lossy().into_owned();
            }
        }
    }
}

impl Target for Hub {
    fn schema() -> Value {
        schema::account()
    }

    fn check(&self, at: &Place<'_>, setting: &Setting<'_>) {
        check::hub(at, self, setting);
    }

    fn certificate(&mut self) -> Option<&mut Certificate> {
        self.certificate.as_mut()
    }
}

impl Target for Service {
    fn schema() -> Value {
        schema::service()
    }

    fn check(&self, at: &Place<'_>, setting: &Setting<'_>) {
        check::service(at, self, setting);
    }

    fn certificate(&mut self) -> Option<&mut Certificate> {
        self.certificate.as_mut()
    }
}
