//! An empty account of the emulator's, and the laws as one procedure.

use std::{
    collections::BTreeMap,
    path::Path,
    sync::{
        Arc, LazyLock,
        atomic::{AtomicU32, Ordering},
    },
};

use engine::{Rates, State};
use kinds::{
    Live, Seen, Wanted,
    aws::{Accounts, Aws, Login, Settings},
};
use local::emulator::Emulator;
use model::{Address, Names};
use serde_json::{Value, json};

static NEXT: AtomicU32 = AtomicU32::new(0);

/// The laws' own emulator, which closes moto's gaps as this build does; it stays for the next run of the tests.
static EMULATOR: LazyLock<Emulator> = LazyLock::new(|| {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR"));
    let (state, venv) = (folder.join("laws"), folder.join("emulator/venv"));
    let ensure = || Emulator::ensure_with_venv(&state, &venv, |_| {}).expect("the emulator starts");
    let running = ensure();
    if !running.is_outdated() {
        return running;
    }
    Emulator::stop(&state).expect("an outdated one ends");
    ensure()
});

/// An account that no other test uses.
pub(crate) struct World {
    pub(crate) aws: Arc<Aws>,
    pub(crate) accounts: Accounts,
}

impl World {
    pub(crate) async fn new() -> Self {
        let account = format!("{:06}{:06}", std::process::id() % 1_000_000, NEXT.fetch_add(1, Ordering::Relaxed));
        Self::at(&account).await
    }

    pub(crate) async fn at(account: &str) -> Self {
        let settings = Settings {
            region: "eu-west-1".to_owned(),
            partition: "aws",
            names: Names::new("laws", "test"),
            own_tags: BTreeMap::from([("team".to_owned(), "kinds".to_owned())]),
            endpoint: Some(EMULATOR.endpoint()),
            is_own_emulator: true,
            dummy_credentials: true,
            ca_bundle: None,
            session: "laws".to_owned(),
            run: "1".to_owned(),
            rates: Rates::default(),
            call_timeout: std::time::Duration::from_secs(60),
        };
        let role = Some("provisioner".to_owned());
        let login = Login { alias: "a".to_owned(), account: account.into(), role, external_id: None, profile: None };
        let accounts = Accounts::connect(&settings, &[login]).await.expect("the emulator lets everybody in");
        Self { aws: accounts.at("a").clone(), accounts }
    }

    /// Makes `want`, then turns it into each variation in turn, then deletes it twice.
    pub(crate) async fn keeps_the_laws<K: Live>(&self, name: &str, want: K, variations: impl IntoIterator<Item = K>) {
        let at = Address::new("laws", K::FACTS.kind, name);
        assert!(self.find(&at, &want).await.is_none(), "{at} exists already");
        let mut seen = self.make(&at, &want).await;
        for next in variations {
            seen = self.change(seen, &next).await;
        }
        let before = self.before();
        K::delete(&self.aws, &seen).await.expect("a delete");
        self.assert_declared::<K>(&at, "a delete", K::FACTS.calls.delete, &before);
        assert!(
            self.find(&at, &seen.spec).await.is_none_or(|left| matches!(left.state, State::Retired(_))),
            "{at} is left"
        );
        K::delete(&self.aws, &seen).await.expect("a delete of what is gone");
    }

    /// Creates it and checks that it reads back as wanted.
    pub(crate) async fn make<K: Live>(&self, at: &Address, want: &K) -> Seen<K> {
        let before = self.before();
        let mut made = K::create(&self.aws, at, want).await.unwrap_or_else(|error| panic!("create {at}: {error}"));
        if !made.left.is_empty() {
            let seen = self.find(at, want).await.unwrap_or_else(|| panic!("{at} is not found after create"));
            let finished = K::update(&self.aws, &seen, want, &made.left).await;
            made.told = finished.unwrap_or_else(|error| panic!("finish {at}: {error}")).told;
        }
        self.assert_declared::<K>(at, "a create", K::FACTS.calls.create, &before);
        let seen = self.find(at, want).await.unwrap_or_else(|| panic!("{at} is not found after create"));
        if let Some(told) = made.told {
            assert_eq!(told, json!(seen.spec), "{at} was told otherwise than it is read");
        }
        assert_eq!(fields(&seen.spec), fields(want), "{at} does not read back as wanted");
        for (name, value) in &made.outputs {
            assert_eq!(seen.outputs.get(name), Some(value), "output `{name}` of {at}");
        }
        seen
    }

    /// Updates exactly the fields that differ and checks that it reads back as wanted.
    pub(crate) async fn change<K: Live>(&self, seen: Seen<K>, next: &K) -> Seen<K> {
        let at = seen.address.clone();
        let (was, is) = (fields(&seen.spec), fields(next));
        let differ: Vec<String> =
            is.iter().filter(|(name, value)| was.get(*name) != Some(value)).map(|(n, _)| n.clone()).collect();
        assert!(!differ.is_empty(), "the variation of {at} changes nothing");
        let (mut left, before) = (differ.clone(), self.before());
        while !left.is_empty() {
            let made = K::update(&self.aws, &seen, next, &left).await;
            left = made.unwrap_or_else(|error| panic!("update {at} {left:?}: {error}")).left;
        }
        self.assert_declared::<K>(&at, "an update", K::FACTS.calls.update, &before);
        let seen = self.find(&at, next).await.unwrap_or_else(|| panic!("{at} is not found after update"));
        assert_eq!(fields(&seen.spec), is, "{at} after a change of {differ:?}");
        seen
    }

    /// Reads the kind and picks one object, asking AWS anew.
    pub(crate) async fn find<K: Live>(&self, at: &Address, want: &K) -> Option<Seen<K>> {
        self.aws.forget().await;
        let wanted = [Wanted { address: at.clone(), spec: want.clone() }];
        let found = K::read(&self.aws, &wanted).await.unwrap_or_else(|error| panic!("read {at}: {error}"));
        let mut ours: Vec<_> = found.into_iter().filter(|seen| seen.address == *at).collect();
        assert!(ours.len() <= 1, "{at} is there {} times", ours.len());
        ours.pop()
    }
}

/// In the form that the engine compares: lists whose order means nothing are in one order.
fn fields<K: Live>(spec: &K) -> BTreeMap<String, Value> {
    let spec = serde_json::to_value(spec).expect("specs are plain data");
    let spec = serde_json::from_value::<K>(spec).and_then(serde_json::to_value).expect("specs are plain data");
    spec.as_object().expect("specs are objects").clone().into_iter().collect()
}
