//! `local`: the emulator and the door on this machine.

use std::{fs, path::Path};

use local::{authority::Authority, daemon::Daemon, emulator::Emulator};

use crate::{
    cli::{Global, Local},
    door,
    environment::{Surroundings, state_dir},
    failure::{Exit, Failure},
    report::Printer,
    session,
};

/// As much of a log as is shown.
const LOG_LINES: usize = 50;

pub(crate) async fn local(command: &Local, global: &Global, surroundings: &Surroundings) -> Result<Exit, Failure> {
    let global = Global { env: Some(config::LOCAL.to_owned()), ..global.clone() };
    let root = session::root(&global)?.canonicalize()?;
    let state = state_dir(&root);
    let printer = Printer::new(&global, surroundings);
    match command {
        Local::Start => start(&global, surroundings, &printer).await,
        Local::Stop => stop(&state, &printer),
        Local::Status => status(&state, &printer).await,
        Local::Logs { name } => logs(&state, name.as_deref(), &printer),
        Local::Env => env(&global, surroundings, &state, &printer),
        Local::Door { endpoint } => door::serve(endpoint, &global, surroundings).await,
    }
}

async fn start(global: &Global, surroundings: &Surroundings, printer: &Printer) -> Result<Exit, Failure> {
    let config = session::configuration(global)?;
    let endpoint = surroundings.endpoint(&config)?.ok_or_else(|| Failure::new("`local` has no endpoint"))?;
    door::open(&config, &endpoint)?;
    status(&state_dir(&config.root), printer).await
}

/// The door first: it is of no use without the emulator.
fn stop(state: &Path, printer: &Printer) -> Result<Exit, Failure> {
    let door = Daemon::door(state).stop()?;
    let emulator = Emulator::stop(state)?;
    printer.stopped(door, emulator);
    Ok(Exit::Good)
}

async fn status(state: &Path, printer: &Printer) -> Result<Exit, Failure> {
    let emulator = Emulator::status(state)?;
    let open = Daemon::door(state).running()?;
    let answers = match &open {
        Some(record) => door::answers(record).await,
        None => false,
    };
    printer.local(emulator.as_ref().map(Emulator::endpoint).as_deref(), open.as_ref(), answers);
    Ok(if emulator.is_some() && answers { Exit::Good } else { Exit::NotReady })
}

fn logs(state: &Path, name: Option<&str>, printer: &Printer) -> Result<Exit, Failure> {
    let folder = state.join("local/logs");
    let functions = fs::read_dir(&folder).into_iter().flatten().flatten().map(|entry| entry.path());
    let mut files = vec![Daemon::door(state).log_path(), Emulator::log_path(state)];
    files.extend(functions.filter(|path| path.extension().is_some_and(|ending| ending == "log")));
    files.retain(|path| {
        name.is_none_or(|name| path.file_stem().is_some_and(|stem| stem.to_string_lossy().ends_with(name)))
    });
    if files.is_empty() {
        return Err(Failure::usage(format!("no log of `{}`", name.unwrap_or_default()))
            .hint("`provisioner local logs` shows all"));
    }
    for path in files {
        let text = fs::read_to_string(&path).unwrap_or_default();
        let lines: Vec<&str> = text.lines().collect();
        printer.log(&path, &lines[lines.len().saturating_sub(LOG_LINES)..]);
    }
    Ok(Exit::Good)
}

fn env(global: &Global, surroundings: &Surroundings, state: &Path, printer: &Printer) -> Result<Exit, Failure> {
    let config = session::configuration(global)?;
    let not_running = || Failure {
        exit: Exit::NotReady,
        ..Failure::new("the local platform is not running").hint("run `provisioner up` or `provisioner local start`")
    };
    let record = Daemon::door(state).running()?.ok_or_else(not_running)?;
    let endpoint = surroundings.endpoint(&config)?.unwrap_or_default();
    let authority = Authority::open(state)?.root_path();
    let hosts: Vec<String> = config.services.keys().map(|name| config.host(name)).collect();
    printer.environment(&config.region, &endpoint, &record, &authority, &hosts);
    Ok(Exit::Good)
}
