//! A platform's configuration in a folder of its own, and the program run in it.

use std::{
    fs,
    path::{Path, PathBuf},
    process::{Child, Command, Output, Stdio},
};

use local::authority::Authority;
use serde_json::Value;
use tempfile::TempDir;

use crate::binaries;

/// The files of the repository's own platform.
const OWN: [&str; 5] = [
    "platform.toml",
    "consumer-account/account.toml",
    "functions/orders/openapi.json",
    "microservice-accounts/beverage/service.toml",
    "microservice-accounts/food/service.toml",
];

const SMALL_SERVICE: &str = include_str!("../fixture/service.toml");

/// The header of an ELF file: 64 bits, little-endian, an executable for x86-64 without segments or sections.
const ELF_HEAD: [u8; 64] = {
    let mut head = [0; 64];
    (head[0], head[1], head[2], head[3]) = (0x7f, b'E', b'L', b'F');
    (head[4], head[5], head[6]) = (2, 1, 1);
    (head[16], head[18], head[20]) = (2, 62, 1);
    head[52] = 64;
    head
};

/// A folder with `platform.toml` and the rest. It goes with the value.
pub struct Folder {
    folder: TempDir,
    code: PathBuf,
    environment: Vec<(String, String)>,
}

impl Folder {
    /// An empty one, below cargo's target folder.
    #[must_use]
    pub fn empty(test: &str) -> Self {
        let below = binaries().shared.join("platforms");
        fs::create_dir_all(&below).expect("a folder for platforms");
        let folder = tempfile::Builder::new().prefix(&format!("{test}-")).tempdir_in(below).expect("a folder");
        Self { folder, code: binaries().artifacts.clone(), environment: Vec::new() }
    }

    /// With a copy of the repository's own configuration, both services included.
    #[must_use]
    pub fn own(test: &str) -> Self {
        let made = Self::empty(test);
        let repository = Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the workspace").to_owned();
        for file in OWN {
            made.write(file, &fs::read_to_string(repository.join(file)).expect("the repository's configuration"));
        }
        made
    }

    /// The hub of the repository's own configuration, and no service.
    #[must_use]
    pub fn hub_only(test: &str) -> Self {
        let made = Self::own(test);
        made.remove("microservice-accounts");
        made
    }

    /// The repository's hub with these services, each the smallest that there is.
    #[must_use]
    pub fn small(test: &str, services: &[&str]) -> Self {
        let made = Self::hub_only(test);
        services.iter().for_each(|service| made.add_service(service));
        made
    }

    /// Adds a service of one function.
    pub fn add_service(&self, name: &str) {
        self.write(&format!("microservice-accounts/{name}/service.toml"), SMALL_SERVICE);
    }

