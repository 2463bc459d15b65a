//! A place in a file as one environment sees it: where checks stand when they find a mistake.

use std::{cell::RefCell, collections::BTreeSet};

use crate::{
    diagnostic::{Diagnostic, Problems},
    document::Document,
    pointer::Pointer,
};

/// One file as it is checked: as it is written, or with an environment's overrides over it.
pub(crate) struct Sheet<'a> {
    document: &'a Document,
    problems: &'a Problems,
    environment: Option<&'a str>,
    /// Whether what it lacks matters now; an environment that is not loaded may be half written.
    complete: bool,
    /// Where the shape is already known to be wrong, so that nothing more is said about it.
    silent: RefCell<BTreeSet<Pointer>>,
    /// Where a mistake was found.
    flawed: RefCell<BTreeSet<Pointer>>,
}

impl<'a> Sheet<'a> {
    pub(crate) fn written(document: &'a Document, problems: &'a Problems) -> Self {
        let (silent, flawed) = (RefCell::default(), RefCell::default());
        Self { document, problems, environment: None, complete: true, silent, flawed }
    }

    pub(crate) fn seen_by(environment: &'a str, document: &'a Document, problems: &'a Problems) -> Self {
        Self { environment: Some(environment), ..Self::written(document, problems) }
    }

    pub(crate) fn complete(self, complete: bool) -> Self {
        Self { complete, ..self }
    }

    pub(crate) fn top(&'a self) -> Place<'a> {
        Place { sheet: self, at: Pointer::default(), own: false }
    }

    fn section(&self) -> Option<Pointer> {
        self.environment.map(|name| Pointer::default().key("environments").key(name))
    }
}

/// A value of a file; it need not be written there.
#[derive(Clone)]
pub(crate) struct Place<'a> {
    sheet: &'a Sheet<'a>,
    at: Pointer,
    /// Whether it belongs into the environment's own table, not into the base.
    own: bool,
}

impl<'a> Place<'a> {
    pub(crate) fn key(&self, key: &str) -> Self {
        Self { at: self.at.key(key), ..self.clone() }
    }

    pub(crate) fn index(&self, index: usize) -> Self {
        Self { at: self.at.index(index), ..self.clone() }
    }

    /// The same in the environment's own table, where what only this environment lacks belongs.
    pub(crate) fn own(&self) -> Self {
        Self { own: true, ..self.clone() }
    }

    pub(crate) fn name(&self) -> String {
        self.at.last()
    }

    /// The value is so wrong that nothing more is to be said about it and what it contains.
    pub(crate) fn unfit(&self, message: impl Into<String>, help: impl Into<String>) {
        self.wrong(message, help);
        self.silence();
    }

    /// Says no more about this place and what it contains.
    pub(crate) fn silence(&self) {
        self.sheet.silent.borrow_mut().insert(self.at.clone());
    }

    /// Nothing is known to be wrong with the value or what it contains: other things may be held against it.
    pub(crate) fn is_sound(&self) -> bool {
        let (silent, flawed) = (self.sheet.silent.borrow(), self.sheet.flawed.borrow());
        !silent.iter().chain(flawed.iter()).any(|wrong| self.at.covers(wrong))
    }

    /// The value is missing.
    pub(crate) fn lacking(&self, message: impl Into<String>, help: impl Into<String>) {
        if self.sheet.complete {
            self.wrong(message, help);
        }
    }

    /// The value is wrong.
    pub(crate) fn wrong(&self, message: impl Into<String>, help: impl Into<String>) {
        let found = self.written();
        let missing = found != self.full();
        self.report(self.diagnostic(message, help), &found, missing);
    }

    /// The key is wrong.
    pub(crate) fn wrong_key(&self, message: impl Into<String>, help: impl Into<String>) {
        self.report(self.diagnostic(message, help), &self.written(), true);
    }

    /// The value does not go with another one of the same file.
    pub(crate) fn clash(&self, message: impl Into<String>, other: &Place<'_>, label: &str, help: impl Into<String>) {
        let diagnostic = self.diagnostic(message, help);
        let related = self.sheet.document.value_span(&other.written());
        self.report(diagnostic.related(related, label), &self.written(), false);
    }

