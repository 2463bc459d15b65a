//! Rules of the repository that no compiler knows.

use std::{
    fs,
    path::{Path, PathBuf},
};

/// A file is read in one sitting.
const LONGEST: usize = 400;
/// Longer ones, and why.
const LONGER: &[(&str, &str)] = &[
    ("provisioner/src/iam.rs", "one table of actions by kind, which reads best whole"),
    ("provisioner/local/emulator/requirements.txt", "hashes, written by a program"),
    ("tests/fixture/schemathesis/requirements.txt", "hashes, written by a program"),
];

/// Crates that must build and be understood without the AWS SDK.
const PURE: &[&str] = &[
    "consumer-account",
    "microservice-accounts",
    "provisioner/config",
    "provisioner/engine",
    "provisioner/local",
    "provisioner/model",
    "provisioner/platform",
    "provisioner/reach",
    "provisioner/simulation",
];

/// What may be skipped on a bare emulator, and nothing else: another entry needs a reason in `docs/limits.md`.
const GAPS: &[&str] = &[
    "FirstBasePathMapping",
    "LogGroupsOfFunctions",
    "PinnedAddresses",
    "RequestValidators",
    "SharedSecrets",
    "TagsOfNewBuckets",
    "Versioning",
    "Versions",
];

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the workspace's folder")
}

fn read(path: impl AsRef<Path>) -> String {
    let path = root().join(path);
    fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// The files below a folder that have one of these endings, by their path in the repository.
fn files(below: &str, endings: &[&str]) -> Vec<String> {
    let (mut found, mut folders) = (Vec::new(), vec![root().join(below)]);
    while let Some(folder) = folders.pop() {
        for path in fs::read_dir(&folder).expect("a folder").map(|entry| entry.expect("an entry").path()) {
            let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
            match path.is_dir() {
                true if name == "target" || (name.starts_with('.') && name != ".ci" && name != ".cargo") => {}
                true => folders.push(path),
                false if endings.iter().any(|ending| name.ends_with(ending)) => found.push(relative(&path)),
                false => {}
            }
        }
    }
    found.sort();
    found
}

fn relative(path: &Path) -> String {
    let path: PathBuf = path.strip_prefix(root()).expect("below the workspace").to_owned();
    path.to_str().expect("a name in UTF-8").to_owned()
}

fn members() -> Vec<String> {
    let manifest = read("Cargo.toml");
    let (_, list) = manifest.split_once("\nmembers = [").expect("members");
    let (list, _) = list.split_once(']').expect("the end of the members");
    list.split(',').map(|name| name.trim().trim_matches('"').to_owned()).filter(|name| !name.is_empty()).collect()
}

#[test]
fn files_are_read_in_one_sitting() {
    for file in
        files("", &[".rs", ".py", ".txt", ".sh"]).into_iter().filter(|file| !LONGER.iter().any(|(it, _)| it == file))
    {
        let lines = read(&file).lines().count();
        assert!(lines <= LONGEST, "{file} has {lines} lines: split it, or say why not in LONGER");
    }
    for (file, _) in LONGER {
        assert!(read(file).lines().count() > LONGEST, "{file} needs no exception any more");
    }
}

#[test]
fn every_crate_takes_the_workspaces_lints_and_versions() {
    for member in members() {
        let manifest = read(format!("{member}/Cargo.toml"));
        assert!(manifest.contains("[lints]\nworkspace = true"), "{member} does not take the lints");
        let (_, dependencies) = manifest.split_once("dependencies]").expect("dependencies");
        let pinned = dependencies.lines().find(|line| line.contains("version ="));
        assert_eq!(pinned, None, "{member}: versions stand in the workspace's Cargo.toml only");
    }
}

#[test]
fn what_is_pure_does_not_know_the_sdk() {
    for name in PURE {
        let manifest = read(format!("{name}/Cargo.toml"));
        let known = manifest.lines().find(|line| line.starts_with("aws-") || line.contains("\"live\""));
        assert_eq!(known, None, "{name} depends on the SDK");
    }
    let gated = read("provisioner/kinds/Cargo.toml");
    let always = gated.lines().find(|line| line.starts_with("aws-") && !line.contains("optional = true"));
    assert_eq!(always, None, "kinds depends on the SDK without its feature `live`");
}

/// The modules of the `kinds!` list.
fn listed() -> Vec<String> {
    let text = read("provisioner/kinds/src/lib.rs");
    let (_, list) = text.split_once("\nkinds! {").expect("the list");
    let (list, _) = list.split_once('}').expect("its end");
    list.lines().filter_map(|line| line.trim().split_once("::")).map(|(module, _)| module.to_owned()).collect()
}

#[test]
fn every_kind_is_listed_once_in_order() {
    let listed = listed();
    let mut sorted = listed.clone();
    sorted.sort();
    sorted.dedup();
    assert_eq!(listed, sorted, "the list is not in order");
    let files =
        files("provisioner/kinds/src", &[".rs"]).into_iter().filter(|file| read(file).contains("\nimpl Kind for "));
    let modules = files.map(|file| file.rsplit('/').next().unwrap_or_default().trim_end_matches(".rs").to_owned());
    assert_eq!(modules.collect::<Vec<_>>(), listed, "files of kinds, and the list");
}

/// Spec, facts, then the live half with read, create, update, delete: who knows one file knows all.
#[test]
fn kinds_read_the_same_way_from_top_to_bottom() {
    for module in listed() {
        let text = read(format!("provisioner/kinds/src/{module}.rs"));
        assert!(text.starts_with("//! "), "{module} does not say what it is");
        let live = text.find("\nmod live {").unwrap_or_else(|| panic!("{module} has no live half"));
        let order =
            ["\npub struct ", "\nimpl Kind for ", "\nmod live {"].map(|part| text.find(part).unwrap_or(usize::MAX));
        assert!(order.is_sorted(), "{module}: spec, then facts, then the live half");
        let verbs = ["fn read(", "fn create(", "fn update(", "fn delete("];
        let verbs: Vec<usize> =
            verbs.iter().filter_map(|verb| text[live..].find(&format!("        async {verb}"))).collect();
        assert!(!verbs.is_empty() && verbs.is_sorted(), "{module}: read, create, update, delete");
    }
}

/// The operations in a text, spelled as in an IAM policy: `"ec2:CreateVpc"`.
fn operations(text: &str) -> impl Iterator<Item = &str> {
    let is_operation = |quoted: &&str| {
        quoted.split_once(':').is_some_and(|(service, name)| {
            let is_service =
                !service.is_empty() && service.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit());
            is_service
                && name.starts_with(|first: char| first.is_ascii_uppercase())
                && name.bytes().all(|b| b.is_ascii_alphanumeric())
        })
    };
    text.split('"').filter(is_operation)
}

