//! A small valid platform that tests break in one place each.

use std::{fs, path::Path};

use config::{Diagnostic, load};
use tempfile::TempDir;

pub(crate) const PLATFORM: &str = "platform.toml";
pub(crate) const HUB: &str = "consumer-account/account.toml";
pub(crate) const SERVICE: &str = "microservice-accounts/food/service.toml";

/// The valid platform, whose default environment is `dev`, in a folder of its own.
pub(crate) struct Fixture(TempDir);

impl Fixture {
    pub(crate) fn new() -> Self {
        let fixture = Self(tempfile::tempdir().expect("a folder"));
        fixture.write(PLATFORM, include_str!("../platform/platform.toml"));
        fixture.write(HUB, include_str!("../platform/consumer-account/account.toml"));
        fixture.write(SERVICE, include_str!("../platform/microservice-accounts/food/service.toml"));
        fixture
    }

    pub(crate) fn root(&self) -> &Path {
        self.0.path()
    }

    pub(crate) fn write(&self, file: &str, text: &str) {
        let path = self.root().join(file);
        fs::create_dir_all(path.parent().expect("files are in folders")).expect("a folder");
        fs::write(path, text).expect("a file");
    }

    pub(crate) fn read(&self, file: &str) -> String {
        fs::read_to_string(self.root().join(file)).expect("a file of the fixture")
    }

    /// Replaces the one place that has the text `old`; `old` is empty to add to the end.
    pub(crate) fn change(&self, file: &str, old: &str, new: &str) {
        let text = self.read(file);
        if old.is_empty() {
            return self.write(file, &format!("{text}\n{new}\n"));
        }
        assert_eq!(text.matches(old).count(), 1, "`{old}` in {file}");
        self.write(file, &text.replace(old, new));
    }

    pub(crate) fn mistakes(&self, environment: Option<&str>) -> Vec<Diagnostic> {
        load(self.root(), environment).err().map(|found| found.iter().cloned().collect()).unwrap_or_default()
    }
}

/// A mistake and its diagnosis. The line that is to be pointed at ends in `# here`; without one, the whole file is.
pub(crate) struct Case {
    pub file: &'static str,
    pub old: &'static str,
    pub new: &'static str,
    pub field: &'static str,
    /// Part of the message, and part of the way out.
    pub message: &'static str,
    pub help: &'static str,
}

/// Makes each mistake alone and checks that it is the one thing reported, at its place.
pub(crate) fn check(cases: &[Case]) {
    for case in cases {
        let fixture = Fixture::new();
        fixture.change(case.file, case.old, case.new);
        let mistakes = fixture.mistakes(None);
        let [mistake] = &mistakes[..] else { panic!("{:?} gave {} mistakes: {mistakes:#?}", case.new, mistakes.len()) };
        let marked = fixture.read(case.file).lines().position(|line| line.ends_with("# here")).map(|line| line + 1);
        assert!(mistake.message.contains(case.message), "{:?}: {mistake:#?}", case.new);
        assert!(mistake.help.contains(case.help) && !mistake.help.is_empty(), "{:?}: {mistake:#?}", case.new);
        assert_eq!((mistake.file.as_str(), mistake.field.as_str()), (case.file, case.field), "{:?}", case.new);
        assert_eq!(mistake.line, marked.or(mistake.line.filter(|line| *line == 1)), "{:?}: {mistake:#?}", case.new);
    }
}
