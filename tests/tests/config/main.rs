//! Invalid configurations through the real program: each mistake is diagnosed at its place, with the way out, and AWS is not
//! called.

mod hub;
mod platform;
mod service;

use std::{collections::BTreeSet, io::ErrorKind, net::TcpListener, process::Stdio};

use serde_json::Value;
use tests::{Folder, Run, until};

const PLATFORM: &str = "platform.toml";
const HUB: &str = "consumer-account/account.toml";
const SERVICE: &str = "microservice-accounts/food/service.toml";
const FILES: [(&str, &[Mistake]); 3] =
    [(PLATFORM, platform::MISTAKES), (HUB, hub::MISTAKES), (SERVICE, service::MISTAKES)];

/// What is said of a mistake, wherever it is said.
const REFUSED: &str = "nothing was done";

/// One edit that makes a valid platform invalid, and its diagnosis.
pub(crate) struct Mistake {
    name: &'static str,
    from: &'static str,
    to: &'static str,
    /// What the carets stand under; empty when the whole file is meant.
    at: &'static str,
    /// Empty when no field can be told.
    field: &'static str,
    message: &'static str,
    help: &'static str,
}

#[test]
fn what_the_mistakes_are_made_in_is_valid() {
    let aws = Aws::new();
    let _ = aws.folder().run("validate").exits(0);
    aws.was_not_called("validating");
}

#[test]
fn mistakes_in_the_platform() {
    diagnosed(PLATFORM, platform::MISTAKES);
}

#[test]
fn mistakes_in_the_hub() {
    diagnosed(HUB, hub::MISTAKES);
}

#[test]
fn mistakes_in_a_service() {
    diagnosed(SERVICE, service::MISTAKES);
}

#[test]
fn there_are_forty_and_no_two_the_same() {
    let all = FILES.iter().flat_map(|(_, mistakes)| mistakes.iter().map(|mistake| mistake.name));
    let different: BTreeSet<&str> = all.clone().collect();
    assert!(different.len() >= 40);
    assert_eq!(different.len(), all.count(), "{different:#?}");
}

/// Makes each mistake alone: it is the only thing reported, by every command, and AWS is not called.
fn diagnosed(file: &str, mistakes: &[Mistake]) {
    let aws = Aws::new();
    for mistake in mistakes {
        let folder = aws.folder();
        folder.edit(file, mistake.from, mistake.to);
        let place = place(&folder, file, mistake);
        for command in ["validate", "plan --env dev", "up --yes --env dev"] {
            shows(&folder.run(command).exits(1), &place, mistake);
        }
        aws.was_not_called(mistake.name);
        assert!(!folder.state().exists(), "{}: something was started", mistake.name);
    }
}

/// Where the program says the mistake is, once it is clear that it is there.
fn place(folder: &Folder, file: &str, mistake: &Mistake) -> String {
    let document = folder.run("validate --json").exits(1).json();
    let [only] = &document["mistakes"].as_array().expect("mistakes")[..] else {
        panic!("{}: {document}", mistake.name)
    };
    let number = |name: &str| usize::try_from(only[name].as_u64().expect("a number")).expect("a small one");
    let (line, column) = (number("line"), number("column"));
    let text = folder.read(file);
    let there = text.lines().nth(line - 1).and_then(|text| text.get(column - 1..)).unwrap_or_default();
    assert!(there.starts_with(mistake.at), "{}: not at {line}:{column}, `{there}`", mistake.name);
    assert_eq!((&only["file"], &only["field"]), (&file.into(), &mistake.field.into()), "{}", mistake.name);
    for (part, words) in [("message", mistake.message), ("help", mistake.help)] {
        assert!(only[part].as_str().is_some_and(|text| text.contains(words)), "{}: `{words}` in {only}", mistake.name);
    }
    format!("--> {file}:{line}:{column}\n")
}

/// To a person: the message, the place, carets under exactly what is wrong, and the way out.
fn shows(run: &Run, place: &str, mistake: &Mistake) {
    let (said, name) = (&run.err, mistake.name);
    assert!(said.starts_with("error: ") && said.contains(place), "{name}: not `{place}`\n{said}");
    let help = said.lines().find(|line| line.contains("= help: ")).unwrap_or_else(|| panic!("{name}: no help\n{said}"));
    assert!(said.contains(mistake.message) && help.contains(mistake.help), "{name}\n{said}");
    assert_eq!(underlined(said).unwrap_or_default(), mistake.at, "{name}\n{said}");
    assert!(said.contains(&format!("1 mistake in 1 file; {REFUSED}")), "{name}\n{said}");
    assert_eq!(run.out, "", "{name}: mistakes are no data");
}

/// The part of the source line that carets stand under.
fn underlined(said: &str) -> Option<&str> {
    let mut pairs = said.lines().zip(said.lines().skip(1));
    let (source, carets) = pairs.find(|(_, next)| next.trim_start().starts_with('|') && next.contains('^'))?;
    source.get(carets.find('^')?..=carets.rfind('^')?)
}

