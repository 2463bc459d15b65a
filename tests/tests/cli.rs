//! The command line: exit codes, flags, what is printed where, and what is refused before anything is done.

use std::{
    io::Write,
    process::{Command, Stdio},
};

use serde_json::Value;
use tests::{Folder, Platform, Run, binaries};

const COMMANDS: [&str; 11] =
    ["plan", "up", "down", "status", "trace", "outputs", "lease", "history", "targets", "validate", "local"];
const FOOD: &str = "microservice-accounts/food/service.toml";
const ORDERS: &str = "trace https://food.internal.example/orders";

/// The service's part of an environment at AWS, where only release builds may go.
const DEV: &str = r#"
[environments.dev]
account = { id = "222222222222", role = "provisioner" }
certificate = { source = "request" }
"#;

#[test]
fn every_command_has_the_help_that_is_checked_in() {
    let folder = Folder::empty("help");
    let help = |command: &str| folder.run(&format!("{command} --help")).exits(0).out;
    let main = help("");
    assert_eq!(listed(&main), COMMANDS);
    insta::assert_snapshot!("provisioner", main);
    for command in COMMANDS {
        insta::assert_snapshot!(command, help(command));
    }
    for command in listed(&help("local")) {
        insta::assert_snapshot!(format!("local-{command}"), help(&format!("local {command}")));
    }
}

/// The commands that a help text lists.
fn listed(help: &str) -> Vec<String> {
    let (_, list) = help.split_once("Commands:\n").expect("a list of commands");
    let (list, _) = list.split_once("\n\n").expect("its end");
    list.lines().filter_map(|line| line.split_whitespace().next()).map(str::to_owned).collect()
}

#[test]
fn wrong_usage_ends_with_64_and_starts_nothing() {
    let folder = Folder::small("usage", &["food", "beverage"]);
    for (arguments, words) in [
        ("", "Usage: provisioner"),
        ("destroy", "unrecognized subcommand 'destroy'"),
        ("plan --frobnicate", "unexpected argument '--frobnicate'"),
        ("plan --color sometimes", "[possible values: auto, always, never]"),
        ("up food --all --yes", "cannot be used with"),
        ("trace", "<URL>"),
        ("trace orders", "https://"),
        ("down", "`down` needs targets"),
        ("down --yes", "name them, or `--all` for everything"),
        ("up", "give `--yes`"),
        ("up --json", "give `--yes`"),
        ("down --all", "give `--yes`"),
        ("down food --json", "give `--yes`"),
    ] {
        let _ = folder.run(arguments).exits(64).says(words);
    }
    for command in ["plan", "up --yes", "down --yes", "status", "outputs"] {
        let _ = folder
            .run(&format!("{command} dessert"))
            .exits(64)
            .says("`dessert`")
            .says("`beverage`, `consumer`, `food`");
    }
    assert!(!folder.state().exists(), "something was started");
}

#[test]
fn a_folder_without_a_platform_is_wrong_usage() {
    // Cargo's own target folder may lie below a platform.
    let nowhere = tempfile::tempdir().expect("a folder");
    let mut command = Folder::empty("nothing").command("plan");
    command.current_dir(&nowhere);
    let _ = finished(command).exits(64).says("no `platform.toml` here or above").says("-C DIR");
}

#[test]
fn the_platform_is_found_upwards_and_with_a_flag_in_any_position() {
    let (folder, elsewhere) = (Folder::small("found", &["food"]), Folder::empty("elsewhere"));
    let wanted = folder.run("targets --json").exits(0).out;
    let place = folder.path().to_str().expect("a name in UTF-8");
    let long = format!("targets --directory {place} --json");
    for arguments in [&format!("-C {place} targets --json"), &format!("targets --json -C {place}"), &long] {
        assert_eq!(elsewhere.run(arguments).exits(0).out, wanted, "{arguments}");
    }
    let mut below = folder.command("targets --json");
    below.current_dir(folder.path().join("microservice-accounts/food"));
    assert_eq!(finished(below).exits(0).out, wanted);
}

