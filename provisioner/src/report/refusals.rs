//! Errors that end a command, and what a person can do about them.

use std::{
    borrow::Cow,
    collections::{BTreeMap, BTreeSet},
};

use config::Config;
use engine::{CallError, Class, Plan, State};
use model::Address;
use serde_json::{Value, json};

use super::{
    FORMAT_VERSION, Next, Paint, Printer,
    accounts::{account, action},
    wrap::fill,
    write_out,
};
use crate::{
    cli::Global,
    environment::Surroundings,
    failure::{Exit, Failure},
};

/// Prints why a command failed.
pub(crate) fn failure(failure: &Failure, global: &Global, surroundings: &Surroundings) {
    let next = Next::new(global);
    if global.json {
        write_out(&document(failure, &next).to_string());
    }
    let paint = Paint::new(surroundings.color_err);
    let words = words(failure, &next, paint);
    // Rendered mistakes are drawn, and not sentences.
    let width = surroundings.wrap.filter(|_| failure.mistakes.is_none());
    surroundings.say(&fill(&words, width, 7));
    if let Some(hint) = hint(failure, &next) {
        surroundings.say(&fill(&labelled(&hint, paint), surroundings.wrap, 6));
    }
}

impl Printer {
    /// What AWS refused to tell, and which permissions that takes, below what could be told all the same.
    pub(super) fn unread(&self, config: &Config, errors: &[CallError]) {
        if errors.is_empty() {
            return;
        }
        // A note spells commands out by itself.
        let (failure, as_it_is) = (unreadable(config, errors), Next::default());
        self.note(&words(&failure, &as_it_is, self.err));
        if let Some(hint) = hint(&failure, &as_it_is) {
            self.note(&labelled(&hint, self.err));
        }
    }
}

fn labelled(hint: &str, paint: Paint) -> String {
    format!("{} {hint}", paint.bold(&paint.cyan("hint:")))
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

/// The sentence for a person; rendered mistakes bring their own `error:`, and an answer of `no` is none.
fn words(failure: &Failure, next: &Next, paint: Paint) -> String {
    match &failure.mistakes {
        Some(mistakes) => mistakes.render(paint.is_on()).trim_end().to_owned(),
        None if failure.exit == Exit::Interrupted => failure.message.clone(),
        None => format!("{} {}", paint.bold(&paint.red("error:")), next.text(&failure.message)),
    }
}

fn hint(failure: &Failure, next: &Next) -> Option<String> {
    failure.hint.as_ref().map(|hint| next.text(hint))
}

/// A command line that cannot be understood, for a program; a person reads clap's own words.
pub(crate) fn misuse(words: &str) {
    let failure = Failure::usage(words.trim().trim_start_matches("error: "));
    write_out(&document(&failure, &Next::default()).to_string());
}

/// What AWS would not let us read, and the permissions that are missing.
#[must_use]
pub(crate) fn unreadable(config: &Config, errors: &[CallError]) -> Failure {
    let lines: BTreeSet<String> = errors.iter().map(|error| told(config, error)).collect();
    let lines: Vec<String> = lines.into_iter().collect();
    let failure = Failure::new(format!("AWS did not let everything be read:\n  {}", lines.join("\n  ")));
    Failure { hint: denied(config, errors), ..failure }
}

/// An error, with the account as people know it.
fn told(config: &Config, error: &CallError) -> String {
    let account = account(config, error.account.as_str()).as_str().into();
    CallError { account, ..error.clone() }.to_string()
}

/// Missing permissions together, per account, as the actions to allow; None if it was nothing of that kind.
#[must_use]
pub(crate) fn denied(config: &Config, errors: &[CallError]) -> Option<String> {
    let mut missing: BTreeMap<String, BTreeSet<Cow<'_, str>>> = BTreeMap::new();
    for error in errors.iter().filter(|error| error.class == Class::Denied) {
        missing.entry(account(config, error.account.as_str())).or_default().insert(action(&error.operation));
    }
    if missing.is_empty() {
        return None;
    }
    let line = |(account, actions): (String, BTreeSet<Cow<'_, str>>)| {
        let actions: Vec<Cow<'_, str>> = actions.into_iter().collect();
        format!("{account} lacks `{}`", actions.join("`, `"))
    };
    let tail = "`provisioner validate --iam` prints all that the roles need".to_owned();
    Some(missing.into_iter().map(line).chain([tail]).collect::<Vec<_>>().join("\n      "))
}

/// Everything that is in the way of a plan, in one failure; reasons with the same way out together.
#[must_use]
pub(crate) fn blocked(plan: &Plan) -> Option<Failure> {
    let mut reasons: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    let mut ways_out: BTreeSet<String> = BTreeSet::new();
    for (address, why) in plan.blocked() {
        let (why, way) = why.split_once(": run ").map_or((why, None), |(why, way)| (why, Some(way)));
        reasons.entry(why).or_default().push(address.to_string());
        ways_out.extend(way.map(|way| format!("run {way}")).or_else(|| foreign(plan, address)));
    }
    if reasons.is_empty() {
        return None;
    }
    let reasons: Vec<String> =
        reasons.into_iter().map(|(why, addresses)| format!("{}: {why}", some(&addresses))).collect();
    let message = format!("the plan cannot be carried out, so nothing was changed:\n  {}", reasons.join("\n  "));
    let ways_out: Vec<String> = ways_out.into_iter().collect();
    let hint = (!ways_out.is_empty()).then(|| ways_out.join("; "));
    Some(Failure { hint, ..Failure::new(message) })
}

/// The way out where somebody else's object is in ours' place.
fn foreign(plan: &Plan, address: &Address) -> Option<String> {
    let seen = plan.steps.get(address)?.seen.as_ref()?;
    let words =
        "what does not carry our tags is never touched: its owner may delete or rename it, or give ours another name";
    matches!(seen.state, State::Foreign(_)).then(|| words.to_owned())
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

    fn refused(operation: &str, account: &str) -> CallError {
        CallError {
            operation: operation.to_owned(),
            address: String::new(),
            account: account.into(),
            code: "AccessDenied".to_owned(),
            message: "no".to_owned(),
            request_id: None,
            class: Class::Denied,
            retry_after: None,
        }
    }

    #[test]
    fn missing_permissions_are_listed_by_role() {
        let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the workspace's folder");
        let config = config::load(root, Some("dev")).expect("the repository's own configuration");
        let errors = [
            refused("apigateway:GetRestApis", "222222222222"),
            refused("apigateway:GetStages", "222222222222"),
            refused("ec2:DescribeVpcs", "111111111111"),
        ];
        let failure = unreadable(&config, &errors);
        assert_eq!(
            hint(&failure, &Next::of("--env dev")).expect("a hint").lines().map(str::trim).collect::<Vec<_>>(),
            [
                "consumer (111111111111, role platform-provisioner) lacks `ec2:DescribeVpcs`",
                "food (222222222222, role platform-provisioner) lacks `apigateway:GET`",
                "`provisioner validate --iam --env dev` prints all that the roles need",
            ]
        );
        let wanted =
            "ec2:DescribeVpcs in account consumer (111111111111, role platform-provisioner) answered AccessDenied: no";
        assert!(failure.message.contains(wanted), "{}", failure.message);
    }

    #[test]
    fn no_is_an_answer_and_no_error() {
        let refused = Failure { exit: Exit::Interrupted, ..Failure::new("nothing was changed") };
        assert_eq!(words(&refused, &Next::default(), Paint::new(false)), "nothing was changed");
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
