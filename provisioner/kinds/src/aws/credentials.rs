//! Credentials that are fetched anew when they expire, and when AWS takes them no more: after somebody has logged in again, a
//! run goes on with what the login left.

use std::{
    error::Error,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, SystemTime},
};

use aws_credential_types::{
    Credentials,
    provider::{ProvideCredentials, Result, SharedCredentialsProvider, error::CredentialsError, future},
};
use tokio::sync::Mutex;

/// Fetched anew so long before they expire: a call that begins with them must also end with them.
const MARGIN: Duration = Duration::from_secs(60);

/// Credentials as somebody else gives them, kept as long as they are good.
#[derive(Clone, Debug)]
pub(crate) struct Renewed {
    source: SharedCredentialsProvider,
    kept: Arc<Mutex<Option<Credentials>>>,
    is_refused: Arc<AtomicBool>,
    /// What these are got with, if a role is entered.
    base: Option<Arc<Self>>,
}

impl Renewed {
    pub(crate) fn from(source: SharedCredentialsProvider) -> Self {
        Self { source, kept: Arc::default(), is_refused: Arc::default(), base: None }
    }

    /// Those of a role that is entered with the credentials of `base`.
    pub(crate) fn by_way_of(base: Self, role: SharedCredentialsProvider) -> Self {
        Self { base: Some(Arc::new(base)), ..Self::from(role) }
    }

    /// AWS does not take them: the next call asks for others.
    pub(crate) fn refuse(&self) {
        self.is_refused.store(true, Ordering::Relaxed);
        self.base.iter().for_each(|base| base.refuse());
    }

    async fn give(&self) -> Result {
        let mut kept = self.kept.lock().await;
        if self.is_refused.swap(false, Ordering::Relaxed) {
            *kept = None;
        }
        if let Some(kept) = kept.as_ref().filter(|kept| is_good(kept)) {
            return Ok(kept.clone());
        }
        let fresh = self.source.provide_credentials().await?;
        Ok(kept.insert(fresh).clone())
    }
}

impl ProvideCredentials for Renewed {
    fn provide_credentials<'a>(&'a self) -> future::ProvideCredentials<'a>
    where
        Self: 'a,
    {
        future::ProvideCredentials::new(self.give())
    }
}

fn is_good(credentials: &Credentials) -> bool {
    credentials.expiry().is_none_or(|expiry| expiry > SystemTime::now() + MARGIN)
}

/// Whether a call was never sent because there was nothing to sign it with.
pub(super) fn is_unsigned(error: &(dyn Error + 'static)) -> bool {
    let mut next = Some(error);
    while let Some(error) = next {
        if error.is::<CredentialsError>() {
            return true;
        }
        next = error.source();
    }
    false
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::AtomicU32;

    use super::*;

    /// Counts what it gave, and gives what lasts so long.
    #[derive(Debug)]
    struct Source {
        given: Arc<AtomicU32>,
        lasts: Duration,
    }

    impl ProvideCredentials for Source {
        fn provide_credentials<'a>(&'a self) -> future::ProvideCredentials<'a>
        where
            Self: 'a,
        {
            let key = format!("key-{}", self.given.fetch_add(1, Ordering::Relaxed));
            let expiry = Some(SystemTime::now() + self.lasts);
            future::ProvideCredentials::ready(Ok(Credentials::new(key, "secret", None, expiry, "test")))
        }
    }

    fn lasting(lasts: Duration) -> (Renewed, Arc<AtomicU32>) {
        let given = Arc::<AtomicU32>::default();
        (Renewed::from(SharedCredentialsProvider::new(Source { given: given.clone(), lasts })), given)
    }

    async fn key(credentials: &Renewed) -> String {
        credentials.provide_credentials().await.expect("credentials").access_key_id().to_owned()
    }

    #[tokio::test]
    async fn good_ones_are_kept_until_aws_refuses_them() {
        let (credentials, _) = lasting(Duration::from_secs(3600));
        assert_eq!([key(&credentials).await, key(&credentials).await], ["key-0", "key-0"]);
        credentials.refuse();
        assert_eq!([key(&credentials).await, key(&credentials).await], ["key-1", "key-1"]);
    }

    #[tokio::test]
    async fn those_that_expire_soon_are_not_used() {
        let (credentials, _) = lasting(MARGIN / 2);
        assert_eq!([key(&credentials).await, key(&credentials).await], ["key-0", "key-1"]);
    }

    #[tokio::test]
    async fn a_role_that_is_refused_is_entered_anew_with_new_credentials() {
        let ((base, given), (role, _)) = (lasting(Duration::from_secs(3600)), lasting(Duration::from_secs(3600)));
        let credentials = Renewed::by_way_of(base.clone(), SharedCredentialsProvider::new(role));
        assert_eq!(key(&base).await, "key-0");
        credentials.refuse();
        assert_eq!(key(&base).await, "key-1");
        assert_eq!(given.load(Ordering::Relaxed), 2);
    }
}
