//! Where a value sits in a file: a JSON pointer that reads as a dotted TOML key.

use std::fmt;

/// A JSON pointer (RFC 6901), such as `/routes/0/path`; the empty one is the whole file.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Pointer(String);

impl Pointer {
    pub(crate) fn key(&self, key: &str) -> Self {
        Self(format!("{}/{}", self.0, key.replace('~', "~0").replace('/', "~1")))
    }

    pub(crate) fn index(&self, index: usize) -> Self {
        Self(format!("{}/{index}", self.0))
    }

    /// The pointer that contains this one; nothing contains the whole file.
    pub(crate) fn parent(&self) -> Option<Self> {
        self.0.rfind('/').map(|slash| Self(self.0[..slash].to_owned()))
    }

    /// This pointer, read from `base` instead of the whole file.
    pub(crate) fn under(&self, base: &Self) -> Self {
        Self(format!("{}{}", base.0, self.0))
    }

    /// Whether this is `other` or contains it.
    pub(crate) fn covers(&self, other: &Self) -> bool {
        other.0.strip_prefix(&self.0).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    }

    pub(crate) fn steps(&self) -> impl Iterator<Item = String> {
        self.0.split('/').skip(1).map(|step| step.replace("~1", "/").replace("~0", "~"))
    }

    /// The last key, with the index after it that leads into its list: `zones[0]`.
    pub(crate) fn last(&self) -> String {
        let steps: Vec<String> = self.steps().collect();
        match &steps[..] {
            [.., list, index] if is_index(index) => format!("{list}[{index}]"),
            [.., last] => last.clone(),
            [] => String::new(),
        }
    }
}

impl From<&str> for Pointer {
    fn from(text: &str) -> Self {
        Self(text.to_owned())
    }
}

/// As the file's author would name it: `routes[0].path`, keys quoted where TOML wants quotes.
impl fmt::Display for Pointer {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, step) in self.steps().enumerate() {
            let dot = if at == 0 { "" } else { "." };
            if is_index(&step) {
                write!(out, "[{step}]")?;
            } else if !step.is_empty() && step.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_') {
                write!(out, "{dot}{step}")?;
            } else {
                write!(out, "{dot}{step:?}")?;
            }
        }
        Ok(())
    }
}

fn is_index(step: &str) -> bool {
    !step.is_empty() && step.bytes().all(|b| b.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pointer_reads_as_a_toml_key() {
        let at = Pointer::default().key("functions").key("a/b").key("tables").index(1);
        assert_eq!(at.0, "/functions/a~1b/tables/1");
        assert_eq!(at.to_string(), r#"functions."a/b".tables[1]"#);
        assert_eq!((at.last(), Pointer::from("/a/b").last()), ("tables[1]".to_owned(), "b".to_owned()));
    }

    #[test]
    fn a_pointer_covers_itself_and_what_it_contains() {
        let (outer, inner) = (Pointer::from("/network"), Pointer::from("/network/cidr"));
        assert!(outer.covers(&inner) && outer.covers(&outer) && Pointer::default().covers(&outer));
        assert!(!inner.covers(&outer) && !outer.covers(&Pointer::from("/networks")));
        assert_eq!(inner.parent(), Some(outer));
        assert_eq!(Pointer::default().parent(), None);
    }
}
