//! Stands between the program and the emulator, counts calls, and hurts the one that it is told to.

use std::{
    collections::BTreeMap,
    fmt,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use bytes::Bytes;
use http_body_util::{BodyExt as _, Full};
use hyper::{Request, Uri, body::Incoming, http::request::Parts, server::conn::http1, service::service_fn};
use hyper_util::{
    client::legacy::{Client, connect::HttpConnector},
    rt::{TokioExecutor, TokioIo},
};
use tokio::{net::TcpListener, sync::Notify, task::JoinHandle};

use super::{
    Asked, Call, Trouble,
    answers::Answer,
    fate::{Fate, Fates},
};

/// A port of this machine that passes calls on to an emulator.
pub struct Proxy {
    port: u16,
    shared: Arc<Shared>,
    accepting: JoinHandle<()>,
}

struct Shared {
    emulator: String,
    client: Client<HttpConnector, Full<Bytes>>,
    state: Mutex<State>,
    /// The program is to be killed, or the last call under way ended.
    news: Notify,
}

#[derive(Default)]
struct State {
    fates: Fates,
    /// Accounts by the keys that STS gave for them.
    accounts: BTreeMap<String, String>,
    counts: BTreeMap<(String, String), usize>,
    calls: Vec<Call>,
    /// Calls that the emulator works on.
    under_way: usize,
    /// The program is dead, or will be in a moment: nothing it says is passed on any more.
    struck: bool,
}

/// The connection ends here.
#[derive(Debug)]
struct Lost;

impl fmt::Display for Lost {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("the connection was cut on purpose")
    }
}

impl std::error::Error for Lost {}

impl Proxy {
    /// # Panics
    /// If this machine has no port left.
    pub async fn start(emulator: &str) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let port = listener.local_addr().expect("an address").port();
        // A connection for each call: one that the emulator may close at any moment would look like an injury of ours.
        let client = Client::builder(TokioExecutor::new()).pool_max_idle_per_host(0).build(HttpConnector::new());
        let shared = Shared { emulator: emulator.to_owned(), client, state: Mutex::default(), news: Notify::new() };
        let shared = Arc::new(shared);
        Self { port, accepting: tokio::spawn(accept(listener, shared.clone())), shared }
    }

    #[must_use]
    pub fn port(&self) -> u16 {
        self.port
    }

    /// From now on calls are counted anew, and this goes wrong.
    pub fn arm(&self, trouble: Trouble) {
        let mut state = self.shared.state();
        let (accounts, under_way) = (std::mem::take(&mut state.accounts), state.under_way);
        *state = State { fates: Fates::new(trouble), accounts, under_way, ..State::default() };
    }

    /// Waits until the program is to be killed.
    pub async fn struck(&self) {
        self.until(|state| state.struck).await;
    }

    /// Waits until the emulator has finished what it was asked: it does not know that who asked is gone.
    pub async fn quiet(&self) {
        self.until(|state| state.under_way == 0).await;
    }

    /// The calls so far that may have changed something.
    #[must_use]
    pub fn calls(&self) -> Vec<Call> {
        self.shared.state().calls.clone()
    }

    /// Whether the call that was to be hurt came.
    #[must_use]
    pub fn has_met(&self) -> bool {
        self.shared.state().fates.is_met
    }

    async fn until(&self, holds: impl Fn(&State) -> bool) {
        loop {
            let news = self.shared.news.notified();
            tokio::pin!(news);
            news.as_mut().enable();
            if holds(&self.shared.state()) {
                return;
            }
            news.await;
        }
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.accepting.abort();
    }
}

async fn accept(listener: TcpListener, shared: Arc<Shared>) {
    while let Ok((stream, _)) = listener.accept().await {
        let shared = shared.clone();
        let service = service_fn(move |request| shared.clone().answer(request));
        // A connection that ends early is what this is for.
        tokio::spawn(async move { drop(http1::Builder::new().serve_connection(TokioIo::new(stream), service).await) });
    }
}

impl Shared {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn answer(self: Arc<Self>, request: Request<Incoming>) -> Result<Answer, Lost> {
        let (head, body) = request.into_parts();
        let body = body.collect().await.map_err(|_| Lost)?.to_bytes();
        let asked = Asked::of(&head, &body);
        match self.fate(&asked, &body) {
            Fate::Pass => self.forward(asked, head, body).await,
            Fate::Answer(answer) => Ok(answer),
            Fate::Silence => Ok(std::future::pending::<Answer>().await),
            Fate::Cut { forward } => {
                if forward {
                    self.forward(asked, head, body).await?;
                }
                Err(Lost)
            }
            Fate::Kill { forward } => {
                if forward {
                    self.forward(asked, head, body).await?;
                }
                self.strike();
                Ok(std::future::pending::<Answer>().await)
            }
        }
    }

    fn strike(&self) {
        self.state().struck = true;
        self.news.notify_waiters();
    }

    fn fate(&self, asked: &Asked, body: &[u8]) -> Fate {
        let mut state = self.state();
        if state.struck {
            return Fate::Silence;
        }
        let call = asked.writes.then(|| state.count(asked));
        let fate = state.fates.of(asked, call.as_ref(), &String::from_utf8_lossy(body));
        if let Fate::Kill { forward: false } = fate {
            state.struck = true;
        }
        fate
    }

    /// Asks the emulator; to the end, even if the program ends meanwhile.
    async fn forward(self: &Arc<Self>, asked: Asked, head: Parts, body: Bytes) -> Result<Answer, Lost> {
        let shared = self.clone();
        shared.state().under_way += 1;
        let asking = tokio::spawn(async move {
            let answer = shared.ask(&asked, head, body).await;
            shared.state().under_way -= 1;
            shared.news.notify_waiters();
            answer
        });
        asking.await.map_err(|_| Lost)?
    }

    async fn ask(&self, asked: &Asked, head: Parts, body: Bytes) -> Result<Answer, Lost> {
        let path = head.uri.path_and_query().map_or("/", |path| path.as_str());
        let uri: Uri = format!("{}{path}", self.emulator).parse().map_err(|_| Lost)?;
        let mut request = Request::from_parts(head, Full::new(body.clone()));
        *request.uri_mut() = uri;
        let (head, answer) = self.client.request(request).await.map_err(|_| Lost)?.into_parts();
        let answer = answer.collect().await.map_err(|_| Lost)?.to_bytes();
        self.state().learn(asked, &String::from_utf8_lossy(&body), &String::from_utf8_lossy(&answer));
        Ok(Answer::from_parts(head, Full::new(answer)))
    }
}

impl State {
    fn count(&mut self, asked: &Asked) -> Call {
        let account = self.accounts.get(&asked.key).cloned().unwrap_or_else(|| "home".to_owned());
        let operation = asked.name();
        let nth = self.counts.entry((account.clone(), operation.clone())).or_default();
        *nth += 1;
        let call = Call { account, operation, nth: *nth };
        self.calls.push(call.clone());
        call
    }

    fn learn(&mut self, asked: &Asked, body: &str, answer: &str) {
        self.fates.learn(asked, body, answer);
        if asked.operation == "AssumeRole" {
            let account = body.split_once("iam%3A%3A").and_then(|(_, rest)| rest.get(..12));
            let key = answer.split_once("<AccessKeyId>").and_then(|(_, rest)| rest.split('<').next());
            self.accounts.extend(key.zip(account).map(|(key, account)| (key.to_owned(), account.to_owned())));
        }
    }
}
