//! `outputs`: ids, names and addresses of what exists.

use std::collections::BTreeMap;

use engine::{Reading, Scope, State};
use kinds::{ApiDomain, RecordSet};
use model::{Address, Kind, Outputs};

use crate::{
    cli::{Global, Targets},
    commands::change,
    environment::Surroundings,
    failure::{Exit, Failure},
    report::{Found, Printer},
    session::{Code, Session},
};

pub(crate) async fn outputs(args: &Targets, global: &Global, surroundings: &Surroundings) -> Result<Exit, Failure> {
    let session = Session::open(global, surroundings, &args.targets, Code::Ignored).await?;
    let scope = change::scope(&session, &args.targets, false);
    let reading = session.read(&scope).await;
    let names = session.config.services.keys().filter(|name| answers(&scope, &reading, name));
    let urls: BTreeMap<&str, String> =
        names.map(|name| (name.as_str(), format!("https://{}", session.config.host(name)))).collect();
    let found = Found { urls, outputs: existing(&scope, &reading), errors: &reading.errors };
    Printer::new(global, surroundings).outputs(&session.config, &found);
    Ok(if reading.errors.is_empty() { Exit::Good } else { Exit::Failed })
}

/// The outputs of everything that has any.
fn existing<'a>(scope: &'a Scope, reading: &'a Reading) -> BTreeMap<&'a Address, &'a Outputs> {
    let there = scope.selected.iter().filter(|address| exists(reading, address));
    there
        .filter_map(|address| Some((address, reading.outputs(address)?)))
        .filter(|(_, outputs)| !outputs.is_empty())
        .collect()
}

/// Something has the service's name: its record, or its domain where the hub's account is somebody else's.
fn answers(scope: &Scope, reading: &Reading, service: &str) -> bool {
    let is_name = |address: &&Address| {
        address.target() == service && [RecordSet::FACTS.kind, ApiDomain::FACTS.kind].contains(&address.kind())
    };
    scope.selected.iter().filter(is_name).any(|address| exists(reading, address))
}

/// What is scheduled for deletion is as good as gone.
fn exists(reading: &Reading, address: &Address) -> bool {
    reading.get(address).is_some_and(|seen| !matches!(seen.state, State::Retired(_)))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use engine::Seen;
    use serde_json::Value;

    use super::*;

    fn world(objects: &[(&str, State)]) -> (Scope, Reading) {
        let mut reading = Reading::default();
        for (address, state) in objects {
            let address: Address = address.parse().expect("an address");
            let outputs = [("id".to_owned(), Value::from("1"))].into();
            let seen = Seen {
                address: address.clone(),
                spec: Value::Null,
                outputs,
                state: state.clone(),
                identity: "1".into(),
            };
            reading.seen.insert(address, vec![("food".to_owned(), seen.into())]);
        }
        let selected = reading.seen.keys().cloned().collect();
        (Scope { selected, context: BTreeSet::new(), adjusted: BTreeSet::new(), everywhere: false }, reading)
    }

    #[test]
    fn what_is_going_is_not_listed() {
        let going = State::Retired("pending deletion".to_owned());
        let (scope, reading) = world(&[("food/kms-key/main", going), ("food/vpc/main", State::Ready)]);
        let listed: Vec<&str> = existing(&scope, &reading).into_keys().map(Address::as_str).collect();
        assert_eq!(listed, ["food/vpc/main"]);
    }

    #[test]
    fn a_service_without_its_name_has_no_address() {
        let (scope, reading) = world(&[("food/api-domain/main", State::Ready), ("beverage/vpc/main", State::Ready)]);
        assert!(answers(&scope, &reading, "food") && !answers(&scope, &reading, "beverage"));
    }
}
