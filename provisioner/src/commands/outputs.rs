//! `outputs`: ids, names and addresses of what exists.

use std::collections::BTreeMap;

use model::{Address, Outputs};

use crate::{
    cli::{Global, Targets},
    commands::change,
    environment::Surroundings,
    failure::{Exit, Failure},
    report::Printer,
    session::{Code, Session},
};

pub(crate) async fn outputs(args: &Targets, global: &Global, surroundings: &Surroundings) -> Result<Exit, Failure> {
    let session = Session::open(global, surroundings, &args.targets, Code::Ignored).await?;
    let scope = change::scope(&session, &args.targets, false);
    let reading = session.read(&scope).await;
    let found: BTreeMap<&Address, &Outputs> = scope
        .selected
        .iter()
        .filter_map(|address| Some((address, reading.outputs(address)?)))
        .filter(|(_, outputs)| !outputs.is_empty())
        .collect();
    let urls = session.config.services.keys().filter(|name| args.targets.is_empty() || args.targets.contains(name));
    let urls: BTreeMap<&str, String> =
        urls.map(|name| (name.as_str(), format!("https://{}", session.config.host(name)))).collect();
    Printer::new(global, surroundings).outputs(&urls, &found);
    Ok(if reading.errors.is_empty() { Exit::Good } else { Exit::Failed })
}
