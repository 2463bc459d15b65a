//! `local`: the emulator and the door on this machine.

use local::emulator::Emulator;

use crate::{
    cli::{Global, Local},
    environment::{Surroundings, state_dir},
    failure::{Exit, Failure},
    session,
};

pub(crate) async fn local(command: &Local, global: &Global, surroundings: &Surroundings) -> Result<Exit, Failure> {
    let state = state_dir(&session::root(global)?);
    match command {
        Local::Start => {
            Emulator::ensure(&state, |line| surroundings.say(line))?;
        }
        Local::Stop => {
            Emulator::stop(&state)?;
        }
        _ => {}
    }
    Ok(Exit::Good)
}
