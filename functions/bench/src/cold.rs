//! Cold starts: from the start of a process to its first `next`, and to its first answer with the first call of DynamoDB.

use std::process::Stdio;

use crate::Failed;
use crate::instance::{Instance, Setup};
use crate::programs::{Language, Program};
use crate::setups::{Door, Setups};
use crate::statistics::median;

/// A program behind one of the doors to DynamoDB.
#[derive(Debug)]
pub(crate) struct Cold {
    pub(crate) program: String,
    pub(crate) language: Language,
    pub(crate) door: Option<Door>,
    pub(crate) next: Figure,
    pub(crate) answer: Figure,
}

/// A median, in milliseconds, and the median of its ratios to the bare hello that ran in the same round.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Figure {
    pub(crate) milliseconds: f64,
    pub(crate) ratio: f64,
}

struct Case<'p> {
    program: &'p Program,
    door: Option<Door>,
    setup: Setup,
    /// Of each round: milliseconds to `next`, and to the answer.
    runs: Vec<[f64; 2]>,
}

/// Python by itself: after it, nothing of the others is left in the processor's caches.
pub(crate) async fn measure(programs: &[Program], setups: &Setups, runs: usize) -> Result<Vec<Cold>, Failed> {
    let (python, rust): (Vec<&Program>, Vec<&Program>) =
        programs.iter().partition(|program| program.language == Language::Python);
    let mut all = in_turns(&rust, setups, runs).await?;
    if !python.is_empty() {
        let beside: Vec<&Program> = rust.into_iter().take(1).chain(python).collect();
        all.extend(in_turns(&beside, setups, runs).await?.into_iter().skip(1));
    }
    Ok(all)
}

/// Starts every program once a round, so that whatever else the machine does slows all of them alike; every other round the other
/// way about, for the place in the round counts too. The first program is the bare hello.
async fn in_turns(programs: &[&Program], setups: &Setups, runs: usize) -> Result<Vec<Cold>, Failed> {
    let mut cases: Vec<Case<'_>> = programs.iter().flat_map(|program| cases(program, setups)).collect();
    for round in 0..=runs {
        cases.reverse();
        for case in &mut cases {
            let run = start(case).await.map_err(|error| format!("{}: {error}", case.program.name))?;
            // In the first round files are read from the disk, and Python compiles.
            case.runs.extend((round > 0).then_some(run));
        }
    }
    if runs.is_multiple_of(2) {
        cases.reverse();
    }
    let hello = cases[0].runs.clone();
    Ok(cases.into_iter().map(|case| cold(case, &hello)).collect())
}

fn cases<'p>(program: &'p Program, setups: &Setups) -> Vec<Case<'p>> {
    let doors: Vec<Option<Door>> = match program.language {
        Language::Hello => vec![None],
        Language::Rust => [Door::Http, Door::Tls, Door::Preconnected].map(Some).into(),
        Language::Python => [Door::Http, Door::Tls].map(Some).into(),
    };
    let case = |door| Case { program, door, setup: setups.of(door), runs: Vec::new() };
    doors.into_iter().map(case).collect()
}

async fn start(case: &Case<'_>) -> Result<[f64; 2], Failed> {
    let mut instance = Instance::start(case.program, &case.setup, Stdio::null(), case.program.event.clone()).await?;
    let (next, answer) = instance.first().await?;
    instance.end().await?;
    Ok([next, answer].map(|time| time.as_secs_f64() * 1000.0))
}

fn cold(case: Case<'_>, hello: &[[f64; 2]]) -> Cold {
    let figure = |which: usize| Figure {
        milliseconds: median(case.runs.iter().map(|run| run[which])),
        ratio: median(case.runs.iter().zip(hello).map(|(run, hello)| run[which] / hello[which])),
    };
    Cold {
        program: case.program.name.clone(),
        language: case.program.language,
        door: case.door,
        next: figure(0),
        answer: figure(1),
    }
}