#[test]
fn targets_are_a_list_of_four_facts_each() {
    let targets = Folder::small("targets", &["food", "beverage"]).run("targets --json").exits(0).json();
    let targets = targets.as_array().expect("a list");
    let fact = |name: &str| targets.iter().map(|it| it[name].as_str().expect("a text")).collect::<Vec<_>>();
    assert_eq!(fact("target"), ["consumer", "beverage", "food"]);
    assert_eq!(fact("domain"), ["internal.example", "beverage.internal.example", "food.internal.example"]);
    assert_eq!(fact("region"), ["eu-west-1"; 3]);
    for (target, account) in targets.iter().zip(fact("account")) {
        assert_eq!(target.as_object().expect("an object").len(), 4, "{target}");
        assert!(account.len() == 12 && account.bytes().all(|it| it.is_ascii_digit()), "{target}");
    }
}

#[test]
fn validation_names_the_environments_and_prints_what_roles_need() {
    let folder = Folder::own("validate");
    let text = folder.run("validate").exits(0).out;
    assert!(text.contains("environments: dev, local") && text.contains("services: beverage, food"), "{text}");
    let document = folder.run("validate --json").exits(0).json();
    assert_eq!((versioned(&document), &document["valid"]), (true, &true.into()), "{document}");

    let iam = folder.run("validate --iam --env dev").exits(0).json();
    for (account, id) in [("consumer", "111111111111"), ("food", "222222222222"), ("public-zone", "999999999999")] {
        let of = &iam[account];
        assert_eq!(of["account"], id);
        assert!(of["permissions"]["Statement"].is_array() && !of["trust"].is_null(), "{account}: {of}");
    }
    let document = folder.run("validate --iam --env dev --json").exits(0).json();
    assert_eq!((versioned(&document), &document["accounts"]), (true, &iam));
    assert!(!folder.state().exists(), "something was started");
}

#[test]
fn missing_code_is_named_with_the_command_that_builds_it() {
    let folder = Folder::own("missing");
    for (environment, command) in
        [("local", "run `cargo lambda build` first"), ("dev", "run `cargo lambda build --release` first")]
    {
        for work in ["plan", "up --yes"] {
            let run = finished(without_code(&folder, &format!("{work} --env {environment}"))).exits(1);
            let run = run.says("`create-order`, `get-order`, `list-orders`").says(command);
            assert!(!run.err.contains("starting"), "{}", run.err);
        }
    }
}

/// Whoever tests a release build has no other to refuse.
#[cfg(debug_assertions)]
#[test]
fn debug_builds_stay_on_this_machine() {
    let folder = Folder::small("debug", &["food"]);
    folder.write(FOOD, &(folder.read(FOOD) + DEV));
    std::fs::create_dir_all(folder.path().join("target/lambda/list-orders")).expect("a folder");
    let built = binaries().provisioner.with_file_name("list-orders");
    std::fs::copy(built, folder.path().join("target/lambda/list-orders/bootstrap")).expect("a copy");
    let _ = finished(without_code(&folder, "plan --env dev"))
        .exits(1)
        .says("debug build")
        .says("cargo lambda build --release");
}

/// The program, which finds code only where `cargo lambda build` would put it in this folder.
fn without_code(folder: &Folder, arguments: &str) -> Command {
    let mut command = Command::new(&binaries().provisioner);
    command.args(arguments.split_whitespace()).current_dir(folder.path()).stdin(Stdio::null());
    command.env_clear().env("HOME", folder.path());
    command
}

#[test]
fn colours_are_for_terminals_unless_said_otherwise() {
    let folder = Folder::small("colours", &["food"]);
    let broken = Folder::small("broken", &["food"]);
    broken.edit(FOOD, "\"Query\"", "\"Querry\"");
    for (flag, wanted) in [("", false), ("--color auto", false), ("--color never", false), ("--color always", true)] {
        let (out, err) =
            (folder.run(&format!("targets {flag}")).exits(0).out, broken.run(&format!("plan {flag}")).exits(1).err);
        assert_eq!((colored(&out), colored(&err)), (wanted, wanted), "`{flag}`\n{out}\n{err}");
    }
    let mut insisting = folder.command("--color always targets");
    insisting.env("NO_COLOR", "1");
    assert!(colored(&finished(insisting).exits(0).out), "a flag is said later than a variable");
    assert!(!colored(&folder.run("targets --json --color always").exits(0).out), "JSON has no colours");
}

