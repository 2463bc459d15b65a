//! One running function: a process with Lambda's environment and a Runtime API of its own.

use std::path::Path;
use std::process::Stdio;
use std::time::{Duration, Instant};

use bytes::Bytes;
use tokio::process::{Child, ChildStdout, Command};

use crate::Failed;
use crate::programs::Program;
use crate::runtime_api::RuntimeApi;

/// What a function is started with besides what Lambda always sets.
#[derive(Clone, Debug)]
pub(crate) struct Setup {
    pub(crate) variables: Vec<(&'static str, String)>,
}

#[derive(Debug)]
pub(crate) struct Instance {
    pub(crate) api: RuntimeApi,
    process: Child,
    began: Instant,
}

impl Instance {
    /// Starts it with an event already laid out.
    pub(crate) async fn start(program: &Program, setup: &Setup, output: Stdio, event: Bytes) -> Result<Self, Failed> {
        let api = RuntimeApi::open().await?;
        api.offer(event);
        let mut command = command(program, setup, &api);
        command.stdin(Stdio::null()).stdout(output).stderr(Stdio::null()).kill_on_drop(true);
        let began = Instant::now();
        let process = command.spawn().map_err(|error| format!("{}: {error}", program.name))?;
        Ok(Self { api, process, began })
    }

    /// From its start to its first poll, and to its first answer.
    pub(crate) async fn first(&mut self) -> Result<(Duration, Duration), Failed> {
        let next = self.api.polled().await?;
        let (_, answered) = self.api.answered().await?;
        Ok((next - self.began, answered - self.began))
    }

    /// What it writes; once, and only if it was started with a pipe.
    pub(crate) fn output(&mut self) -> Option<ChildStdout> {
        self.process.stdout.take()
    }

    /// The most memory that the process ever held, in bytes.
    pub(crate) fn memory(&self) -> Result<f64, Failed> {
        let process = self.process.id().ok_or("it has ended")?;
        let status = std::fs::read_to_string(format!("/proc/{process}/status"))?;
        let most = status.lines().find_map(|line| line.strip_prefix("VmHWM:")?.trim().strip_suffix(" kB"));
        Ok(most.ok_or("no VmHWM")?.parse::<f64>()? * 1024.0)
    }

    pub(crate) async fn end(mut self) -> Result<(), Failed> {
        self.process.kill().await?;
        Ok(())
    }
}

fn command(program: &Program, setup: &Setup, api: &RuntimeApi) -> Command {
    let mut command = Command::new(&program.command[0]);
    command.args(&program.command[1..]).current_dir(program.folder.as_deref().unwrap_or(Path::new("/"))).env_clear();
    let api = api.address.to_string();
    command.envs([
        ("AWS_LAMBDA_RUNTIME_API", api.as_str()),
        ("AWS_LAMBDA_FUNCTION_NAME", "measured"),
        ("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "256"),
        ("AWS_LAMBDA_FUNCTION_VERSION", "1"),
        ("AWS_LAMBDA_LOG_GROUP_NAME", "/aws/lambda/measured"),
        ("AWS_LAMBDA_LOG_STREAM_NAME", "measured"),
        ("AWS_DEFAULT_REGION", "eu-west-1"),
        ("AWS_REGION", "eu-west-1"),
        ("AWS_ACCESS_KEY_ID", "ASIAIOSFODNN7EXAMPLE"),
        ("AWS_SECRET_ACCESS_KEY", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"),
        ("AWS_SESSION_TOKEN", "IQoJb3JpZ2luX2VjEXAMPLE"),
        ("LANG", "en_US.UTF-8"),
        ("ORDERS_TABLE", "orders"),
        ("PATH", "/usr/local/bin:/usr/bin:/bin"),
        ("TZ", ":UTC"),
    ]);
    command.envs(setup.variables.iter().map(|(name, value)| (name, value)));
    command
}
