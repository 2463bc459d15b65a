//! The tables of `docs/performance.md`. Pure.

use crate::{
    measure::{Planned, Run},
    size::{Form, Size},
};

/// Between these lines of the page a program writes.
const MARKS: [&str; 2] = ["<!-- written by `cargo simulate` -->", "<!-- until here -->"];

/// The page with its tables written anew; none if it has no place for them.
#[must_use]
pub fn written(page: &str, ups: &[(Size, Run)], plans: &[(Size, Planned)]) -> Option<String> {
    let (before, rest) = page.split_once(MARKS[0])?;
    let (_, after) = rest.split_once(MARKS[1])?;
    Some(format!("{before}{}\n\n{}\n{}\n{}{after}", MARKS[0], up_table(ups), plan_table(plans), MARKS[1]))
}

fn up_table(ups: &[(Size, Run)]) -> String {
    let head = "| `up` from nothing | objects | accounts | calls | takes | lower bound | ratio | the bound is | throttled | CPU | memory |\n\
        |---|---|---|---|---|---|---|---|---|---|---|\n";
    ups.iter().fold(head.to_owned(), |table, (size, up)| {
        let Run { objects, accounts, calls, makespan, bound, because, throttled, cpu, memory } = up;
        let (size, ratio) = (words(*size), up.ratio());
        table
            + &format!(
                "| {size} | {objects} | {accounts} | {calls} | {makespan:.0} s | {bound:.0} s | {ratio:.3} | {because} | \
                 {throttled} | {cpu:.1} s | {memory:.0} MB |\n"
            )
    })
}

fn plan_table(plans: &[(Size, Planned)]) -> String {
    let head = "| `plan` without a difference | objects | calls | reading takes | throttled | CPU | memory |\n\
        |---|---|---|---|---|---|---|\n";
    plans.iter().fold(head.to_owned(), |table, (size, plan)| {
        let Planned { objects, calls, throttled, reading, cpu, memory } = plan;
        let size = words(*size);
        table
            + &format!(
                "| {size} | {objects} | {calls} | {reading:.0} s | {throttled} | {cpu:.1} s | {memory:.0} MB |\n"
            )
    })
}

fn words(size: Size) -> String {
    let services = size.hubs * size.services;
    let plural = |n: usize, what: &str| if n == 1 { format!("1 {what}") } else { format!("{n} {what}s") };
    let form = match size.form {
        Form::Whole => "",
        Form::Small => ", one function each",
        Form::Shared => ", services in one account",
    };
    format!("{}, {}{form}", plural(services, "service"), plural(size.hubs, "hub"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_between_the_marks_is_written() {
        let page = format!("before\n{}\nold\n{}\nafter\n", MARKS[0], MARKS[1]);
        let page = written(&page, &[], &[]).expect("it has a place");
        assert!(page.starts_with("before\n") && page.ends_with("\nafter\n") && !page.contains("old"));
        assert!(page.contains("| ratio |") && page.contains("| reading takes |"));
        assert_eq!(written("no place", &[], &[]), None);
    }
}