#[test]
fn exit_codes_and_documents_through_a_platforms_life() {
    let platform = Platform::new(Folder::small("codes", &["food"]));
    nothing_is_there_yet(&platform);
    let made = platform.run("up --yes --json").exits(0);
    assert!(made.documents().iter().all(versioned), "{}", made.out);
    assert!(made.documents().iter().any(|it| it["kind"] == "event"), "no event: {}", made.out);
    what_is_there_is_shown(&platform);
    flags_stand_anywhere(&platform);
    every_document_has_a_version(&platform);
    terminals_are_asked_and_coloured(&platform);
    what_is_refused_changes_nothing(&platform);

    platform.edit(FOOD, "binary = \"list-orders\"", "binary = \"list-orders\"\nmemory_mb = 512");
    let plan = platform.run("plan food").exits(2).out;
    assert!(plan.contains("memory_mb") && plan.contains("512"), "{plan}");
    let _ = platform.run("status").exits(3);
    let gone = platform.run("down --all --yes --json").exits(0);
    assert!(gone.documents().iter().all(versioned), "{}", gone.out);
    let left = platform.run("status").exits(3).out;
    assert!(left.contains("food/kms-key/main") && left.contains("pending deletion"), "{left}");
    let outputs = platform.run("outputs").exits(0).out;
    assert!(!outputs.contains("https://") && !outputs.contains("kms-key"), "nothing of it exists:\n{outputs}");
}

fn nothing_is_there_yet(platform: &Platform) {
    let before = platform.generation();
    let _ = platform.run("plan").exits(2);
    let _ = platform.run("status").exits(3);
    for command in ["status food", ORDERS] {
        let out = platform.run(command).exits(3).out;
        assert!(out.contains("provisioner up consumer food"), "`{command}` names no way out:\n{out}");
    }
    // A service without its hub: the way out is a command to copy.
    let _ = platform.run("up food --yes").exits(1).says("nothing was changed").says("provisioner up consumer");
    assert_eq!(platform.generation(), before, "something was changed");
}

fn what_is_there_is_shown(platform: &Platform) {
    let _ = platform.run("plan").exits(0);
    let _ = platform.run("status").exits(0);
    let _ = platform.run(ORDERS).exits(0);
    let unrouted = platform.run(&format!("{ORDERS} -X DELETE")).exits(3).out;
    assert!(unrouted.contains("add the route to"), "`up` would change nothing:\n{unrouted}");
    let outputs = platform.run("outputs").exits(0).out;
    for wanted in ["https://food.internal.example", "consumer/vpc-endpoint/execute-api#id ", "food/rest-api/main#id"] {
        assert!(outputs.contains(wanted), "{wanted} is not in\n{outputs}");
    }
    let of_food = platform.run("outputs food").exits(0).out;
    assert!(of_food.contains("food/rest-api") && !of_food.contains("consumer/vpc-endpoint"), "{of_food}");
    let status = platform.run("status --json").exits(0).json();
    let objects = status["objects"].as_array().expect("objects");
    let accounts: std::collections::BTreeSet<_> = objects.iter().filter_map(|it| it["account"].as_str()).collect();
    assert_eq!(accounts, ["consumer", "food"].into());
    assert!(objects.iter().all(|it| it["status"] == "ready" && it["address"].is_string()), "{status}");
}

