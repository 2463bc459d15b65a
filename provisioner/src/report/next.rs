//! Commands for a person to run next, spelt so that they act on what this one acted on.

use crate::cli::Global;

/// The flags that a suggested command repeats. Whoever suggests one writes `provisioner up food`; this adds the rest where it
/// is printed.
#[derive(Default)]
pub(crate) struct Next {
    place: String,
    code: String,
}

impl Next {
    #[must_use]
    pub(crate) fn new(global: &Global) -> Self {
        let flag = |name: &str, value: Option<String>| {
            value.map(|value| format!(" {name} {}", quoted(&value))).unwrap_or_default()
        };
        let directory = global.directory.as_ref().map(|path| path.display().to_string());
        let artifacts = global.artifacts.as_ref().map(|path| path.display().to_string());
        Self { place: flag("--env", global.env.clone()) + &flag("-C", directory), code: flag("--artifacts", artifacts) }
    }

    /// A text with all its commands spelt out: those in backticks, or the whole of it.
    #[must_use]
    pub(crate) fn text(&self, text: &str) -> String {
        if is_command(text) && !text.contains('`') {
            return self.command(text);
        }
        let parts = text.split('`').enumerate();
        let parts =
            parts.map(|(n, part)| if n % 2 == 1 && is_command(part) { self.command(part) } else { part.to_owned() });
        parts.collect::<Vec<_>>().join("`")
    }

    fn command(&self, command: &str) -> String {
        let ships_code = matches!(command.split(' ').nth(1), Some("plan" | "up"));
        format!("{command}{}{}", self.place, if ships_code { &self.code } else { "" })
    }
}

fn is_command(text: &str) -> bool {
    text.starts_with("provisioner ")
}

/// As a shell takes it for one word.
fn quoted(value: &str) -> String {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "-_./:=@%+,".contains(c);
    if !value.is_empty() && value.chars().all(is_plain) {
        return value.to_owned();
    }
    format!("'{}'", value.replace('\'', r"'\''"))
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;
    use crate::cli::Cli;

    impl Next {
        /// As with these flags, which blanks separate.
        pub(in super::super) fn of(flags: &str) -> Self {
            let arguments = ["provisioner", "targets"].into_iter().chain(flags.split_whitespace());
            Self::new(&Cli::try_parse_from(arguments).expect("flags").global)
        }
    }

    #[test]
    fn commands_keep_to_the_environment_and_the_folder() {
        let next = Next::of("--env prod -C it's");
        assert_eq!(next.text("provisioner up food"), "provisioner up food --env prod -C 'it'\\''s'");
        assert_eq!(
            next.text("`role` lacks it; `provisioner validate --iam` prints all it needs"),
            "`role` lacks it; `provisioner validate --iam --env prod -C 'it'\\''s'` prints all it needs"
        );
    }

    #[test]
    fn code_goes_with_what_ships_it() {
        let next = Next::of("--artifacts built");
        assert_eq!(
            next.text("run `provisioner plan` or `provisioner up`"),
            "run `provisioner plan --artifacts built` or `provisioner up --artifacts built`"
        );
        assert_eq!(next.text("run `provisioner down food`"), "run `provisioner down food`");
    }

    #[test]
    fn other_words_stay() {
        for text in ["the provisioner is here", "`provisioner`", "`platform-provisioner` lacks it", ""] {
            assert_eq!(Next::of("--env prod").text(text), text);
        }
    }

    #[test]
    fn without_flags_commands_stay_as_they_are() {
        assert_eq!(Next::of("").text("run `provisioner up`"), "run `provisioner up`");
    }
}
