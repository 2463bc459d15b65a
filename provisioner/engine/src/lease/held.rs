//! Holding a lease: renewing it in time, and starting nothing that could outlast it.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use futures::future::BoxFuture;
use model::AccountId;
use tokio::{
    sync::watch,
    task::JoinHandle,
    time::{Instant, sleep, sleep_until},
};

use super::{
    item::{Ending, Item, Record, Terms},
    store::{Store, Swap, Swapped, swap_surely},
    take::AT_ONCE,
    until::Until,
};
use crate::{CallError, Permission, patiently};

/// Between two tries of a renewal that AWS does not answer.
const AGAIN: Duration = Duration::from_secs(1);

/// What is held.
#[derive(Clone, Debug)]
pub(super) struct Held {
    pub(super) items: BTreeMap<String, Item>,
    pub(super) until: Until,
    /// Why it is not held any more.
    pub(super) lost: Option<String>,
}

/// A lease, renewed until it is released or dropped. Dropping it releases nothing: it ends by itself.
pub struct Lease {
    held: watch::Receiver<Held>,
    store: Arc<dyn Store>,
    terms: Terms,
    stop: watch::Sender<bool>,
    beats: JoinHandle<()>,
}

/// The right to make calls while a lease is held.
#[derive(Clone)]
pub struct Grip {
    held: watch::Receiver<Held>,
    call_timeout: Duration,
}

impl Grip {
    /// Returns when the lease outlasts the longest call, or is lost.
    async fn outlasts_a_call(&self) -> Result<(), String> {
        let mut held = self.held.clone();
        loop {
            {
                let now = held.borrow_and_update();
                match &now.lost {
                    Some(why) => return Err(why.clone()),
                    None if now.until.outlasts(self.call_timeout) => return Ok(()),
                    None => {}
                }
            }
            if held.changed().await.is_err() {
                return Err("it was given back".to_owned());
            }
        }
    }

    /// Returns when the lease is lost, with the reason; never otherwise.
    pub async fn lost(&self) -> String {
        let mut held = self.held.clone();
        let lost = held.wait_for(|held| held.lost.is_some()).await.ok().and_then(|held| held.lost.clone());
        match lost {
            Some(why) => why,
            None => std::future::pending().await,
        }
    }
}

impl Permission for Grip {
    fn may_call<'a>(&'a self, account: &'a AccountId, operation: &'a str) -> BoxFuture<'a, Result<(), CallError>> {
        Box::pin(async move {
            let lost = |why| {
                let words = format!("not sent, because the lease was lost: {why}");
                CallError {
                    operation: operation.to_owned(),
                    ..CallError::own("", account.clone(), "LeaseLost", &words)
                }
            };
            self.outlasts_a_call().await.map_err(lost)
        })
    }

    fn may_send(&self) -> bool {
        let held = self.held.borrow();
        held.lost.is_none() && held.until.outlasts(Duration::ZERO)
    }
}

impl Lease {
    pub(super) fn new(store: Arc<dyn Store>, terms: Terms, token: &super::Holder, held: Held) -> Self {
        let (sender, held) = watch::channel(held);
        let (stop, stopped) = watch::channel(false);
        let beats = Beats { store: store.clone(), terms, token: token.token.clone(), held: sender, stopped };
        Self { held, store, terms, stop, beats: tokio::spawn(beats.go_on()) }
    }

    #[must_use]
    pub fn grip(&self) -> Grip {
        Grip { held: self.held.clone(), call_timeout: self.terms.call_timeout }
    }

    /// The number of this run, by target.
    #[must_use]
    pub fn runs(&self) -> BTreeMap<String, u64> {
        self.held.borrow().items.iter().map(|(target, item)| (target.clone(), item.run)).collect()
    }

    /// Why it is not held any more, if so.
    #[must_use]
    pub fn is_lost(&self) -> Option<String> {
        self.held.borrow().lost.clone()
    }

    /// Gives it back, and writes down how the run ended.
    ///
    /// # Errors
    /// What AWS answered: then it ends by itself.
    pub async fn release(&self, record: Option<&Record>) -> Result<(), CallError> {
        let held = self.end().await;
        if held.lost.is_some() {
            return self.remember(&held, record).await;
        }
        let back: Vec<Swap> = held.items.iter().map(|(target, item)| given_back(target, item, record)).collect();
        for some in back.chunks(AT_ONCE) {
            swap_surely(self.store.as_ref(), some).await?;
        }
        Ok(())
    }

