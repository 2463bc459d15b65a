//! `cargo injure`: hurts the program at every call that changes AWS, and writes `docs/reliability.md`.

use std::{
    fs,
    path::{Path, PathBuf},
    process::ExitCode,
};

use clap::Parser;
use tests::injury::{Campaign, Mode, Results, Scenario, campaign, report};

/// Hurts the program at every call that changes AWS, and looks at what is left.
#[derive(Debug, Parser)]
struct Arguments {
    /// Of so many injuries one is done
    #[arg(long, default_value_t = 1, value_name = "N")]
    every: usize,
    /// The same for replacing the hub's networks
    #[arg(long, default_value_t = 7, value_name = "N")]
    every_move: usize,
    /// up, down, "up again", move; all unless given
    #[arg(long, value_delimiter = ',', value_parser = scenario)]
    scenarios: Vec<Scenario>,
    /// kill-after, kill-before, cut, refuse, hang; the first four unless given
    #[arg(long, value_delimiter = ',')]
    modes: Vec<Mode>,
    /// Only calls with this in their name, such as ec2:DeleteSubnet
    #[arg(long, default_value = "", value_name = "TEXT")]
    only: String,
    /// Runs with 5 % failures and 2 % resets
    #[arg(long, default_value_t = 20, value_name = "N")]
    random: u64,
    /// For so many requests new objects are not found
    #[arg(long, value_delimiter = ',', default_values_t = [1, 5, 20], value_name = "N")]
    late: Vec<usize>,
    /// Emulators at once; 0 to write the page of what is known
    #[arg(long, default_value_t = 3, value_name = "N")]
    streams: usize,
    /// What is known already is not done again; what is done is added
    #[arg(long, value_name = "FILE")]
    results: Option<PathBuf>,
    /// The page to write
    #[arg(long, value_name = "FILE")]
    write: Option<PathBuf>,
    /// What cargo tells every benchmark
    #[arg(long, hide = true)]
    bench: bool,
}

fn scenario(name: &str) -> Result<Scenario, String> {
    Scenario::ALL.into_iter().find(|it| it.name() == name).ok_or_else(|| format!("no scenario `{name}`"))
}

impl Arguments {
    fn campaign(&self) -> Campaign {
        let or_all = |given: &[Scenario]| if given.is_empty() { Scenario::ALL.to_vec() } else { given.to_vec() };
        let modes = if self.modes.is_empty() { Mode::ALL[..4].to_vec() } else { self.modes.clone() };
        Campaign {
            scenarios: or_all(&self.scenarios),
            modes,
            only: self.only.clone(),
            every: self.every,
            every_move: self.every_move,
            random: self.random,
            late: self.late.clone(),
            streams: self.streams,
        }
    }
}

/// Cargo runs this in the package's folder; paths are meant from the repository's.
fn from_root(path: &Path) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the workspace").join(path)
}

#[tokio::main]
#[expect(clippy::print_stderr, reason = "somebody watches")]
async fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let results = match &arguments.results {
        Some(path) => Results::open(&from_root(path)).expect("a file for results"),
        None => Results::new(),
    };
    if arguments.streams > 0 {
        campaign(&arguments.campaign(), &results, |line| eprintln!("{line}")).await;
    }
    if let Some(path) = &arguments.write {
        fs::write(from_root(path), report::page(&results)).expect("the page is written");
    }
    let failed = results.all().values().filter(|found| !found.converged()).count();
    eprintln!("{failed} of {} did not converge", results.all().len());
    if failed == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
