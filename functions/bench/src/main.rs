//! `cargo measure`: how fast the functions start and answer, beside a bare hello and beside Python.
//!
//! It builds what it measures, starts it as Lambda does, with a Runtime API of its own and a DynamoDB that answers at once, and
//! writes the tables and the plot of `docs/performance.md`. Absolute times are this machine's; the ratios are what counts.

mod cold;
mod daemon;
mod instance;
mod page;
mod plot;
mod programs;
mod runtime_api;
mod setups;
mod statistics;
mod stub;
mod warm;

use std::fs;
use std::path::{Path, PathBuf};

use clap::Parser;

use crate::setups::Setups;
use crate::stub::Stub;

const PAGE: &str = "docs/performance.md";
const PLOT: &str = "docs/functions-speed.svg";

pub(crate) type Failed = Box<dyn std::error::Error + Send + Sync>;

/// Measures the functions and writes the tables and the plot of docs/performance.md.
#[derive(Debug, Parser)]
struct Arguments {
    /// Cold starts of each program
    #[arg(long, default_value_t = 40, value_parser = clap::value_parser!(u16).range(1..))]
    runs: u16,
    /// Leave Python out
    #[arg(long)]
    no_python: bool,
    /// Folder with `<binary>/bootstrap` of the functions and of `hello`; nothing is built then
    #[arg(long, value_name = "DIR")]
    artifacts: Option<PathBuf>,
    /// Print the tables, write nothing
    #[arg(long)]
    dry: bool,
}

#[tokio::main]
async fn main() -> Result<(), Failed> {
    let arguments = Arguments::parse();
    let (root, target) = folders()?;
    let artifacts = match &arguments.artifacts {
        Some(artifacts) => std::path::absolute(artifacts)?,
        None => {
            tell("building");
            programs::build_all(&root, &target)?
        }
    };
    let mut programs = programs::rust(&root, &artifacts)?;
    if !arguments.no_python {
        programs.extend(programs::python(&root, &target)?);
    }
    let stub = Stub::open().await?;
    let setups = Setups::new(&stub, &root, &target.join("measure"))?;
    tell("cold starts");
    let cold = cold::measure(&programs, &setups, usize::from(arguments.runs)).await?;
    tell("warm functions");
    let warm = warm::measure(&programs, &setups).await?;
    let written = page::written(&fs::read_to_string(root.join(PAGE))?, &machine(arguments.runs), &cold, &warm);
    let written = written.ok_or("the page has no place for tables")?;
    if arguments.dry {
        tell(&written);
        return Ok(());
    }
    fs::write(root.join(PAGE), written)?;
    plot::draw(&root.join(PLOT), &cold)?;
    tell(&format!("{PAGE} and {PLOT} are written"));
    Ok(())
}

/// The workspace's, and cargo's for what it builds, two above this program.
fn folders() -> Result<(PathBuf, PathBuf), Failed> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().nth(2).ok_or("no workspace")?.to_owned();
    let program = std::env::current_exe()?;
    Ok((root, program.ancestors().nth(2).ok_or("no target folder")?.to_owned()))
}

fn machine(runs: u16) -> String {
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let told = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let model = told.lines().find_map(|line| line.strip_prefix("model name")).unwrap_or(": an unknown processor");
    let model = model.trim_start_matches([' ', '\t', ':']);
    format!("Medians of {runs} cold starts of each program, taken in turns; {cores} cores of {model}.")
}

#[expect(clippy::print_stdout, reason = "a program for people")]
fn tell(line: &str) {
    println!("{line}");
}
