//! A moto server that somebody else started, without our patches: what it cannot show is said, and all the rest works.

use std::{
    net::{TcpListener, TcpStream},
    process::{Child, Command, Stdio},
};

use tests::{Call, Folder, Platform, Run, until, venv};

/// The server; it ends with the value.
struct Bare {
    process: Child,
    port: u16,
}

impl Bare {
    fn start() -> Self {
        let free = TcpListener::bind("127.0.0.1:0").expect("a port");
        let port = free.local_addr().expect("an address").port();
        drop(free);
        let mut server = Command::new(venv().join("bin/python"));
        server
            .args(["-m", "moto.server", "-H", "127.0.0.1", "-p", &port.to_string()])
            .env("MOTO_IAM_LOAD_MANAGED_POLICIES", "true");
        let process = server.stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("moto is installed");
        until("moto answers", || TcpStream::connect(("127.0.0.1", port)).ok());
        Self { process, port }
    }
}

impl Drop for Bare {
    fn drop(&mut self) {
        // It may have ended already, which the test has noticed then.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

#[test]
fn a_bare_emulator_serves_and_what_it_cannot_show_is_said() {
    let platform = Platform::new(Folder::small("bare", &["food"]));
    let bare = Bare::start();
    let run = |arguments: &str| {
        let mut command = platform.command(arguments);
        let command = command.env("AWS_ENDPOINT_URL", format!("http://127.0.0.1:{}", bare.port));
        Run::of(arguments, command.output().expect("the program runs"))
    };
    let up = run("up --yes").exits(0).says("nothing is left to do");
    for gap in [
        "buckets are tagged",
        "the hub's secret",
        "the addresses it was given",
        "functions write to",
        "versioning of buckets",
    ] {
        let said = up.err.lines().filter(|line| line.contains("not checked") && line.contains(gap)).count();
        assert_eq!(said, 1, "{gap}\n{}", up.err);
    }
    let _ = run("plan").exits(0);
    assert_eq!(platform.answer(&Call::get("food.internal.example", "/orders")).status, 200);
    let _ = run("down --all --yes").exits(0).says("nothing of these targets is left");
}
