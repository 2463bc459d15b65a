//! Which files a platform has.

use std::{collections::BTreeMap, fs, path::Path};

use crate::{
    diagnostic::{Diagnostic, Problems},
    document::Document,
};

pub(crate) const PLATFORM: &str = "platform.toml";
const HUB: &str = "consumer-account/account.toml";
pub(crate) const SERVICES: &str = "microservice-accounts";

pub(crate) fn service_file(service: &str) -> String {
    format!("{SERVICES}/{service}/service.toml")
}

/// The files as far as they are there and are TOML; what is not was reported.
#[derive(Debug, Default)]
pub(crate) struct Files {
    pub platform: Option<Document>,
    pub hub: Option<Document>,
    /// By the folder's name.
    pub services: BTreeMap<String, Document>,
}

impl Files {
    pub(crate) fn read(root: &Path, problems: &Problems) -> Self {
        let missing = "run this in a platform's folder, or name the folder with `-C`";
        if !root.join(PLATFORM).exists() {
            problems.add(Diagnostic::of_file(PLATFORM, format!("there is no `{PLATFORM}`"), missing));
            return Self::default();
        }
        let platform = Document::read(root, PLATFORM, missing, problems);
        let hub = Document::read(root, HUB, "write the hub's `[network]` there", problems);
        Self { platform, hub, services: services(root, problems) }
    }
}

/// Every folder that has a `service.toml`.
fn services(root: &Path, problems: &Problems) -> BTreeMap<String, Document> {
    let folders = fs::read_dir(root.join(SERVICES)).into_iter().flatten().flatten();
    let names = folders.filter_map(|folder| folder.file_name().into_string().ok());
    names.filter_map(|name| service(root, name, problems)).collect()
}

fn service(root: &Path, name: String, problems: &Problems) -> Option<(String, Document)> {
    let file = service_file(&name);
    if !root.join(&file).exists() {
        return None;
    }
    Some((name, Document::read(root, &file, "write the service there", problems)?))
}
