//! What the command line accepts. Flags stand in any position.

use std::{fmt, path::PathBuf, time::Duration};

use clap::{Args, Parser, Subcommand, ValueEnum};

/// Private microservices over many AWS accounts: converges AWS to the configuration and says whether a request gets through.
#[derive(Debug, Parser)]
#[command(name = "provisioner", version, max_term_width = 100, disable_help_subcommand = true)]
pub(crate) struct Cli {
    #[command(flatten)]
    pub global: Global,
    #[command(subcommand)]
    pub command: Command,
}

impl Cli {
    /// `local` is about the environment of that name, whatever `--env` says; so are the commands that it suggests.
    #[must_use]
    pub(crate) fn settled(mut self) -> Self {
        if let (Command::Local { .. }, Some(environment)) = (&self.command, &mut self.global.env) {
            config::LOCAL.clone_into(environment);
        }
        self
    }
}

/// Flags that every command takes.
#[derive(Args, Clone, Debug)]
pub(crate) struct Global {
    /// Environment; `local` unless platform.toml says otherwise
    #[arg(long, global = true, value_name = "NAME")]
    pub env: Option<String>,
    /// Folder of platform.toml; found upwards from here otherwise
    #[arg(short = 'C', long = "directory", global = true, value_name = "DIR")]
    pub directory: Option<PathBuf>,
    /// Go ahead without asking
    #[arg(short, long, global = true)]
    pub yes: bool,
    /// Print JSON, one document or one event a line
    #[arg(long, global = true)]
    pub json: bool,
    /// Colour the output
    #[arg(long, global = true, value_name = "WHEN", default_value = "auto")]
    pub color: Color,
    /// Say more; twice for AWS calls
    #[arg(short, long, global = true, action = clap::ArgAction::Count)]
    pub verbose: u8,
    /// Folder with <binary>/bootstrap, as `cargo lambda build` makes it
    #[arg(long, global = true, value_name = "DIR")]
    pub artifacts: Option<PathBuf>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Color {
    Auto,
    Always,
    Never,
}

impl Color {
    /// What the output streams do: without it they take colours out of what goes into a pipe, wanted or not.
    pub(crate) fn choice(self) -> anstream::ColorChoice {
        match self {
            Self::Auto => anstream::ColorChoice::Auto,
            Self::Always => anstream::ColorChoice::Always,
            Self::Never => anstream::ColorChoice::Never,
        }
    }
}

/// Targets on the command line; none means all.
#[derive(Args, Clone, Debug)]
pub(crate) struct Targets {
    /// `consumer` or a service's name; all when none is given
    #[arg(value_name = "TARGET")]
    pub targets: Vec<String>,
    /// Every target; `down` wants it said
    #[arg(long, conflicts_with = "targets")]
    pub all: bool,
}

/// As it was typed, with a blank before each word.
impl fmt::Display for Targets {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let all = self.all.then_some("--all");
        self.targets.iter().map(String::as_str).chain(all).try_for_each(|word| write!(out, " {word}"))
    }
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Show what `up` would change, field by field; reads only
    Plan(Change),
    /// Make AWS what the configuration says
    Up(Up),
    /// Delete everything of the targets
    Down(Down),
    /// Show what exists, is ready, has drifted or is missing, by account
    Status(Targets),
    /// Follow a request over what exists and say where it would stop
    Trace(Trace),
    /// Print ids, names and addresses of what exists
    Outputs(Targets),
    /// Show who changes AWS right now, and whether they answer
    Lease(Targets),
    /// List the last runs: who, when, what, and how they ended
    History(Targets),
    /// List the targets with account, Region and domain
    Targets,
    /// Check the configuration without any call
    Validate(Validate),
    /// The platform on this machine: emulator and HTTPS door
    Local {
        #[command(subcommand)]
        command: Local,
    },
}

#[derive(Args, Clone, Debug)]
pub(crate) struct Change {
    #[command(flatten)]
    pub targets: Targets,
    /// Delete objects of ours that the configuration no longer has
    #[arg(long)]
    pub prune: bool,
    /// Address of an object with data that may be replaced
    #[arg(long, value_name = "ADDRESS")]
    pub replace: Vec<String>,
}

