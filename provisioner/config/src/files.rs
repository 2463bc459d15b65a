//! Which files a platform has.

use std::{collections::BTreeMap, fs, path::Path};

use crate::{
    diagnostic::{Diagnostic, Problems},
    document::Document,
};

pub(crate) const PLATFORM: &str = "platform.toml";
const HUB: &str = "consumer-account/account.toml";
const SERVICES: &str = "microservice-accounts";

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
    let file = format!("{SERVICES}/{name}/service.toml");
    if !root.join(&file).exists() {
        return None;
    }
    Some((name, Document::read(root, &file, "write the service there", problems)?))
}

/// More services than one balancer takes: each needs a rule and a certificate on the listener.
pub(crate) fn check_quota(services: usize, problems: &Problems) {
    if services > MOST_SERVICES {
        let message = format!("{services} services, but one hub serves at most {MOST_SERVICES}");
        let help = "an Application Load Balancer takes 25 certificates, one of them the hub's: move services to another platform";
        problems.add(Diagnostic::of_file(&format!("{SERVICES}/"), message, help));
    }
}

/// 25 certificates for each Application Load Balancer, one of them the listener's default; rules (100) come later.
const MOST_SERVICES: usize = 24;