#[test]
fn what_kinds_call_is_among_the_permissions_that_are_printed() {
    let granted = read("provisioner/src/iam.rs");
    // API Gateway's permissions are HTTP verbs; a role needs no permission to ask who it is.
    let is_granted = |operation: &&str| {
        ["apigateway:", "execute-api:", "sts:"].iter().any(|free| operation.starts_with(free))
            || granted.contains(&format!("\"{operation}\""))
    };
    // What these name is said of others, not called.
    let words = ["classify.rs", "documents.rs", "function_permission.rs", "lease/admission.rs"];
    let files = files("provisioner/kinds/src", &[".rs"]);
    for file in files.iter().filter(|file| !words.iter().any(|words| file.ends_with(words))) {
        let text = read(file);
        let code = text.split("#[cfg(test)]").next().unwrap_or_default();
        let missing: Vec<&str> = operations(code).filter(|operation| !is_granted(operation)).collect();
        assert!(missing.is_empty(), "{file} calls {missing:?}, which `validate --iam` does not print");
    }
}

#[test]
fn the_readme_has_every_command() {
    let (cli, readme) = (read("provisioner/src/cli.rs"), read("README.md"));
    let variants = |of: &str| -> Vec<String> {
        let (_, body) = cli.split_once(&format!("enum {of} {{")).expect("the enum");
        let (body, _) = body.split_once("\n}").expect("its end");
        let lines = body.lines().filter_map(|line| line.strip_prefix("    "));
        let names = lines.filter(|line| line.starts_with(|first: char| first.is_ascii_uppercase()));
        names
            .map(|line| line.chars().take_while(char::is_ascii_alphabetic).collect::<String>().to_lowercase())
            .collect()
    };
    let commands = variants("Command");
    assert!(commands.contains(&"up".to_owned()) && commands.len() >= 9, "{commands:?}");
    for command in commands {
        assert!(readme.contains(&format!("| `{command}")), "`{command}` is not in README.md");
    }
    for command in variants("Local").into_iter().filter(|command| command != "door") {
        assert!(readme.contains(&command), "`local {command}` is not in README.md");
    }
}

#[test]
fn what_the_emulator_cannot_do_is_a_list_that_does_not_grow() {
    let text = read("provisioner/kinds/src/aws/emulator.rs");
    let (_, body) = text.split_once("pub enum Gap {").expect("the enum");
    let (body, _) = body.split_once('}').expect("its end");
    let gaps: Vec<&str> =
        body.lines().map(str::trim).filter(|line| line.ends_with(',')).map(|line| line.trim_end_matches(',')).collect();
    assert_eq!(gaps, GAPS);
    let limits = read("docs/limits.md");
    let unsaid = gaps.iter().find(|gap| !limits.contains(&format!("| `{gap}` |")));
    assert_eq!(unsaid, None, "docs/limits.md does not say what is skipped");
}

#[test]
fn nothing_is_left_for_later() {
    let marks = ["TO", "FIX", "XX"].map(|start| {
        start.to_owned()
            + match start {
                "TO" => "DO",
                "FIX" => "ME",
                _ => "X",
            }
    });
    for file in files("", &[".rs", ".py", ".toml", ".md"]) {
        let text = read(&file);
        for mark in &marks {
            let word = text.split(|char: char| !char.is_ascii_alphanumeric()).any(|word| word == mark);
            assert!(!word, "{file} has a {mark}");
        }
        for call in ["unimplemented", "todo"] {
            assert!(!text.contains(&format!("{call}!(")), "{file} has a stub");
        }
    }
}
