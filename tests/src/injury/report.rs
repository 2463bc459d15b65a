//! `docs/reliability.md`, written from results.

use std::{collections::BTreeMap, fmt::Write as _};

use super::{Found, Results};

const HEAD: &str = "\
# Reliability

What happens when the program is killed, cut off or refused at any call: measured, not argued. The real binary runs against the
local AWS, with a proxy between them (`tests/src/injury/`) that knows every call by account, operation and number, and hurts
exactly one. Afterwards the program is run again, and every account is looked through, service by service, by code that shares
nothing with the program. This page is written by

```sh
cargo injure --every 1 --streams 3 --results injuries.jsonl --write docs/reliability.md
```

which takes an hour or two and goes on where it was stopped. `cargo test` does a sample of the same.

- **kill-after**: AWS acts, then the program gets SIGKILL. **kill-before**: SIGKILL before AWS hears of the call.
- **cut**: AWS acts, then the connection ends without an answer.
- **refuse**: 500 in the service's own form, 503 as HTML, or a throttle in the service's own form, by turns.
- **hang**, if asked for: no answer ever.
- **up**: `up --all` of the hub and two services, where nothing is. **down**: `down --all` where everything is; after a kill
  `down` must finish it, and every other time `up` must mend it before. **up again**: what `up --all` does only after a
  `down`, such as keeping a key from its deletion. **move**: `up --all` after all networks of the hub got other addresses, so
  that its VPC is replaced; every seventh injury.
- **Failures and resets**: of a hundred calls, reads included, so many fail or are cut, all through one `up` and one `down`.
- **New objects not found at first**: for so many requests after a network object or a role was made, services answer those
  who name it as AWS does while it is not known everywhere.

Converged: the next runs end well, the inventory of every account equals that of a clean run, and `plan --prune` is empty. At
once: the hurt run itself ended well. An orphan is an object that a clean run does not make, a double one that it makes fewer
of.

";

/// The page.
#[must_use]
pub fn page(results: &Results) -> String {
    let mut groups: BTreeMap<String, Vec<(String, Found)>> = BTreeMap::new();
    for ((group, name), found) in results.all() {
        groups.entry(group).or_default().push((name, found));
    }
    let mut page = HEAD.to_owned();
    page.push_str("| What, and how hurt | Trials | Converged | At once | Orphans | Doubles | Missing |\n");
    page.push_str("|---|---:|---:|---:|---:|---:|---:|\n");
    for (group, trials) in &groups {
        row(&mut page, group, trials);
    }
    let never = groups.values().flatten().filter(|(_, found)| !found.met && found.converged()).count();
    if never > 0 {
        let _ = writeln!(page, "\nNot counted: {never} runs that ended before the call that was to be hurt.");
    }
    let failed = groups.iter().flat_map(|(group, trials)| trials.iter().map(move |(name, found)| (group, name, found)));
    let failed: Vec<_> = failed.filter(|(.., found)| !found.converged()).collect();
    if !failed.is_empty() {
        page.push_str("\n## Not converged\n\n");
    }
    for (group, name, found) in failed {
        let why = found.wrong.iter().flat_map(|wrong| wrong.lines().next());
        let what: Vec<&str> = found.orphans.iter().chain(&found.doubles).map(String::as_str).chain(why).collect();
        let _ = writeln!(page, "- {group}, {name}: {}", what.join("; "));
    }
    page
}

fn row(page: &mut String, group: &str, trials: &[(String, Found)]) {
    let met = || trials.iter().map(|(_, found)| found).filter(|found| found.met || !found.converged());
    let count = |holds: fn(&Found) -> bool| met().filter(|found| holds(found)).count();
    let sum = |of: fn(&Found) -> usize| met().map(of).sum::<usize>();
    let (all, converged) = (met().count(), count(Found::converged));
    let at_once = match group.contains("kill") {
        true => "–".to_owned(),
        false => count(|found| found.converged() && found.at_once).to_string(),
    };
    let (orphans, doubles) = (sum(|found| found.orphans.len()), sum(|found| found.doubles.len()));
    let missing = sum(|found| found.missing.len());
    // A String takes everything.
    let _ = writeln!(page, "| {group} | {all} | {converged} | {at_once} | {orphans} | {doubles} | {missing} |");
}
