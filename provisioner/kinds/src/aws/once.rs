//! Answers that several kinds read from are asked for once per reading.

use std::{
    collections::{HashMap, HashSet},
    future::Future,
    sync::Arc,
};

use engine::CallError;
use tokio::sync::{Mutex, OnceCell};

use super::{Aws, Shared};

/// Answers by question, until the next write or the next reading.
#[derive(Default)]
pub(crate) struct Once {
    reading: Mutex<Reading>,
}

/// Ids that AWS gives once and for all, the same in every account, by what was asked.
#[derive(Default)]
pub(crate) struct Lasting(Mutex<HashMap<String, String>>);

/// One reading of the account: each kind is read once, or it is the next one.
#[derive(Default)]
struct Reading {
    answers: HashMap<String, Arc<OnceCell<Shared>>>,
    kinds: HashSet<&'static str>,
    /// Whether objects that nobody wants any more are worth calls of their own.
    everywhere: bool,
}

impl Aws {
    /// The answer to `question`, asked for once until [`Aws::forget`]; concurrent askers wait for the first.
    ///
    /// # Errors
    /// Those of `ask`; a failed answer is not kept.
    ///
    /// # Panics
    /// If one question is used with two types.
    pub async fn once<T, F>(&self, question: &str, ask: F) -> Result<Arc<T>, CallError>
    where
        T: Send + Sync + 'static,
        F: Future<Output = Result<T, CallError>>,
    {
        let cell = self.once.reading.lock().await.answers.entry(question.to_owned()).or_default().clone();
        let answer = cell.get_or_try_init(|| async { Ok(Arc::new(ask.await?) as Shared) }).await?;
        Ok(answer.clone().downcast::<T>().expect("one question has one type of answer"))
    }

    /// An id that never changes once there is one, asked for until there is; no two accounts ask.
    ///
    /// # Errors
    /// Those of `ask`.
    pub(crate) async fn lasting_id(
        &self,
        question: &str,
        ask: impl Future<Output = Result<Option<String>, CallError>>,
    ) -> Result<Option<String>, CallError> {
        // A bare moto has lists of its own in each account.
        let question = if self.emulated { format!("{} {question}", self.account) } else { question.to_owned() };
        let mut ids = self.lasting.0.lock().await;
        if let Some(id) = ids.get(&question) {
            return Ok(Some(id.clone()));
        }
        let id = ask.await?;
        ids.extend(id.iter().map(|id| (question.clone(), id.clone())));
        Ok(id)
    }

    /// Called before a kind is read. A kind that was read already is being looked at again (until it is ready, say), so
    /// that what was answered before is dropped.
    pub(crate) async fn reads(&self, kind: &'static str) {
        let mut reading = self.once.reading.lock().await;
        if reading.kinds.contains(kind) {
            *reading = Reading { everywhere: reading.everywhere, ..Reading::default() };
        }
        reading.kinds.insert(kind);
    }

    /// Starts a reading with nothing known.
    pub async fn begin(&self, everywhere: bool) {
        *self.once.reading.lock().await = Reading { everywhere, ..Reading::default() };
    }

    /// Whether this reading looks for what nobody wants any more.
    pub(crate) async fn looks_everywhere(&self) -> bool {
        self.once.reading.lock().await.everywhere
    }

    /// Drops all answers, after every write.
    pub async fn forget(&self) {
        *self.once.reading.lock().await = Reading::default();
    }
}
