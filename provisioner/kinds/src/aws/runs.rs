//! What changes with every run, so that AWS does not answer a create with the id of an object that is gone.

use std::{
    collections::BTreeMap,
    sync::{Mutex, PoisonError},
};

use model::Address;

/// The run's time, which tells two lives of a platform apart, and the number that its lease has for each target: clocks differ,
/// numbers only grow.
#[derive(Debug, Default)]
pub(crate) struct Runs {
    stamp: String,
    numbers: Mutex<BTreeMap<String, u64>>,
}

impl Runs {
    pub(crate) fn new(stamp: &str) -> Self {
        Self { stamp: stamp.to_owned(), numbers: Mutex::default() }
    }

    pub(crate) fn number(&self, numbers: BTreeMap<String, u64>) {
        *self.numbers.lock().unwrap_or_else(PoisonError::into_inner) = numbers;
    }

    /// The run's name at an address.
    pub(crate) fn at(&self, at: &Address) -> String {
        let numbers = self.numbers.lock().unwrap_or_else(PoisonError::into_inner);
        numbers.get(at.target()).map_or_else(|| self.stamp.clone(), |number| format!("{number}-{}", self.stamp))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_run_has_another_name_when_either_its_number_or_its_time_differs() {
        let at = Address::new("food", "vpc", "main");
        let name = |stamp, number| {
            let runs = Runs::new(stamp);
            runs.number([("food".to_owned(), number)].into());
            runs.at(&at)
        };
        let names = [Runs::new("1").at(&at), name("1", 1), name("1", 2), name("2", 1)];
        let distinct: std::collections::BTreeSet<_> = names.iter().collect();
        assert_eq!(distinct.len(), names.len(), "{names:?}");
    }
}
