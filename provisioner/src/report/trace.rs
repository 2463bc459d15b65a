//! A trace: one line a hop, and what mends the broken ones.

use reach::{Hop, Outcome, Trace, Verdict};

use super::Printer;

impl Printer {
    pub(crate) fn trace(&self, trace: &Trace) {
        if self.json {
            return self.document("trace", &self.spelt_out(trace));
        }
        let width = trace.hops.iter().map(|hop| hop.step.as_str().len()).max().unwrap_or_default();
        trace.hops.iter().for_each(|hop| self.hop(hop, width));
        let broken = trace.hops.iter().filter(|hop| hop.verdict == Verdict::Broken).count();
        self.data(&self.outcome(&trace.outcome, broken));
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
        if !hop.why.is_empty() {
            self.data(&format!("  {:width$}  {}", "", self.out.dim(&hop.why)));
        }
        if let Some(mend) = hop.mend.as_ref().filter(|_| hop.verdict != Verdict::Ok) {
            self.data(&format!("  {:width$}  {} {}", "", self.out.cyan("mend:"), self.next.text(mend)));
        }
    }

    fn outcome(&self, outcome: &Outcome, broken: usize) -> String {
        let (good, bad) = (self.out.green("✓"), self.out.red("✗"));
        match outcome {
            Outcome::Reaches(to) if broken == 0 => format!("{good} the request gets through to {}", to.function),
            Outcome::Reaches(to) => {
                format!("{bad} the request reaches {}, but {broken} of its hops are broken", to.function)
            }
            Outcome::Refused { by, answer } => {
                format!("{bad} the client gets {} from the {}", answer.status, by.as_str())
            }
            Outcome::NoConnection { by, why } => {
                format!("{bad} the client gets no answer at the {}: {why}", by.as_str())
            }
            Outcome::Unknown { by, why } => {
                format!("{} it cannot be told at the {}: {why}", self.out.yellow("?"), by.as_str())
            }
        }
    }
}
