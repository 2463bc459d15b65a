//! The local HTTPS door: built from what is provisioned, never from configuration.
//!
//! A background process of this same program: `provisioner local door`. It asks the emulator's generation at every request
//! and reads AWS anew only when something changed.

mod denial;
mod documents;
mod gateway;

use std::time::Duration;

use config::Config;
use local::{
    authority::Authority,
    daemon::{self, Daemon, Record},
    door,
    runtime::{Functions, Options},
};
use model::short_hash;
use tokio::net::TcpStream;

use crate::{
    cli::Global,
    environment::{Surroundings, state_dir},
    failure::{Exit, Failure},
    session::{Code, Session},
};
use gateway::Gateway;

/// The first choice of port; any other does as well.
const PORT: u16 = 8443;
/// Reading a world once takes a second or two on a busy machine.
const PATIENCE: Duration = Duration::from_secs(30);

/// In `local`, sees to it that the door is open and serves from this emulator.
///
/// # Errors
/// If the door does not start.
pub(crate) fn refresh(session: &Session, _surroundings: &Surroundings) -> Result<(), Failure> {
    match &session.endpoint {
        // Without the hub there is nothing to come in by.
        Some(endpoint) if session.config.is_local() && session.with_hub => open(&session.config, endpoint).map(drop),
        _ => Ok(()),
    }
}

/// Opens the door, or gives the open one; one that serves another emulator, looks into the accounts of another configuration or
/// is of another build is replaced.
///
/// # Errors
/// If it does not start.
pub(crate) fn open(config: &Config, endpoint: &str) -> Result<Record, Failure> {
    let door = Daemon::door(&state_dir(&config.root));
    let wanted = fingerprint(config, endpoint)?;
    if door.running()?.is_some_and(|record| record.fingerprint != wanted) {
        door.stop()?;
    }
    let root = config.root.display().to_string();
    let command = || {
        let mut command = daemon::own_binary(["local", "door", "--endpoint", endpoint, "-C", &root])?;
        command.env_remove("AWS_ENDPOINT_URL");
        Ok(command)
    };
    let answers = |record: &Record| std::net::TcpStream::connect(("127.0.0.1", record.port)).is_ok();
    Ok(door.ensure(command, answers, PATIENCE)?)
}

/// What is served is what exists, but where to look for it says the configuration.
fn fingerprint(config: &Config, endpoint: &str) -> Result<String, Failure> {
    let built = std::env::current_exe()?.metadata()?.modified()?;
    Ok(short_hash(&format!("{built:?} {endpoint} {config:?}")))
}

/// Serves the door until it is told to stop.
pub(crate) async fn serve(endpoint: &str, global: &Global, surroundings: &Surroundings) -> Result<Exit, Failure> {
    let surroundings = surroundings.at(endpoint);
    let session = Session::open(global, &surroundings, &[], Code::Ignored).await?;
    let state = state_dir(&session.config.root);
    let door = Daemon::door(&state);
    let preferred = door.last()?.map_or(PORT, |record| record.port);
    let options = Options { endpoint_url: Some(endpoint.to_owned()), ..Options::new(state.join("local/logs")) };
    let denial = denial::listen().await?;
    let fingerprint = fingerprint(&session.config, endpoint)?;
    let gateway = Gateway::new(session, Authority::open(&state)?, denial);
    let listener = door::listen(Some(preferred)).await?;
    door.announce(listener.local_addr()?.port(), &fingerprint)?;
    door::serve(gateway, Functions::new(options), listener, told_to_stop()).await;
    Ok(Exit::Good)
}

async fn told_to_stop() {
    let terminated = tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate());
    let Ok(mut terminated) = terminated else { return std::future::pending().await };
    tokio::select! {
        _ = terminated.recv() => {}
        _ = tokio::signal::ctrl_c() => {}
    }
}

/// Whether anything answers at the door's port.
pub(crate) async fn answers(record: &Record) -> bool {
    TcpStream::connect(("127.0.0.1", record.port)).await.is_ok()
}
