//! A mistake in a file, its place and the way out: for a person (like a compiler would say it) and for a program.

use std::{cell::RefCell, collections::BTreeSet, fmt, ops::Range, sync::Arc};

use annotate_snippets::{Annotation, AnnotationKind, Group, Level, Origin, Renderer, Snippet};
use serde::Serialize;

/// One mistake.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Diagnostic {
    /// What is wrong: a lower-case phrase.
    pub message: String,
    /// Relative to the platform's folder, with `/` on every system.
    pub file: String,
    /// From 1; nothing when the file itself is the matter (missing, misplaced).
    pub line: Option<usize>,
    /// From 1, in characters.
    pub column: Option<usize>,
    /// Such as `routes[0].path`; empty when it concerns the whole file.
    pub field: String,
    /// The way out.
    pub help: String,
    #[serde(skip)]
    excerpt: Option<Excerpt>,
    /// Places of the same file that explain it, in bytes.
    #[serde(skip)]
    related: Vec<(Range<usize>, String)>,
}

/// What is shown of the file; the place in bytes.
#[derive(Clone, PartialEq, Eq)]
struct Excerpt {
    text: Arc<str>,
    span: Range<usize>,
}

impl Diagnostic {
    /// A mistake that no place in the file shows.
    pub(crate) fn of_file(file: &str, message: impl Into<String>, help: impl Into<String>) -> Self {
        Self {
            message: message.into(),
            file: file.to_owned(),
            line: None,
            column: None,
            field: String::new(),
            help: help.into(),
            excerpt: None,
            related: Vec::new(),
        }
    }

    /// The same at a place: a range of bytes of the file's text.
    pub(crate) fn at(mut self, text: &Arc<str>, span: Range<usize>) -> Self {
        let span = within(text, span);
        let before = &text[..span.start];
        let line_start = before.rfind('\n').map_or(0, |newline| newline + 1);
        self.line = Some(before.matches('\n').count() + 1);
        self.column = Some(before[line_start..].chars().count() + 1);
        self.excerpt = Some(Excerpt { text: text.clone(), span });
        self
    }

    /// The same at the file's first line, for what should be somewhere in the file.
    pub(crate) fn at_top(self) -> Self {
        Self { line: Some(1), column: Some(1), ..self }
    }

    pub(crate) fn field(mut self, field: String) -> Self {
        self.field = field;
        self
    }

    /// Points at another place of the same file, with a few words.
    pub(crate) fn related(mut self, span: Range<usize>, label: &str) -> Self {
        self.related.push((span, label.to_owned()));
        self
    }

    fn start(&self) -> usize {
        self.excerpt.as_ref().map_or(0, |excerpt| excerpt.span.start)
    }

    fn group(&self) -> Group<'_> {
        let group = Level::ERROR.primary_title(&*self.message);
        let group = match &self.excerpt {
            Some(excerpt) => group.element(self.snippet(excerpt)),
            None => group.element(self.origin()),
        };
        group.element(Level::HELP.message(&*self.help))
    }

    fn snippet<'a>(&'a self, excerpt: &'a Excerpt) -> Snippet<'a, Annotation<'a>> {
        let related = self
            .related
            .iter()
            .map(|(span, label)| AnnotationKind::Context.span(within(&excerpt.text, span.clone())).label(&**label));
        let primary = AnnotationKind::Primary.span(excerpt.span.clone());
        Snippet::source(&*excerpt.text).path(&*self.file).annotation(primary).annotations(related)
    }

    fn origin(&self) -> Origin<'_> {
        let origin = Origin::path(&*self.file);
        match (self.line, self.column) {
            (Some(line), Some(column)) => origin.line(line).char_column(column),
            _ => origin,
        }
    }
}

impl fmt::Debug for Excerpt {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "Excerpt({:?})", self.span)
    }
}

/// The span, moved inward to the text's end and to whole characters.
fn within(text: &str, span: Range<usize>) -> Range<usize> {
    let (start, end) = (text.floor_char_boundary(span.start), text.floor_char_boundary(span.end));
    start..end.max(start)
}

/// Every mistake of every file, in the order of files and lines, each once.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct Diagnostics(Vec<Diagnostic>);

impl Diagnostics {
    pub fn iter(&self) -> std::slice::Iter<'_, Diagnostic> {
        self.0.iter()
    }

    /// The text for a person: each mistake with its line, a caret and the way out, then their number.
    #[must_use]
    pub fn render(&self, color: bool) -> String {
        let renderer = if color { Renderer::styled() } else { Renderer::plain() };
        let mut text = String::new();
        for diagnostic in self.iter() {
            text.push_str(&renderer.render(&[diagnostic.group()]));
            text.push_str("\n\n");
        }
        text + &self.summary()
    }

    fn summary(&self) -> String {
        let files: BTreeSet<&str> = self.iter().map(|diagnostic| &*diagnostic.file).collect();
        format!("{} in {}; nothing was done\n", count(self.0.len(), "mistake"), count(files.len(), "file"))
    }
}

fn count(many: usize, thing: &str) -> String {
    format!("{many} {thing}{}", if many == 1 { "" } else { "s" })
}

impl<'a> IntoIterator for &'a Diagnostics {
    type Item = &'a Diagnostic;
    type IntoIter = std::slice::Iter<'a, Diagnostic>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

impl fmt::Display for Diagnostics {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.render(false))
    }
}

impl std::error::Error for Diagnostics {}

/// Where checks put what they find.
#[derive(Debug, Default)]
pub(crate) struct Problems(RefCell<Vec<Diagnostic>>);

impl Problems {
    pub(crate) fn add(&self, diagnostic: Diagnostic) {
        self.0.borrow_mut().push(diagnostic);
    }

    /// What was found, in order; several environments may have found the same.
    pub(crate) fn into_result(self) -> Result<(), Diagnostics> {
        let mut found = self.0.into_inner();
        let mut seen = BTreeSet::new();
        found.retain(|one| seen.insert((one.file.clone(), one.start(), one.message.clone())));
        found.sort_by_key(|one| (rank(&one.file), one.file.clone(), one.start()));
        if found.is_empty() { Ok(()) } else { Err(Diagnostics(found)) }
    }
}

/// The platform first, then the hub, then the services by name.
fn rank(file: &str) -> usize {
    file.matches('/').count()
}
