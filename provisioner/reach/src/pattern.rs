//! Patterns as AWS matches them: `*` is any run of characters, `?` is one.

/// Matches the whole text; case counts.
pub(crate) fn glob(pattern: &str, text: &str) -> bool {
    matches(pattern.as_bytes(), text.as_bytes(), |a, b| a == b)
}

/// Matches the whole text; ASCII case does not count.
pub(crate) fn glob_any_case(pattern: &str, text: &str) -> bool {
    matches(pattern.as_bytes(), text.as_bytes(), |a, b| a.eq_ignore_ascii_case(&b))
}

/// Matches an ARN part by part: a `*` never reaches over one of the first five colons.
pub(crate) fn arn_like(pattern: &str, arn: &str) -> bool {
    let (patterns, parts): (Vec<_>, Vec<_>) = (pattern.splitn(6, ':').collect(), arn.splitn(6, ':').collect());
    patterns.len() == parts.len() && patterns.iter().zip(parts).all(|(pattern, part)| glob(pattern, part))
}

/// Whether a certificate's name covers a host: equal, or `*.` in place of exactly one label. Ignores case.
pub(crate) fn covers(name: &str, host: &str) -> bool {
    match name.strip_prefix("*.") {
        Some(rest) => {
            host.split_once('.').is_some_and(|(label, parent)| !label.is_empty() && parent.eq_ignore_ascii_case(rest))
        }
        None => name.eq_ignore_ascii_case(host),
    }
}

/// Greedy with one point of return: the last `*` takes one byte more whenever the rest does not match.
fn matches(pattern: &[u8], text: &[u8], same: impl Fn(u8, u8) -> bool) -> bool {
    let (mut at, mut seen, mut star) = (0, 0, None);
    while seen < text.len() {
        match pattern.get(at) {
            Some(b'*') => {
                star = Some((at, seen));
                at += 1;
            }
            Some(&want) if want == b'?' || same(want, text[seen]) => (at, seen) = (at + 1, seen + 1),
            _ => match star {
                Some((back, from)) => {
                    star = Some((back, from + 1));
                    (at, seen) = (back + 1, from + 1);
                }
                None => return false,
            },
        }
    }
    pattern[at..].iter().all(|&rest| rest == b'*')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn globs_match_the_whole_text() {
        for (pattern, text) in
            [("*", ""), ("a*c", "abbc"), ("a?c", "abc"), ("*.x.*", "a.x.x.b"), ("**b", "aab"), ("a*", "a")]
        {
            assert!(glob(pattern, text), "{pattern} {text}");
        }
        for (pattern, text) in [("", "a"), ("a?c", "ac"), ("a*c", "abcd"), ("?", ""), ("A", "a"), ("*ab", "aba")] {
            assert!(!glob(pattern, text), "{pattern} {text}");
        }
        assert!(glob_any_case("FOOD.*", "food.example"));
    }

    #[test]
    fn an_arns_wildcards_stay_in_their_part() {
        let arn = "arn:aws:execute-api:eu-west-1:222222222222:abc/live/GET/orders/*";
        assert!(arn_like("arn:aws:execute-api:*:222222222222:abc/*/GET/orders/*", arn));
        assert!(!arn_like("arn:aws:execute-api:*:abc/*", arn));
        assert!(!arn_like("arn:aws:execute-api:eu-west-1:222222222222:abc/*/POST/orders/*", arn));
    }

    #[test]
    fn a_wildcard_certificate_covers_exactly_one_label() {
        assert!(covers("*.internal.example", "Food.Internal.example") && covers("a.b", "A.B"));
        for host in ["internal.example", "a.food.internal.example", ".internal.example"] {
            assert!(!covers("*.internal.example", host), "{host}");
        }
    }
}
