//! Colours, or none.

/// Wraps text in ANSI colours if they are wanted.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Paint {
    on: bool,
}

impl Paint {
    #[must_use]
    pub(crate) fn new(on: bool) -> Self {
        Self { on }
    }

    #[must_use]
    pub(crate) fn is_on(self) -> bool {
        self.on
    }

    fn wrap(self, code: &str, text: &str) -> String {
        if self.on { format!("\x1b[{code}m{text}\x1b[0m") } else { text.to_owned() }
    }

    #[must_use]
    pub(crate) fn green(self, text: &str) -> String {
        self.wrap("32", text)
    }

    #[must_use]
    pub(crate) fn red(self, text: &str) -> String {
        self.wrap("31", text)
    }

    #[must_use]
    pub(crate) fn yellow(self, text: &str) -> String {
        self.wrap("33", text)
    }

    #[must_use]
    pub(crate) fn cyan(self, text: &str) -> String {
        self.wrap("36", text)
    }

    #[must_use]
    pub(crate) fn bold(self, text: &str) -> String {
        self.wrap("1", text)
    }

    #[must_use]
    pub(crate) fn dim(self, text: &str) -> String {
        self.wrap("2", text)
    }
}
