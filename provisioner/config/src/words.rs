//! Small pieces of sentences.

/// The option that a misspelt word most likely meant.
pub(crate) fn closest<'a>(word: &str, options: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let distances = options.into_iter().map(|option| (strsim::osa_distance(word, option), option));
    let (distance, option) = distances.min()?;
    (distance <= 1 + option.len() / 4).then_some(option)
}

/// `did you mean …?`, or else what there is.
pub(crate) fn did_you_mean<'a>(word: &str, options: impl IntoIterator<Item = &'a str>, or_else: &str) -> String {
    let options: Vec<&str> = options.into_iter().collect();
    match closest(word, options.iter().copied()) {
        Some(option) => format!("did you mean `{option}`?"),
        None => format!("{or_else}: {}", listed(options)),
    }
}

/// `` `a`, `b`, `c` ``
pub(crate) fn listed<'a>(words: impl IntoIterator<Item = &'a str>) -> String {
    words.into_iter().map(|word| format!("`{word}`")).collect::<Vec<_>>().join(", ")
}

/// A doc comment as one phrase: a small letter first, unless it starts a word in capitals, and no full stop last.
pub(crate) fn phrase(comment: &str) -> String {
    let line = comment.split_whitespace().collect::<Vec<_>>().join(" ");
    let mut letters = line.trim_end_matches('.').chars();
    let first = letters.next().map(|first| match letters.clone().next() {
        Some(second) if second.is_uppercase() => first,
        _ => first.to_ascii_lowercase(),
    });
    first.into_iter().chain(letters).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_misspelt_word_finds_what_it_meant() {
        assert_eq!(closest("memroy_mb", ["binary", "memory_mb"]), Some("memory_mb"));
        assert_eq!(closest("id", ["certificate", "network"]), None);
        assert_eq!(did_you_mean("x", ["apple", "pear"], "one of"), "one of: `apple`, `pear`");
    }

    #[test]
    fn a_doc_comment_becomes_a_phrase() {
        assert_eq!(phrase("One block\n per zone."), "one block per zone");
        assert_eq!(phrase("ARN of a role"), "ARN of a role");
        assert_eq!(phrase(""), "");
    }
}
