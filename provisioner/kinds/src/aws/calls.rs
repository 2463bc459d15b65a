//! Every AWS call goes through [`Aws::call`]: when its turn comes, counted, and its failure put into words and a class.

use std::{
    collections::BTreeMap,
    error::Error,
    future::Future,
    sync::{Mutex, PoisonError},
    time::Duration,
};

use aws_smithy_runtime_api::{
    client::{orchestrator::HttpResponse, result::SdkError},
    http::Headers,
};
use aws_smithy_types::error::metadata::ProvideErrorMetadata;
use engine::{CallError, Class};
use model::Address;

use super::{Aws, classify, credentials::is_unsigned};

/// How often each operation was called.
#[derive(Debug, Default)]
pub struct Tally {
    calls: Mutex<BTreeMap<String, u64>>,
}

impl Tally {
    fn count(&self, operation: &str) {
        tracing::debug!(operation, "calling AWS");
        let mut calls = self.calls.lock().unwrap_or_else(PoisonError::into_inner);
        *calls.entry(operation.to_owned()).or_default() += 1;
    }

    /// Calls by operation.
    #[must_use]
    pub fn by_operation(&self) -> BTreeMap<String, u64> {
        self.calls.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    #[must_use]
    pub fn total(&self) -> u64 {
        self.by_operation().values().sum()
    }
}

impl Aws {
    /// Makes one call when its turn comes. `operation` is spelled as in an IAM policy: `ec2:CreateSubnet`.
    ///
    /// The SDK's futures are tens of kilobytes each: on the heap, because kinds nest them deeper than a stack is.
    ///
    /// # Errors
    /// What AWS answered, classified; or why the call was not sent.
    pub fn call<T, E>(
        &self,
        operation: &str,
        at: &Address,
        call: impl Future<Output = Result<T, SdkError<E, HttpResponse>>>,
    ) -> impl Future<Output = Result<T, CallError>>
    where
        E: ProvideErrorMetadata + Error + 'static,
    {
        self.pass(operation, at.as_str(), Box::pin(call))
    }

    /// Like [`Aws::call`], for reads of a whole kind, which are for no address in particular.
    ///
    /// # Errors
    /// What AWS answered, classified; or why the call was not sent.
    pub fn list<T, E>(
        &self,
        operation: &str,
        call: impl Future<Output = Result<T, SdkError<E, HttpResponse>>>,
    ) -> impl Future<Output = Result<T, CallError>>
    where
        E: ProvideErrorMetadata + Error + 'static,
    {
        self.pass(operation, "", Box::pin(call))
    }

    /// Like [`Aws::call`], but at once, whatever else waits: for what other calls wait for themselves.
    ///
    /// # Errors
    /// What AWS answered, classified.
    pub(super) fn at_once<T, E>(
        &self,
        operation: &str,
        at: &Address,
        call: impl Future<Output = Result<T, SdkError<E, HttpResponse>>>,
    ) -> impl Future<Output = Result<T, CallError>>
    where
        E: ProvideErrorMetadata + Error + 'static,
    {
        self.counted(operation, at.as_str(), Box::pin(call))
    }

    async fn pass<T, E>(
        &self,
        operation: &str,
        address: &str,
        call: impl Future<Output = Result<T, SdkError<E, HttpResponse>>>,
    ) -> Result<T, CallError>
    where
        E: ProvideErrorMetadata + Error + 'static,
    {
        self.gate.pass(&self.account, operation, self.counted(operation, address, call)).await
    }

    async fn counted<T, E>(
        &self,
        operation: &str,
        address: &str,
        call: impl Future<Output = Result<T, SdkError<E, HttpResponse>>>,
    ) -> Result<T, CallError>
    where
        E: ProvideErrorMetadata + Error + 'static,
    {
        self.tally.count(operation);
        call.await.map_err(|error| self.failed(operation, address, &error))
    }

    fn failed<E>(&self, operation: &str, address: &str, error: &SdkError<E, HttpResponse>) -> CallError
    where
        E: ProvideErrorMetadata + Error + 'static,
    {
        let answered = error.as_service_error();
        let status = error.raw_response().map(|response| response.status().as_u16());
        let code = answered.and_then(ProvideErrorMetadata::code).unwrap_or("no-answer").to_owned();
        let message = answered.and_then(ProvideErrorMetadata::message).map_or_else(|| chain(error), str::to_owned);
        let headers = error.raw_response().map(HttpResponse::headers);
        let class = if is_unsigned(error) { Class::Credentials } else { classify(operation, &code, &message, status) };
        if class == Class::Credentials {
            self.credentials.refuse();
        }
        CallError {
            operation: operation.to_owned(),
            address: address.to_owned(),
            account: self.account.clone(),
            class,
            code,
            message,
            request_id: headers.and_then(request_id),
            retry_after: headers.and_then(|headers| headers.get("retry-after")?.parse().ok()).map(Duration::from_secs),
        }
    }
}

fn request_id(headers: &Headers) -> Option<String> {
    ["x-amzn-requestid", "x-amz-request-id", "x-amzn-request-id"]
        .iter()
        .find_map(|name| headers.get(name))
        .map(str::to_owned)
}

/// An SDK error's own words are only its first layer; the useful part is at the end of the chain.
fn chain(error: &dyn Error) -> String {
    let mut words = vec![error.to_string()];
    let mut next = error.source();
    while let Some(cause) = next {
        words.push(cause.to_string());
        next = cause.source();
    }
    words.dedup();
    words.join(": ")
}

/// `Ok(None)` instead of an error that says it is not there.
///
/// # Errors
/// Every other error.
pub fn absent<T>(answer: Result<T, CallError>) -> Result<Option<T>, CallError> {
    match answer {
        Ok(value) => Ok(Some(value)),
        Err(error) if error.class == Class::Gone => Ok(None),
        Err(error) => Err(error),
    }
}
