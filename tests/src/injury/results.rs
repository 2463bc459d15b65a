//! What came of injuries, kept in a file from campaign to campaign: one JSON document a line.

use std::{
    collections::BTreeMap,
    fs::{self, File, OpenOptions},
    io::{self, Write as _},
    path::Path,
    sync::{Mutex, PoisonError},
};

use serde::{Deserialize, Serialize};

/// What was found after one trial.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Found {
    /// The call that was to be hurt came.
    pub met: bool,
    /// Runs of the program until it ended well, the hurt one included.
    pub runs: usize,
    /// The hurt run itself ended well.
    pub at_once: bool,
    /// What a clean run makes and is not there.
    pub missing: Vec<String>,
    /// What a clean run does not make.
    pub orphans: Vec<String>,
    /// What a clean run makes fewer of.
    pub doubles: Vec<String>,
    /// What went wrong otherwise, with what the program said.
    pub wrong: Vec<String>,
    pub seconds: f64,
}

impl Found {
    /// AWS is as a clean run leaves it, and the program says so.
    #[must_use]
    pub fn converged(&self) -> bool {
        self.missing.is_empty() && self.orphans.is_empty() && self.doubles.is_empty() && self.wrong.is_empty()
    }

    /// Adds what differs between two inventories.
    pub(crate) fn compare(&mut self, clean: &BTreeMap<String, usize>, now: &BTreeMap<String, usize>) {
        for (line, count) in now {
            match clean.get(line) {
                None => self.orphans.push(line.clone()),
                Some(wanted) if wanted < count => self.doubles.push(line.clone()),
                Some(_) => {}
            }
        }
        let lacks = |(line, count): &(&String, &usize)| now.get(*line).is_none_or(|there| there < count);
        self.missing.extend(clean.iter().filter(lacks).map(|(line, _)| line.clone()));
    }
}

/// A trial and what came of it.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct Record {
    group: String,
    trial: String,
    found: Found,
}

/// All that is known, by group and trial.
pub struct Results {
    known: Mutex<BTreeMap<(String, String), Found>>,
    file: Option<Mutex<File>>,
}

impl Results {
    /// Nothing known, and nothing kept.
    #[must_use]
    pub fn new() -> Self {
        Self { known: Mutex::default(), file: None }
    }

    /// What the file has; more is added to it.
    ///
    /// # Errors
    /// If it cannot be read or written. A last line that a killed campaign left half written is no error.
    pub fn open(path: &Path) -> io::Result<Self> {
        let text = if path.exists() { fs::read_to_string(path)? } else { String::new() };
        let records = text.lines().filter_map(|line| serde_json::from_str::<Record>(line).ok());
        let known = records.map(|record| ((record.group, record.trial), record.found)).collect();
        let mut file = OpenOptions::new().append(true).create(true).open(path)?;
        if !text.is_empty() && !text.ends_with('\n') {
            file.write_all(b"\n")?;
        }
        Ok(Self { known: Mutex::new(known), file: Some(Mutex::new(file)) })
    }

    #[must_use]
    pub fn knows(&self, group: &str, trial: &str) -> bool {
        self.all().contains_key(&(group.to_owned(), trial.to_owned()))
    }

    /// # Panics
    /// If the file takes no more.
    pub fn add(&self, group: String, trial: String, found: Found) {
        if let Some(file) = &self.file {
            let record = Record { group: group.clone(), trial: trial.clone(), found: found.clone() };
            let line = serde_json::to_string(&record).expect("text and numbers") + "\n";
            let mut file = file.lock().unwrap_or_else(PoisonError::into_inner);
            file.write_all(line.as_bytes()).expect("the results are written");
        }
        self.known.lock().unwrap_or_else(PoisonError::into_inner).insert((group, trial), found);
    }

    /// Everything, by group and trial.
    #[must_use]
    pub fn all(&self) -> BTreeMap<(String, String), Found> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl Default for Results {
    fn default() -> Self {
        Self::new()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_too_much_or_too_little_is_told_apart() {
        let of = |lines: &[(&str, usize)]| lines.iter().map(|(line, count)| ((*line).to_owned(), *count)).collect();
        let mut found = Found::default();
        found.compare(&of(&[("key", 1), ("vpc", 1), ("role", 2)]), &of(&[("key", 2), ("role", 1), ("table", 1)]));
        let told = [found.doubles.join(" "), found.orphans.join(" "), found.missing.join(" ")];
        assert_eq!(told, ["key", "table", "role vpc"]);
        assert!(!found.converged());
    }
}
