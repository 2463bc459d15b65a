//! What AWS reported, and the questions that a reading consists of.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    sync::Arc,
};

use futures::{StreamExt as _, stream::FuturesUnordered};
use model::{Address, Facts, Outputs, Sealed};
use serde_json::Value;

use crate::{
    CallError, Class, Driver, Scope, Seen, State, Told,
    pace::patiently,
    questions::{Question, Questions},
    twins::{self, Found},
};

/// Questions under way at once, over all accounts; each makes a few calls, which the gate lets through.
const AT_ONCE: usize = 512;

/// The drivers by kind.
#[derive(Clone, Default)]
pub struct Drivers {
    by_kind: HashMap<&'static str, Arc<dyn Driver>>,
}

impl Drivers {
    /// # Panics
    /// If the kind has no driver: the list of kinds and the list of drivers are one list.
    #[must_use]
    pub fn of(&self, kind: &str) -> &Arc<dyn Driver> {
        self.by_kind.get(kind).unwrap_or_else(|| panic!("kind `{kind}` has no driver"))
    }

    pub(crate) fn all(&self) -> impl Iterator<Item = &Arc<dyn Driver>> {
        self.by_kind.values()
    }

    pub(crate) fn kinds(&self) -> impl Iterator<Item = &'static Facts> {
        self.by_kind.values().map(|driver| driver.facts())
    }
}

impl FromIterator<Arc<dyn Driver>> for Drivers {
    fn from_iter<I: IntoIterator<Item = Arc<dyn Driver>>>(drivers: I) -> Self {
        Self { by_kind: drivers.into_iter().map(|driver| (driver.facts().kind, driver)).collect() }
    }
}

/// What AWS reported, and what it refused to.
#[derive(Clone, Debug, Default)]
pub struct Reading {
    /// By address, each with the account it is in; more than one are twins, the one to keep first.
    pub seen: BTreeMap<Address, Vec<Found>>,
    pub errors: Vec<CallError>,
    /// Addresses that could not be read: neither there nor missing.
    pub unknown: BTreeSet<Address>,
}

impl Reading {
    /// The object at an address that is ours.
    #[must_use]
    pub fn get(&self, address: &Address) -> Option<&Seen> {
        self.seen
            .get(address)?
            .iter()
            .map(|(_, seen)| seen.as_ref())
            .find(|seen| !matches!(seen.state, State::Foreign(_)))
    }

    #[must_use]
    pub fn outputs(&self, address: &Address) -> Option<&Outputs> {
        self.get(address).map(|seen| &seen.outputs)
    }

    pub(crate) fn output(&self, address: &Address, field: &str) -> Option<Value> {
        self.outputs(address)?.get(field).cloned()
    }
}

/// Reads everything in scope: kind by kind and account by account, each as soon as what its objects are found through is
/// known. Never fails: what AWS refused is in [`Reading::errors`].
pub async fn read(drivers: &Drivers, graph: &Sealed, scope: &Scope) -> Reading {
    read_again(drivers, graph, scope, &Told::new()).await
}

/// The same after a run: a question is not asked if its whole answer is what AWS told already. In a search for what nobody
/// wants any more, all are.
pub async fn read_again(drivers: &Drivers, graph: &Sealed, scope: &Scope, told: &Told) -> Reading {
    let mut reading = Reading::default();
    let mut questions = Questions::new(drivers, graph, scope, told);
    let mut asked = FuturesUnordered::new();
    loop {
        while asked.len() < AT_ONCE
            && let Some(question) = questions.next(&mut reading)
        {
            asked.push(ask(drivers, question));
        }
        let Some((question, answer)) = asked.next().await else { return reading };
        questions.answered(&question);
        reading.file(drivers, graph, &question, answer);
    }
}

/// Asks, again for a while if there is no answer.
async fn ask<'a>(drivers: &Drivers, question: Question<'a>) -> (Question<'a>, Result<Vec<Seen>, CallError>) {
    let driver = drivers.of(question.kind);
    let answer = match question.known() {
        Some(known) => Ok(known),
        None => patiently(question.kind, || driver.read(&question.place, &question.wanted)).await,
    };
    (question, answer)
}

impl Reading {
    fn file(
        &mut self,
        drivers: &Drivers,
        graph: &Sealed,
        question: &Question<'_>,
        answer: Result<Vec<Seen>, CallError>,
    ) {
        match answer {
            Ok(found) => found.into_iter().for_each(|seen| self.add(drivers, graph, question, seen)),
            // Whom AWS does not let look made nothing there.
            Err(error) if question.nodes.is_empty() && error.class == Class::Denied => {
                tracing::debug!(place = question.place, kind = question.kind, %error, "not searched for strays");
            }
            Err(error) => {
                self.unknown.extend(question.wanted.iter().map(|wanted| wanted.address.clone()));
                self.errors.push(error);
            }
        }
        self.sort(drivers, question);
    }

    /// Adds an object, once: one account may be asked in several ways, and knows best where the object was looked for.
    fn add(&mut self, drivers: &Drivers, graph: &Sealed, question: &Question<'_>, seen: Seen) {
        let driver = drivers.of(seen.address.kind());
        let home = graph.get(&seen.address).map(|node| &node.account);
        let is_same_account = |place: &str| driver.account(place) == driver.account(&question.place);
        let place = home.filter(|home| is_same_account(home)).unwrap_or(&question.place).clone();
        let found = self.seen.entry(seen.address.clone()).or_default();
        let is_same = |(place, other): &Found| other.identity == seen.identity && is_same_account(place);
        match found.iter_mut().find(|other| is_same(other)) {
            Some(known) if question.is_about(&seen.address) => *known = (place, Arc::new(seen)),
            Some(_) => {}
            None => found.push((place, Arc::new(seen))),
        }
    }

    fn sort(&mut self, drivers: &Drivers, question: &Question<'_>) {
        for (node, wanted) in &question.nodes {
            if let Some(found) = self.seen.get_mut(&node.address).filter(|found| found.len() > 1) {
                let want = drivers.of(question.kind).normalize(wanted).ok();
                twins::sort(node, want.as_ref(), found);
            }
        }
    }
}
