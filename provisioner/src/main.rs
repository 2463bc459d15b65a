//! The command line: arguments in, exit code out.

mod artifacts;
mod claim;
mod cli;
mod commands;
mod commit;
mod door;
mod environment;
mod failure;
mod iam;
mod interrupts;
mod logins;
mod machine;
mod report;
mod run;
mod screen;
mod session;
mod standing;
mod world;

use std::process::ExitCode;

use clap::Parser;
use cli::{Cli, Command};
use environment::Surroundings;
use failure::{Exit, Failure};
use tracing_subscriber::{Layer, layer::SubscriberExt, util::SubscriberInitExt};

fn main() -> ExitCode {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli.settled(),
        Err(error) => return usage(&error),
    };
    cli.global.color.choice().write_global();
    let surroundings = Surroundings::look(&cli.global);
    log(&cli, &surroundings);
    match start(&cli, &surroundings) {
        Ok(exit) => ExitCode::from(exit as u8),
        Err(failure) => {
            report::failure(&failure, &cli.global, &surroundings);
            ExitCode::from(failure.exit as u8)
        }
    }
}

/// Help and version are asked for; everything else is a mistake of the caller's.
fn usage(error: &clap::Error) -> ExitCode {
    let exit = if error.use_stderr() { Exit::Usage } else { Exit::Good };
    if error.use_stderr() && std::env::args_os().any(|argument| argument == "--json") {
        report::misuse(&error.render().to_string());
    }
    // Nothing can be said when the terminal is gone.
    let _ = error.print();
    ExitCode::from(exit as u8)
}

/// Diagnostics on standard error: warnings, with `-vv` every AWS call; the door logs each request.
fn log(cli: &Cli, surroundings: &Surroundings) {
    let is_door = matches!(cli.command, Command::Local { command: cli::Local::Door { .. } });
    let level = match cli.global.verbose {
        0 | 1 if is_door => tracing::Level::INFO,
        0 | 1 => tracing::Level::WARN,
        _ => tracing::Level::DEBUG,
    };
    // Only what we say ourselves: the SDK's own layers are noise to whoever looks for a call.
    let ours = tracing_subscriber::filter::Targets::new().with_targets([
        ("kinds", level),
        ("engine", level),
        ("local", level),
        ("provisioner", level),
    ]);
    let lines = tracing_subscriber::fmt::layer()
        .with_writer(std::io::stderr)
        .with_ansi(surroundings.color_err)
        .with_target(false);
    tracing_subscriber::registry().with(lines.with_filter(ours)).init();
}

fn start(cli: &Cli, surroundings: &Surroundings) -> Result<Exit, Failure> {
    let runtime = tokio::runtime::Runtime::new()?;
    let outcome = runtime.block_on(until_interrupted(cli, surroundings));
    // Somebody may still be asked something, whose answer nobody waits for any more.
    runtime.shutdown_background();
    outcome
}

/// The door is told to stop in its own way.
async fn until_interrupted(cli: &Cli, surroundings: &Surroundings) -> Result<Exit, Failure> {
    if matches!(cli.command, Command::Local { command: cli::Local::Door { .. } }) {
        return run(cli, surroundings).await;
    }
    let interrupted = surroundings.interrupts.unheard();
    surroundings.interrupts.hear()?;
    tokio::select! {
        outcome = run(cli, surroundings) => outcome,
        interrupted = interrupted => Err(interrupted),
    }
}

async fn run(cli: &Cli, surroundings: &Surroundings) -> Result<Exit, Failure> {
    let global = &cli.global;
    match &cli.command {
        Command::Plan(change) => commands::change::plan(change, global, surroundings).await,
        Command::Up(change) => commands::change::up(change, global, surroundings).await,
        Command::Down(down) => commands::down::down(down, global, surroundings).await,
        Command::Status(targets) => commands::status::status(targets, global, surroundings).await,
        Command::Trace(trace) => commands::trace::trace(trace, global, surroundings).await,
        Command::Outputs(targets) => commands::outputs::outputs(targets, global, surroundings).await,
        Command::Lease(targets) => commands::lease::lease(targets, global, surroundings).await,
        Command::History(targets) => commands::history::history(targets, global, surroundings).await,
        Command::Targets => commands::targets::targets(global, surroundings),
        Command::Validate(validate) => commands::validate::validate(validate, global, surroundings),
        Command::Local { command } => commands::local::local(command, global, surroundings).await,
    }
}
