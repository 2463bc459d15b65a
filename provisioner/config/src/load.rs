//! From files to a [`Config`], or to every mistake in them.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::Path,
};

use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::{
    CONSUMER, Config, Diagnostics, Hub, LOCAL, Platform, Service,
    check::{self, Setting},
    config::partition,
    diagnostic::{Diagnostic, Problems},
    document::Document,
    files::{self, Files},
    overrides,
    place::{Place, Sheet},
    schema,
    shape::Shape,
    target::Target,
    words,
};

/// Loads the platform in `root` for one environment; for the default one when none is named.
///
/// # Errors
/// Every mistake in every file and for every environment. What an environment merely lacks so far (an account's id, a
/// certificate, a file to import) counts for the loaded one only.
pub fn load(root: &Path, environment: Option<&str>) -> Result<Config, Diagnostics> {
    let problems = Problems::default();
    let loader = Loader::new(root, &problems);
    let chosen = loader.choose(environment);
    let mut loaded = loader.load(&BTreeSet::from([chosen.clone()]));
    problems.into_result()?;
    Ok(loaded.remove(&chosen).expect("what has no mistake was loaded"))
}

/// Loads the platform in `root` for every environment, by name.
///
/// # Errors
/// Every mistake in every file and everything that any environment lacks.
pub fn load_all(root: &Path) -> Result<BTreeMap<String, Config>, Diagnostics> {
    let problems = Problems::default();
    let loader = Loader::new(root, &problems);
    let all = loader.platform.environments.keys().cloned().collect();
    let loaded = loader.load(&all);
    problems.into_result()?;
    Ok(loaded)
}

struct Loader<'a> {
    root: &'a Path,
    problems: &'a Problems,
    files: Files,
    platform: Platform,
}

impl<'a> Loader<'a> {
    fn new(root: &'a Path, problems: &'a Problems) -> Self {
        let files = Files::read(root, problems);
        let platform = files.platform.as_ref().map_or_else(built_in, |document| platform(document, problems));
        Self { root, problems, files, platform }
    }

    fn choose(&self, asked: Option<&str>) -> String {
        let default = self.platform.default_environment.as_deref().filter(|name| self.may_be_default(name));
        let chosen = asked.or(default).unwrap_or(LOCAL);
        if let Some(asked) = asked.filter(|asked| !self.knows(asked)) {
            let message = format!("there is no environment `{asked}`");
            self.problems.add(Diagnostic::of_file(files::PLATFORM, message, self.environment_help(asked)));
        }
        chosen.to_owned()
    }

    fn may_be_default(&self, environment: &str) -> bool {
        self.platform.environments.get(environment).is_some_and(|one| one.protected != Some(true))
    }

    /// Whether `platform.toml` could be read.
    fn is_known(&self) -> bool {
        self.files.platform.is_some()
    }

    /// Whether there is such an environment; any may be when `platform.toml` cannot be read.
    fn knows(&self, environment: &str) -> bool {
        !self.is_known() || self.platform.environments.contains_key(environment)
    }

    fn environment_help(&self, unknown: &str) -> String {
        let known = self.platform.environments.keys().map(String::as_str);
        words::did_you_mean(
            unknown,
            known,
            &format!("give `platform.toml` a table `[environments.{unknown}]`, or use one of"),
        )
    }

    /// Checks every file; gives what was chosen, as far as it is there.
    fn load(&self, chosen: &BTreeSet<String>) -> BTreeMap<String, Config> {
        let mut hubs = self.files.hub.as_ref().map(|file| self.target(file, CONSUMER, chosen)).unwrap_or_default();
        let mut services = BTreeMap::<String, BTreeMap<String, Service>>::new();
        for (name, file) in &self.files.services {
            for (environment, service) in self.target(file, name, chosen) {
                services.entry(environment).or_default().insert(name.clone(), service);
            }
        }
        let config = |name: &String| {
            let config = self.config(name, hubs.remove(name)?, services.remove(name).unwrap_or_default())?;
            check::together(&config, self.problems);
            Some((name.clone(), config))
        };
        chosen.iter().filter_map(config).collect()
    }

    /// Checks one file as it is written, then as each environment sees it that it speaks of or that was chosen.
    fn target<T: Target>(&self, file: &Document, name: &str, chosen: &BTreeSet<String>) -> BTreeMap<String, T> {
        let sheet = Sheet::written(file, self.problems);
        Shape::new(T::schema()).mend(&mut file.value.clone(), &sheet.top());
        self.check_sections(file, &sheet.top());
        let shape = Shape::new(schema::whole::<T>());
        let spoken_of: BTreeSet<&String> = overrides::sections(&file.value).chain(chosen).collect();
        let environments = self.platform.environments.keys().filter(|environment| spoken_of.contains(environment));
        let seen = environments.map(|environment| {
            let sheet = Sheet::seen_by(environment, file, self.problems)
                .complete(self.is_known() && chosen.contains(environment));
            (environment.clone(), self.seen_by(environment, file, name, &shape, &sheet.top()))
        });
        seen.collect()
    }

    fn seen_by<T: Target>(&self, environment: &str, file: &Document, name: &str, shape: &Shape, top: &Place<'_>) -> T {
        let mut tree = overrides::seen_by(environment, &file.value);
        shape.mend(&mut tree, top);
        let mut target: T = typed(tree);
        let setting = Setting {
            platform: &self.platform.name,
            environment,
            settings: &self.platform.environments[environment],
            target: name,
            root: self.root,
            folder: file.folder(),
        };
        target.check(top, &setting);
        target.rebase(file.folder());
        target
    }

    fn check_sections(&self, file: &Document, top: &Place<'_>) {
        for unknown in overrides::sections(&file.value).filter(|name| !self.knows(name)) {
            let message = format!("there is no environment `{unknown}`");
            top.key("environments").key(unknown).wrong_key(message, self.environment_help(unknown));
        }
    }

    fn config(&self, name: &str, hub: Hub, services: BTreeMap<String, Service>) -> Option<Config> {
        let environment = self.platform.environments.get(name)?.clone();
        Some(Config {
            root: self.root.to_owned(),
            platform: self.platform.name.clone(),
            environment: name.to_owned(),
            partition: partition(&environment.region).to_owned(),
            region: environment.region,
            domain: environment.domain,
            public_zone: environment.public_zone,
            protected: environment.protected.unwrap_or(false),
            tags: environment.tags,
            rates: environment.rates.into_iter().map(|(operation, limit)| (operation, limit.rate())).collect(),
            lease: environment.lease,
            hub,
            services,
        })
    }
}

fn platform(file: &Document, problems: &Problems) -> Platform {
    let sheet = Sheet::written(file, problems);
    let mut tree = file.value.clone();
    Shape::new(schema::platform()).mend(&mut tree, &sheet.top());
    let platform = typed(overrides::with_built_ins(&tree));
    check::platform(&sheet.top(), &platform);
    platform
}

/// What stands in for a `platform.toml` that cannot be read, so that the other files are checked nevertheless.
fn built_in() -> Platform {
    typed(overrides::with_built_ins(&serde_json::json!({ "name": "platform" })))
}

/// # Panics
/// If the tree does not fit the type: it was mended to fit the schema, which comes from the type.
fn typed<T: DeserializeOwned>(tree: Value) -> T {
    serde_json::from_value(tree).expect("a tree that fits the schema fits the type")
}
