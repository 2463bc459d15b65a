//! Grammars that several checks need: domains, ARNs, tags, names.

use crate::place::Place;

/// An ARN in its parts; `resource` may contain colons.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Arn<'a> {
    pub partition: &'a str,
    pub service: &'a str,
    pub region: &'a str,
    pub account: &'a str,
    pub resource: &'a str,
}

impl<'a> Arn<'a> {
    pub(super) fn parse(text: &'a str) -> Option<Self> {
        let mut parts = text.splitn(6, ':');
        let mut next = || parts.next();
        if next()? != "arn" {
            return None;
        }
        Some(Self { partition: next()?, service: next()?, region: next()?, account: next()?, resource: next()? })
    }
}

pub(super) fn is_account_id(text: &str) -> bool {
    text.len() == 12 && text.bytes().all(|b| b.is_ascii_digit())
}

/// A part of names and addresses: lower-case letters, digits and hyphens, a letter first, no hyphen last.
pub(super) fn is_name(text: &str, most: usize) -> bool {
    let legal = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-';
    (1..=most).contains(&text.len())
        && text.starts_with(|first: char| first.is_ascii_lowercase())
        && text.bytes().all(legal)
        && !text.ends_with('-')
}

/// What [`is_name`] asks for, in words.
pub(super) fn name_rule(most: usize) -> String {
    format!("1 to {most} lower-case letters, digits and hyphens, a letter first and no hyphen last")
}

/// Checks the key of a map that becomes part of names; `what` has its article.
pub(super) fn name(at: &Place<'_>, what: &str, name: &str, most: usize) {
    if !is_name(name, most) {
        at.wrong_key(format!("`{name}` cannot name {what}"), name_rule(most));
    }
}

/// Why a text is not the name of an internal domain; shaped like RFC 1123, at least two labels.
pub(super) fn domain_flaw(text: &str) -> Option<&'static str> {
    let label = |label: &str| {
        let legal = |b: u8| b.is_ascii_alphanumeric() || b == b'-';
        (1..=63).contains(&label.len()) && label.bytes().all(legal) && !label.starts_with('-') && !label.ends_with('-')
    };
    if text.bytes().any(|b| b.is_ascii_uppercase()) {
        return Some("write it in lower case");
    }
    if text.ends_with('.') {
        return Some("leave out the dot at the end");
    }
    if !text.split('.').all(label) {
        return Some("labels of 1 to 63 letters, digits and hyphens, none at either end, with dots between them");
    }
    if !text.contains('.') {
        return Some("two labels at least, such as `internal.example.com`");
    }
    text.ends_with(".amazonaws.com").then_some("a domain of your own; this one belongs to AWS")
}

/// Characters that every service takes in tags; API Gateway takes no others.
pub(super) fn is_tag_text(text: &str) -> bool {
    text.bytes().all(|b| b.is_ascii_alphanumeric() || b"+-=._:/".contains(&b))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_arn_comes_apart() {
        let arn = Arn::parse("arn:aws:secretsmanager:eu-west-1:111122223333:secret:a/b-AbCdEf").expect("an ARN");
        assert_eq!((arn.service, arn.resource), ("secretsmanager", "secret:a/b-AbCdEf"));
        assert_eq!(Arn::parse("arn:aws:iam::role/x"), None);
        assert_eq!(Arn::parse("food"), None);
    }

    #[test]
    fn domains_are_told_from_other_texts() {
        for good in ["internal.example", "a-b.c1.example.com"] {
            assert_eq!(domain_flaw(good), None, "{good}");
        }
        for bad in
            ["", "example", "Example.com", "example.com.", "a..b", "-a.b", "a_b.c", "x.execute-api.amazonaws.com"]
        {
            assert!(domain_flaw(bad).is_some(), "{bad}");
        }
    }

    #[test]
    fn names_are_told_from_other_texts() {
        assert!(is_name("food", 24) && is_name("a-1", 3));
        for bad in ["", "Food", "1a", "a-", "a_b", "abcd"] {
            assert!(!is_name(bad, 3), "{bad}");
        }
    }
}
