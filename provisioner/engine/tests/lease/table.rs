//! A table with memory, and people who reach it over connections of their own.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    time::Duration,
};

use engine::{
    CallError, Class,
    lease::{Contender, Holder, Item, Notice, Process, Record, Store, Swap, Swapped, Terms},
};
use futures::future::BoxFuture;
use tokio::sync::watch;

pub(crate) const TERMS: Terms = Terms {
    duration: Duration::from_secs(60),
    call_timeout: Duration::from_secs(30),
    settle: Duration::from_secs(10),
    after_death: Duration::from_secs(2),
};

/// What everybody sees.
#[derive(Default)]
pub(crate) struct Table {
    rows: Mutex<Option<Rows>>,
    dead: Mutex<BTreeSet<u32>>,
    swaps: AtomicU64,
}

#[derive(Clone, Debug, Default)]
pub(crate) struct Rows {
    pub(crate) items: BTreeMap<String, Item>,
    pub(crate) records: BTreeMap<(String, u64), Record>,
}

impl Table {
    pub(crate) fn new() -> Arc<Self> {
        Arc::new(Self { rows: Mutex::new(Some(Rows::default())), ..Self::default() })
    }

    pub(crate) fn missing() -> Arc<Self> {
        Arc::new(Self::default())
    }

    fn locked(&self) -> MutexGuard<'_, Option<Rows>> {
        self.rows.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn rows(&self) -> Rows {
        self.locked().clone().expect("there is a table")
    }

    pub(crate) fn exists(&self) -> bool {
        self.locked().is_some()
    }

    pub(crate) fn drop_it(&self) {
        *self.locked() = None;
    }

    pub(crate) fn item(&self, target: &str) -> Item {
        self.rows().items.get(target).cloned().unwrap_or_default()
    }

    /// How often it was written to.
    pub(crate) fn swaps(&self) -> u64 {
        self.swaps.load(Ordering::SeqCst)
    }

    /// The process of this number is gone, and everybody on its machine can tell.
    pub(crate) fn bury(&self, pid: u32) {
        self.dead.lock().unwrap_or_else(PoisonError::into_inner).insert(pid);
    }

    fn swap(&self, swaps: &[Swap]) -> Swapped {
        let mut rows = self.locked();
        let Some(rows) = rows.as_mut() else { return Swapped::NoStore };
        let is_as_seen = |swap: &Swap| rows.items.get(&swap.target).cloned().unwrap_or_default() == swap.seen;
        if !swaps.iter().all(is_as_seen) {
            return Swapped::Refused;
        }
        self.swaps.fetch_add(1, Ordering::SeqCst);
        for swap in swaps {
            rows.items.insert(swap.target.clone(), swap.next.clone());
            let record = swap.record.iter().map(|record| ((swap.target.clone(), record.run), record.clone()));
            rows.records.extend(record);
            swap.forget.map(|run| rows.records.remove(&(swap.target.clone(), run)));
        }
        Swapped::Done
    }
}

/// Somebody's way to the table.
pub(crate) struct Line {
    table: Arc<Table>,
    /// Nothing gets through until it ends.
    pub(crate) frozen: watch::Sender<bool>,
    /// Writes get through, and their answers do not.
    pub(crate) deaf: AtomicBool,
    /// The table is made or removed, and nobody hears of it; once.
    pub(crate) secret: AtomicBool,
}

impl Line {
    fn told(&self, of: &AtomicBool) -> Result<(), CallError> {
        match of.swap(false, Ordering::SeqCst) {
            true => Err(CallError { class: Class::Unknown, ..CallError::own("", "1", "no-answer", "cut") }),
            false => Ok(()),
        }
    }

    async fn pass(&self) {
        let mut frozen = self.frozen.subscribe();
        frozen.wait_for(|frozen| !frozen).await.expect("the line is there");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

impl Store for Line {
    fn look<'a>(&'a self, targets: &'a [String]) -> BoxFuture<'a, Result<Option<Vec<Item>>, CallError>> {
        Box::pin(async move {
            self.pass().await;
            let in_order = |rows: &Rows| {
                targets.iter().map(|target| rows.items.get(target).cloned().unwrap_or_default()).collect()
            };
            Ok(self.table.locked().as_ref().map(in_order))
        })
    }

    fn swap<'a>(&'a self, swaps: &'a [Swap]) -> BoxFuture<'a, Result<Swapped, CallError>> {
        Box::pin(async move {
            self.pass().await;
            let swapped = self.table.swap(swaps);
            self.told(&self.deaf).map(|()| swapped)
        })
    }

    fn make(&self) -> BoxFuture<'_, Result<(), CallError>> {
        Box::pin(async move {
            self.pass().await;
            self.table.locked().get_or_insert_default();
            self.told(&self.secret)
        })
    }

    fn remember<'a>(&'a self, target: &'a str, record: &'a Record) -> BoxFuture<'a, Result<(), CallError>> {
        Box::pin(async move {
            self.pass().await;
            let mut rows = self.table.locked();
            rows.as_mut().expect("a table").records.insert((target.to_owned(), record.run), record.clone());
            Ok(())
        })
    }

    fn remove(&self) -> BoxFuture<'_, Result<(), CallError>> {
        Box::pin(async move {
            self.pass().await;
            self.table.drop_it();
            self.told(&self.secret)
        })
    }
}

/// Somebody who wants these targets.
pub(crate) struct Person {
    pub(crate) contender: Contender,
    pub(crate) line: Arc<Line>,
    pub(crate) heard: Arc<Mutex<Vec<Notice>>>,
}

impl Person {
    pub(crate) fn new(table: &Arc<Table>, pid: u32, targets: &[&str]) -> Self {
        let line = Line {
            table: table.clone(),
            frozen: watch::channel(false).0,
            deaf: AtomicBool::new(false),
            secret: AtomicBool::new(false),
        };
        let (line, heard) = (Arc::new(line), Arc::new(Mutex::new(Vec::new())));
        let (says, graves) = (heard.clone(), table.clone());
        let is_dead = move |holder: &Holder| {
            let pid = holder.process.as_ref().map_or(0, |process| process.pid);
            graves.dead.lock().unwrap_or_else(PoisonError::into_inner).contains(&pid)
        };
        let say = move |notice| says.lock().unwrap_or_else(PoisonError::into_inner).push(notice);
        let targets = targets.iter().map(|target| (*target).to_owned()).collect();
        let contender = Contender::new(line.clone(), TERMS, holder(pid), targets, Arc::new(is_dead), Arc::new(say));
        Self { contender, line, heard }
    }

    pub(crate) fn wait(mut self, seconds: u64) -> Self {
        self.contender.wait = Some(Duration::from_secs(seconds));
        self
    }
}

/// Clocks of people are theirs: this one's is wrong by years.
fn holder(pid: u32) -> Holder {
    Holder {
        token: format!("token-{pid}"),
        who: format!("person-{pid}@host"),
        command: "up".to_owned(),
        since: i64::from(pid) * 100_000_000,
        process: Some(Process { boot: "one".to_owned(), pid, started: 1 }),
        duration_seconds: TERMS.duration.as_secs(),
        call_timeout_seconds: TERMS.call_timeout.as_secs(),
    }
}

pub(crate) fn record() -> Record {
    Record {
        run: 0,
        who: "person".to_owned(),
        command: "up".to_owned(),
        since: 0,
        ended: None,
        commit: None,
        dirty: false,
        plan: String::new(),
        changes: BTreeMap::new(),
        ending: None,
    }
}
