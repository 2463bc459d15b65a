//! Functions that are warm: latency, what of it is our own code, memory, and throughput of several instances.

use std::process::Stdio;
use std::time::{Duration, Instant};

use tokio::task::JoinSet;

use crate::Failed;
use crate::daemon;
use crate::instance::Instance;
use crate::programs::{Language, Program};
use crate::setups::{Door, Setups};
use crate::statistics::{median, percentile};

/// Requests before any counts, and those that do. Python gets a quarter of them.
const UNCOUNTED: usize = 200;
const COUNTED: usize = 4000;
/// How many instances share the machine.
pub(crate) const INSTANCES: [usize; 3] = [1, 8, 32];
const LASTS: Duration = Duration::from_millis(1000);

#[derive(Debug)]
pub(crate) struct Warm {
    pub(crate) program: String,
    pub(crate) language: Language,
    pub(crate) size: Option<f64>,
    /// Microseconds from the event handed over to the answer, over HTTP and over TLS.
    pub(crate) http: Latency,
    pub(crate) tls: Latency,
    /// The median of the ratios of all requests over TLS to the bare hello's median.
    pub(crate) ratio: f64,
    /// Microseconds of our own code, of a request's median.
    pub(crate) own: Option<f64>,
    /// The most that the process held, in bytes.
    pub(crate) memory: f64,
    /// Requests a second, for each of [`INSTANCES`].
    pub(crate) throughput: [f64; 3],
}

#[derive(Clone, Copy, Debug)]
pub(crate) struct Latency {
    pub(crate) median: f64,
    pub(crate) high: f64,
}

pub(crate) async fn measure(programs: &[Program], setups: &Setups) -> Result<Vec<Warm>, Failed> {
    let mut all: Vec<Warm> = Vec::new();
    for program in programs {
        let mut warm = alone(program, setups).await.map_err(|error| format!("{}: {error}", program.name))?;
        warm.ratio = warm.tls.median / all.first().map_or(warm.tls.median, |hello| hello.tls.median);
        for (throughput, instances) in warm.throughput.iter_mut().zip(INSTANCES) {
            *throughput = together(program, setups, instances).await?;
        }
        all.push(warm);
    }
    Ok(all)
}

/// One instance at a time.
async fn alone(program: &Program, setups: &Setups) -> Result<Warm, Failed> {
    let (http, _) = latency(program, setups, Door::Http).await?;
    let (tls, memory) = latency(program, setups, Door::Preconnected).await?;
    let own = match program.language {
        Language::Rust => Some(median(daemon::own_code(program, setups, UNCOUNTED, COUNTED / 4).await?)),
        Language::Hello | Language::Python => None,
    };
    let (name, language, size) = (program.name.clone(), program.language, program.size);
    Ok(Warm { program: name, language, size, http, tls, ratio: 1.0, own, memory, throughput: [0.0; 3] })
}

async fn latency(program: &Program, setups: &Setups, door: Door) -> Result<(Latency, f64), Failed> {
    let mut instance = started(program, setups, door).await?;
    let counted = if program.language == Language::Python { COUNTED / 4 } else { COUNTED };
    let mut times = Vec::with_capacity(counted);
    for request in 0..UNCOUNTED + counted {
        instance.api.offer(program.event.clone());
        let (taken, answered) = instance.api.answered().await?;
        times.extend((request >= UNCOUNTED).then_some((answered - taken).as_secs_f64() * 1e6));
    }
    let memory = instance.memory()?;
    instance.end().await?;
    Ok((Latency { median: median(times.iter().copied()), high: percentile(times, 0.99) }, memory))
}

/// An instance that has answered its first request.
async fn started(program: &Program, setups: &Setups, door: Door) -> Result<Instance, Failed> {
    let mut instance = Instance::start(program, &setups.of(Some(door)), Stdio::null(), program.event.clone()).await?;
    instance.first().await?;
    Ok(instance)
}

/// Requests a second that so many instances answer, each with an event always waiting for it.
async fn together(program: &Program, setups: &Setups, instances: usize) -> Result<f64, Failed> {
    let mut started_ones = Vec::new();
    for _ in 0..instances {
        started_ones.push(started(program, setups, Door::Preconnected).await?);
    }
    let (began, event) = (Instant::now(), &program.event);
    let mut running = JoinSet::new();
    for mut instance in started_ones {
        let event = event.clone();
        running.spawn(async move {
            let mut answers = 0_u32;
            while began.elapsed() < LASTS {
                instance.api.offer(event.clone());
                instance.api.answered().await?;
                answers += 1;
            }
            Ok::<_, Failed>((instance, answers))
        });
    }
    let ended = running.join_all().await.into_iter().collect::<Result<Vec<_>, _>>()?;
    let answers: u32 = ended.iter().map(|(_, answers)| answers).sum();
    let rate = f64::from(answers) / began.elapsed().as_secs_f64();
    for (instance, _) in ended {
        instance.end().await?;
    }
    Ok(rate)
}
