//! Requests made up from the OpenAPI document, good ones and bad ones, sent by name through the door: whatever is asked, the
//! answer is one that the document promises.

use std::{path::Path, process::Command};

use local::{daemon::Daemon, venv};
use tests::{Platform, binaries};

const HOST: &str = "https://food.internal.example";
const FIXTURE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/fixture/schemathesis");
const REQUIREMENTS: &str = include_str!("../fixture/schemathesis/requirements.txt");
/// `schemathesis`, which looks for the door where it is, and for files in this platform's folder alone.
fn schemathesis(platform: &Platform) -> Command {
    let python = venv::ensure(&binaries().shared.join("schemathesis"), REQUIREMENTS, || ()).expect("its packages");
    let door = Daemon::door(&platform.state()).running().expect("the door's record").expect("the door is open");
    let mut command = Command::new(python);
    command.current_dir(platform.path()).env("DOOR", door.port.to_string());
    command.env("SCHEMATHESIS_HOOKS", "hooks").env("PYTHONPATH", FIXTURE).env("PYTHONDONTWRITEBYTECODE", "1");
    command.args(["-m", "schemathesis.cli", "--config-file"]).arg(Path::new(FIXTURE).join("schemathesis.toml"));
    command.args(["run", "functions/orders/openapi.json", "--url", HOST, "--no-color"]);
    command.arg("--tls-verify").arg(platform.authority());
    command
}

#[test]
fn whatever_is_asked_is_answered_as_the_document_says() {
    let platform = Platform::own("schemathesis");
    let _ = platform.run("up consumer food --yes").exits(0);
    let done = schemathesis(&platform).output().expect("it runs");
    let said = String::from_utf8_lossy(&done.stdout);
    assert!(done.status.success(), "{said}\n{}", String::from_utf8_lossy(&done.stderr));
    assert!(said.contains("Tested: 3"), "{said}");
}