#[derive(Args, Clone, Debug)]
pub(crate) struct Up {
    #[command(flatten)]
    pub change: Change,
    #[command(flatten)]
    pub waiting: Waiting,
}

#[derive(Args, Clone, Debug)]
pub(crate) struct Down {
    #[command(flatten)]
    pub targets: Targets,
    #[command(flatten)]
    pub waiting: Waiting,
}

/// What to do while somebody else changes the same targets.
#[derive(Args, Clone, Copy, Debug)]
pub(crate) struct Waiting {
    /// How long to wait for another run to end, such as 90s, 10m or 1h
    #[arg(long, value_name = "DURATION", value_parser = duration)]
    pub wait: Option<Duration>,
}

fn duration(text: &str) -> Result<Duration, String> {
    let (number, unit) = text.split_at(text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len()));
    let seconds = match unit {
        "" | "s" => 1,
        "m" => 60,
        "h" => 3600,
        _ => return Err("give a number and `s`, `m` or `h`".to_owned()),
    };
    let number: u32 = number.parse().map_err(|_| "give a number, such as 10m".to_owned())?;
    Ok(Duration::from_secs(u64::from(number) * seconds))
}

/// As it was typed, with a blank before each word.
impl fmt::Display for Change {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let prune = if self.prune { " --prune" } else { "" };
        write!(out, "{}{prune}", self.targets)?;
        self.replace.iter().try_for_each(|address| write!(out, " --replace {address}"))
    }
}

#[derive(Args, Clone, Debug)]
pub(crate) struct Trace {
    /// Such as https://food.internal.example/orders
    pub url: String,
    /// Method of the request
    #[arg(short = 'X', long = "request", value_name = "METHOD", default_value = "GET")]
    pub method: String,
    /// A header of the request, `name: value`
    #[arg(short = 'H', long = "header", value_name = "HEADER")]
    pub headers: Vec<String>,
    /// Where the client is; inside the hub's VPC otherwise
    #[arg(long, value_name = "CIDR")]
    pub from: Option<String>,
}

#[derive(Args, Clone, Debug)]
pub(crate) struct Validate {
    /// Print the IAM trust and permissions that each account's role needs
    #[arg(long)]
    pub iam: bool,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Local {
    /// Start the emulator and the door
    Start,
    /// Stop both; the emulator forgets everything
    Stop,
    /// Say what runs, and where
    Status,
    /// Print the end of the logs
    Logs {
        /// A function's name, `emulator` or `door`
        name: Option<String>,
    },
    /// Print what a shell needs to call the platform
    Env,
    /// Serve the door in the foreground
    #[command(hide = true)]
    Door {
        #[arg(long)]
        endpoint: String,
    },
}

#[cfg(test)]
mod tests {
    use super::*;

    fn again(arguments: &str) -> String {
        match Cli::try_parse_from(arguments.split(' ')).expect("arguments").command {
            Command::Plan(change) => change.to_string(),
            Command::Up(up) => up.change.to_string(),
            Command::Down(down) => down.targets.to_string(),
            _ => String::new(),
        }
    }

    #[test]
    fn local_suggests_nothing_that_leaves_this_machine() {
        let cli = Cli::try_parse_from(["provisioner", "local", "env", "--env", "prod"]).expect("arguments");
        assert_eq!(cli.settled().global.env.as_deref(), Some("local"));
    }

    #[test]
    fn durations_have_a_unit_or_are_seconds() {
        let seconds = |text| duration(text).map(|it| it.as_secs());
        assert_eq!(["90", "90s", "10m", "1h"].map(seconds), [Ok(90), Ok(90), Ok(600), Ok(3600)]);
        for bad in ["", "m", "1d", "-1", "1.5m", "99999999999s"] {
            assert!(duration(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn what_was_asked_for_can_be_asked_for_again() {
        assert_eq!(again("provisioner --env prod up --yes"), "");
        assert_eq!(again("provisioner up food --prune -y drink"), " food drink --prune");
        assert_eq!(again("provisioner up --replace food/table/orders"), " --replace food/table/orders");
        assert_eq!(again("provisioner down --all"), " --all");
    }
}
