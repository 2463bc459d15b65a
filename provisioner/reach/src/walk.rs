//! Following one request: the hops so far, and the ways in which one is added.

use ipnet::Ipv4Net;
use model::{Address, Field, Kind};

use crate::{
    answer::Answer,
    hops,
    model::{Found, Model},
    request::Request,
    trace::{Hop, Outcome, Step, Trace, Verdict},
};

/// A request on its way.
pub(crate) struct Walk<'a> {
    pub(crate) model: &'a Model,
    pub(crate) request: &'a Request,
    /// The target that answers for the host, as far as anything says so.
    pub(crate) service: Option<&'a str>,
    hops: Vec<Hop>,
}

/// The object of a hop, by our name and by AWS's.
pub(crate) struct At {
    object: Option<Address>,
    id: String,
}

/// Someone said hello to the balancer and may send a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Greeting {
    /// ARN of the certificate that is shown; it need not cover the name.
    pub certificate: String,
}

impl Model {
    /// Follows a request to its end.
    #[must_use]
    pub fn trace(&self, request: &Request) -> Trace {
        let mut walk = Walk::new(self, request);
        let outcome = hops::follow(&mut walk).unwrap_or_else(|end| *end);
        Trace { hops: walk.hops, outcome }
    }

    /// Follows a connection until a certificate is shown, for whoever has to show one before there is a request.
    ///
    /// # Errors
    /// Why there is no connection: [`Outcome::NoConnection`] in words.
    pub fn greet(&self, server_name: &str, from: Option<Ipv4Net>) -> Result<Greeting, String> {
        let request = Request { from, insecure: true, ..Request::new("GET", server_name, "/") };
        match hops::greet(&mut Walk::new(self, &request)).map_err(|end| *end) {
            Ok(certificate) => Ok(Greeting { certificate: certificate.to_owned() }),
            Err(Outcome::NoConnection { why, .. } | Outcome::Unknown { why, .. }) => Err(why),
            Err(Outcome::Refused { by, .. }) => Err(format!("refused by the {by}")),
            Err(Outcome::Reaches(_)) => Err("no certificate was shown".to_owned()),
        }
    }
}

/// A hop's result: what the next one starts from, or how the way ends.
pub(crate) type Next<T> = Result<T, Box<Outcome>>;

impl<'a> Walk<'a> {
    fn new(model: &'a Model, request: &'a Request) -> Self {
        let host = request.host_name();
        let service = model.owner(&host).or_else(|| model.wanted().hosts.get(&host).map(String::as_str));
        Self { model, request, service, hops: Vec::new() }
    }

    /// A walk ahead, whose hops are joined later.
    pub(crate) fn ahead(&self) -> Self {
        Self { model: self.model, request: self.request, service: self.service, hops: Vec::new() }
    }

    pub(crate) fn join(&mut self, ahead: Self) {
        self.hops.extend(ahead.hops);
    }

    pub(crate) fn ok(&mut self, step: Step, at: At, why: impl Into<String>) {
        self.push(step, at, Verdict::Ok, why.into(), None);
    }

    pub(crate) fn cannot_tell(&mut self, step: Step, at: At, why: impl Into<String>) {
        self.push(step, at, Verdict::CannotTell, why.into(), None);
    }

    /// Broken, and the way goes on all the same.
    pub(crate) fn broken(&mut self, step: Step, at: At, why: impl Into<String>, mend: Option<String>) {
        self.push(step, at, Verdict::Broken, why.into(), mend);
    }

    /// Broken, and somebody answers for it.
    pub(crate) fn refuse(
        &mut self,
        step: Step,
        at: At,
        why: impl Into<String>,
        mend: Option<String>,
        answer: Answer,
    ) -> Box<Outcome> {
        self.broken(step, at, why, mend);
        Box::new(Outcome::Refused { by: step, answer })
    }

    /// Broken, and nobody answers.
    pub(crate) fn drop(&mut self, step: Step, at: At, why: impl Into<String>, mend: Option<String>) -> Box<Outcome> {
        let why = why.into();
        self.broken(step, at, why.clone(), mend);
        Box::new(Outcome::NoConnection { by: step, why })
    }

    /// It ends where nothing is known.
    pub(crate) fn lose(&mut self, step: Step, at: At, why: impl Into<String>) -> Box<Outcome> {
        let why = why.into();
        self.cannot_tell(step, at, why.clone());
        Box::new(Outcome::Unknown { by: step, why })
    }

    fn push(&mut self, step: Step, at: At, verdict: Verdict, why: String, mend: Option<String>) {
        self.hops.push(Hop { step, object: at.object, id: at.id, verdict, why, mend });
    }
}

impl At {
    pub(crate) fn of<K: Kind, T>(found: &Found<K>, id: Field<K, T>) -> Self {
        Self::named(found, found.output(id))
    }

    /// An object that is known by something else than an output.
    pub(crate) fn named<K>(found: &Found<K>, id: impl Into<String>) -> Self {
        Self { object: Some(found.address.clone()), id: id.into() }
    }

    /// Something that is not there.
    pub(crate) fn missing(id: impl Into<String>) -> Self {
        Self { object: None, id: id.into() }
    }
}
