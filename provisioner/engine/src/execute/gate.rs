//! How many calls are under way at once, and whose turn is next.

use std::{
    cmp::Reverse,
    collections::BTreeMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use tokio::sync::oneshot;

/// Lets so many calls through at once; of those that wait, the one with the most behind it first.
pub(crate) struct Gate {
    door: Mutex<Door>,
}

struct Door {
    free: usize,
    arrivals: u64,
    line: BTreeMap<(Reverse<u64>, u64), oneshot::Sender<Permit>>,
}

/// The right to one call, given back when dropped.
pub(crate) struct Permit {
    gate: Arc<Gate>,
}

impl Gate {
    pub(crate) fn new(calls: usize) -> Arc<Self> {
        let door = Door { free: calls.max(1), arrivals: 0, line: BTreeMap::new() };
        Arc::new(Self { door: Mutex::new(door) })
    }

    pub(crate) async fn enter(self: &Arc<Self>, weight: u64) -> Permit {
        let turn = {
            let mut door = self.door();
            if door.free > 0 {
                door.free -= 1;
                return Permit { gate: self.clone() };
            }
            let (called, turn) = oneshot::channel();
            door.arrivals += 1;
            let place = (Reverse(weight), door.arrivals);
            door.line.insert(place, called);
            turn
        };
        turn.await.expect("the gate outlives those who wait at it")
    }

    fn leave(self: &Arc<Self>) {
        if let Some(next) = self.door().next() {
            // Whoever gave up in this very moment drops the permit, and that calls the one after.
            let _ = next.send(Permit { gate: self.clone() });
        }
    }

    fn door(&self) -> MutexGuard<'_, Door> {
        self.door.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Door {
    /// Whose turn it is; without anybody, one more place is free.
    fn next(&mut self) -> Option<oneshot::Sender<Permit>> {
        while let Some((_, next)) = self.line.pop_first() {
            if !next.is_closed() {
                return Some(next);
            }
        }
        self.free += 1;
        None
    }
}

impl Drop for Permit {
    fn drop(&mut self) {
        self.gate.leave();
    }
}

#[cfg(test)]
mod tests {
    use futures::FutureExt as _;

    use super::*;

    #[tokio::test]
    async fn the_heaviest_goes_first_and_nobody_is_forgotten() {
        let gate = Gate::new(1);
        let first = gate.enter(0).await;
        let mut light = Box::pin(gate.enter(1));
        let mut gone = Box::pin(gate.enter(9));
        let mut heavy = Box::pin(gate.enter(5));
        for waiting in [&mut light, &mut gone, &mut heavy] {
            assert!(waiting.now_or_never().is_none(), "one at a time");
        }
        drop(gone);
        drop(first);
        assert!((&mut light).now_or_never().is_none());
        let second = heavy.now_or_never().expect("it has the most behind it");
        drop(second);
        drop(light.now_or_never().expect("the last one"));
        assert!(gate.enter(0).now_or_never().is_some(), "every permit came back");
    }

    #[tokio::test]
    async fn a_permit_for_somebody_who_gave_up_goes_to_the_next() {
        let gate = Gate::new(1);
        let first = gate.enter(0).await;
        let (mut a, mut b) = (Box::pin(gate.enter(2)), Box::pin(gate.enter(1)));
        assert!((&mut a).now_or_never().is_none() && (&mut b).now_or_never().is_none());
        drop(first); // called, but has not come in
        drop(a);
        assert!(b.now_or_never().is_some());
    }
}
