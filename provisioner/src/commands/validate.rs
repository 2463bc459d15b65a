//! `validate`: every environment of every file, without any call.

use crate::{
    cli::{Global, Validate},
    environment::Surroundings,
    failure::{Exit, Failure},
    iam,
    report::Printer,
    session,
};

pub(crate) fn validate(args: &Validate, global: &Global, surroundings: &Surroundings) -> Result<Exit, Failure> {
    let printer = Printer::new(global, surroundings);
    if args.iam {
        let config = session::configuration(global)?;
        printer.documents(&iam::documents(&config));
        return Ok(Exit::Good);
    }
    if global.env.is_some() {
        // Of one environment, that it exists; of all, what is wrong with them.
        session::configuration(global)?;
    }
    match config::load_all(&session::root(global)?) {
        Ok(environments) => {
            printer.valid(&environments);
            Ok(Exit::Good)
        }
        Err(mistakes) => {
            printer.mistakes(&mistakes);
            Ok(Exit::Failed)
        }
    }
}
