//! Answers that several kinds read from are asked for once per reading.

use std::{collections::HashMap, future::Future, sync::Arc};

use engine::CallError;
use tokio::sync::{Mutex, OnceCell};

use super::{Aws, Shared};

/// Answers by question, until the next write.
#[derive(Default)]
pub(crate) struct Once {
    answers: Mutex<HashMap<String, Arc<OnceCell<Shared>>>>,
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
        let cell = self.once.answers.lock().await.entry(question.to_owned()).or_default().clone();
        let answer = cell.get_or_try_init(|| async { Ok(Arc::new(ask.await?) as Shared) }).await?;
        Ok(answer.clone().downcast::<T>().expect("one question has one type of answer"))
    }

    /// Drops all answers: called before a reading starts and after every write.
    pub async fn forget(&self) {
        self.once.answers.lock().await.clear();
    }
}
