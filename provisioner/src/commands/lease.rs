//! `lease`: who changes AWS right now, and whether they answer.

use std::{collections::BTreeMap, time::Duration};

use engine::lease::{Item, Store};
use serde::Serialize;
use tokio::time::{Instant, sleep};

use crate::{
    claim,
    cli::{Global, Targets},
    environment::Surroundings,
    failure::{Exit, Failure},
    machine,
    report::Printer,
    session::{Code, Session},
};

/// Between two looks at a holder.
const PAUSE: Duration = Duration::from_secs(1);

/// One target, and who holds it.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Tenure {
    pub target: String,
    #[serde(flatten)]
    pub item: Item,
    /// Whether its holder answers; none if nobody holds it.
    pub answers: Option<bool>,
}

pub(crate) async fn lease(args: &Targets, global: &Global, surroundings: &Surroundings) -> Result<Exit, Failure> {
    let session = Session::open(global, surroundings, &args.targets, Code::Ignored).await?;
    let table = claim::table(&session, &args.targets);
    let targets: Vec<String> = claim::chosen(&session, &args.targets).into_iter().collect();
    let first = look(&table, &targets).await?;
    let last = watch(&table, &targets, &first, surroundings).await?;
    let tenure = |(target, item): (String, Item)| {
        let answers = item.holder.is_some().then(|| first[&target] != item);
        Tenure { target, item, answers }
    };
    Printer::new(global, surroundings).leases(&last.into_iter().map(tenure).collect::<Vec<_>>());
    Ok(Exit::Good)
}

type Items = BTreeMap<String, Item>;

async fn look(table: &dyn Store, targets: &[String]) -> Result<Items, Failure> {
    let found = table.look(targets).await?.unwrap_or_else(|| vec![Item::default(); targets.len()]);
    Ok(targets.iter().cloned().zip(found).collect())
}

/// Looks again until every holder said something, or should have: one whose process is gone never will.
async fn watch(
    table: &dyn Store,
    targets: &[String],
    first: &Items,
    surroundings: &Surroundings,
) -> Result<Items, Failure> {
    let (began, mut last) = (Instant::now(), first.clone());
    let is_open = |(target, item): (&String, &Item)| {
        item.holder.as_ref().is_some_and(|holder| {
            let is_gone = holder.process.as_ref().is_some_and(machine::is_gone);
            let patience = Duration::from_secs(holder.duration_seconds) / 2;
            first[target] == *item && !is_gone && began.elapsed() < patience
        })
    };
    if last.iter().any(is_open) {
        surroundings.say("watching whether the holders answer");
    }
    while last.iter().any(is_open) {
        sleep(PAUSE).await;
        last = look(table, targets).await?;
    }
    Ok(last)
}
