//! Meaning: what is well-formed and yet AWS, or the platform, would not take. Every rule here fails before any call.

mod account;
mod certificate;
mod function;
mod hub;
mod network;
mod openapi;
mod platform;
mod route;
mod service;
mod table;
mod text;
mod together;

use std::{fs, io, path::Path};

pub(crate) use self::{hub::hub, platform::platform, service::service, together::together};
use crate::{Environment, LOCAL, config::partition, place::Place};

/// What a file's checks need to know of the rest.
pub(crate) struct Setting<'a> {
    pub platform: &'a str,
    pub environment: &'a str,
    pub settings: &'a Environment,
    /// `consumer` or the service's name.
    pub target: &'a str,
    /// The platform's folder.
    pub root: &'a Path,
    /// The file's folder, relative to the platform's.
    pub folder: &'a Path,
}

impl Setting<'_> {
    fn is_local(&self) -> bool {
        self.environment == LOCAL
    }

    fn region(&self) -> &str {
        &self.settings.region
    }

    /// Whether a Region is the environment's; any may be while that one is misspelt.
    fn is_in(&self, region: &str) -> bool {
        self.region().is_empty() || self.region() == region
    }

    fn partition(&self) -> &'static str {
        partition(self.region())
    }

    /// The text of a file that the value at `at` names, relative to the folder of its own file; reported if there is none.
    fn text(&self, at: &Place<'_>, path: &str) -> Option<String> {
        let read = fs::read_to_string(self.root.join(self.folder).join(path));
        read.map_err(|error| {
            let missing = error.kind() == io::ErrorKind::NotFound;
            let message =
                if missing { format!("there is no `{path}`") } else { format!("cannot read `{path}`: {error}") };
            at.lacking(message, format!("the path is relative to `{}`", self.folder.display()));
        })
        .ok()
    }
}
