//! Sentences in lines.

/// Words in lines of at most `width` columns; only a single word may be longer.
pub(super) fn lines(text: &str, width: usize) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for word in text.split(' ') {
        match lines.last_mut() {
            Some(line) if line.chars().count() + 1 + word.chars().count() <= width => {
                line.push(' ');
                line.push_str(word);
            }
            _ => lines.push(word.to_owned()),
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::lines;

    #[test]
    fn lines_break_between_words() {
        assert_eq!(lines("the client `times out`", 10), ["the client", "`times", "out`"]);
        assert_eq!(lines("an arn:aws:kms:x", 5), ["an", "arn:aws:kms:x"]);
        assert_eq!(lines("short", 80), ["short"]);
    }
}
