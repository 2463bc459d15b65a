//! Many injuries, in several worlds at once.

use std::sync::{Mutex, PoisonError};

use futures::future::join_all;

use super::{Injury, Mode, Results, Scenario, Trial, World, world::Standing};

/// What is to be tried.
#[derive(Clone, Debug)]
pub struct Campaign {
    pub scenarios: Vec<Scenario>,
    pub modes: Vec<Mode>,
    /// Only calls with this in their name.
    pub only: String,
    /// Of so many injuries one is done; 1 for all.
    pub every: usize,
    /// The same for moves, of which each takes long.
    pub every_move: usize,
    /// Runs with random trouble.
    pub random: u64,
    /// For so many requests new objects are not found.
    pub late: Vec<usize>,
    pub streams: usize,
}

/// Does everything that the results do not know yet; `heard` gets a line for each.
///
/// # Panics
/// If an unhurt run fails: nothing can be compared then.
pub async fn campaign(wanted: &Campaign, results: &Results, heard: impl Fn(&str)) {
    let mut first = World::new("injured-1").await;
    let mut todo = wanted.trials(&first);
    let all = todo.len();
    todo.retain(|trial| !results.knows(&trial.group(), &trial.name()));
    heard(&format!("{} of {all} to do", todo.len()));
    let queue = Mutex::new(todo);
    let further = (2..=wanted.streams).map(async |number| {
        let mut world = World::new(&format!("injured-{number}")).await;
        work(&mut world, &queue, results, &heard).await;
    });
    let further = join_all(further);
    tokio::join!(work(&mut first, &queue, results, &heard), further);
}

async fn work(world: &mut World, queue: &Mutex<Vec<Trial>>, results: &Results, heard: &impl Fn(&str)) {
    loop {
        let next = next(world.standing(), &mut queue.lock().unwrap_or_else(PoisonError::into_inner));
        let Some((trial, left)) = next else { return };
        let found = world.attempt(&trial).await;
        let (group, name) = (trial.group(), trial.name());
        let end = match (found.converged(), found.met) {
            (true, true) => "ok".to_owned(),
            (true, false) => "never came".to_owned(),
            _ => format!("FAILED {found:#?}"),
        };
        heard(&format!("{left} left; {group} {name}: {end}, {} runs, {:.1} s", found.runs, found.seconds));
        results.add(group, name, found);
    }
}

/// What goes best with what stands, and how many are left after it.
fn next(standing: Standing, queue: &mut Vec<Trial>) -> Option<(Trial, usize)> {
    let begins_well = |trial: &Trial| match trial {
        Trial::Injury(injury) => matches!(
            (standing, injury.scenario),
            (Standing::Clean, Scenario::Down | Scenario::Move) | (Standing::Down, Scenario::Again)
        ),
        Trial::Random { .. } | Trial::Late(_) => standing == Standing::Nothing,
    };
    let place = queue.iter().position(begins_well).unwrap_or_default();
    (!queue.is_empty()).then(|| (queue.remove(place), queue.len()))
}

impl Campaign {
    fn trials(&self, world: &World) -> Vec<Trial> {
        let random = (1..=self.random).map(|seed| Trial::Random { failures: 5, resets: 2, seed });
        let mut trials: Vec<Trial> = random.chain(self.late.iter().copied().map(Trial::Late)).collect();
        for scenario in &self.scenarios {
            let every = if *scenario == Scenario::Move { self.every_move } else { self.every };
            trials.extend(sample(self.injuries(*scenario, world), every).map(Trial::Injury));
        }
        trials
    }

    fn injuries(&self, scenario: Scenario, world: &World) -> Vec<Injury> {
        let mut calls = world.calls(scenario).to_vec();
        calls.retain(|call| call.to_string().contains(&self.only));
        if scenario == Scenario::Again {
            // What `up` does anyway is hurt there.
            let first = world.calls(Scenario::Up);
            calls.retain(|call| !first.iter().any(|known| known.operation == call.operation));
        }
        let hurt = |call| self.modes.iter().map(move |mode| Injury { scenario, mode: *mode, call: Clone::clone(call) });
        calls.iter().flat_map(hurt).collect()
    }
}

/// One of every so many, not always at the same place, so that each mode gets its turn.
fn sample<T>(all: Vec<T>, every: usize) -> impl Iterator<Item = T> {
    let every = every.max(1);
    all.into_iter().enumerate().filter(move |(n, _)| n % every == (n / every) % every).map(|(_, item)| item)
}
