//! What follows from what a worker says: outputs are learned, others go on, failures take their dependents along.

use model::{Address, CreateSafety, KnownAt, Outputs, references};
use serde_json::Value;
use tokio::time::Instant;

use super::{Answer, Message, Phase, Run, caller::Trouble, jobs::Job};
use crate::{Action, CallError, Class, Event, Outcome, Seen, State, Verb};

impl Run<'_> {
    pub(super) fn hear(&mut self, message: Message) {
        match message {
            Message::Begun(jobs) => jobs.into_iter().for_each(|job| self.begun(job)),
            Message::Born(job, outputs) => {
                self.learn(&job, outputs);
                self.reached(&job, KnownAt::Created);
            }
            Message::Ended { jobs, answers, lane } => {
                self.busy -= 1;
                lane.iter().for_each(|lane| self.passed(lane));
                jobs.into_iter().zip(answers).for_each(|(job, answer)| self.end(job, answer));
            }
            Message::Polled(group, answer) => {
                self.busy -= 1;
                self.polled(group, answer);
            }
        }
    }

    fn begun(&mut self, job: Job) {
        if let Some(Phase::Queued(verb)) = self.active.get(&job) {
            let verb = *verb;
            self.say(self.started(&job, verb));
            self.active.insert(job, Phase::Calling(verb, Instant::now()));
        }
    }

    pub(super) fn started(&self, job: &Job, verb: Verb) -> Event {
        let step = &self.plan.steps[job.address()];
        let expected_seconds = match verb {
            Verb::Create | Verb::Wait => step.facts.typical_seconds,
            Verb::Update | Verb::Delete => 1,
        };
        Event::Started { address: job.address().clone(), account: step.account.clone(), verb, expected_seconds }
    }

    /// Takes over outputs that became known or changed.
    pub(super) fn learn(&mut self, job: &Job, outputs: Outputs) {
        if matches!(job, Job::Put(_)) {
            self.outputs.entry(job.address().clone()).or_default().extend(outputs);
        }
    }

    pub(super) fn end(&mut self, job: Job, answer: Answer) {
        let made = match answer {
            Ok(made) => made,
            Err(Trouble::Error(error)) => return self.fail(job, error),
            Err(Trouble::Stopped { last, half_done }) => return self.stopped(job, last, half_done),
        };
        self.learn(&job, made.outputs);
        self.reached(&job, KnownAt::Created);
        match made.state {
            State::Pending(why) => self.settle(job, &why),
            State::Broken(why) => {
                let error = self.own_error(job.address(), "Broken", &why);
                self.fail(job, error);
            }
            _ => {
                self.note(&job, made.told);
                self.done(job);
            }
        }
    }

    /// Keeps what AWS told of an object at whose address there was nothing before. Not of those that may have twins, whatever
    /// AWS told: these are searched for again.
    fn note(&mut self, job: &Job, told: Option<Value>) {
        let step = &self.plan.steps[job.address()];
        let may_have_twins = matches!(step.facts.create, CreateSafety::TagFirst | CreateSafety::Token);
        let is_first = step.action == Action::Create && step.surplus.is_empty();
        let (Job::Put(address), Some(spec), true) = (job, told, is_first && !may_have_twins) else { return };
        let outputs = self.outputs.get(address).cloned().unwrap_or_default();
        let seen = Seen { address: address.clone(), spec, outputs, state: State::Ready, identity: String::new() };
        self.told.insert(address.clone(), (step.account.clone(), seen));
    }

    fn done(&mut self, job: Job) {
        let address = job.address().clone();
        let event = match self.active.remove(&job) {
            Some(Phase::Calling(verb, since) | Phase::Settling(verb, since)) => {
                Event::Finished { address, verb, seconds: since.elapsed().as_secs_f64() }
            }
            _ => Event::Unneeded { address },
        };
        self.say(event);
        self.reached(&job, KnownAt::Ready);
        self.outcomes.insert(job, Outcome::Done);
    }

    /// Lets those go on that waited for this much of the job, if the outputs they need are there.
    pub(super) fn reached(&mut self, job: &Job, at: KnownAt) {
        let (graph, known) = (self.graph, self.outputs.get(job.address()));
        self.queue.reached(job, at, |follower| {
            let Some(node) = graph.get(follower.address()) else { return true };
            let mut fields = references(&node.spec).into_iter().filter(|(address, _)| address == job.address());
            fields.all(|(_, field)| known.is_some_and(|outputs| outputs.contains_key(&field)))
        });
    }

    fn fail(&mut self, job: Job, error: CallError) {
        let verb = match self.active.remove(&job) {
            Some(Phase::Queued(verb) | Phase::Calling(verb, _) | Phase::Settling(verb, _)) => verb,
            None => Verb::Wait,
        };
        self.say(Event::Failed { address: job.address().clone(), verb, error: error.clone() });
        self.skip_followers(&job);
        let unheard = error.class == Class::Unknown;
        self.outcomes.insert(job, if unheard { Outcome::Unknown { error } } else { Outcome::Failed { error } });
    }

    fn skip_followers(&mut self, failed: &Job) {
        for job in self.queue.failed(failed) {
            self.skip(job, failed.address());
        }
    }

    fn skip(&mut self, job: Job, because: &Address) {
        let because = because.clone();
        self.say(Event::Skipped { address: job.address().clone(), because: because.clone() });
        self.outcomes.insert(job, Outcome::Skipped { because });
    }

    /// Nothing is done while something is in the way.
    pub(super) fn skip_all(&mut self, because: &Address) {
        let plan = self.plan;
        for step in plan.changes() {
            self.skip(Job::Put(step.address.clone()), because);
        }
    }

    /// The run was interrupted before the job was through.
    fn stopped(&mut self, job: Job, last: Option<CallError>, half_done: bool) {
        self.active.remove(&job);
        let outcome = match last {
            Some(error) if error.class == Class::Unknown => Outcome::Unknown { error },
            _ if half_done => Outcome::NotReady,
            _ => Outcome::NotStarted,
        };
        self.outcomes.insert(job, outcome);
    }
}