    /// The file as a whole is wrong, its name for example.
    pub(crate) fn wrong_file(&self, message: impl Into<String>, help: impl Into<String>) {
        self.sheet.problems.add(Diagnostic::of_file(&self.sheet.document.file, message, help));
    }

    fn diagnostic(&self, message: impl Into<String>, help: impl Into<String>) -> Diagnostic {
        Diagnostic::of_file(&self.sheet.document.file, message, help).field(self.full().to_string())
    }

    fn report(&self, diagnostic: Diagnostic, found: &Pointer, at_key: bool) {
        if self.sheet.silent.borrow().iter().any(|silent| silent.covers(&self.at)) {
            return;
        }
        self.sheet.flawed.borrow_mut().insert(self.at.clone());
        let document = self.sheet.document;
        let span = if at_key { document.key_span(found) } else { document.value_span(found) };
        self.sheet.problems.add(match found.parent() {
            Some(_) => diagnostic.at(&document.text, span),
            None => diagnostic.at_top(),
        });
    }

    /// The pointer from the top of the file: into the environment's table when that is where the value is or belongs.
    fn full(&self) -> Pointer {
        let section = self.sheet.section().filter(|section| self.own || section.covers(&self.written()));
        section.map_or_else(|| self.at.clone(), |section| self.at.under(&section))
    }

    /// The nearest thing in the file: the override, else the base, else what contains it.
    fn written(&self) -> Pointer {
        let containers = std::iter::successors(Some(self.at.clone()), Pointer::parent);
        let mut candidates = containers.flat_map(|at| self.overriding(&at).into_iter().chain([at]));
        candidates.find(|at| self.sheet.document.has(at)).unwrap_or_default()
    }

    fn overriding(&self, at: &Pointer) -> Option<Pointer> {
        let whole_file = at.parent().is_none();
        self.sheet.section().filter(|_| self.own || !whole_file).map(|section| at.under(&section))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "[network]\ncidr = 'base'\nzones = ['a', 'b']\n[environments.dev.network]\nzones = ['c']\n";

    fn document(problems: &Problems) -> Document {
        Document::parse("x.toml", TEXT.to_owned(), problems).expect("it is TOML")
    }

    fn located(environment: &str, steps: &[&str]) -> (Option<usize>, String) {
        let problems = Problems::default();
        let document = document(&problems);
        let sheet = Sheet::seen_by(environment, &document, &problems);
        steps.iter().fold(sheet.top(), |at, step| at.key(step)).wrong("wrong", "help");
        let found = problems.into_result().expect_err("one was reported");
        let one = found.iter().next().expect("one was reported");
        (one.line, one.field.clone())
    }

    #[test]
    fn a_value_is_found_where_it_was_written_last() {
        let item = ["network", "zones", "0"];
        assert_eq!(located("dev", &item), (Some(5), "environments.dev.network.zones[0]".to_owned()));
        assert_eq!(located("local", &item), (Some(3), "network.zones[0]".to_owned()));
        assert_eq!(located("dev", &["network", "cidr"]), (Some(2), "network.cidr".to_owned()));
    }

    #[test]
    fn what_is_missing_is_reported_at_what_should_contain_it() {
        assert_eq!(located("local", &["network", "private_cidrs"]), (Some(1), "network.private_cidrs".to_owned()));
        assert_eq!(located("dev", &["routes"]), (Some(1), "routes".to_owned()));
    }

    #[test]
    fn what_an_environment_lacks_is_reported_in_its_own_table() {
        let problems = Problems::default();
        let document = document(&problems);
        Sheet::seen_by("dev", &document, &problems).top().own().key("certificate").wrong("missing", "help");
        let found = problems.into_result().expect_err("one was reported");
        let one = found.iter().next().expect("one was reported");
        assert_eq!((one.line, one.field.as_str()), (Some(4), "environments.dev.certificate"));
    }

    #[test]
    fn silence_covers_what_a_place_contains() {
        let problems = Problems::default();
        let document = document(&problems);
        let sheet = Sheet::seen_by("dev", &document, &problems);
        sheet.top().key("network").silence();
        sheet.top().key("network").key("cidr").wrong("wrong", "help");
        assert_eq!(problems.into_result(), Ok(()));
    }
}
