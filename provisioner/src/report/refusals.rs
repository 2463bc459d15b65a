//! Errors that end a command, and what a person can do about them.

use std::collections::{BTreeMap, BTreeSet};

use engine::{CallError, Class, Plan};
use serde_json::{Value, json};

use super::{FORMAT_VERSION, Next, Paint, write_out};
use crate::{cli::Global, environment::Surroundings, failure::Failure};

/// Prints why a command failed.
pub(crate) fn failure(failure: &Failure, global: &Global, surroundings: &Surroundings) {
    let next = Next::new(global);
    if global.json {
        write_out(&document(failure, &next).to_string());
    }
    let paint = Paint::new(surroundings.color_err);
    surroundings.say(&words(failure, &next, paint));
    if let Some(hint) = hint(failure, &next) {
        surroundings.say(&format!("{} {hint}", paint.bold(&paint.cyan("hint:"))));
    }
}

/// As a document: never coloured, and mistakes with their places.
fn document(failure: &Failure, next: &Next) -> Value {
    let mut error = json!({
        "message": next.text(&failure.message),
        "hint": hint(failure, next),
        "exit": failure.exit as u8,
    });
    if let Some(mistakes) = &failure.mistakes {
        error["mistakes"] = json!(mistakes);
    }
    json!({"format_version": FORMAT_VERSION, "kind": "error", "error": error})
}

/// The sentence for a person; rendered mistakes bring their own `error:`.
fn words(failure: &Failure, next: &Next, paint: Paint) -> String {
    match &failure.mistakes {
        Some(mistakes) => mistakes.render(paint.is_on()).trim_end().to_owned(),
        None => format!("{} {}", paint.bold(&paint.red("error:")), next.text(&failure.message)),
    }
}

fn hint(failure: &Failure, next: &Next) -> Option<String> {
    failure.hint.as_ref().map(|hint| next.text(hint)).filter(|hint| !hint.is_empty())
}

/// A command line that cannot be understood, for a program; a person reads clap's own words.
pub(crate) fn misuse(words: &str) {
    let failure = Failure::usage(words.trim().trim_start_matches("error: "));
    write_out(&document(&failure, &Next::default()).to_string());
}

/// What AWS would not let us read.
#[must_use]
pub(crate) fn unreadable(errors: &[CallError]) -> Failure {
    let lines: BTreeSet<String> = errors.iter().map(ToString::to_string).collect();
    Failure::new(format!(
        "AWS did not let everything be read:\n  {}",
        lines.into_iter().collect::<Vec<_>>().join("\n  ")
    ))
}

/// Missing permissions together, per account, as the actions to allow.
#[must_use]
pub(crate) fn denied(errors: &[CallError]) -> String {
    let mut missing: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for error in errors.iter().filter(|error| error.class == Class::Denied) {
        missing.entry(error.account.as_str()).or_default().insert(&error.operation);
    }
    let line = |(account, actions): (&str, BTreeSet<&str>)| {
        let actions: Vec<&str> = actions.into_iter().collect();
        format!(
            "the role in {account} lacks `{}`; `provisioner validate --iam` prints all it needs",
            actions.join("`, `")
        )
    };
    missing.into_iter().map(line).collect::<Vec<_>>().join("\n      ")
}

/// Everything that is in the way of a plan, in one failure; reasons with the same way out together.
#[must_use]
pub(crate) fn blocked(plan: &Plan) -> Option<Failure> {
    let mut reasons: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    let mut way_out: BTreeSet<&str> = BTreeSet::new();
    for (address, why) in plan.blocked() {
        let (why, way) = why.split_once(": run ").map_or((why, None), |(why, way)| (why, Some(way)));
        reasons.entry(why).or_default().push(address.to_string());
        way_out.extend(way);
    }
    if reasons.is_empty() {
        return None;
    }
    let reasons: Vec<String> =
        reasons.into_iter().map(|(why, addresses)| format!("{}: {why}", some(&addresses))).collect();
    let failure = Failure::new(format!("nothing was changed, because\n  {}", reasons.join("\n  ")));
    let ways: Vec<String> = way_out.into_iter().map(|way| format!("run {way}")).collect();
    Some(if ways.is_empty() { failure } else { failure.hint(ways.join("; ")) })
}

/// The first one by name, the others by number.
fn some(addresses: &[String]) -> String {
    match addresses {
        [one] => format!("`{one}`"),
        [first, rest @ ..] => format!("`{first}` and {} more", rest.len()),
        [] => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn documents_have_no_colours_and_spelt_out_commands() {
        let failure = Failure::new("no").hint("run `provisioner up food`");
        let next = Next::of("--env prod");
        let wanted = json!({"message": "no", "hint": "run `provisioner up food --env prod`", "exit": 1});
        assert_eq!(document(&failure, &next)["error"], wanted);
    }

    #[test]
    fn mistakes_are_listed_with_their_places() {
        let folder = std::env::temp_dir().join("provisioner-no-such-folder");
        let mistakes = config::load(&folder, None).expect_err("there is no such folder");
        let failure = Failure::mistakes(mistakes);
        let document = document(&failure, &Next::default());
        assert!(document["error"]["mistakes"][0]["message"].is_string(), "{document}");
        assert!(!document.to_string().contains("u001b"), "{document}");
        assert!(words(&failure, &Next::default(), Paint::new(false)).contains("-->"));
    }
}
