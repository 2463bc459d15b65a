//! The tables of `docs/performance.md`. Pure.

use crate::cold::{Cold, Figure};
use crate::programs::Language;
use crate::setups::Door;
use crate::warm::Warm;

/// Between these lines of the page the program writes.
const MARKS: [&str; 2] = ["<!-- written by `cargo measure` -->", "<!-- until here: measure -->"];
const MEGABYTE: f64 = 1e6;

/// The page with its tables written anew; none if it has no place for them.
pub(crate) fn written(page: &str, machine: &str, cold: &[Cold], warm: &[Warm]) -> Option<String> {
    let (before, rest) = page.split_once(MARKS[0])?;
    let (_, after) = rest.split_once(MARKS[1])?;
    let tables = [limits_table(cold, warm), cold_table(cold), warm_table(warm)].join("\n");
    Some(format!("{before}{}\n\n{machine}\n\n{tables}\n{}{after}", MARKS[0], MARKS[1]))
}

/// The worst of the three functions, beside what must hold.
fn limits_table(cold: &[Cold], warm: &[Warm]) -> String {
    let of = |door: Door, figure: fn(&Cold) -> &Figure| {
        let ratios = cold.iter().filter(|cold| cold.door == Some(door) && cold.language == Language::Rust);
        ratios.map(|cold| figure(cold).ratio).fold(f64::NAN, f64::max)
    };
    let most = |figure: fn(&Warm) -> f64| {
        let ours = warm.iter().filter(|warm| warm.language == Language::Rust);
        ours.map(figure).fold(f64::NAN, f64::max)
    };
    let next = of(Door::Http, |cold| &cold.next).max(of(Door::Tls, |cold| &cold.next));
    let rows = [
        ("start to first `next`, not connected ahead", format!("{next:.2} × hello"), "1.5 × hello"),
        (
            "start to first answer over HTTP",
            format!("{:.2} × hello", of(Door::Http, |cold| &cold.answer)),
            "1.8 × hello",
        ),
        ("`bootstrap`", megabytes(most(|warm| warm.size.unwrap_or(f64::NAN))), "6.6 MB"),
        ("warm median over HTTP", microseconds(most(|warm| warm.http.median)), "300 µs"),
        ("our own code in it", microseconds(most(|warm| warm.own.unwrap_or(f64::NAN))), "60 µs"),
        ("resident memory", megabytes(most(|warm| warm.memory)), "8 MB"),
    ];
    let head = "| the slowest or largest of the three functions | measured | at most |\n|---|---|---|\n";
    rows.iter().fold(head.to_owned(), |table, (what, is, limit)| table + &format!("| {what} | {is} | {limit} |\n"))
}

fn cold_table(cold: &[Cold]) -> String {
    let head = "| cold start | DynamoDB over | to first `next` | × hello | to first answer | × hello |\n|---|---|---|---|---|---|\n";
    cold.iter().fold(head.to_owned(), |table, Cold { program, door, next, answer, .. }| {
        let door = door.map_or("no calls", Door::words);
        table + &format!("| {program} | {door} | {} | {} |\n", figure(next), figure(answer))
    })
}

fn figure(Figure { milliseconds, ratio }: &Figure) -> String {
    format!("{milliseconds:.2} ms | {ratio:.2}")
}

fn warm_table(warm: &[Warm]) -> String {
    let head = "| warm | HTTP p50 | p99 | TLS p50 | p99 | × hello | our own code | req/s, 1 instance | 8 | 32 | `bootstrap` | resident, at most |\n\
        |---|---|---|---|---|---|---|---|---|---|---|---|\n";
    warm.iter().fold(head.to_owned(), |table, warm| {
        let [one, eight, many] = warm.throughput;
        let times = [warm.http.median, warm.http.high, warm.tls.median, warm.tls.high].map(microseconds).join(" | ");
        let own = warm.own.map_or("–".to_owned(), microseconds);
        let size = warm.size.map_or("–".to_owned(), megabytes);
        let memory = megabytes(warm.memory);
        let (name, ratio) = (&warm.program, warm.ratio);
        table
            + &format!(
                "| {name} | {times} | {ratio:.1} | {own} | {one:.0} | {eight:.0} | {many:.0} | {size} | {memory} |\n"
            )
    })
}

fn microseconds(time: f64) -> String {
    format!("{time:.0} µs")
}

fn megabytes(bytes: f64) -> String {
    format!("{:.2} MB", bytes / MEGABYTE)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_between_the_marks_is_written() {
        let page = format!("before\n{}\nstale\n{}\nafter\n", MARKS[0], MARKS[1]);
        let page = written(&page, "a machine", &[], &[]).expect("it has a place");
        assert!(page.starts_with("before\n") && page.ends_with("\nafter\n") && !page.contains("stale"));
        assert!(page.contains("a machine") && page.contains("| cold start |") && page.contains("| warm |"));
        assert_eq!(written("no place", "", &[], &[]), None);
    }
}
