//! The only place that prints. Data goes to standard output, everything else to standard error; with `--json` one document
//! a command, and one event a line while a run goes on.

mod accounts;
mod differences;
mod document;
mod estimate;
mod leases;
mod local;
mod next;
mod outputs;
mod paint;
mod plan;
mod progress;
mod refusals;
mod standing;
mod summary;
mod trace;
mod values;
mod wrap;

pub(crate) use next::Next;
pub(crate) use outputs::{Found, moment};
pub(crate) use paint::Paint;
pub(crate) use progress::Progress;
pub(crate) use refusals::{blocked, denied, failure, misuse, unreadable};
use serde::Serialize;
pub(crate) use wrap::fill;

use crate::{cli::Global, environment::Surroundings, session::Session};

/// Changes when a document's shape does.
pub(crate) const FORMAT_VERSION: u32 = 1;

/// Prints what commands found, as text or as JSON.
pub(crate) struct Printer {
    json: bool,
    verbose: bool,
    out: Paint,
    err: Paint,
    width: usize,
    /// Columns for sentences; none in a pipe, where lines stay whole.
    wrap: Option<usize>,
    next: Next,
}

impl Printer {
    #[must_use]
    pub(crate) fn new(global: &Global, surroundings: &Surroundings) -> Self {
        Self {
            json: global.json,
            verbose: global.verbose > 0,
            out: Paint::new(surroundings.color_out),
            err: Paint::new(surroundings.color_err),
            width: surroundings.width,
            wrap: surroundings.wrap,
            next: Next::new(global),
        }
    }

    /// One JSON document with its format's version.
    fn document(&self, kind: &str, body: &impl Serialize) {
        let mut document = serde_json::json!({"format_version": FORMAT_VERSION, "kind": kind});
        if let (Some(document), Ok(serde_json::Value::Object(fields))) =
            (document.as_object_mut(), serde_json::to_value(body))
        {
            document.extend(fields);
        }
        self.data(&document.to_string());
    }

    /// A line of data.
    fn data(&self, line: &str) {
        write_out(line);
    }

    /// A line for a person; its commands are spelt out.
    fn note(&self, line: &str) {
        if !self.json {
            let indent = line.chars().take_while(|c| *c == ' ').count();
            anstream::eprintln!("{}", wrap::fill(&self.next.text(line), self.wrap, indent + 2));
        }
    }

    /// With `-v`: how often AWS was called.
    pub(crate) fn calls(&self, session: &Session) {
        if !self.verbose {
            return;
        }
        let objects = session.platform.graph.len();
        let total = session.accounts.tally().total();
        #[expect(clippy::cast_precision_loss, reason = "a ratio for people, of small numbers")]
        let ratio = total as f64 / objects.max(1) as f64;
        self.note(&self.err.dim(&format!("{total} AWS calls for {objects} objects ({ratio:.2} each)")));
        for (operation, calls) in session.accounts.tally().by_operation() {
            self.note(&self.err.dim(&format!("{calls:6}  {operation}")));
        }
    }
}

/// Standard output may be a closed pipe (`provisioner plan | head`): then nobody wants the rest.
fn write_out(line: &str) {
    use std::io::Write;
    if writeln!(anstream::stdout(), "{line}").is_err() {
        std::process::exit(0);
    }
}
