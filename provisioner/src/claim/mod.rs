//! A run's claim on its targets: standing for their lease, taking it once it is known what to do, giving it back.

mod record;
mod removal;
mod words;

use std::{collections::BTreeSet, sync::Arc, time::Duration};

use engine::{
    Always, Drivers, Permission, Plan,
    lease::{Contender, Ending, Holder, Lease, Record, Refusal, Section, Standing, Terms, borrowing},
    patiently,
};
use kinds::aws::lease::LeaseTable;

pub(crate) use self::removal::nothing_is_left;
use crate::{
    environment::Surroundings,
    failure::{Exit, Failure},
    logins, machine,
    report::fill,
    session::Session,
};

/// What a command wants to change, and as whom.
pub(crate) struct Claim<'a> {
    session: &'a Session,
    surroundings: &'a Surroundings,
    table: Arc<LeaseTable>,
    contender: Contender,
    command: String,
}

/// Targets that may be taken as they are; none if the run goes on without a lease.
pub(crate) type Stand = Option<Standing>;

/// A run that may change its targets.
pub(crate) struct Taken<'a> {
    claim: &'a Claim<'a>,
    /// None without a lease.
    held: Option<(Lease, Record)>,
}

impl<'a> Claim<'a> {
    /// `command` is what was typed; no target means all. Nothing is asked of AWS yet.
    pub(crate) fn new(
        session: &'a Session,
        surroundings: &'a Surroundings,
        targets: &[String],
        command: String,
        wait: Option<Duration>,
    ) -> Self {
        let table = Arc::new(table(session, targets));
        let me = holder(session, surroundings, &command);
        let mut contender = contender(session, surroundings, &table, me, chosen(session, targets));
        contender.wait = wait;
        Self { session, surroundings, table, contender, command }
    }

    pub(crate) fn session(&self) -> &'a Session {
        self.session
    }

    /// Waits until the targets may be taken. What is read of AWS from now on holds as long as they are taken as they are.
    ///
    /// # Errors
    /// If somebody holds one of them, or AWS does not say.
    async fn stand(&self) -> Result<Stand, Failure> {
        match self.contender.stand().await {
            Ok(standing) if standing.is_stored || self.session.with_hub => Ok(Some(standing)),
            Ok(_) => Ok(self.without("the hub's owner has made no table for leases yet")),
            Err(Refusal::Call(error)) if !self.session.with_hub => Ok(self.without(&error.to_string())),
            Err(Refusal::Call(error)) => Err(words::refused(&self.session.config, &error)),
            Err(Refusal::Held { target, item }) => Err(words::held(&target, &item, &self.command)),
        }
    }

    fn without(&self, why: &str) -> Stand {
        self.surroundings.say(&format!("without a lease: {why}"));
        None
    }

    /// Looks, agrees and takes, again for as long as somebody is faster; none if there is nothing to do, which `look` has said.
    /// What was read only holds if the targets are taken just as they were before it. The same plan is agreed upon once.
    ///
    /// # Errors
    /// Those of `look` and `ask`; if somebody holds one of the targets, or AWS does not say.
    pub(crate) async fn begin(
        &'a self,
        look: impl AsyncFn(&Stand) -> Result<Option<Plan>, Failure>,
        ask: impl AsyncFn(&Plan) -> Result<(), Failure>,
    ) -> Result<Option<(Plan, Taken<'a>)>, Failure> {
        let mut agreed = None;
        loop {
            let stand = self.stand().await?;
            let Some(plan) = look(&stand).await? else { return Ok(None) };
            let digest = Some(record::digest(&plan));
            if agreed != digest {
                ask(&plan).await?;
                agreed = digest;
            }
            if let Some(taken) = self.take(&stand, &plan).await? {
                return Ok(Some((plan, taken)));
            }
        }
    }

    /// Takes the targets; none if somebody was faster, so that what was read is not known to hold any more.
    ///
    /// # Errors
    /// If AWS does not say.
    async fn take(&'a self, stand: &Stand, plan: &Plan) -> Result<Option<Taken<'a>>, Failure> {
        let Some(standing) = stand else { return Ok(Some(Taken { claim: self, held: None })) };
        let record = record::begun(self.session, &self.contender.me, plan);
        let refused = |error| words::refused(&self.session.config, &error);
        let Some(lease) = self.contender.take(standing, &record).await.map_err(refused)? else {
            self.surroundings.say("another run was faster: looking again");
            return Ok(None);
        };
        self.session.accounts.number_runs(lease.runs());
        self.admit().await;
        Ok(Some(Taken { claim: self, held: Some((lease, record)) }))
    }

    /// Lets the services' accounts use their items, when the hub is changed.
    async fn admit(&self) {
        if !self.contender.targets.contains(config::CONSUMER) {
            return;
        }
        let admitted = logins::admitted(&self.session.config);
        if let Err(error) = patiently("lease", || self.table.admit(&admitted)).await {
            self.surroundings.say(&format!("services' own accounts cannot use leases: {error}"));
        }
    }

    /// To change for a moment what the hub's target has and this run does not hold.
    fn section(&self) -> Option<Section> {
        let guards = &self.session.platform.guards;
        if self.contender.targets.contains(config::CONSUMER) || !self.session.with_hub || guards.is_empty() {
            return None;
        }
        let (me, hub) = (self.contender.me.clone(), [config::CONSUMER.to_owned()].into());
        let contender = contender(self.session, self.surroundings, &self.table, me, hub);
        Some(Section::new(contender, guards.iter().cloned().collect()))
    }
}