    /// The items are somebody else's now; the runs are ours.
    async fn remember(&self, held: &Held, record: Option<&Record>) -> Result<(), CallError> {
        for (target, item) in &held.items {
            if let Some(record) = record {
                self.store.remember(target, &Record { run: item.run, ..record.clone() }).await?;
            }
        }
        Ok(())
    }

    /// Removes the store while nobody else can hold anything in it.
    ///
    /// # Errors
    /// What AWS answered.
    pub async fn remove_store(&self) -> Result<(), CallError> {
        let held = self.end().await;
        if held.lost.is_some() { Ok(()) } else { patiently("lease", || self.store.remove()).await }
    }

    /// No renewal is under way afterwards.
    async fn end(&self) -> Held {
        let _ = self.stop.send(true);
        let mut held = self.held.clone();
        // The sender goes with the task.
        while held.changed().await.is_ok() {}
        held.borrow().clone()
    }
}

impl Drop for Lease {
    fn drop(&mut self) {
        self.beats.abort();
    }
}

fn given_back(target: &str, item: &Item, record: Option<&Record>) -> Swap {
    let record = record.map(|record| Record { run: item.run, ..record.clone() });
    Swap { record, ..Swap::of(target, item, item.next(None)) }
}

/// The record of a run that ended.
impl Record {
    #[must_use]
    pub fn ended(&self, at: i64, ending: Ending) -> Self {
        Self { ended: Some(at), ending: Some(ending), ..self.clone() }
    }
}

/// Says every now and then that the holder is alive.
struct Beats {
    store: Arc<dyn Store>,
    terms: Terms,
    token: String,
    held: watch::Sender<Held>,
    stopped: watch::Receiver<bool>,
}

impl Beats {
    async fn go_on(mut self) {
        loop {
            let until = self.held.borrow().until.clock();
            let due = until.checked_sub(self.terms.duration - self.terms.beat()).unwrap_or(until);
            tokio::select! {
                biased;
                _ = self.stopped.wait_for(|stop| *stop) => return,
                () = sleep_until(due) => {}
            }
            if !self.beat().await {
                return;
            }
        }
    }

    /// Whether it is still held.
    async fn beat(&mut self) -> bool {
        let items = self.held.borrow().items.clone();
        let swaps: Vec<Swap> =
            items.iter().map(|(target, item)| Swap::of(target, item, item.next(item.holder.clone()))).collect();
        let until = Until::after(self.terms.duration);
        match self.swap(&swaps).await {
            Ok(Swapped::Done) => self.renewed(&swaps, until),
            Ok(Swapped::Refused) => return self.look(&items).await,
            Ok(Swapped::NoStore) => return self.lose("its table is gone"),
            Err(error) if self.is_over() => return self.lose(&format!("it could not be renewed: {error}")),
            Err(_) => sleep(AGAIN).await,
        }
        true
    }

    async fn swap(&self, swaps: &[Swap]) -> Result<Swapped, CallError> {
        for some in swaps.chunks(AT_ONCE) {
            let swapped = self.store.swap(some).await?;
            if swapped != Swapped::Done {
                return Ok(swapped);
            }
        }
        Ok(Swapped::Done)
    }

    fn renewed(&self, swaps: &[Swap], until: Until) {
        self.held.send_modify(|held| {
            held.items = swaps.iter().map(|swap| (swap.target.clone(), swap.next.clone())).collect();
            held.until = until;
        });
    }

    /// Somebody changed an item: somebody else, or we ourselves by a renewal whose answer was lost.
    async fn look(&mut self, items: &BTreeMap<String, Item>) -> bool {
        let targets: Vec<String> = items.keys().cloned().collect();
        let found = match self.store.look(&targets).await {
            Ok(Some(found)) => found,
            Ok(None) => return self.lose("its table is gone"),
            Err(_) => {
                sleep(AGAIN).await;
                return true;
            }
        };
        if let Some(item) = found.iter().find(|item| !item.held_by(&self.token)) {
            let who = item.holder.as_ref().map_or("somebody", |holder| &holder.who);
            return self.lose(&format!("{who} took it over"));
        }
        self.held.send_modify(|held| held.items = targets.into_iter().zip(found).collect());
        true
    }

    /// So long not renewed that somebody else may have it.
    fn is_over(&self) -> bool {
        Instant::now() > self.held.borrow().until.clock() + self.terms.call_timeout + self.terms.settle
    }

    fn lose(&self, why: &str) -> bool {
        self.held.send_modify(|held| held.lost = Some(why.to_owned()));
        false
    }
}
