//! A run that changes AWS: asked for, executed with its progress shown, and stoppable.

use std::io::{BufRead, Write};

use config::Config;
use engine::{Controls, Plan, Report, Stop};
use tokio::sync::{mpsc, watch};

use crate::{
    claim::Taken,
    cli::Global,
    environment::Surroundings,
    failure::{Exit, Failure},
    interrupts::Listening,
    report::Progress,
    session::Session,
};

/// Without somebody to ask, only `--yes` lets a run begin.
///
/// # Errors
/// If nobody can be asked and `--yes` is not given.
pub(crate) fn may_ask(global: &Global, surroundings: &Surroundings) -> Result<(), Failure> {
    if global.yes || (surroundings.interactive && !global.json) {
        return Ok(());
    }
    Err(Failure::usage("there is no terminal to ask on").hint("give `--yes` to go ahead without asking"))
}

/// Asks; a protected environment wants its name typed.
///
/// # Errors
/// If the answer is no.
pub(crate) async fn confirm(
    global: &Global,
    surroundings: &Surroundings,
    config: &Config,
    question: &str,
) -> Result<(), Failure> {
    if global.yes {
        return Ok(());
    }
    let wanted = if config.protected { config.environment.as_str() } else { "yes" };
    surroundings.say(&format!("{question} Type `{wanted}` to go ahead:"));
    std::io::stderr().flush()?;
    let answer = tokio::task::spawn_blocking(answer).await.map_err(|error| Failure::new(error.to_string()))??;
    let agreed = answer.trim() == wanted || (wanted == "yes" && answer.trim() == "y");
    if agreed { Ok(()) } else { Err(Failure { exit: Exit::Interrupted, ..Failure::new("nothing was changed") }) }
}

fn answer() -> std::io::Result<String> {
    let mut answer = String::new();
    std::io::stdin().lock().read_line(&mut answer)?;
    Ok(answer)
}

/// How a run ends that did not do everything.
pub(crate) fn exit(report: &Report) -> Exit {
    if report.interrupted { Exit::Interrupted } else { Exit::Failed }
}

/// Executes the plan. The first Ctrl-C finishes what is under way, the second stops.
pub(crate) async fn execute(
    session: &Session,
    plan: &Plan,
    taken: &Taken<'_>,
    global: &Global,
    surroundings: &Surroundings,
) -> Report {
    let (events, heard) = mpsc::unbounded_channel();
    let (stop, stopped) = watch::channel(Stop::Go);
    let progress = Progress::new(&session.config, plan, global, surroundings);
    let shown = tokio::spawn(progress.show(heard));
    let lost = tokio::spawn(lost(taken.lost(), stop.clone(), surroundings.clone()));
    let interrupts = tokio::spawn(interrupts(surroundings.interrupts.listen(), stop, surroundings.clone()));
    let controls = Controls { events, stop: stopped, permission: taken.permission() };
    let report = engine::execute(&taken.drivers(), &session.platform.graph, plan, &session.pace, controls).await;
    interrupts.abort();
    lost.abort();
    // The channel is closed: the display ends by itself, and its last state stays.
    if shown.await.is_err() {
        surroundings.say("the progress display failed; the run itself did not");
    }
    report
}

async fn lost(lost: impl Future<Output = String>, stop: watch::Sender<Stop>, surroundings: Surroundings) {
    let why = lost.await;
    surroundings.say(&format!("the lease was lost ({why}): ending what is under way"));
    // Whoever wants it to stop at once is not slowed down.
    stop.send_if_modified(|asked| {
        let goes_on = *asked == Stop::Go;
        if goes_on {
            *asked = Stop::Soon;
        }
        goes_on
    });
}

async fn interrupts(mut heard: Listening, stop: watch::Sender<Stop>, surroundings: Surroundings) {
    for (next, words) in
        [(Stop::Soon, "interrupted: finishing what is under way; once more to stop at once"), (Stop::Now, "stopped")]
    {
        heard.next().await;
        surroundings.say(words);
        // The run may have ended in this moment.
        let _ = stop.send(next);
    }
    // Further ones are the run's, too, until it ends.
    std::future::pending().await
}