#[test]
fn mistakes_of_all_files_come_together_in_the_order_of_their_lines() {
    let aws = Aws::new();
    let folder = aws.folder();
    for (file, mistakes) in FILES {
        for mistake in mistakes.iter().filter(|mistake| TOGETHER.contains(&mistake.name)) {
            folder.edit(file, mistake.from, mistake.to);
        }
    }
    let found = folder.run("validate --json").exits(1).json();
    let found = found["mistakes"].as_array().expect("mistakes").clone();
    let place = |one: &Value| (one["file"].as_str().unwrap_or_default().to_owned(), one["line"].as_u64());
    assert_eq!(found.len(), TOGETHER.len(), "{found:#?}");
    for file in [PLATFORM, HUB, SERVICE] {
        let lines: Vec<_> = found.iter().map(place).filter(|(of, _)| of == file).map(|(_, line)| line).collect();
        assert!(lines.len() > 2 && lines.is_sorted(), "{file}: {lines:?}");
    }
    let run = folder.run("up --yes --env dev").exits(1);
    assert_eq!(run.err.matches("error: ").count(), TOGETHER.len(), "{}", run.err);
    let _ = run.says(&format!("{} mistakes in 3 files; {REFUSED}", TOGETHER.len()));
    aws.was_not_called("many mistakes");
}

/// Mistakes of three files that do not hide each other.
const TOGETHER: &[&str] = &[
    "a name too fine for a bucket",
    "an account id as a number",
    "a zone by its path",
    "a subnet outside the network",
    "an old TLS policy",
    "a role of another account",
    "a misspelt key of a function",
    "every action on a table",
    "a route to no function",
    "an expiry in a key",
];

#[test]
fn what_aws_has_no_room_for_is_too_much() {
    let aws = Aws::new();
    let (cidrs, roles) = (
        list(61, ", ", |n| format!("\"10.{n}.0.0/16\"")),
        list(200, ", ", |n| format!("\"arn:aws:iam::222222222222:role/{n:050}\"")),
    );
    for (file, from, more, message) in [
        (HUB, "[network]", format!("client_cidrs = [{cidrs}]\n\n"), "61 blocks"),
        (HUB, "[network]", format!("allowed_service_principal_arns = [{roles}]\n\n"), "has room for"),
        (SERVICE, "[[routes]]", list(300, "", route), "resources"),
        (SERVICE, "[functions.create-order]", list(19, "", index), "21 indexes"),
    ] {
        let folder = aws.folder();
        folder.edit(file, from, &format!("{more}{from}"));
        let _ = folder.run("plan").exits(1).says(message).says("= help: ").says(REFUSED);
    }
    let folder = aws.folder();
    folder.edit(SERVICE, "${table:orders}", &"x".repeat(4096));
    let _ = folder.run("plan").exits(1).says("4108 bytes").says(REFUSED);
    aws.was_not_called("too much of something");
}

fn list(n: usize, between: &str, one: impl Fn(usize) -> String) -> String {
    (0..n).map(one).collect::<Vec<_>>().join(between)
}

fn route(n: usize) -> String {
    format!("[[routes]]\nmethod = \"GET\"\npath = \"/r{n}\"\nfunction = \"get-order\"\n")
}

fn index(n: usize) -> String {
    format!("[tables.orders.indexes.i-{n}]\npartition_key = {{ name = \"k{n}\", type = \"string\" }}\n")
}

#[test]
fn one_hub_serves_so_many_services() {
    let aws = Aws::new();
    let folder = aws.folder();
    for n in 1..25 {
        folder.copy("microservice-accounts/food", &format!("microservice-accounts/s{n}"));
    }
    let run = folder.run("plan").exits(1).says("25 services, but one hub serves at most 24");
    let _ = run.says("25 certificates").says(REFUSED);
    aws.was_not_called("too many services");
}

#[test]
fn an_environment_or_a_folder_that_is_not_there() {
    let aws = Aws::new();
    let folder = aws.folder();
    let _ = folder.run("plan --env dve").exits(1).says("there is no environment `dve`").says("did you mean `dev`?");
    folder.remove(HUB);
    let _ = folder.run("plan").exits(1).says("there is no `consumer-account/account.toml`").says(REFUSED);
    folder.remove(PLATFORM);
    let _ = folder.run("plan -C .").exits(64).says("no `platform.toml` in `.`");
    aws.was_not_called("files that are missing");
}

/// Otherwise no test here could fail on a call.
#[test]
fn a_call_would_have_been_noticed() {
    let aws = Aws::new();
    let folder = aws.folder();
    let mut command = folder.command("plan --env dev");
    let mut child = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("the program starts");
    until("a call", || aws.0.accept().ok());
    child.kill().expect("it waits for an answer");
    child.wait().expect("it ends");
}

/// What stands where AWS should be: it listens, and notices whoever comes.
struct Aws(TcpListener);

impl Aws {
    fn new() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        listener.set_nonblocking(true).expect("a listener that does not wait");
        Self(listener)
    }

    /// The repository's hub with one service, ready to call this instead of AWS with somebody's credentials.
    fn folder(&self) -> Folder {
        let folder = Folder::own("config");
        folder.remove("microservice-accounts/beverage");
        let endpoint = format!("http://{}", self.0.local_addr().expect("an address"));
        folder.with("AWS_ENDPOINT_URL", &endpoint).with("AWS_ACCESS_KEY_ID", "x").with("AWS_SECRET_ACCESS_KEY", "x")
    }

    /// Connections wait in the listener until they are accepted, so none is missed.
    fn was_not_called(&self, during: &str) {
        let nobody = self.0.accept().expect_err("somebody connected");
        assert_eq!(nobody.kind(), ErrorKind::WouldBlock, "{during}");
    }
}