impl Taken<'_> {
    /// No call is sent once the lease is lost.
    pub(crate) fn permission(&self) -> Arc<dyn Permission> {
        match &self.held {
            Some((lease, _)) => Arc::new(lease.grip()),
            None => Arc::new(Always),
        }
    }

    /// Drivers that borrow what this run changes and does not hold.
    pub(crate) fn drivers(&self) -> Drivers {
        let drivers = &self.claim.session.drivers;
        match self.held.as_ref().and_then(|_| self.claim.section()) {
            Some(section) => borrowing(drivers, section),
            None => drivers.clone(),
        }
    }

    /// Returns when the lease is lost, with the reason.
    pub(crate) fn lost(&self) -> impl Future<Output = String> + Send + use<> {
        let grip = self.held.as_ref().map(|(lease, _)| lease.grip());
        async move {
            match grip {
                Some(grip) => grip.lost().await,
                None => std::future::pending().await,
            }
        }
    }

    /// Gives the targets back and writes down how it ended, which is also returned. A lease that cannot be given back ends by
    /// itself.
    ///
    /// # Errors
    /// If the lease was lost.
    pub(crate) async fn end(self, exit: Exit) -> Result<Exit, Failure> {
        let Some((lease, record)) = self.held else { return Ok(exit) };
        let lost = lease.is_lost();
        let ending = match exit {
            _ if lost.is_some() => Ending::Lost,
            Exit::Good => Ending::Ok,
            Exit::Interrupted => Ending::Interrupted,
            _ => Ending::Failed,
        };
        let ended = record.ended(self.claim.surroundings.now(), ending);
        if let Err(error) = lease.release(Some(&ended)).await {
            self.claim.surroundings.say(&format!("the lease was not given back and ends by itself: {error}"));
        }
        lost.map_or(Ok(exit), |why| Err(words::lost(&why, &self.claim.command)))
    }
}

/// The targets that are named; all if none is.
pub(crate) fn chosen(session: &Session, targets: &[String]) -> BTreeSet<String> {
    if targets.is_empty() { all(session) } else { targets.iter().cloned().collect() }
}

/// All that can be held.
pub(crate) fn all(session: &Session) -> BTreeSet<String> {
    [config::CONSUMER.to_owned()].into_iter().chain(session.config.services.keys().cloned()).collect()
}

/// The hub's table: its own, or reached from the account of the first target.
pub(crate) fn table(session: &Session, targets: &[String]) -> LeaseTable {
    if session.with_hub {
        return LeaseTable::own(session.accounts.at(config::CONSUMER));
    }
    let config = &session.config;
    let service = targets.first().and_then(|target| config.services.get_key_value(target));
    let (name, service) = service.expect("without the hub's role all targets are services");
    let secret = service.hub_secret_arn.as_deref().unwrap_or_default();
    let account = session.accounts.at(&platform::place(config, name, false)).clone();
    LeaseTable::of_hub(&account, secret.split(':').nth(4).unwrap_or_default())
}

/// How long things take in this environment.
pub(crate) fn terms(session: &Session) -> Terms {
    let lease = &session.config.lease;
    let seconds = |seconds: u32| Duration::from_secs(u64::from(seconds));
    let (call_timeout, settle) = (seconds(lease.call_timeout_seconds), seconds(lease.settle_seconds));
    // The emulator is on this machine, as the process was: what that had sent is done in a moment.
    let after_death = if session.config.is_local() { settle } else { call_timeout + settle };
    Terms { duration: seconds(lease.duration_seconds), call_timeout, settle, after_death }
}

fn holder(session: &Session, surroundings: &Surroundings, command: &str) -> Holder {
    let (who, process) = (surroundings.who(), machine::process());
    let pid = std::process::id();
    let started = process.as_ref().map_or(0, |process| process.started);
    Holder {
        token: format!("{who}/{pid}/{started}/{}", surroundings.run),
        who,
        command: command.to_owned(),
        since: surroundings.now(),
        process,
        duration_seconds: u64::from(session.config.lease.duration_seconds),
        call_timeout_seconds: u64::from(session.config.lease.call_timeout_seconds),
    }
}

fn contender(
    session: &Session,
    surroundings: &Surroundings,
    table: &Arc<LeaseTable>,
    me: Holder,
    targets: BTreeSet<String>,
) -> Contender {
    let is_dead = |holder: &Holder| holder.process.as_ref().is_some_and(machine::is_gone);
    let heard = surroundings.clone();
    let say = move |notice| heard.say(&fill(&words::notice(&notice), heard.wrap, 2));
    Contender::new(table.clone(), terms(session), me, targets, Arc::new(is_dead), Arc::new(say))
}
