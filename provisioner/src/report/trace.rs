//! A trace: one line a hop, and what mends the broken ones.

use reach::{Hop, Outcome, Step, Trace, Verdict};

use super::{Printer, wrap::fill};

impl Printer {
    pub(crate) fn trace(&self, trace: &Trace) {
        if self.json {
            return self.document("trace", &self.spelt_out(trace));
        }
        let width = trace.hops.iter().map(|hop| hop.step.as_str().len()).max().unwrap_or_default();
        trace.hops.iter().for_each(|hop| self.hop(hop, width));
        self.data(&self.outcome(trace));
    }

    /// The same with its commands spelt out.
    fn spelt_out(&self, trace: &Trace) -> Trace {
        let mut trace = trace.clone();
        let mends = trace.hops.iter_mut().filter_map(|hop| hop.mend.as_mut());
        mends.for_each(|mend| *mend = self.next.text(mend));
        trace
    }

    fn hop(&self, hop: &Hop, width: usize) {
        let mark = match hop.verdict {
            Verdict::Ok => self.out.green("✓"),
            Verdict::Broken => self.out.red("✗"),
            Verdict::CannotTell => self.out.yellow("?"),
        };
        let object = hop.object.as_ref().map_or_else(|| hop.id.clone(), ToString::to_string);
        self.data(&format!("{mark} {:width$}  {object}", hop.step.as_str()));
        let indent = " ".repeat(width + 4);
        let room = self.width.saturating_sub(indent.len());
        for line in fill(&hop.why, Some(room), 0).lines() {
            self.data(&format!("{indent}{}", self.out.dim(line)));
        }
        if let Some(mend) = hop.mend.as_ref().filter(|_| hop.verdict != Verdict::Ok) {
            self.mend(mend, &indent, room);
        }
    }

    fn mend(&self, mend: &str, indent: &str, room: usize) {
        let label = "mend: ";
        for (n, line) in fill(&self.next.text(mend), Some(room.saturating_sub(label.len())), 0).lines().enumerate() {
            let label = if n == 0 { self.out.cyan(label) } else { " ".repeat(label.len()) };
            self.data(&format!("{indent}{label}{line}"));
        }
    }

    /// How it ends, in one line; why is said at the hop.
    fn outcome(&self, trace: &Trace) -> String {
        let (good, bad) = (self.out.green("✓"), self.out.red("✗"));
        let broken: Vec<&str> = trace.broken().map(|hop| hop.step.as_str()).collect();
        match &trace.outcome {
            Outcome::Reaches(to) if broken.is_empty() => {
                format!("{good} the request gets through to {}", to.function)
            }
            Outcome::Reaches(to) => {
                format!("{bad} the request reaches {}, but not all is well: {}", to.function, broken.join(", "))
            }
            Outcome::Refused { by, answer } => format!("{bad} the client gets {}: {by}", answer.status),
            Outcome::NoConnection { by, .. } => format!("{bad} {}: {by}", silence(*by)),
            Outcome::Unknown { by, .. } => format!("{} the answer cannot be told: {by}", self.out.yellow("?")),
        }
    }
}

/// What a client meets that gets no answer.
fn silence(by: Step) -> &'static str {
    match by {
        Step::Record => "the client does not find the name",
        Step::ClientAccess => "the client times out",
        Step::Certificate => "the client refuses the certificate",
        _ => "the client cannot connect",
    }
}
