//! `history`: the last runs of each target.

use engine::lease::{Ending, Record};
use futures::future::try_join_all;
use serde::Serialize;

use crate::{
    claim,
    cli::{Global, Targets},
    environment::Surroundings,
    failure::{Exit, Failure},
    report::Printer,
    session::{Code, Session},
};

/// One run of one target.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Run {
    pub target: String,
    #[serde(flatten)]
    pub record: Record,
    /// It may still go on: it holds the target's lease.
    pub holds: bool,
}

impl Run {
    /// How it ended, in a word or two.
    #[must_use]
    pub(crate) fn end(&self) -> String {
        match (self.record.ending, self.holds) {
            (Some(ending), _) => ending.to_string(),
            (None, true) => "killed or running".to_owned(),
            (None, false) => "killed".to_owned(),
        }
    }

    pub(crate) fn is_good(&self) -> bool {
        self.record.ending == Some(Ending::Ok)
    }
}

pub(crate) async fn history(args: &Targets, global: &Global, surroundings: &Surroundings) -> Result<Exit, Failure> {
    let session = Session::open(global, surroundings, &args.targets, Code::Ignored).await?;
    let table = claim::table(&session, &args.targets);
    let targets = claim::chosen(&session, &args.targets);
    let read = targets.iter().map(async |target| Ok::<_, Failure>((target, table.history(target).await?)));
    let read = try_join_all(read).await?;
    let runs = read.into_iter().flat_map(|(target, (item, records))| {
        let holds = move |record: &Record| item.holder.is_some() && item.run == record.run;
        records.into_iter().map(move |record| Run { target: target.clone(), holds: holds(&record), record })
    });
    let mut runs: Vec<Run> = runs.collect();
    // Of one command its targets together, the last one first.
    runs.sort_by_key(|run| {
        (std::cmp::Reverse(run.record.since), run.target.clone(), std::cmp::Reverse(run.record.run))
    });
    Printer::new(global, surroundings).history(&runs);
    Ok(Exit::Good)
}