fn flags_stand_anywhere(platform: &Platform) {
    let wanted = platform.run("plan --env local --json").exits(0).out;
    for arguments in ["--env local plan --json", "--json --env local plan", "--json plan --env=local"] {
        assert_eq!(platform.run(arguments).exits(0).out, wanted, "{arguments}");
    }
    for arguments in ["-v plan", "plan -v", "plan --verbose food"] {
        let run = platform.run(arguments).exits(0).says("AWS calls for");
        assert!(run.err.contains("ec2:DescribeVpcs"), "counts by operation: {}", run.err);
    }
    let quiet = platform.run("plan").exits(0).err;
    assert!(!quiet.contains("AWS calls"), "{quiet}");
    let every = platform.run("plan -vv").exits(0).err;
    assert!(
        every.lines().filter(|line| line.contains("ec2:DescribeVpcs")).count() > 1,
        "no call of its own line: {every}"
    );
}

fn every_document_has_a_version(platform: &Platform) {
    for (arguments, code) in [
        ("plan", 0),
        ("up --yes", 0),
        ("status", 0),
        ("outputs", 0),
        ("validate --iam", 0),
        // The smallest service has no account in `dev`.
        ("validate", 1),
        (ORDERS, 0),
        ("trace https://food.internal.example/nothing", 3),
        ("local status", 0),
        ("local env", 0),
        ("local logs", 0),
        ("down consumer --yes", 1),
        ("plan dessert", 64),
        ("down", 64),
    ] {
        let run = platform.run(&format!("{arguments} --json")).exits(code);
        assert!(!run.documents().is_empty() && run.documents().iter().all(versioned), "{arguments}: {}", run.out);
    }
}

fn terminals_are_asked_and_coloured(platform: &Platform) {
    let plan = |environment| on_a_terminal(platform, "plan", environment, "").exits(0).out;
    assert!(colored(&plan("TERM=xterm")), "a terminal has colours");
    assert!(!colored(&plan("NO_COLOR=1")), "NO_COLOR was not honoured");
    let before = platform.generation();
    let refused = on_a_terminal(platform, "down food", "NO_COLOR=1", "no\n").exits(130).out;
    assert!(refused.contains("Type `yes`") && refused.contains("nothing was changed"), "{refused}");
    assert_eq!(platform.generation(), before, "`no` was taken for a yes");
    let _ = on_a_terminal(platform, "down food", "NO_COLOR=1", "yes\n").exits(0);
    let made = on_a_terminal(platform, "up food", "TERM=xterm", "yes\n").exits(0).out;
    assert!(made.contains("nothing is left to do"), "{made}");
}

fn what_is_refused_changes_nothing(platform: &Platform) {
    let before = platform.generation();
    let _ = platform.run("down").exits(64);
    let _ = platform.run("down --yes").exits(64);
    let _ = platform.run("down food").exits(64);
    let _ = platform.run("up").exits(64);
    let orphans = platform.run("down consumer --yes").exits(1).says("the hub still serves `food`");
    let _ = orphans.says("provisioner down food");
    assert_eq!(platform.generation(), before, "something was changed");
    let _ = platform.run("plan").exits(0);
}

/// Runs the program on a terminal of its own, where this is typed; what the terminal showed is in `out`.
fn on_a_terminal(platform: &Platform, arguments: &str, environment: &str, typed: &str) -> Run {
    const TERMINAL: &str = "import os, pty, sys; sys.exit(os.waitstatus_to_exitcode(pty.spawn(sys.argv[1:])))";
    let program = platform.command(arguments);
    let mut command = Command::new(binaries().shared.with_file_name("emulator").join("venv/bin/python"));
    command.args(["-c", TERMINAL]).arg(program.get_program()).args(program.get_args()).current_dir(platform.path());
    command.env_clear().envs(program.get_envs().filter_map(|(name, value)| Some((name, value?))));
    command.envs(environment.split_once('='));
    let mut child =
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("Python");
    child.stdin.take().expect("piped").write_all(typed.as_bytes()).expect("it reads");
    let done = child.wait_with_output().expect("it ends");
    Run::of(arguments, done)
}

fn finished(mut command: Command) -> Run {
    Run::of(&format!("{command:?}"), command.output().expect("the program runs"))
}

fn versioned(document: &Value) -> bool {
    document["format_version"] == 1
}

fn colored(text: &str) -> bool {
    text.contains('\u{1b}')
}
