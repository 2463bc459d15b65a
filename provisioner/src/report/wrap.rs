//! Sentences in lines that fit a terminal, broken between words.

use console::measure_text_width;

/// Breaks each line of a text that is wider than `width`. What follows the first line is indented by `hang`; below other lines it
/// stands two columns to the right of their beginning. A command in backticks stays whole, so that it can be copied.
#[must_use]
pub(crate) fn fill(text: &str, width: Option<usize>, hang: usize) -> String {
    let Some(width) = width else { return text.to_owned() };
    let indent = |line: &str| line.chars().take_while(|c| *c == ' ').count();
    let lines = text.split('\n').enumerate();
    let filled = lines.map(|(n, line)| fill_line(line, width, if n == 0 { hang } else { indent(line) + 2 }));
    filled.collect::<Vec<_>>().join("\n")
}

fn fill_line(line: &str, width: usize, hang: usize) -> String {
    let mut words = words(line).into_iter();
    let mut filled = words.next().unwrap_or_default().to_owned();
    let mut column = measure_text_width(&filled);
    for word in words {
        let wide = measure_text_width(word);
        let breaks = column > hang && column + 1 + wide > width;
        let between = if breaks { format!("\n{}", " ".repeat(hang)) } else { " ".to_owned() };
        column = if breaks { hang } else { column + 1 } + wide;
        filled = filled + &between + word;
    }
    filled
}

/// What blanks separate; what stands in backticks is one word.
fn words(line: &str) -> Vec<&str> {
    let (mut words, mut start, mut is_quoted) = (Vec::new(), 0, false);
    for (at, c) in line.char_indices() {
        match c {
            '`' => is_quoted = !is_quoted,
            ' ' if !is_quoted => {
                words.push(&line[start..at]);
                start = at + 1;
            }
            _ => {}
        }
    }
    words.push(&line[start..]);
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_break_between_words() {
        let text = "error: the role may not do this\n  because of that and of something else";
        let wanted =
            "error: the role\n       may not do\n       this\n  because of that\n    and of\n    something else";
        assert_eq!(fill(text, Some(18), 7), wanted);
        assert_eq!(fill(text, None, 7), text);
    }

    #[test]
    fn commands_stay_whole() {
        assert_eq!(fill("run `provisioner up food` now", Some(20), 2), "run\n  `provisioner up food`\n  now");
    }

    #[test]
    fn colours_take_no_room_and_blanks_stay() {
        assert_eq!(fill("\x1b[1mone\x1b[0m two", Some(7), 0), "\x1b[1mone\x1b[0m two");
        assert_eq!(fill("  one  two", Some(80), 2), "  one  two");
    }
}