    /// Puts a certificate for `*.<domain>` and `<domain>` into each of these folders, and gives the setting that imports it.
    pub fn certify(&self, domain: &str, folders: &[&str]) -> &'static str {
        let authority = Authority::open(&self.path().join("authority")).expect("an authority");
        let issued = authority.issue(&[format!("*.{domain}"), domain.to_owned()]).expect("a certificate");
        for folder in folders {
            self.write(&format!("{folder}/certificate.pem"), &issued.certificate_pem);
            self.write(&format!("{folder}/key.pem"), &issued.private_key_pem);
            self.write(&format!("{folder}/chain.pem"), &issued.chain_pem);
        }
        r#"certificate = { source = "import", certificate = "certificate.pem", private_key = "key.pem", chain = "chain.pem" }"#
    }

    /// With functions that are no more than the head of a program: they take no time to ship, and cannot run.
    #[must_use]
    pub fn with_tiny_code(mut self) -> Self {
        self.code = self.path().join("code");
        for (number, function) in (0_u8..).zip(["create-order", "get-order", "list-orders"]) {
            let file = self.code.join(function).join("bootstrap");
            fs::create_dir_all(file.parent().expect("a folder")).expect("a folder");
            fs::write(file, [ELF_HEAD.as_slice(), &[number]].concat()).expect("a file");
        }
        self
    }

    #[must_use]
    pub fn path(&self) -> &Path {
        self.folder.path()
    }

    /// `.provisioner`, where everything local is kept.
    #[must_use]
    pub fn state(&self) -> PathBuf {
        self.path().join(".provisioner")
    }

    /// Sets an environment variable of every run.
    #[must_use]
    pub fn with(mut self, name: &str, value: &str) -> Self {
        self.environment.push((name.to_owned(), value.to_owned()));
        self
    }

    pub fn write(&self, file: &str, text: &str) {
        let path = self.path().join(file);
        fs::create_dir_all(path.parent().expect("files lie in folders")).expect("a folder");
        fs::write(path, text).expect("a file");
    }

    #[must_use]
    pub fn read(&self, file: &str) -> String {
        fs::read_to_string(self.path().join(file)).expect("a file")
    }

    /// Replaces the first `from`, which must be there, by `to`.
    pub fn edit(&self, file: &str, from: &str, to: &str) {
        let text = self.read(file);
        assert!(text.contains(from), "`{from}` is not in {file}:\n{text}");
        self.write(file, &text.replacen(from, to, 1));
    }

    /// Copies a folder of files.
    pub fn copy(&self, from: &str, to: &str) {
        for file in fs::read_dir(self.path().join(from)).expect("a folder") {
            let name = file.expect("a file").file_name();
            let name = name.to_str().expect("a file name");
            self.write(&format!("{to}/{name}"), &self.read(&format!("{from}/{name}")));
        }
    }

    /// Removes a file or a folder.
    pub fn remove(&self, file: &str) {
        let path = self.path().join(file);
        let removed = if path.is_dir() { fs::remove_dir_all(path) } else { fs::remove_file(path) };
        removed.expect("it was there");
    }

    /// The program with these arguments, split at spaces, in this folder; of the environment it sees little.
    #[must_use]
    pub fn command(&self, arguments: &str) -> Command {
        let mut command = Command::new(&binaries().provisioner);
        command.args(arguments.split_whitespace()).current_dir(self.path()).stdin(Stdio::null());
        command.arg("--artifacts").arg(&self.code);
        command.env_clear().env("HOME", self.path()).env("USER", "tester");
        command.envs(std::env::vars_os().filter(|(name, _)| name == "PATH"));
        command.envs(self.environment.iter().map(|(name, value)| (name, value)));
        command
    }

    /// Runs the program to its end.
    #[must_use]
    pub fn run(&self, arguments: &str) -> Run {
        let done = self.command(arguments).output().expect("the program runs");
        Run::of(arguments, done)
    }

    /// Starts the program; its output is kept for [`Run::end_of`].
    #[must_use]
    pub fn start(&self, arguments: &str) -> Child {
        let mut command = self.command(arguments);
        command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("the program starts")
    }
}

/// What a run of the program said and how it ended.
#[derive(Clone, Debug)]
pub struct Run {
    pub command: String,
    /// None if a signal ended it.
    pub code: Option<i32>,
    pub out: String,
    pub err: String,
}

impl Run {
    #[must_use]
    pub fn of(command: &str, done: Output) -> Self {
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("the program writes UTF-8");
        Self { command: command.to_owned(), code: done.status.code(), out: text(done.stdout), err: text(done.stderr) }
    }

    /// Waits for a started program's end.
    #[must_use]
    pub fn end_of(child: Child) -> Self {
        Self::of("(started)", child.wait_with_output().expect("it ends"))
    }

    /// # Panics
    /// If it ended otherwise; with everything it said.
    #[must_use]
    pub fn exits(self, code: i32) -> Self {
        assert_eq!(self.code, Some(code), "`provisioner {}`\n{}\n{}", self.command, self.out, self.err);
        self
    }

    /// # Panics
    /// If standard error does not have this text.
    #[must_use]
    pub fn says(self, words: &str) -> Self {
        assert!(self.err.contains(words), "`{words}` is not in what `{}` says:\n{}", self.command, self.err);
        self
    }

    /// # Panics
    /// If it made more AWS calls than this for one object of the graph, which it says if it was given `-v`.
    pub fn calls_at_most(&self, each: f64) {
        let line = self.err.lines().find(|line| line.contains("AWS calls for")).expect("`-v` counts the calls");
        let words: Vec<&str> = line.split_whitespace().collect();
        let (calls, objects): (f64, f64) = (words[0].parse().expect("calls"), words[4].parse().expect("objects"));
        assert!(calls <= each * objects, "`{}`: {line}, more than {each} each\n{}", self.command, self.err);
    }

    /// The number of the first line of standard error that has these words.
    ///
    /// # Panics
    /// If none has.
    #[must_use]
    pub fn line_of(&self, words: &str) -> usize {
        let line = self.err.lines().position(|line| line.contains(words));
        line.unwrap_or_else(|| panic!("no `{words}` in what `{}` says:\n{}", self.command, self.err))
    }

    /// Its one JSON document.
    #[must_use]
    pub fn json(&self) -> Value {
        serde_json::from_str(self.out.trim()).unwrap_or_else(|error| panic!("{error} in {}\n{}", self.out, self.err))
    }

    /// Its JSON documents, one a line.
    #[must_use]
    pub fn documents(&self) -> Vec<Value> {
        let parsed = |line: &str| serde_json::from_str(line).unwrap_or_else(|error| panic!("{error} in {line}"));
        self.out.lines().map(parsed).collect()
    }
}
