//! The table goes with the last object of the environment.

use engine::{Reading, State, lease::Ending};
use model::{Address, CreateSafety};

use super::{Claim, Taken, all, contender, words};
use crate::{failure::Failure, session::Session};

impl Claim<'_> {
    /// Removes the table after a run that left nothing, while nobody can hold anything in it. If somebody is at another
    /// target, the last one of all removes it.
    ///
    /// # Errors
    /// What AWS answered.
    pub(crate) async fn remove_table(&self, taken: Option<Taken<'_>>) -> Result<(), Failure> {
        let held = taken.and_then(|taken| taken.held);
        let mine: Vec<String> = held.iter().flat_map(|(lease, _)| lease.runs().into_keys()).collect();
        let others: Vec<String> = all(self.session).into_iter().filter(|target| !mine.contains(target)).collect();
        let refused = |error| words::refused(&self.session.config, &error);
        if let (true, Some((lease, _))) = (others.is_empty(), &held) {
            return lease.remove_store().await.map_err(refused);
        }
        let others = others.into_iter().collect();
        let anew;
        // Whoever died with its lease is only known to this run's own contender, which has watched it.
        let others = if others == self.contender.targets {
            &self.contender
        } else {
            anew = contender(self.session, self.surroundings, &self.table, self.contender.me.clone(), others);
            &anew
        };
        match (others.take_if_free().await.map_err(refused)?, held) {
            (Some(rest), _) => rest.remove_store().await.map_err(refused),
            (None, Some((lease, record))) => {
                let ended = record.ended(self.surroundings.now(), Ending::Ok);
                lease.release(Some(&ended)).await.map_err(refused)
            }
            (None, None) => Ok(()),
        }
    }
}

/// Whether a reading of everything found nothing that is ours and stays.
pub(crate) fn nothing_is_left(session: &Session, reading: &Reading) -> bool {
    let stays = |address: &Address, state: &State| {
        let is_external = session.drivers.of(address.kind()).facts().create == CreateSafety::External;
        !is_external && !matches!(state, State::Retired(_) | State::Foreign(_))
    };
    !reading.seen.iter().any(|(address, found)| found.iter().any(|(_, seen)| stays(address, &seen.state)))
}
