//! Values of fields as a person reads them: promises in words, and of two long values what differs.

use serde_json::{Value, json};

use super::{
    Paint,
    differences::{Difference, differences},
};

/// Longer values are cut; `--json` has them whole.
const LONGEST: usize = 160;
/// So much of what is the same is shown before what differs.
const CONTEXT: usize = 16;
/// How the words for a value begin that is not known before the run.
const PROMISE: &str = "(after ";

/// A value on one line, cut if it is long.
#[must_use]
pub(super) fn short(value: &Value) -> String {
    cut(&shown(value), 0, LONGEST)
}

/// The lines that say how a field changes, each path on its own; at most `width` columns as far as that is possible.
#[must_use]
pub(super) fn changed(
    field: &str,
    before: Option<&Value>,
    after: Option<&Value>,
    paint: Paint,
    width: usize,
) -> Vec<String> {
    let side = |value: Option<&Value>| value.filter(|value| !value.is_null()).map(with_promises);
    let found = differences(side(before).as_ref(), side(after).as_ref());
    let paths = found.chunk_by(|one, other| one.path == other.path);
    paths.flat_map(|same| lines(&format!("{field}{}:", same[0].path), same, paint, width)).collect()
}

/// The differences at one path: on one line each if all fit, else below the path.
fn lines(path: &str, differences: &[Difference], paint: Paint, width: usize) -> Vec<String> {
    let name = paint.dim(path);
    if let [Difference { before: Some(before), after: Some(after), .. }] = differences {
        let (before, after) = (shown(before), shown(after));
        if length(path) + length(&before) + length(&after) + 4 <= width {
            return vec![format!("{name} {before} → {after}")];
        }
        let (before, after) = around(&before, &after, width.saturating_sub(4));
        return vec![name, format!("  {} {before}", paint.red("-")), format!("  {} {after}", paint.green("+"))];
    }
    let gone = |it: &Difference| it.before.as_ref().map(|value| (paint.red("-"), short(value)));
    let come = |it: &Difference| it.after.as_ref().map(|value| (paint.green("+"), short(value)));
    let sides: Vec<(String, String)> = differences.iter().flat_map(|it| gone(it).into_iter().chain(come(it))).collect();
    if sides.iter().all(|(_, value)| length(path) + length(value) + 3 <= width) {
        return sides.iter().map(|(sign, value)| format!("{name} {sign} {value}")).collect();
    }
    [name].into_iter().chain(sides.iter().map(|(sign, value)| format!("  {sign} {value}"))).collect()
}

/// Both texts, cut if need be so that what differs is in sight.
fn around(before: &str, after: &str, room: usize) -> (String, String) {
    let same = before.chars().zip(after.chars()).take_while(|(one, other)| one == other).count();
    let from = same.saturating_sub(CONTEXT);
    (cut(before, from, room), cut(after, from, room))
}

/// A long text from about the given character on, with `…` for what is left out.
fn cut(text: &str, from: usize, room: usize) -> String {
    let all = length(text);
    if all <= room {
        return text.to_owned();
    }
    let from = from.min(all.saturating_sub(room.saturating_sub(1)));
    let (before, room) = if from > 0 { ("…", room.saturating_sub(1)) } else { ("", room) };
    let is_rest = all - from <= room;
    let shown: String = text.chars().skip(from).take(if is_rest { room } else { room.saturating_sub(1) }).collect();
    format!("{before}{shown}{}", if is_rest { "" } else { "…" })
}

fn length(text: &str) -> usize {
    text.chars().count()
}

/// JSON with promises in words, which are no strings and have no quotes.
fn shown(value: &Value) -> String {
    match with_promises(value) {
        Value::String(words) if words.contains(PROMISE) => words,
        value => value.to_string(),
    }
}

fn promised(value: &Value) -> Option<String> {
    if let Some(reference) = value.get("$ref").and_then(Value::as_str) {
        let node = reference.split('#').next().unwrap_or_default();
        return Some(format!("{PROMISE}{node})"));
    }
    value.get("$join").and_then(Value::as_array).map(|parts| {
        let text = |part: &Value| promised(part).unwrap_or_else(|| part.as_str().unwrap_or_default().to_owned());
        parts.iter().map(text).collect()
    })
}

fn with_promises(value: &Value) -> Value {
    if let Some(words) = promised(value) {
        return json!(words);
    }
    match value {
        Value::Array(items) => items.iter().map(with_promises).collect(),
        Value::Object(map) => map.iter().map(|(name, item)| (name.clone(), with_promises(item))).collect(),
        other => other.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plain(before: &Value, after: &Value, width: usize) -> Vec<String> {
        changed("policy", Some(before), Some(after), Paint::new(false), width)
    }

    #[test]
    fn promises_are_shown_in_words() {
        let value = json!({"a": {"$ref": "x/vpc/main#id"}, "b": {"$join": ["arn:", {"$ref": "x/vpc/main#id"}]}});
        assert_eq!(shown(&value), r#"{"a":"(after x/vpc/main)","b":"arn:(after x/vpc/main)"}"#);
    }

    #[test]
    fn promises_are_no_strings() {
        let lines = plain(&json!("1"), &json!({"$ref": "x/vpc/main#id"}), 74);
        assert_eq!(lines, [r#"policy: "1" → (after x/vpc/main)"#]);
    }

    #[test]
    fn a_small_change_is_one_line() {
        assert_eq!(plain(&json!(128), &json!(512), 74), ["policy: 128 → 512"]);
        assert_eq!(changed("a", None, Some(&json!("b")), Paint::new(false), 74), [r#"a: + "b""#]);
        assert_eq!(changed("a", Some(&json!(1)), Some(&Value::Null), Paint::new(false), 74), ["a: - 1"]);
    }

    #[test]
    fn a_change_deep_in_a_long_value_is_in_sight() {
        let policy = |role: &str| json!({"Statement": [{"Sid": "a".repeat(300)}, {"Principal": {"AWS": [role]}}]});
        let lines = plain(&policy("food"), &policy("beverage"), 74);
        assert_eq!(
            lines,
            [r#"policy.Statement[1].Principal.AWS: - "food""#, r#"policy.Statement[1].Principal.AWS: + "beverage""#]
        );
    }

    #[test]
    fn what_does_not_fit_beside_its_path_is_below_it() {
        let (a, b) = ("a".repeat(60), "b".repeat(60));
        let lines = plain(&json!({"Action": [a, b]}), &json!({"Action": []}), 66);
        assert_eq!(lines, ["policy.Action:".to_owned(), format!("  - \"{a}\""), format!("  - \"{b}\"")]);
    }

    #[test]
    fn long_texts_are_cut_around_what_differs() {
        let text = |word: &str| json!(format!("{}{word}{}", "x".repeat(300), "y".repeat(300)));
        let lines = plain(&text("one"), &text("two"), 74);
        assert_eq!(lines.len(), 3, "{lines:#?}");
        assert!(lines[1].contains("xone") && lines[2].contains("xtwo"), "{lines:#?}");
        assert!(lines.iter().all(|line| length(line) <= 74), "{lines:#?}");
    }

    #[test]
    fn a_text_that_differs_at_its_end_shows_its_end() {
        let (before, after) = around(&"z".repeat(200), &format!("{}!", "z".repeat(200)), 40);
        assert_eq!((length(&before), length(&after)), (40, 40));
        assert!(after.ends_with("z!") && before.starts_with('…'), "{before}\n{after}");
    }
}
