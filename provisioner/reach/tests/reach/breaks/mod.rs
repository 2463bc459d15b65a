//! One break at a time: where it is seen, what AWS answers, and what mends it.
//!
//! The expected answers are AWS's documented behaviour (API Gateway and Elastic Load Balancing guides), written down
//! here without looking at the model.

mod api;
mod endpoint;
mod entry;
mod function;

use reach::{Outcome, Request, Step, Trace};
use serde_json::json;

use crate::fixture::{Fixture, healthy, orders};

/// How a broken way ends.
#[derive(Clone, Copy, Debug, PartialEq)]
enum End {
    /// A component answers with this status.
    Answer(u16),
    NoConnection,
    /// The function is called, whatever becomes of it.
    Function,
    Unknown,
}

fn end(trace: &Trace) -> End {
    match &trace.outcome {
        Outcome::Reaches(_) => End::Function,
        Outcome::Refused { answer, .. } => End::Answer(answer.status),
        Outcome::NoConnection { .. } => End::NoConnection,
        Outcome::Unknown { .. } => End::Unknown,
    }
}

/// Breaks the healthy world, and asks for `GET /orders` of food.
fn broken(step: Step, expected: End, mend: Option<&str>, hurt: impl FnOnce(&mut Fixture)) -> Trace {
    broken_for(&orders(), step, expected, mend, hurt)
}

fn broken_for(
    request: &Request,
    step: Step,
    expected: End,
    mend: Option<&str>,
    hurt: impl FnOnce(&mut Fixture),
) -> Trace {
    let mut world = healthy();
    hurt(&mut world);
    let trace = world.trace(request);
    let hops: Vec<_> = trace.broken().collect();
    assert_eq!(hops.iter().map(|hop| hop.step).collect::<Vec<_>>(), [step], "{trace:#?}");
    assert_eq!((end(&trace), hops[0].mend.as_deref()), (expected, mend), "{trace:#?}");
    assert!(!trace.gets_through());
    trace
}

const FOOD: Option<&str> = Some("provisioner up food");
const CONSUMER: Option<&str> = Some("provisioner up consumer");

fn body(trace: &Trace) -> (&'static str, &str) {
    let Outcome::Refused { answer, .. } = &trace.outcome else { panic!("{trace:#?}") };
    (answer.content_type, &answer.body)
}

fn says(trace: &Trace, message: &str) {
    assert_eq!(body(trace), ("application/json", json!({ "message": message }).to_string().as_str()));
}
